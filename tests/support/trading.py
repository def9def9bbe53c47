"""A whole Touchline in virtual time: engine, journal on disk, exchange, scripted market."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from core.engine.engine import Engine
from core.engine.events import Event, Level, Notice
from core.exchange.market.events import MarketEvent, QuoteEvent, Touch
from core.exchange.market.trading_day import MarketTime
from core.exchange.matching.exchange import Exchange
from core.exchange.matching.orders import Order
from core.exchange.options import ExchangeOptions, Knobs
from core.journal.file import JournalFile, WriteHook
from core.journal.recovery import recover
from core.market.account import Position
from core.market.prices import Side
from core.market.time import NS
from core.orders.plan import DEFAULTS, Fallback, Instruction, Plan
from core.orders.state import ChildOrder, ParentOrder
from core.risk.limits import Limits
from core.runtime.clock import Clock
from tests.support import virtual
from tests.support.exchange_acts import happen
from tests.support.exchange_venue import ExchangeVenue, dollars
from tests.support.oracle import Oracle
from tests.support.recorder import DirectRecorder
from tests.support.wide_limits import WIDE_LIMITS

EPOCH_NS = 1_790_000_000 * NS
STILL = Knobs(hidden_chance=0.0, price_improvement=0.0)  # nothing fills but by the script
SYMBOL = "UVXY"
BID, ASK, SIZE = "15.23", "15.32", 5000
_intents = count(1)


def quotes(
    *rows: tuple[float, str, str], size: int = SIZE, symbol: str = SYMBOL
) -> list[MarketEvent]:
    """UVXY's touch, or another symbol's, as rows of (seconds, bid, ask)."""
    return [
        QuoteEvent(int(at * NS), symbol, Touch(dollars(bid), size, dollars(ask), size))
        for at, bid, ask in rows
    ]


CALM = quotes((0, BID, ASK))


def lasting_calm() -> Iterator[MarketEvent]:
    """`CALM` told anew each second, for ever: in real time a quote gets too old to price with."""
    for second in count():
        yield from quotes((second, BID, ASK))


HELD = {SYMBOL: Decimal(5000)}


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


def outcome(order: ParentOrder) -> tuple[object, object]:
    """State and shares filled."""
    return order.state, order.filled


class Crashed(Exception):
    """The program died at a journal write."""


class Killer:
    """Kills the program at a journal write: the next one when armed, or the one of a number."""

    def __init__(self) -> None:
        self.dead = asyncio.Event()
        self.on_death: Callable[[], None] = lambda: None
        self._when = ""
        self._at = 0

    def arm(self, when: str, at: int = 0) -> None:
        """Die "before" or "after" write number `at`; 0: the next one."""
        self._when, self._at = when, at

    def revive(self) -> None:
        """A new run."""
        self.dead.clear()
        self._when = ""

    def on_write(self, when: str, number: int) -> None:
        """The journal's hook: once dead, nothing more is written."""
        if when == self._when and self._at in (0, number) and not self.dead.is_set():
            self.dead.set()
            self.on_death()
        if self.dead.is_set():
            raise Crashed


@dataclass
class Run:
    """What one run after another starts from."""

    journal: Path
    exchange: Exchange
    clock: Clock
    oracle: Oracle
    on_write: WriteHook | None = None
    killer: Killer = field(default_factory=Killer)
    settings: Limits = WIDE_LIMITS
    kill_file: Path | None = None

    def make(self) -> tuple[Engine, ExchangeVenue]:
        """An engine on the journal as it is, not started, with the oracle watching."""
        file = JournalFile(self.journal, self._written)
        recorder = DirectRecorder(file)
        venue = ExchangeVenue(self.exchange, self.clock)
        ids = count(1)
        orders, _ = recover(file, self.clock.now_ns())
        engine = Engine(
            venue,
            recorder,
            self.clock,
            orders,
            new_id=lambda: f"{len(orders)}t{next(ids)}",
            settings=self.settings,
            kill_file=self.kill_file,
        )
        self.killer.on_death = venue.unplug
        self.oracle.watch(engine, venue, recorder)
        return engine, venue

    def _written(self, when: str, number: int) -> None:
        self.killer.on_write(when, number)
        if self.on_write is not None:
            self.on_write(when, number)


