"""The only file that knows both loops: commands go in, facts come out.

Only immutable messages cross. Of session and engine the window's thread touches nothing but
coroutines, which run over there, and nobody gets either from here. `gui.state.inbox` keeps
what waits. One wake is pending at a time: the first change after a quiet spell and every order
fact are delivered at once, quotes under load with the pictures that the window draws by itself.
"""

import asyncio
import threading
from collections.abc import Coroutine, Iterable
from decimal import Decimal
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from core.engine.events import Event, OrderChanged, QuoteChanged
from core.market.account import Asset
from core.orders.plan import Instruction
from core.orders.state import ParentOrder
from core.risk.limits import Limits
from core.runtime.core_thread import CoreThread
from core.wording.kill_report import KillReport
from gui.state.core_session import CoreSession, Opened, open_session
from gui.state.inbox import Inbox

if TYPE_CHECKING:  # loaded on the core's thread, after the first paint
    from core.app.session import SessionOptions
    from core.engine.engine import Engine
    from core.engine.listeners import Counters

FRAME_S = 0.033  # as often as the window draws by itself

T = TypeVar("T")


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
        self._session: CoreSession | None = None
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

    # -- the session ----------------------------------------------------------

    def connect_core(self, core: CoreThread) -> None:
        """Know the core's thread."""
        self._core = core

    @property
    def connected(self) -> bool:
        """Whether there is a session to ask."""
        return self._session is not None

    async def open(self, options: "SessionOptions") -> Opened:
        """Open a session, listen, and hand out everything it already knows. Raises Refusal."""
        self._session, opened = await self._on_core(open_session(options, self.publish))
        self.catch_up()  # whoever goes on from here finds the account known
        return opened

    async def close(self) -> None:
        """Close the session; what already crossed is still delivered."""
        session, self._session = self._session, None
        if session is not None:
            await self._on_core(session.close())

    async def _on_core(self, work: Coroutine[Any, Any, T]) -> T:
        """Run `work` on the core's loop and await it on the window's."""
        if self._core is None:
            work.close()
            raise RuntimeError("the bridge has no core")
        return await asyncio.wrap_future(self._core.call(work))

    @property
    def _opened(self) -> CoreSession:
        if self._session is None:
            raise RuntimeError("the bridge has no session")
        return self._session

    @property
    def _engine(self) -> "Engine":
        return self._opened.engine

    # -- commands in ----------------------------------------------------------

    async def submit(self, instruction: Instruction, confirmed: Iterable[str] = ()) -> ParentOrder:
        """Send one order. Raises core.errors.Refusal, or Confirmation for controls that ask."""
        return await self._on_core(self._engine.submit(instruction, confirmed))

    async def cancel(self, order_id: str) -> None:
        """Cancel one order; its fallback is off for ever."""
        await self._on_core(self._engine.cancel(order_id))

    async def market_now(self, order_id: str) -> None:
        """Cancel the limit now and send the proven rest to market."""
        await self._on_core(self._engine.market_now(order_id))

    async def reprice(
        self, order_id: str, limit_price: Decimal, confirmed: Iterable[str] = ()
    ) -> None:
        """Set another price. Raises core.errors.Refusal, or Confirmation for rules that ask."""
        await self._on_core(self._engine.reprice(order_id, limit_price, confirmed))

    async def pause(self, order_id: str) -> None:
        """Stop the countdown."""
        await self._on_core(self._engine.pause(order_id))

    async def extend(self, order_id: str, seconds: Decimal) -> None:
        """Give the order `seconds` more."""
        await self._on_core(self._engine.extend(order_id, seconds))

    async def end_seen(self, order_id: str, filled: Decimal, price: Decimal | None) -> None:
        """Say how an unproven order ended at the broker. Raises core.errors.Refusal."""
        await self._on_core(self._engine.end_seen(order_id, filled, price))

    async def cancel_all(self) -> None:
        """Cancel every open order."""
        await self._on_core(self._engine.cancel_all())

    async def flatten(self, symbol: str, confirmed: Iterable[str] = ()) -> None:
        """Flatten `symbol` (empty: all). Raises core.errors.Confirmation first, or Refusal."""
        await self._on_core(self._engine.flatten(symbol, confirmed))

    async def kill(self) -> KillReport:
        """Take no order, cancel all, and say what is left."""
        return await self._on_core(self._engine.kill(by="the window"))

    async def rearm(self) -> None:
        """Take orders again after a kill. Raises Refusal while the KILL file is there."""
        await self._on_core(self._engine.rearm())

    async def change_limits(self, limits: Limits) -> None:
        """Keep these limits and check the next order against them. Raises Refusal."""
        await self._on_core(self._opened.session.change_limits(limits))

    async def drill(self, name: str) -> None:
        """Begin a fault drill; an empty name ends all. Raises Refusal."""
        await self._on_core(self._opened.session.drill(name))

    async def watch(self, symbols: Iterable[str]) -> None:
        """Subscribe exactly these symbols."""
        await self._on_core(self._engine.watch(tuple(symbols)))

    async def most_at_stake(self) -> str:
        """The symbol held in whose spread most dollars lie; empty when nothing is held."""
        return await self._on_core(self._opened.most_at_stake())

    async def counters(self) -> "Counters":
        """What the engine did since it started: a copy, to which nobody adds."""
        return await self._on_core(self._opened.counters())

    async def asset(self, symbol: str) -> Asset:
        """One asset. Raises core.errors.Refusal for an unknown symbol."""
        return await self._on_core(self._engine.asset(symbol))

    async def assets(self) -> tuple[Asset, ...]:
        """Everything that can be traded."""
        return await self._on_core(self._engine.assets())
