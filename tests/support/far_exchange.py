"""The exchange in a process of its own with a still, scripted market, and what it saw when.

Times are nanoseconds of the machine's monotonic clock, which all processes share.
"""

import asyncio
import multiprocessing
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from multiprocessing.connection import Connection
from typing import Any

from core.exchange.api.server import serve
from core.exchange.market.events import MarketEvent, QuoteEvent, Touch
from core.exchange.matching.exchange import Exchange
from core.exchange.options import ExchangeOptions, Knobs
from core.market.time import NS

SYMBOL = "UVXY"
OTHER = "AIG"  # not held
STILL = Knobs(hidden_chance=0.0, price_improvement=0.0)
Market = Callable[[], Iterator[MarketEvent]]
QUOTES_PER_SECOND = 20
SECONDS = 600


@dataclass
class Sightings:
    """When a fill was told (by execution id) and when a DELETE arrived (by client order id)."""

    fills: dict[str, int] = field(default_factory=dict)
    deletes: dict[str, int] = field(default_factory=dict)


class FarExchange:
    """The parent's handle."""

    def __init__(self, port: int, pipe: Connection) -> None:
        self.port = port
        self._pipe = pipe

    def sightings(self) -> Sightings:
        """What the exchange saw so far."""
        self._pipe.send("sightings")
        seen: Sightings = self._pipe.recv()
        return seen


@contextmanager
def far_exchange(market: Market | None = None) -> Iterator[FarExchange]:
    """An exchange that runs while the block does; its market stands still unless one is given."""
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=_run, args=(theirs, market or still_market), daemon=True)
    process.start()
    theirs.close()  # so that its end is heard
    try:
        yield FarExchange(ours.recv(), ours)
    finally:
        ours.send("stop")
        process.join(10)
        process.kill()


def _run(pipe: Connection, market: Market) -> None:
    asyncio.run(_serve(pipe, market))


async def _serve(pipe: Connection, market: Market) -> None:
    options = ExchangeOptions(
        seed="still",
        knobs=STILL,
        rate_limit=0,
        positions={SYMBOL: Decimal(1_000_000)},
    )
    scripted = {SYMBOL: market(), OTHER: other_market()}
    async with serve(options, scripted=scripted) as running:
        watch = _Watch(running.exchange)
        pipe.send(running.port)
        while await asyncio.to_thread(pipe.recv) != "stop":
            pipe.send(watch.seen)


def still_market() -> Iterator[MarketEvent]:
    """15.23 / 15.32 for ten minutes."""
    for step in range(SECONDS * QUOTES_PER_SECOND):
        size = 900_000 + step % 7
        touch = Touch(152_300, size, 153_200, size)
        yield QuoteEvent(step * NS // QUOTES_PER_SECOND, SYMBOL, touch)


def other_market() -> Iterator[MarketEvent]:
    """One quote of the other symbol."""
    yield QuoteEvent(0, OTHER, Touch(750_000, 100, 750_100, 100))


class _Watch:
    """Notes times inside the exchange's own steps."""

    def __init__(self, exchange: Exchange) -> None:
        self.seen = Sightings()
        self._cancel = exchange.cancel
        self._exchange = exchange
        exchange.cancel = self._on_cancel  # type: ignore[method-assign]
        exchange.listeners.insert(0, self)

    def _on_cancel(self, order_id: str) -> Any:
        name = self._exchange.orders[order_id].client_order_id
        self.seen.deletes.setdefault(name, time.monotonic_ns())
        return self._cancel(order_id)

    def on_update(self, message: dict[str, Any]) -> None:
        if message["data"]["event"] in ("fill", "partial_fill"):
            self.seen.fills[message["data"]["execution_id"]] = time.monotonic_ns()

    def on_quote(self, *_: object) -> None:
        pass

    def on_trade(self, *_: object) -> None:
        pass

    def on_status(self, *_: object) -> None:
        pass

    def on_bar(self, *_: object) -> None:
        pass