@dataclass
class Trading:
    """What a scenario works with. After `restart` its engine and venue are new ones."""

    engine: Engine
    venue: ExchangeVenue
    exchange: Exchange
    run: Run
    events: list[Event] = field(default_factory=list)

    @property
    def oracle(self) -> Oracle:
        """Who checks the invariants."""
        return self.run.oracle

    @property
    def killer(self) -> Killer:
        """Who can kill the program at a journal write."""
        return self.run.killer

    async def open(self, grace: Decimal = Decimal(60)) -> None:
        """Start the engine and watch the symbol."""
        self.engine.listen(self.events.append)
        await self.engine.start(grace)
        await self.engine.watch([SYMBOL])

    # ---- waiting ----------------------------------------------------------------------------

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

    async def until_child(
        self,
        order: ParentOrder,
        true: Callable[[ChildOrder], bool],
        place: int = 0,
        within: float = 600.0,
    ) -> ParentOrder:
        """The order once its child at `place` is there and so."""

        def there() -> bool:
            children = self.now(order).children
            return len(children) > place and true(children[place])

        return await self.until(there, order, within)

    async def working(self, asked: Instruction | None = None) -> ParentOrder:
        """A new order once its limit rests on the book."""
        order = await self.engine.submit(asked or instruction())
        return await self.until_child(order, lambda child: child.status == "new")

    async def canceling(self, order: ParentOrder) -> ParentOrder:
        """The order once the DELETE of its limit has left."""
        return await self.until_child(order, lambda child: child.cancels > 0)

    async def stays_open(self, order: ParentOrder, seconds: float) -> ParentOrder:
        """The order, `seconds` later and not ended."""
        await asyncio.sleep(seconds)
        assert not self.now(order).final
        return self.now(order)

    async def stays_ended(self, order: ParentOrder, seconds: float) -> ParentOrder:
        """The order, ended, and `seconds` later."""
        await self.until_final(order)
        await asyncio.sleep(seconds)
        return self.now(order)

    def now(self, order: ParentOrder) -> ParentOrder:
        """The order as it is."""
        return self.engine.orders[order.id]

    # ---- the market and the venue -----------------------------------------------------------

    def quote(self, bid: str, ask: str, size: int = SIZE) -> None:
        """UVXY's touch becomes this."""
        happen(self.exchange, quotes((0, bid, ask), size=size)[0])

    def fill(self, order: ParentOrder, shares: int) -> None:
        """The market takes `shares` of a sell's live limit, and goes back to where it was."""
        assert order.side is Side.SELL
        self.quote(str(order.limit_price), ASK, shares)
        self.quote(BID, ASK)

    def overrate(self) -> None:
        """The engine takes the account for richer than it is, as after a sale made elsewhere."""
        assert self.engine.account is not None
        many = Decimal(1_000_000)
        self.engine.account_state.account = replace(self.engine.account, buying_power=many * 100)
        self.engine.positions[SYMBOL] = Position(SYMBOL, many, many, Decimal(15))

    def at_venue(self, order: ParentOrder, number: int = 1) -> Order:
        """The `number`-th child as the exchange holds it."""
        return self.exchange.order_by_client_id(f"tl-{order.id}-{number}")

    def frames(self, event: str) -> list[dict[str, Any]]:
        """The exchange's trade updates of that name, heard or not."""
        return [f for f in self.venue.said if f["data"]["event"] == event]

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

    def notices(self, level: Level) -> list[str]:
        """What the person was told that loud."""
        return [e.sentence for e in self.events if isinstance(e, Notice) and e.level is level]

    # ---- crashes ----------------------------------------------------------------------------

    async def crash(self) -> None:
        """The program dies without a word. What had left for the venue arrives."""
        self.venue.unplug()
        await self.engine.stop()

    async def restart(self, grace: Decimal = Decimal(60)) -> None:
        """A new run on the same journal, account and exchange."""
        await self._next_run()
        await self.open(grace)

    async def restart_and_die(self, when: str, number: int, within: float = 1.0) -> None:
        """A new run that dies again at that journal write, if it gets there in time."""
        await self._next_run()
        self.killer.arm(when, number)
        opening = asyncio.create_task(self.open())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self.killer.dead.wait()
        opening.cancel()
        await asyncio.gather(opening, return_exceptions=True)

    async def _next_run(self) -> None:
        await self.crash()
        self.killer.revive()
        self.engine, self.venue = self.run.make()


