"""The network is cut, stalled, half closed, delayed, garbled or refused while an order works.

Real processes, a proxy on loopback, a real exchange; its own books are the oracle. Whatever
happens, no more than asked is sold, nothing is left live, and the last word is the truth.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from core.exchange.api.running_exchange import RunningExchange
from core.exchange.api.server import serve
from core.exchange.options import ExchangeOptions
from tests.support import truth
from tests.support.commands import Commands, Ended, pointed_at
from tests.support.proxy import Proxy, Wire, proxy
from tests.support.trading import STILL, SYMBOL, quotes

ASKED = Decimal(100)
HELD = Decimal(5000)
AT_ONCE = 6
DOWN_S = 0.6  # how long what is refused stays refused, on the loop's own clock


class Moments(truth.Updates):
    """Does something the instant the exchange says that an order has come so far."""

    def __init__(self, exchange: RunningExchange) -> None:
        super().__init__(exchange)
        self._acts: list[tuple[str, Callable[[], None]]] = []

    def at(self, event: str, act: Callable[[], None]) -> None:
        """`act` at the first update called `event`, before anybody hears it."""
        self._acts.append((event, act))

    def on_update(self, message: dict[str, Any]) -> None:
        due = [a for a in self._acts if a[0] == message["data"]["event"]]
        self._acts = [a for a in self._acts if a not in due]
        for _, act in due:
            act()
        super().on_update(message)


@dataclass
class Net:
    """An exchange, and a proxy on each way to it."""

    exchange: RunningExchange
    rest: Proxy
    orders: Proxy
    quotes: Proxy
    moments: Moments

    def down(self, route: Proxy) -> None:
        """A way is gone for a while: cut, and refused to whoever comes back."""
        route.refuse()
        asyncio.get_running_loop().call_later(DOWN_S, route.admit)

    def all_down(self) -> None:
        """Nothing gets through for a while."""
        for way in (self.rest, self.orders, self.quotes):
            self.down(way)

    def environment(self, home: Path) -> dict[str, str]:
        """How a command gets here, through the proxies."""
        return pointed_at(self.exchange, home) | {
            "TOUCHLINE_TRADING_URL": f"http://127.0.0.1:{self.rest.port}",
            "TOUCHLINE_DATA_URL": f"http://127.0.0.1:{self.rest.port}",
            "TOUCHLINE_TRADING_STREAM_URL": f"ws://127.0.0.1:{self.orders.port}/stream",
            "TOUCHLINE_DATA_STREAM_URL": f"ws://127.0.0.1:{self.quotes.port}/v2/sip",
        }


@asynccontextmanager
async def net() -> AsyncIterator[Net]:
    options = ExchangeOptions(knobs=STILL, positions={SYMBOL: HELD}, rate_limit=0)
    async with AsyncExitStack() as stack:
        market = iter(quotes((0, "15.23", "15.32")))
        exchange = await stack.enter_async_context(serve(options, scripted={SYMBOL: market}))
        moments = Moments(exchange)
        exchange.exchange.listeners.remove(moments)
        exchange.exchange.listeners.insert(0, moments)  # before those who tell the clients
        rest, orders, market_data = [
            await stack.enter_async_context(proxy(exchange.port)) for _ in range(3)
        ]
        yield Net(exchange, rest, orders, market_data, moments)


Arrange = Callable[[Net], None]


def on_request(
    start: bytes, do: Callable[[Net, Wire], None], *, answered: bool = False, skip: int = 0
) -> Arrange:
    """Strike when that request goes by, or when its answer does."""

    def arrange(its: Net) -> None:
        its.rest.when(start, lambda wire: do(its, wire), answered=answered, skip=skip)

    return arrange


def on_event(event: str, do: Callable[[Net], None]) -> Arrange:
    """Strike when the exchange says that."""
    return lambda its: its.moments.at(event, lambda: do(its))


def cut(its: Net, wire: Wire) -> None:
    """The connection is reset."""
    wire.cut()


def gone(its: Net, wire: Wire) -> None:
    """All of REST is gone for a while."""
    its.down(its.rest)


def half_close(its: Net, wire: Wire) -> None:
    """The answer breaks off before its first byte, in good order."""
    wire.half_close()


def corrupt(its: Net, wire: Wire) -> None:
    """The answer is garbled."""
    wire.corrupt()


def stall(its: Net, wire: Wire) -> None:
    """The connection stays open, and nothing comes through it any more."""
    wire.stall()


def late(its: Net, wire: Wire) -> None:
    """The answer comes after its events."""
    wire.delay(0.3)


POST, DELETE, GET = b"POST /v2/orders", b"DELETE /v2/orders", b"GET /v2/orders"

CASES: dict[str, Arrange] = {
    "POST cut before it leaves": on_request(POST, cut),
    "POST, and REST gone": on_request(POST, gone),
    "POST cut before its answer": on_request(POST, cut, answered=True),
    "POST answered, and REST gone": on_request(POST, gone, answered=True),
    "POST half closed before its answer": on_request(POST, half_close, answered=True),
    "POST's answer garbled": on_request(POST, corrupt, answered=True),
    "POST's answer late": on_request(POST, late, answered=True),
    "POST's answer never comes": on_request(POST, stall, answered=True),
    "DELETE's answer never comes": on_request(DELETE, stall, answered=True),
    "DELETE cut before it leaves": on_request(DELETE, cut),
    "DELETE, and REST gone": on_request(DELETE, gone),
    "DELETE cut before its answer": on_request(DELETE, cut, answered=True),
    "DELETE half closed before its answer": on_request(DELETE, half_close, answered=True),
    "DELETE's answer garbled": on_request(DELETE, corrupt, answered=True),
    "DELETE's answer late": on_request(DELETE, late, answered=True),
    "fallback cut before it leaves": on_request(POST, cut, skip=1),
    "fallback, and REST gone": on_request(POST, gone, skip=1),
    "fallback cut before its answer": on_request(POST, cut, answered=True, skip=1),
    "fallback's answer garbled": on_request(POST, corrupt, answered=True, skip=1),
    "accepted, and REST gone": on_event("new", lambda its: its.down(its.rest)),
    "between DELETE and proof, REST gone": on_event(
        "pending_cancel", lambda its: its.down(its.rest)
    ),
    "accepted, and order stream cut": on_event("new", lambda its: its.orders.each(Wire.cut)),
    "accepted, and order stream gone": on_event("new", lambda its: its.down(its.orders)),
    "accepted, and order stream garbled": on_event(
        "new", lambda its: its.orders.each(Wire.corrupt)
    ),
    "accepted, and order stream half closed": on_event(
        "new", lambda its: its.orders.each(Wire.half_close)
    ),
    "accepted, and order stream silent": on_event("new", lambda its: its.orders.each(Wire.stall)),
    "between DELETE and proof, order stream cut": on_event(
        "pending_cancel", lambda its: its.orders.each(Wire.cut)
    ),
    "between DELETE and proof, order stream gone": on_event(
        "pending_cancel", lambda its: its.down(its.orders)
    ),
    "between DELETE and proof, order stream silent": on_event(
        "pending_cancel", lambda its: its.orders.each(Wire.stall)
    ),
    "proof cut on the order stream": on_event("canceled", lambda its: its.orders.each(Wire.cut)),
    "fill cut on the order stream": on_event("fill", lambda its: its.orders.each(Wire.cut)),
    "fill late on the order stream": on_event(
        "fill", lambda its: its.orders.each(lambda wire: wire.delay(0.4))
    ),
    "accepted, and quote stream cut": on_event("new", lambda its: its.quotes.each(Wire.cut)),
    "accepted, and quote stream silent": on_event("new", lambda its: its.quotes.each(Wire.stall)),
    "between DELETE and proof, all gone": on_event("pending_cancel", lambda its: its.all_down()),
}

LONGER = {  # a lost limit is sent again under its id, if there is time for that
    "POST cut before it leaves": "6",
    "POST, and REST gone": "6",
}


async def check(its: Net, ended: Ended) -> None:
    """The oracle: the exchange's own books."""
    sold = truth.sold(its.exchange)
    assert sold <= ASKED
    assert truth.live(its.exchange) == []
    assert truth.shares(its.exchange, SYMBOL) == HELD - sold
    (done,) = ended.done
    assert Decimal(done["filled_qty"]) == sold
    assert (done["state"] == "filled") == (sold == ASKED) == (ended.code == 0)
    assert "Traceback" not in ended.err
    names = [order["client_order_id"] for order in truth.orders(its.exchange)]
    assert len(names) == len(set(names)) <= 2


