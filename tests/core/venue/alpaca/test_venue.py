"""The whole venue against the embedded exchange: login, orders, fills by stream, reconnects."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest

from core.errors import LoginRefused, Refusal, VenueUnreachable
from core.exchange.api.running_exchange import RunningExchange
from core.exchange.api.server import serve
from core.exchange.faults.faults import Fault, Kind
from core.exchange.options import ExchangeOptions
from core.market.links import LinkName, LinkState
from core.market.prices import Side
from core.market.quotes import Quote, TradingStatus
from core.orders.facts import Source
from core.runtime.clock import Clock
from core.venue.alpaca.endpoints import endpoints_of
from core.venue.alpaca.rest import Timeouts
from core.venue.alpaca.streams import Pace
from core.venue.alpaca.venue import AlpacaVenue
from core.venue.credential_store import load_credentials
from core.venue.credentials import Credentials
from core.venue.interface import (
    Absent,
    OrderReport,
    PostRequest,
    Refused,
    Taken,
    Unanswered,
    Venue,
)
from tests.conftest import SEED
from tests.core.exchange.virtual_exchange import CALM, STILL, SYMBOL, quote
from tests.core.venue.alpaca.recording_sink import CAP, RecordingSink

BRISK = Pace(ping_every=0.05, backoff=0.01, backoff_cap=0.05, limited=0.05, limited_cap=0.1)
LATER = (quote(0, "15.23", "15.32"), quote(0.5, "15.24", "15.32"))


def connect(running: RunningExchange, credentials: Credentials | None = None) -> AlpacaVenue:
    where = endpoints_of("embedded", {}, embedded_port=running.port)
    rng = random.Random(SEED)
    return AlpacaVenue(
        where, credentials or load_credentials("embedded", {}), Clock(), rng=rng, pace=BRISK
    )


class ConnectedVenue:
    """A running exchange, a venue on it and what the venue said."""

    def __init__(self, running: RunningExchange) -> None:
        self.running = running
        self.sink = RecordingSink()
        self.venue = connect(running)
        self.until = self.sink.until

    def events(self, client_id: str) -> list[str]:
        return [r.event for r in self.sink.reports if r.client_id == client_id]

    async def seen(self, client_id: str, event: str) -> OrderReport:
        """The report of `event`, once it has come."""
        await self.until(lambda: event in self.events(client_id))
        return next(r for r in self.sink.reports if r.client_id == client_id and r.event == event)

    def state(self, name: LinkName) -> LinkState:
        return [link.state for link in self.sink.links if link.name is name][-1]

    def reconnected(self, name: LinkName) -> Callable[[], bool]:
        return lambda: any(link.name is name and link.reconnected for link in self.sink.links)


@asynccontextmanager
async def connected_venue(script: tuple[object, ...] = CALM) -> AsyncIterator[ConnectedVenue]:
    options = ExchangeOptions(knobs=STILL, rate_limit=0, positions={SYMBOL: Decimal(5000)})
    async with serve(options, scripted={SYMBOL: iter(script)}) as running:  # type: ignore[arg-type]
        connected = ConnectedVenue(running)
        async with asyncio.timeout(CAP):
            await connected.venue.start(connected.sink)
        try:
            yield connected
        finally:
            await connected.venue.stop()


def sell(client_id: str, qty: int = 100, price: str | None = "15.24") -> PostRequest:
    limit = None if price is None else Decimal(price)
    return PostRequest(client_id, SYMBOL, Side.SELL, Decimal(qty), limit)


async def test_a_start_logs_in_and_brings_both_streams_up() -> None:
    async with connected_venue() as connected:
        venue: Venue = connected.venue  # it keeps the protocol's promises, for the type checker too
        assert (venue.name, connected.state(LinkName.ORDERS)) == ("embedded", LinkState.UP)
        assert connected.state(LinkName.QUOTES) is LinkState.UP
        assert connected.state(LinkName.REST) is LinkState.UP
        assert (await venue.account()).number
        assert (await venue.clock()).is_open
        (position,) = await venue.positions()
        assert (position.symbol, position.available) == (SYMBOL, Decimal(5000))
        assert (await venue.asset(SYMBOL)).tradable
        assert SYMBOL in {asset.symbol for asset in await venue.assets()}
        with pytest.raises(Refusal, match="no symbol ZZZZ"):
            await venue.asset("ZZZZ")


async def test_watched_quotes_come_by_stream_and_by_rest() -> None:
    async with connected_venue(LATER) as connected:
        await connected.venue.watch([SYMBOL])
        await connected.until(lambda: connected.sink.market)
        seen = connected.sink.market[-1]
        assert isinstance(seen, Quote)
        assert (seen.bid, seen.ask, seen.feed) == (
            Decimal("15.24"),
            Decimal("15.32"),
            connected.venue.feed,
        )
        by_rest = await connected.venue.latest_quote(SYMBOL)
        assert by_rest is not None
        assert (by_rest.bid, by_rest.ask) == (seen.bid, seen.ask)
        assert await connected.venue.latest_quote("ZZZZ") is None


async def test_a_halt_and_its_end_are_heard() -> None:
    async with connected_venue() as connected:
        await connected.venue.watch([SYMBOL])
        connected.running.do("halt", SYMBOL)
        await connected.until(lambda: connected.sink.market)
        connected.running.do("resume", SYMBOL)
        await connected.until(lambda: len(connected.sink.market) > 1)
        halts = [s.halted for s in connected.sink.market if isinstance(s, TradingStatus)]
        assert (halts[0], halts[-1]) == (True, False)


async def test_a_limit_order_rests_and_is_filled_by_the_stream_alone() -> None:
    async with connected_venue(LATER) as connected:
        reply = await connected.venue.post(sell("tl-a-1"))
        assert isinstance(reply, OrderReport)
        assert reply.source is Source.POST
        fill = await connected.seen("tl-a-1", "fill")
        assert (fill.status, fill.filled, fill.broker_id) == (
            "filled",
            Decimal(100),
            reply.broker_id,
        )
        assert fill.execution is not None
        assert (fill.execution.qty, fill.execution.price) == (Decimal(100), Decimal("15.24"))
        assert fill.avg_price == Decimal("15.24")
        assert isinstance(await connected.venue.cancel(reply.broker_id), Refused)


async def test_a_cancel_is_taken_and_then_proven_by_the_stream_and_by_a_read() -> None:
    async with connected_venue() as connected:
        reply = await connected.venue.post(sell("tl-a-1", price="15.30"))
        assert isinstance(reply, OrderReport)
        await connected.seen("tl-a-1", "new")
        assert [r.client_id for r in await connected.venue.open_orders(SYMBOL)] == ["tl-a-1"]
        assert await connected.venue.cancel(reply.broker_id) == Taken()
        gone = await connected.seen("tl-a-1", "canceled")
        assert (gone.status, gone.filled) == ("canceled", Decimal(0))
        for broker_id in (None, reply.broker_id):
            found = await connected.venue.read("tl-a-1", broker_id)
            assert isinstance(found, OrderReport)
            assert found.status == "canceled"
        assert await connected.venue.open_orders() == ()
        assert await connected.venue.read("tl-never", None) == Absent()
        assert await connected.venue.cancel("00000000-0000-0000-0000-000000000000") == Absent()


async def test_a_market_order_is_filled_at_once() -> None:
    async with connected_venue() as connected:
        await connected.venue.post(sell("tl-a-2", price=None))
        fill = await connected.seen("tl-a-2", "fill")
        assert fill.limit_price is None
        assert fill.filled == 100


async def test_the_exchanges_refusals_are_told_apart() -> None:
    async with connected_venue() as connected:
        assert isinstance(await connected.venue.post(sell("tl-1", 5000, "15.31")), OrderReport)
        again = await connected.venue.post(sell("tl-1", 5000, "15.31"))
        assert isinstance(again, Unanswered)  # the id is used: the order may be the one we sent
        reserved = await connected.venue.post(sell("tl-2", 100, "15.31"))
        assert isinstance(reserved, Refused)
        assert reserved.shares_reserved
        off_tick = await connected.venue.post(sell("tl-3", 100, "15.3123"))
        assert isinstance(off_tick, Refused)
        assert "sub-penny" in off_tick.message
        assert not off_tick.shares_reserved


async def test_the_order_stream_comes_back_after_a_cut_and_fills_go_on() -> None:
    async with connected_venue() as connected:
        connected.running.do("cut", "orders")
        await connected.until(connected.reconnected(LinkName.ORDERS))
        await connected.venue.post(sell("tl-a-1", price="15.23"))
        await connected.seen("tl-a-1", "fill")


async def test_an_order_stream_that_is_renewed_comes_back_and_fills_go_on() -> None:
    async with connected_venue() as connected:
        connected.venue.renew_orders("it told nothing")
        await connected.until(connected.reconnected(LinkName.ORDERS))
        await connected.venue.post(sell("tl-a-1", price="15.23"))
        await connected.seen("tl-a-1", "fill")
    connected.venue.renew_orders("too late")


async def test_the_data_stream_comes_back_with_its_symbols() -> None:
    async with connected_venue() as connected:
        await connected.venue.watch([SYMBOL])
        connected.running.do("cut", "quotes")
        await connected.until(connected.reconnected(LinkName.QUOTES))
        connected.running.do("halt", SYMBOL)
        await connected.until(lambda: connected.sink.market)


@pytest.mark.parametrize("kind", [Kind.ANSWER_504, Kind.ANSWER_RESET, Kind.ANSWER_GARBLED])
async def test_a_spoiled_answer_is_resolved_by_a_read_of_our_own_id(kind: Kind) -> None:
    async with connected_venue() as connected:
        connected.running.faults.arm(Fault(kind, method="POST"))
        assert isinstance(await connected.venue.post(sell("tl-a-1", price="15.30")), Unanswered)
        found = await connected.venue.read("tl-a-1", None)
        assert isinstance(found, OrderReport)
        assert found.limit_price == Decimal("15.30")


async def test_a_corrupt_frame_is_skipped_and_a_cut_one_costs_the_connection() -> None:
    async with connected_venue() as connected:
        connected.running.faults.arm(Fault(Kind.FRAME_CORRUPT, stream="orders"))
        await connected.venue.post(sell("tl-a-1", price="15.23"))
        await connected.seen("tl-a-1", "fill")
        assert connected.sink.bad[0][0] is LinkName.ORDERS
        connected.running.faults.arm(Fault(Kind.FRAME_CUT, stream="orders"))
        await connected.venue.post(sell("tl-a-2", price="15.23"))
        await connected.until(connected.reconnected(LinkName.ORDERS))


async def test_wrong_keys_are_refused_in_one_sentence_after_one_attempt() -> None:
    async with serve(ExchangeOptions()) as running:
        venue, sink = connect(running, Credentials("PKWRONG", "wrong-secret")), RecordingSink()
        with pytest.raises(LoginRefused) as caught:
            await venue.start(sink)
        assert caught.value.sentence == "The embedded exchange does not accept these keys."
        assert not running.connections()
        assert {link.name for link in sink.links} == {LinkName.REST}
        assert len(sink.links) == 1
        await venue.stop()


async def test_nobody_at_home_is_unreachable_within_bounds() -> None:
    async with serve(ExchangeOptions()) as running:
        venue = connect(running)
    began = time.monotonic()
    with pytest.raises(VenueUnreachable, match="can't be reached"):
        await venue.start(RecordingSink())
    assert time.monotonic() - began < 5


async def test_a_mute_stream_does_not_hold_up_the_start() -> None:
    async with serve(ExchangeOptions()) as running:
        running.faults.arm(Fault(Kind.CONNECT_MUTE, stream="orders"))
        where = endpoints_of("embedded", {}, embedded_port=running.port)
        pace = Pace(handshake=0.1, backoff=0.01)
        venue = AlpacaVenue(where, load_credentials("embedded", {}), Clock(), pace=pace)
        sink = RecordingSink()
        async with asyncio.timeout(CAP):
            await venue.start(sink)
        orders = [link.state for link in sink.links if link.name is LinkName.ORDERS]
        assert LinkState.DOWN in orders
        await sink.until(
            lambda: any(
                link.name is LinkName.ORDERS and link.state is LinkState.UP for link in sink.links
            )
        )
        await venue.stop()


async def test_a_second_program_is_told_of_the_connection_limit_and_waits_its_turn() -> None:
    async with serve(ExchangeOptions(connection_limit=1)) as running:
        first, second = connect(running), connect(running)
        mine, yours = RecordingSink(), RecordingSink()
        await first.start(mine)
        await second.start(yours)
        told = [link.detail for link in yours.links if link.name is not LinkName.REST]
        assert sum("Connection limit" in detail for detail in told) >= 2
        await first.stop()
        up = {LinkName.ORDERS, LinkName.QUOTES}
        await yours.until(
            lambda: up <= {link.name for link in yours.links if link.state is LinkState.UP}
        )
        await second.stop()


async def test_a_venue_can_be_stopped_twice_and_started_again() -> None:
    async with connected_venue() as connected:
        await connected.venue.watch([SYMBOL])
        await connected.venue.stop()
        await connected.venue.stop()
        assert not connected.running.connections()
        with pytest.raises(RuntimeError, match="not started"):
            await connected.venue.account()
        await connected.venue.start(connected.sink)
        connected.running.do("halt", SYMBOL)
        await connected.until(lambda: connected.sink.market)  # what was watched is watched again


async def test_a_start_given_up_leaves_nothing_open() -> None:
    async with serve(ExchangeOptions()) as running:
        running.faults.arm(Fault(Kind.CONNECT_MUTE, stream="quotes"))
        where = endpoints_of("embedded", {}, embedded_port=running.port)
        timeouts = Timeouts(connect=1, read=1, total=1)
        venue = AlpacaVenue(where, load_credentials("embedded", {}), Clock(), timeouts=timeouts)
        sink = RecordingSink()
        starting = asyncio.create_task(venue.start(sink))
        await sink.until(
            lambda: any(
                link.name is LinkName.ORDERS and link.state is LinkState.UP for link in sink.links
            )
        )
        starting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await starting
        assert not running.connections("orders")
        assert not [t for t in asyncio.all_tasks() if t.get_name().startswith(("stream", "heart"))]
