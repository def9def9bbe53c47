"""What the window tells a person: the engine's notices, and warnings of its own."""

import logging
from pathlib import Path

from PySide6.QtWidgets import QWidget

from core.engine.events import Level, Notice
from core.errors import Refusal
from core.orders.state import ParentOrder
from core.wording.order_words import order_title
from gui.blotter.blotter import Blotter, Tab
from gui.blotter.log_tab import LogLine
from gui.controllers.announcer import Announcer
from gui.controllers.sounds import AlertKind
from gui.state.clocks import RunClock
from gui.state.inbox import Frame
from gui.state.preference_store import PreferenceStore
from gui.state.view_state import ViewState
from gui.window.status_line import NoticeLine

_LOG = logging.getLogger(__name__)


class Notifier:
    """Puts sentences into the log and on the notice line, and announces what must not be missed."""

    def __init__(
        self,
        window: QWidget,
        blotter: Blotter,
        line: NoticeLine,
        preferences: PreferenceStore,
        known: ViewState,
        clock: RunClock,
    ) -> None:
        self._log = blotter.log
        self._line = line
        self._known = known
        self._clock = clock
        self._announcer = Announcer(window, preferences, self.warn)
        line.log_asked.connect(lambda: blotter.show_tab(Tab.LOG))

    def begin(self, log_file: Path) -> None:
        """A session is open: say where its log file is."""
        self._log.show_file(log_file)

    def on_frame(self, frame: Frame) -> None:
        """Tell what the engine has told."""
        for notice in frame.notices:
            self.show_notice(notice)

    def show_notice(self, notice: Notice) -> None:
        """A sentence of the engine: log and notice line."""
        order = self._known.orders.get(notice.order_id or "")
        about = order_title(order) if order else ""
        self._log.add([LogLine(notice.at, notice.level, about, notice.sentence, "Touchline")])
        self._line.show_notice(notice.level, notice.sentence, notice.at)
        if notice.level is Level.ALARM:
            self._announcer.announce(AlertKind.ALARM, notice.sentence)

    def happened(self, kind: AlertKind, order: ParentOrder, words: str, at: int) -> None:
        """What became of an order; its log line stands already."""
        sentence = f"{order_title(order)}: {words}"
        level = Level.ALARM if kind is AlertKind.ALARM else Level.INFO
        self._line.show_notice(level, sentence, at)
        self._announcer.announce(kind, sentence)

    def say(self, sentence: str) -> None:
        """Something that a person asked for was done."""
        self.show_notice(Notice(Level.INFO, sentence, self._clock.now_ns()))

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