async def one(commands: Commands, folder: Path, name: str) -> str:
    folder.mkdir()  # noqa: ASYNC240 - once, before anything runs
    async with net() as its:
        CASES[name](its)
        env = its.environment(folder / "home")
        seconds = LONGER.get(name, "0.5")
        argv = ("sell", SYMBOL, str(ASKED), "--timeout", seconds, "--json")
        ended = await commands.run(*argv, env=env, folder=folder)
        try:
            await check(its, ended)
        except AssertionError as error:
            raise AssertionError(f"{name}: {ended}") from error
        return str(ended.done[0]["state"])


async def all_of(works: Sequence[Callable[[], Awaitable[str]]]) -> list[str]:
    """The results of `works`, a few of which run at once."""
    room = asyncio.Semaphore(AT_ONCE)

    async def started(work: Callable[[], Awaitable[str]]) -> str:
        async with room:
            return await work()

    return list(await asyncio.gather(*(started(work) for work in works)))


@pytest.mark.slow
@pytest.mark.scenario(9, 18, 19, 21, 44, 45, 46, 47)
async def test_whatever_befalls_the_network_at_whatever_moment_the_books_are_right(
    commands: Commands, tmp_path: Path
) -> None:
    works = [
        partial(one, commands, tmp_path / str(number), name) for number, name in enumerate(CASES)
    ]
    states = await all_of(works)
    ends = dict(zip(CASES, states, strict=True))
    print(f"{len(ends)} cases: {ends}")  # noqa: T201
    assert all(state == "filled" for state in states), ends
