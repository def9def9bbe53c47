"""The test stream, which has one symbol that no other has, and the limits of the others."""

import asyncio
import json
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from core.exchange.api.server import serve
from core.exchange.market.events import TradeEvent
from core.exchange.options import DEFAULT_KEY, DEFAULT_SECRET, ExchangeOptions
from core.market.time import NS
from tests.core.exchange.virtual_exchange import price
from tests.support.trading import CALM, STILL, SYMBOL

LOGIN = {"action": "auth", "key": DEFAULT_KEY, "secret": DEFAULT_SECRET}
WIDE = ExchangeOptions(knobs=STILL, positions={}, connection_limit=0)


async def heard(socket: ClientConnection) -> list[dict[str, Any]]:
    async with asyncio.timeout(10):
        points: list[dict[str, Any]] = json.loads(await socket.recv())
    return points


async def subscribed(socket: ClientConnection, **channels: list[str]) -> None:
    for said in (LOGIN, {"action": "subscribe", **channels}):
        await socket.send(json.dumps(said))
    while (await heard(socket))[0]["T"] != "subscription":
        pass


async def test_the_test_stream_tells_of_its_own_symbol_and_of_nothing_else() -> None:
    async with serve(WIDE) as running, connect(running.data_stream_url("test")) as socket:
        await subscribed(socket, quotes=["*"], trades=["*"])
        points = [point for _ in range(5) for point in await heard(socket)]
        assert {point["S"] for point in points} == {"FAKEPACA"}
        assert {"q", "t"} >= {point["T"] for point in points}


async def test_its_symbol_is_on_no_other_feed_and_cannot_be_traded() -> None:
    async with serve(WIDE) as running, connect(running.data_stream_url("sip")) as socket:
        await subscribed(socket, quotes=["*"], trades=["*"])
        points = [point for _ in range(20) for point in await heard(socket)]
        assert "FAKEPACA" not in {point["S"] for point in points}
        assert "FAKEPACA" not in running.exchange.assets


async def test_a_finished_minute_tells_the_day_so_far_and_the_limits_where_they_moved() -> None:
    async with (
        serve(WIDE, scripted={SYMBOL: iter(CALM)}) as running,
        connect(running.data_stream_url("sip")) as socket,
    ):
        await subscribed(socket, bars=[SYMBOL], dailyBars=[SYMBOL], lulds=[SYMBOL])
        now = running.exchange.now_ns()
        for minute, paid in enumerate(("15.30", "15.31", "20")):
            event = TradeEvent(0, SYMBOL, price(paid), 100, "N")
            running.exchange.on_event(event, now + minute * 60 * NS)
        points: list[dict[str, Any]] = []
        while len(points) < 5:
            points += await heard(socket)
    assert [point["T"] for point in points] == ["b", "d", "l", "b", "d"]
    assert (points[2]["d"], points[2]["u"], points[2]["z"]) == (13.77, 16.83, "B")
    assert (points[4]["h"], points[4]["v"]) == (15.31, 200)
