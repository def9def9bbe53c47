"""A whole Touchline in virtual time: engine, journal on disk, exchange, scripted market."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from pathlib import Path

from core.clock import NS, Clock
from core.engine import Engine
from core.events import Event
from core.exchange.book import Knobs, Touch
from core.exchange.exchange import Exchange
from core.exchange.market import MarketEvent, QuoteEvent
from core.exchange.options import Options
from core.exchange.session import MarketTime
from core.journal import JournalFile, WriteHook, replay
from core.order_state import ParentOrder
from core.plan import DEFAULTS, Fallback, Instruction, Plan
from core.prices import Side
from tests.support import virtual
from tests.support.exchange_venue import ExchangeVenue, dollars
from tests.support.recorder import DirectRecorder

EPOCH_NS = 1_790_000_000 * NS
STILL = Knobs(hidden_chance=0.0, price_improvement=0.0)  # nothing fills but by the script
SYMBOL = "UVXY"
_intents = count(1)


def quotes(*rows: tuple[float, str, str], size: int = 5000) -> list[MarketEvent]:
    """UVXY's touch as rows of (seconds, bid, ask)."""
    return [
        QuoteEvent(int(at * NS), SYMBOL, Touch(dollars(bid), size, dollars(ask), size))
        for at, bid, ask in rows
    ]


CALM = quotes((0, "15.23", "15.32"))


def instruction(
    side: Side = Side.SELL,
    qty: str = "100",
    fallback: Fallback = Fallback.MARKET,
    timeout: str | None = None,
    fraction: str | None = None,
) -> Instruction:
    """An order for UVXY by the default plan, save what is given."""
    default = DEFAULTS[side]
    plan = Plan(
        Decimal(fraction) if fraction else default.fraction,
        Decimal(timeout) if timeout else default.timeout,
        fallback,
    )
    return Instruction(f"intent-{next(_intents)}", SYMBOL, side, Decimal(qty), plan)


@dataclass
class Trading:
    """What a scenario works with."""

    engine: Engine
    venue: ExchangeVenue
    exchange: Exchange
    events: list[Event] = field(default_factory=list)

    async def until_final(self, order: ParentOrder, within: float = 600.0) -> ParentOrder:
        """The order once it is final; fails after `within` virtual seconds."""
        return await self.until(lambda: self.engine.orders[order.id].final, order, within)

    async def until(
        self, true: Callable[[], bool], order: ParentOrder, within: float = 600.0
    ) -> ParentOrder:
        """The order once `true()`; looked at after every event."""
        seen = asyncio.Event()
        unlisten = self.engine.listen(lambda event: seen.set())
        try:
            async with asyncio.timeout(within):
                while not true():
                    seen.clear()
                    await seen.wait()
        finally:
            unlisten()
        return self.engine.orders[order.id]

    def at_broker(self, order: ParentOrder) -> Decimal:
        """Shares that all of the order's children really traded, by the exchange's own books."""
        ours = (o for o in self.exchange.orders.values() if self._is_of(o.client_order_id, order))
        return sum((o.filled for o in ours), Decimal(0))

    @staticmethod
    def _is_of(client_id: str, order: ParentOrder) -> bool:
        return client_id.startswith(f"tl-{order.id}-")

    def live_at_broker(self) -> list[str]:
        """Client ids of all orders that may still fill."""
        return [o.client_order_id for o in self.exchange.open_orders()]


Scenario = Callable[[Trading], Awaitable[None]]


def play(
    scenario: Scenario,
    folder: Path,
    market: Iterable[MarketEvent] = CALM,
    knobs: Knobs = STILL,
    on_write: WriteHook | None = None,
) -> None:
    """Run one scenario from an empty journal and a fresh exchange, in virtual time."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        clock = Clock(loop.time, lambda: EPOCH_NS)
        exchange = new_exchange(clock, market, knobs)
        trading = await start(folder, exchange, clock, on_write=on_write)
        try:
            await scenario(trading)
        finally:
            await trading.engine.stop()
            exchange.stop()

    virtual.run(main())


def new_exchange(clock: Clock, market: Iterable[MarketEvent], knobs: Knobs) -> Exchange:
    """An exchange that plays `market` from now on."""
    options = Options(
        seed="test", knobs=knobs, account_number="EXTEST1", positions={SYMBOL: Decimal(5000)}
    )
    exchange = Exchange(
        options,
        {SYMBOL: iter(list(market))},
        MarketTime(clock.now_ns()),
        clock.now_ns,
        asyncio.get_running_loop().call_later,
    )
    exchange.start()
    return exchange


async def start(
    folder: Path, exchange: Exchange, clock: Clock, *, on_write: WriteHook | None = None
) -> Trading:
    """A Touchline on the journal in `folder`, as a new run would start."""
    file = JournalFile(folder / "journal.sqlite", on_write)
    venue = ExchangeVenue(exchange, clock)
    ids = count(1)
    orders = replay(file.load())
    engine = Engine(
        venue, DirectRecorder(file), clock, orders, new_id=lambda: f"{len(orders)}t{next(ids)}"
    )
    trading = Trading(engine, venue, exchange)
    engine.listen(trading.events.append)
    await engine.start()
    await engine.watch([SYMBOL])
    return trading
