"""What the window tells a person: the engine's notices, and warnings of its own."""

import logging

from core.clock import Clock
from core.errors import Refusal
from core.events import Level, Notice
from core.words import order_title
from gui.known import Known
from gui.log_view import LogLine
from gui.window import MainWindow

_LOG = logging.getLogger(__name__)


class RunClock:
    """The window's time: a clock of its own until the engine's is known."""

    def __init__(self) -> None:
        self._clock = Clock()

    def follow(self, clock: Clock) -> None:
        """Read the engine's clock from now on."""
        self._clock = clock

    def now_ns(self) -> int:
        """The run's time in nanoseconds."""
        return self._clock.now_ns()


class Teller:
    """Puts sentences into the log and on the notice line."""

    def __init__(self, window: MainWindow, known: Known, clock: RunClock) -> None:
        self._window = window
        self._known = known
        self._clock = clock

    def show_notice(self, notice: Notice) -> None:
        """A sentence of the engine: log and notice line."""
        order = self._known.orders.get(notice.order_id or "")
        about = order_title(order) if order else ""
        line = LogLine(notice.at, notice.level, about, notice.sentence, "Touchline")
        self._window.blotter.log.add([line])
        self._window.notice.show_notice(notice.level, notice.sentence, notice.at)

    def warn(self, sentence: str) -> None:
        """A warning of the window's own, or why something was not done."""
        self.show_notice(Notice(Level.WARNING, sentence, self._clock.now_ns()))

    def failed(self, error: BaseException) -> None:
        """A command failed: a refusal in its own words, anything else as our fault."""
        if isinstance(error, Refusal):
            self.warn(error.sentence)
            return
        _LOG.error("a task of the window failed", exc_info=error)
        sentence = f"The window met an error of its own ({type(error).__name__}); orders go on."
        self.show_notice(Notice(Level.ALARM, sentence, self._clock.now_ns()))
