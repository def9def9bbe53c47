"""How it stands: the strip's lights, the status line's counts, and the drills at work."""

from PySide6.QtCore import QObject

from core.market.venues import profile_of
from core.runtime.tasks import Tasks
from gui.controllers.notifier import Notifier
from gui.controllers.symbols import SymbolController
from gui.state.clocks import RunClock
from gui.state.core_bridge import CoreBridge
from gui.state.core_session import Opened
from gui.state.inbox import Frame
from gui.state.view_state import ViewState
from gui.window.safety_strip import SafetyStrip
from gui.window.status_line import StatusLine


class StatusController(QObject):
    """Keeps strip and status line up to date."""

    def __init__(
        self,
        strip: SafetyStrip,
        line: StatusLine,
        bridge: CoreBridge,
        known: ViewState,
        clock: RunClock,
        symbols: SymbolController,
        notifier: Notifier,
        tasks: Tasks,
    ) -> None:
        super().__init__(line)
        self._strip = strip
        self._line = line
        self._bridge = bridge
        self._known = known
        self._clock = clock
        self._symbols = symbols
        self._notifier = notifier
        self._tasks = tasks
        self._counting = False
        self._drills: dict[str, str] = {}
        self._drills_begun: tuple[str, ...] = ()
        symbols.chosen.connect(self._refresh)
        line.drills.asked.connect(lambda name: tasks.spawn(self._drill(name), "drill"))

    def begin(self, opened: Opened) -> None:
        """Say what kind of account it is, and offer drills where the exchange is our own."""
        if profile_of(opened.venue).simulated:
            self._line.remark.setText("simulated results are never mixed with live ones")
        self._drills, self._drills_begun = dict(opened.drills), opened.drills_begun
        self._line.drills.offer(self._drills)
        self._line.drills.show_begun(self._drills_begun)

    async def _drill(self, name: str) -> None:
        await self._bridge.drill(name)
        others = tuple(begun for begun in self._drills_begun if begun != name)
        self._drills_begun = (*others, name) if name else ()
        self._line.drills.show_begun(self._drills_begun)
        self._notifier.warn(
            f"Drill {name}: {self._drills[name]}" if name else "The drills have ended."
        )

    def on_frame(self, frame: Frame) -> None:
        """Show what a light or the session says at once."""
        if frame.links or frame.statuses or frame.market is not None:
            self._refresh()

    def _refresh(self) -> None:
        self._strip.refresh(self._symbols.symbol, self._clock.now_ns())

    def slow_tick(self, now_ns: int) -> None:
        """Move the ages, and count."""
        self._strip.refresh(self._symbols.symbol, now_ns)
        self._line.show_rate(self._bridge.quotes_seen, now_ns)
        if self._bridge.connected and not self._counting:
            self._counting = True
            self._tasks.spawn(self._count(), "counters")

    async def _count(self) -> None:
        """Ask for what the engine has counted, and show it."""
        try:
            counters = await self._bridge.counters()
        finally:
            self._counting = False
        self._known.journal_error = counters.journal_error
        self._line.show_counters(counters)
