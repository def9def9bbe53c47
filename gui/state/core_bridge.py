"""The only file that knows both loops: commands go in, facts come out.

Only immutable messages cross; `gui.state.inbox` keeps what waits. One wake is pending at
a time: the first change after a quiet spell and every order fact are delivered at once,
quotes under load with the pictures that the window draws by itself.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from decimal import Decimal
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from core.engine.events import (
    AccountChanged,
    Event,
    LinkChanged,
    MarketChanged,
    OrderChanged,
    QuoteChanged,
    StatusChanged,
    TakingChanged,
)
from core.engine.positions import most_at_stake
from core.market.account import Asset
from core.market.time import NS
from core.orders.plan import Instruction
from core.orders.state import ParentOrder
from core.risk.limits import Limits
from core.runtime.event_loop import CoreThread
from core.wording.kill_report import KillReport
from gui.state.inbox import Inbox

if TYPE_CHECKING:
    from core.engine.engine import Engine  # loaded on the core's thread, after the first paint

FRAME_S = 0.033  # as often as the window draws by itself
RECENT_NS = 24 * 3600 * NS  # orders of so long are told at the start

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Attached:
    """What the engine was when the window began to listen, beside what events tell.

    `earlier` are orders that ended before the last day: there are no events for them.
    """

    venue: str
    account: str
    held: tuple[str, ...]
    settings: Limits
    settings_error: str
    earlier: tuple[ParentOrder, ...]


class CoreBridge(QObject):
    """Between the core's thread and the window. `frame` carries one `Frame`."""

    frame = Signal(object)
    _wake = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._inbox = Inbox()
        self._pending = False
        self._urgent = False
        self._last = 0.0
        self._core: CoreThread | None = None
        self._engine: Engine | None = None
        self._unlisten: Callable[[], None] | None = None
        self.quotes_seen = 0
        self._later = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._later.timeout.connect(self._drain)
        self._wake.connect(self._on_wake, Qt.ConnectionType.QueuedConnection)

    # -- facts out ------------------------------------------------------------

    def publish(self, event: Event) -> None:
        """Hand one event to the window. Any thread; never blocks on the window."""
        urgent = isinstance(event, OrderChanged)
        with self._lock:
            self._inbox.put(event)
            if isinstance(event, QuoteChanged):
                self.quotes_seen += 1
            if self._urgent or (self._pending and not urgent):
                return
            self._pending = True
            self._urgent = urgent
        self._wake.emit()

    @Slot()
    def _on_wake(self) -> None:
        quiet = perf_counter() - self._last
        if self._urgent or quiet >= FRAME_S:
            self._drain()
        elif not self._later.isActive():
            self._later.start(max(1, round((FRAME_S - quiet) * 1000)))

    def catch_up(self) -> None:
        """Hand out at once what has crossed by now."""
        self._drain()

    @Slot()
    def _drain(self) -> None:
        self._later.stop()
        with self._lock:
            if not self._pending:
                return
            inbox, self._inbox = self._inbox, Inbox()
            self._pending = self._urgent = False
        self._last = perf_counter()
        self.frame.emit(inbox.frame())

    # -- the engine -----------------------------------------------------------

    def connect_core(self, core: CoreThread) -> None:
        """Know the core's thread."""
        self._core = core

    async def attach(self, engine: "Engine") -> Attached:
        """Listen to `engine`, and begin with everything it already knows."""
        self._engine = engine
        self._unlisten, attached = await self.on_core(self._listen(engine))
        return attached

    async def _listen(self, engine: "Engine") -> tuple[Callable[[], None], Attached]:
        unlisten = engine.listen(self.publish)
        for event in _known(engine):
            self.publish(event)
        since = engine.clock.now_ns() - RECENT_NS
        recent: list[ParentOrder] = []
        earlier: list[ParentOrder] = []
        for order in engine.orders.values():
            past = order.done and order.started_ns < since
            (earlier if past else recent).append(order)
        for order in recent:
            self.publish(OrderChanged(order, None))
        return unlisten, Attached(
            venue=engine.venue_name,
            account=engine.account.number if engine.account is not None else "",
            held=tuple(sorted(engine.positions)),
            settings=engine.settings,
            settings_error=engine.settings_error,
            earlier=tuple(earlier),
        )

    async def detach(self) -> None:
        """Stop listening; what already crossed is still delivered."""
        if self._unlisten is not None:
            await self.on_core(_call(self._unlisten))
            self._unlisten = None
        self._engine = None

    @property
    def engine(self) -> "Engine | None":
        """The engine, once attached. Its clock and counters may be read from any thread."""
        return self._engine

    async def on_core(self, work: Coroutine[Any, Any, T]) -> T:
        """Run `work` on the core's loop and await it on the window's."""
        if self._core is None:
            work.close()
            raise RuntimeError("the bridge has no core")
        return await asyncio.wrap_future(self._core.call(work))

    def _ask(self) -> "Engine":
        if self._engine is None:
            raise RuntimeError("the bridge has no engine")
        return self._engine

    # -- commands in ----------------------------------------------------------

    async def submit(self, instruction: Instruction, confirmed: Iterable[str] = ()) -> ParentOrder:
        """Send one order. Raises core.errors.Refusal, or Confirmation for controls that ask."""
        return await self.on_core(self._ask().submit(instruction, confirmed))

    async def cancel(self, order_id: str) -> None:
        """Cancel one order; its fallback is off for ever."""
        await self.on_core(self._ask().cancel(order_id))

    async def market_now(self, order_id: str) -> None:
        """Cancel the limit now and send the proven rest to market."""
        await self.on_core(self._ask().market_now(order_id))

    async def reprice(
        self, order_id: str, limit_price: Decimal, confirmed: Iterable[str] = ()
    ) -> None:
        """Set another price. Raises core.errors.Refusal, or Confirmation for rules that ask."""
        await self.on_core(self._ask().reprice(order_id, limit_price, confirmed))

    async def pause(self, order_id: str) -> None:
        """Stop the countdown."""
        await self.on_core(self._ask().pause(order_id))

    async def extend(self, order_id: str, seconds: Decimal) -> None:
        """Give the order `seconds` more."""
        await self.on_core(self._ask().extend(order_id, seconds))

    async def cancel_all(self) -> None:
        """Cancel every open order."""
        await self.on_core(self._ask().cancel_all())

    async def flatten(self, symbol: str, confirmed: Iterable[str] = ()) -> None:
        """Flatten `symbol` (empty: all). Raises core.errors.Confirmation first, or Refusal."""
        await self.on_core(self._ask().flatten(symbol, confirmed))

    async def kill(self) -> KillReport:
        """Take no order, cancel all, and say what is left."""
        return await self.on_core(self._ask().kill(by="the window"))

    async def rearm(self) -> None:
        """Take orders again after a kill. Raises Refusal while the KILL file is there."""
        await self.on_core(self._ask().rearm())

    async def watch(self, symbols: Iterable[str]) -> None:
        """Subscribe exactly these symbols."""
        await self.on_core(self._ask().watch(tuple(symbols)))

    async def most_at_stake(self) -> str:
        """The symbol held in whose spread most dollars lie; empty when nothing is held."""
        return await self.on_core(_most_at_stake(self._ask()))

    async def asset(self, symbol: str) -> Asset:
        """One asset. Raises core.errors.Refusal for an unknown symbol."""
        return await self.on_core(self._ask().asset(symbol))

    async def assets(self) -> tuple[Asset, ...]:
        """Everything that can be traded."""
        return await self.on_core(self._ask().assets())


async def _call(function: Callable[[], None]) -> None:
    function()


async def _most_at_stake(engine: "Engine") -> str:
    return most_at_stake(engine.positions, engine.board.quotes)


def _known(engine: "Engine") -> Iterable[Event]:
    """What the engine knew before we listened, as the events that would have told it."""
    yield TakingChanged(engine.killed)
    yield from (LinkChanged(link) for link in engine.links.values())
    if engine.market is not None:
        yield MarketChanged(engine.market)
    if engine.account is not None:
        yield AccountChanged(engine.account, tuple(engine.positions.values()))
    yield from (StatusChanged(status) for status in engine.board.statuses.values())
    yield from (QuoteChanged(quote) for quote in engine.board.quotes.values())
