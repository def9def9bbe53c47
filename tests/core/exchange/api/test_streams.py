"""The streams over real sockets: what Alpaca's take, refuse and close."""

import asyncio
import json
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from core.exchange.api.running_exchange import RunningExchange
from core.exchange.api.server import serve
from core.exchange.api.stream_protocol import ERRORS
from core.exchange.faults.faults import Fault, Kind
from core.exchange.options import DEFAULT_KEY, DEFAULT_SECRET, ExchangeOptions, Knobs
from core.market.quotes import TradingStatus
from core.venue.alpaca.market_wire import MarketDecoder
from tests.core.exchange.virtual_exchange import VirtualExchange

LOGIN = {"action": "auth", "key": DEFAULT_KEY, "secret": DEFAULT_SECRET}
LISTEN = {"action": "listen", "data": {"streams": ["trade_updates"]}}


async def say(socket: ClientConnection, message: object) -> Any:
    """Say it and return the answer."""
    await socket.send(json.dumps(message))
    return json.loads(await asyncio.wait_for(socket.recv(), 5))


async def trading(running: RunningExchange) -> ClientConnection:
    socket = await connect(running.trading_stream_url)
    await say(socket, LOGIN)
    return socket


async def test_the_trading_stream_is_there_with_a_slash_at_its_end_too() -> None:
    async with serve() as running, connect(f"{running.trading_stream_url}/") as socket:
        answer = await say(socket, LOGIN)
        assert answer["data"] == {"status": "authorized", "action": "authenticate"}
        assert (await say(socket, LISTEN))["data"] == {"streams": ["trade_updates"]}


async def test_the_trading_stream_closes_after_an_error() -> None:
    async with serve() as running:
        socket = await trading(running)
        answer = await say(socket, {"action": "dance"})
        assert answer == {"action": "error", "data": {"error_message": "unknown action dance"}}
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(socket.recv(), 5)


async def test_one_connection_a_key_is_the_usual_limit() -> None:
    async with serve() as running:
        first = await trading(running)
        with pytest.raises(InvalidStatus) as refused:
            await connect(running.trading_stream_url)
        assert refused.value.response.status_code == 429
        await first.close()
        await (await trading(running)).close()
        async with (
            connect(running.data_stream_url()) as one,
            connect(running.data_stream_url()) as two,
        ):
            for socket in (one, two):
                await socket.recv()
            assert (await say(one, LOGIN))[0]["msg"] == "authenticated"
            assert (await say(two, LOGIN))[0]["code"] == 406


async def test_a_connection_that_ends_without_a_goodbye_counts_on_for_a_while() -> None:
    async with serve(ExchangeOptions(lingers=0.6)) as running:
        first = await trading(running)
        first.transport.abort()
        await asyncio.sleep(0.1)
        with pytest.raises(InvalidStatus):
            await connect(running.trading_stream_url)
        await asyncio.sleep(0.7)
        again = await trading(running)
        await again.close()  # a goodbye is heard at once
        await (await trading(running)).close()


@pytest.mark.parametrize("code", sorted(ERRORS))
async def test_every_error_of_a_login_can_be_had(code: int) -> None:
    async with serve() as running, connect(running.data_stream_url()) as socket:
        running.faults.arm(Fault(Kind.LOGIN_ERROR, stream="quotes", code=code))
        await socket.recv()
        assert await say(socket, LOGIN) == [{"T": "error", "code": code, "msg": ERRORS[code]}]
        assert (await say(socket, LOGIN))[0]["msg"] == "authenticated"


async def test_an_unknown_channel_and_an_unknown_feed_are_refused() -> None:
    async with serve() as running:
        async with connect(running.data_stream_url()) as socket:
            await socket.recv()
            await say(socket, LOGIN)
            wrong = await say(socket, {"action": "subscribe", "gossip": ["UVXY"]})
            assert wrong[0]["code"] == 400
        with pytest.raises(InvalidStatus):
            await connect(f"ws://127.0.0.1:{running.port}/v2/gossip")


@pytest.mark.parametrize(
    ("symbol", "tape", "codes"),
    [("IBM", "A", ("2", "3")), ("UVXY", "B", ("2", "3")), ("PNNY", "C", ("H", "T"))],
)
async def test_halts_come_in_the_code_of_the_symbols_tape(
    symbol: str, tape: str, codes: tuple[str, str]
) -> None:
    async with serve() as running, connect(running.data_stream_url("sip")) as socket:
        await socket.recv()
        await say(socket, LOGIN)
        await say(socket, {"action": "subscribe", "statuses": [symbol]})
        running.do("halt", symbol)
        running.do("resume", symbol)
        points: list[Any] = []
        while len(points) < 2:
            points += json.loads(await asyncio.wait_for(socket.recv(), 5))
        assert [(p["sc"], p["z"]) for p in points] == [(codes[0], tape), (codes[1], tape)]
        read, bad = MarketDecoder("sip").frame(json.dumps(points).encode(), 1)
        assert not bad
        assert [m.halted for m in read if isinstance(m, TradingStatus)] == [True, False]


def test_a_pending_cancel_is_told_as_often_as_the_knob_says() -> None:
    told = []
    for chance in (0.0, 0.5, 1.0):
        exchange = VirtualExchange(knobs=Knobs(hidden_chance=0.0, pending_told=chance))
        for _ in range(20):
            exchange.cancel(exchange.working(limit_price="15.40"))
            exchange.time.run_for(1)
        told.append(exchange.events().count("pending_cancel"))
        assert exchange.events().count("canceled") == 20
    assert told[0] == 0 < told[1] < told[2] == 20
