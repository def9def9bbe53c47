"""Alpaca as a `interface.Venue`: REST on worker threads, both streams on the engine's loop.

Puts the parts together and holds no rule of its own: `rest_replies` says what an answer
means, `stream_protocol` what a frame means, `streams` and `rest` do the input and output.
"""

import asyncio
import random
from collections.abc import Iterable

import msgspec

from core.errors import LoginRefused
from core.market.account import Account, Asset, Position
from core.market.links import Link, LinkName
from core.market.quotes import Quote, Trade, TradingStatus
from core.market.trading_hours import MarketClock
from core.market.venue_time import Reading
from core.market.venues import profile_of
from core.runtime.clock import Clock
from core.venue.alpaca.endpoints import Endpoints
from core.venue.alpaca.rest import Rest, Timeouts
from core.venue.alpaca.stream_protocol import MarketStreamProtocol, OrderStreamProtocol
from core.venue.alpaca.streams import MarketStream, Pace, Stream
from core.venue.credentials import Credentials
from core.venue.interface import (
    CancelReply,
    OrderReport,
    PostReply,
    PostRequest,
    ReadReply,
    Sink,
)
from core.venue.safe_call import SafeCalls


class _Parts(msgspec.Struct):
    """What exists between `start` and `stop`."""

    rest: Rest
    orders: Stream
    market: MarketStream


class AlpacaVenue:
    """One Alpaca account, or the embedded exchange that speaks like one.

    `rng` jitters the back-off (seed it in tests), `pace` and `timeouts` hold every
    waiting time. See `interface.Venue` for what the methods promise.
    """

    def __init__(
        self,
        endpoints: Endpoints,
        credentials: Credentials,
        clock: Clock,
        *,
        rng: random.Random | None = None,
        pace: Pace | None = None,
        timeouts: Timeouts | None = None,
    ) -> None:
        self.name = endpoints.name
        self.feed = endpoints.feed
        self._endpoints = endpoints
        self._credentials = credentials
        self._clock = clock
        self._rng = rng or random.Random()  # noqa: S311  spreads reconnects, guards nothing
        self._pace = pace or Pace()
        self._timeouts = timeouts or Timeouts()
        self._wanted: tuple[str, ...] = ()
        self._parts: _Parts | None = None

    async def start(self, sink: Sink) -> None:
        """Check the login once, then start both streams and wait until each is up or has failed.

        Raises LoginRefused or VenueUnreachable when the account can't be read; nothing
        is left open then.
        """
        await self.stop()
        parts = self._parts = self._assemble(sink)
        try:
            await parts.rest.login()
            await self.watch(self._wanted)
            await asyncio.gather(parts.orders.start(), parts.market.start(), parts.rest.warm_up())
        except LoginRefused:
            await self.stop()
            raise LoginRefused("login", _login_words(self.name)) from None
        except BaseException:
            await self.stop()
            raise

    def _assemble(self, sink: Sink) -> _Parts:
        guard = SafeCalls("REST")

        def on_link(link: Link) -> None:
            guard(sink.on_link, link)

        def on_bad(reason: str, client_id: str | None) -> None:
            guard(sink.on_bad_frame, LinkName.REST, reason, client_id)

        def deliver(message: Quote | Trade | TradingStatus) -> None:
            if isinstance(message, Quote):
                sink.on_quote(message)
            elif isinstance(message, Trade):
                sink.on_trade(message)
            else:
                sink.on_status(message)

        endpoints, clock = self._endpoints, self._clock
        orders = Stream(
            LinkName.ORDERS,
            endpoints.trading_stream_url,
            OrderStreamProtocol(self._credentials),
            sink.on_report,
            sink,
            clock,
            pace=self._pace,
            rng=self._rng,
        )
        market = MarketStream(
            endpoints.data_stream_url,
            MarketStreamProtocol(self._credentials, endpoints.feed),
            deliver,
            sink,
            clock,
            pace=self._pace,
            rng=self._rng,
        )

        def on_time(reading: Reading) -> None:
            guard(sink.on_time, reading)

        rest = Rest(endpoints, self._credentials, clock, self._timeouts, on_link, on_bad, on_time)
        return _Parts(rest, orders, market)

    async def stop(self) -> None:
        """Close every connection. Orders stay as they are."""
        parts, self._parts = self._parts, None
        if parts is not None:
            await asyncio.gather(parts.orders.stop(), parts.market.stop())
            await parts.rest.close()

    async def post(self, request: PostRequest) -> PostReply:
        """Send one order."""
        return await self._rest.post(request)

    async def cancel(self, broker_id: str) -> CancelReply:
        """Ask to cancel one order."""
        return await self._rest.cancel(broker_id)

    async def read(self, client_id: str, broker_id: str | None) -> ReadReply:
        """Read one order, by broker id if known, else by client id."""
        return await self._rest.read(client_id, broker_id)

    def renew_orders(self, why: str) -> None:
        """Connect the order stream anew, at once; `why` in a few words. Returns immediately."""
        if self._parts is not None:
            self._parts.orders.renew(why)

    async def orders_since(self, since_ns: int) -> tuple[OrderReport, ...]:
        """Every order made after `since_ns`, ended ones too. Raises Refusal."""
        return await self._rest.orders_since(since_ns)

    async def open_orders(self, symbol: str | None = None) -> tuple[OrderReport, ...]:
        """Open orders as listed. Absence in a list proves nothing."""
        return await self._rest.open_orders(symbol)

    async def account(self) -> Account:
        """Account figures."""
        return await self._rest.account()

    async def positions(self) -> tuple[Position, ...]:
        """All positions."""
        return await self._rest.positions()

    async def clock(self) -> MarketClock:
        """The regular session."""
        return await self._rest.clock()

    async def asset(self, symbol: str) -> Asset:
        """One asset; Refusal for an unknown symbol."""
        return await self._rest.asset(symbol)

    async def assets(self) -> tuple[Asset, ...]:
        """All active assets."""
        return await self._rest.assets()

    async def latest_quote(self, symbol: str) -> Quote | None:
        """Latest quote over REST, to seed the board; None when there is none."""
        return await self._rest.latest_quote(symbol)

    async def watch(self, symbols: Iterable[str]) -> None:
        """Subscribe quotes, trades and statuses of exactly these symbols.

        Returns when the venue has acknowledged, at once if the stream is down: it
        subscribes them when it comes up. Raises Refusal when the venue will not.
        """
        wanted = tuple(symbols)
        if self._parts is not None:
            await self._parts.market.watch(wanted)
        self._wanted = wanted

    @property
    def _rest(self) -> Rest:
        if self._parts is None:
            raise RuntimeError("the venue is not started")
        return self._parts.rest


def _login_words(name: str) -> str:
    if not profile_of(name).needs_keys:
        return f"The {name} exchange does not accept these keys."
    return (
        f"Alpaca does not accept these keys for the {name} account; "
        "a paper account and a live account each have keys of their own."
    )