Scenario = Callable[[Trading], Awaitable[None]]


def play(
    scenario: Scenario,
    folder: Path,
    market: Iterable[MarketEvent] = CALM,
    knobs: Knobs = STILL,
    on_write: WriteHook | None = None,
    *,
    start_of_day: int | None = None,
    rate_limit: int = 0,
    positions: Mapping[str, Decimal] = HELD,
    prepare: Callable[[ExchangeVenue], None] = lambda venue: None,
    clock_off_ns: int = 0,
) -> None:
    """Run one scenario from an empty journal and a fresh exchange, in virtual time.

    `start_of_day` is market nanoseconds past midnight, for a session that opens and closes;
    `rate_limit` is requests a minute; `positions` may name symbols that `market` quotes. `prepare`
    sees the venue before anything is read from it; Touchline's computer has a clock that is
    `clock_off_ns` ahead of the exchange's. The oracle looks on, and has the last word.
    """

    async def main() -> None:
        loop = asyncio.get_running_loop()
        clock = Clock(loop.time, lambda: EPOCH_NS)
        exchange = new_exchange(clock, market, knobs, start_of_day, rate_limit, positions)
        ours = Clock(loop.time, lambda: EPOCH_NS + clock_off_ns)
        trading = await start(folder, exchange, ours, on_write=on_write, prepare=prepare)
        try:
            await scenario(trading)
            trading.oracle.verdict()
        finally:
            await trading.crash()
            exchange.stop()

    virtual.run(main())


def new_exchange(
    clock: Clock,
    market: Iterable[MarketEvent],
    knobs: Knobs,
    start_of_day: int | None = None,
    rate_limit: int = 0,
    positions: Mapping[str, Decimal] = HELD,
) -> Exchange:
    """An exchange that plays `market` from now on."""
    options = ExchangeOptions(
        seed="test",
        knobs=knobs,
        account_number="EXTEST1",
        positions=dict(positions),
        rate_limit=rate_limit,
    )
    always = MarketTime(clock.now_ns())
    session = always
    if start_of_day is not None:
        session = MarketTime(clock.now_ns(), start_of_day=start_of_day, always_open=False)
    played: dict[str, list[MarketEvent]] = {SYMBOL: []}
    for event in market:
        played.setdefault(event.symbol, []).append(event)
    exchange = Exchange(
        options,
        {symbol: iter(events) for symbol, events in played.items()},
        session,
        clock.now_ns,
        asyncio.get_running_loop().call_later,
    )
    exchange.start()
    return exchange


async def start(
    folder: Path,
    exchange: Exchange,
    clock: Clock,
    *,
    on_write: WriteHook | None = None,
    prepare: Callable[[ExchangeVenue], None] = lambda venue: None,
) -> Trading:
    """A Touchline on the journal in `folder`, as a new run would start."""
    journal = folder / "journal.sqlite"
    run = Run(journal, exchange, clock, Oracle(exchange, journal), on_write)
    engine, venue = run.make()
    prepare(venue)
    trading = Trading(engine, venue, exchange, run)
    await trading.open()
    return trading
