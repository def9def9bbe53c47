"""The two lines at the bottom: the latest notice, and how fast and how often."""

from collections import deque
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from core.engine.events import Level
from core.wording.numbers import DOT
from core.wording.times import clock_time
from gui.style import style
from gui.style.palette import Palette
from gui.widgets.busy_label import BusyLabel
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.overflow_row import OverflowRow
from gui.widgets.panel import button, label, set_explanation, set_text
from gui.window.drill_menu import DrillMenu

if TYPE_CHECKING:
    from core.engine.listeners import Counters

_SAMPLES = 500


class NoticeLine(QFrame):
    """The latest thing worth knowing. Takes no focus, blocks nothing, stays until the next."""

    log_asked = Signal()

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice-line")
        self.setFixedHeight(28)
        self._palette = palette
        self._level = Level.INFO
        self.mark = label("notice-mark")
        self.words = ElidedLabel("notice-words")
        self.words.setAccessibleName("Latest notice")
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.time = label("notice-time", role="muted")
        open_log = button("notice-open-log", "Log", "Open the log", role="tab")
        open_log.clicked.connect(self.log_asked)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 0, 8, 0)
        row.setSpacing(10)
        row.addWidget(self.mark)
        row.addWidget(self.time)
        row.addWidget(self.words, 1)
        row.addWidget(open_log)

    def show_notice(self, level: Level, sentence: str, at: int) -> None:
        """Put a sentence here."""
        marks = {Level.INFO: "\N{BULLET}", Level.WARNING: "\N{WARNING SIGN}"}
        set_text(self.mark, marks.get(level, "\N{BLACK DIAMOND}"))
        set_text(self.time, clock_time(at, millis=False))
        set_text(self.words, sentence)
        set_explanation(self.words, sentence)
        self._level = level
        self.restyle()

    def restyle(self) -> None:
        """The colours of the theme."""
        colour = style.level_colour(self._palette, self._level)
        for part in (self.mark, self.words):
            part.setStyleSheet(f"color: {colour};")


class StatusLine(QFrame):
    """Fill to screen, quotes a second, what was sent, whether the journal holds."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("status-line")
        self.setProperty("role", "status")
        self.setFixedHeight(26)
        self._palette = palette
        self._latencies: deque[float] = deque(maxlen=_SAMPLES)
        self._quotes_before = 0
        self._at_before = 0
        self.latency = label("status-latency", "fill to screen: no fill yet", rich=True)
        self.rate = label("status-quotes", "quotes 0/s", rich=True)
        self.orders = label("status-orders", rich=True)
        self.journal = label("status-journal", rich=True)
        self.troubles = label("status-troubles", rich=True)
        self.troubles.hide()
        self.remark = label("status-remark", role="muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 0, 14, 0)
        row.setSpacing(26)
        for part in (self.latency, self.rate, self.orders, self.journal):
            part.setProperty("role", "muted")
            row.addWidget(part)
        row.addWidget(self.troubles)
        self.busy = BusyLabel()
        row.addWidget(self.busy)
        row.addStretch(1)
        row.addWidget(self.remark)
        self.drills = DrillMenu()
        row.addWidget(self.drills)
        OverflowRow(self, (self.remark, self.rate, self.latency))

    def add_latency(self, milliseconds: float) -> None:
        """One fill from the engine's door to the painted cell."""
        self._latencies.append(milliseconds)
        self.restyle()

    def restyle(self) -> None:
        """The colours of the theme; what goes on by itself follows by itself."""
        if not self._latencies:
            return
        ranked = sorted(self._latencies)
        worst = ranked[min(len(ranked) - 1, round(0.99 * len(ranked)))]
        set_text(self.latency, f"fill to screen {self._strong(f'{worst:.0f} ms')} p99")

    def show_rate(self, quotes_seen: int, now_ns: int) -> None:
        """Quotes a second since the last call."""
        passed = (now_ns - self._at_before) / 1e9
        if self._at_before and passed > 0:
            rate = round((quotes_seen - self._quotes_before) / passed)
            set_text(self.rate, f"quotes {self._strong(f'{rate:,}/s')}")
        self._quotes_before, self._at_before = quotes_seen, now_ns

    def show_counters(self, counters: "Counters") -> None:
        """What was sent to the venue, and the journal."""
        reads = self._strong(f"status reads {counters.reads}")
        sent = f"orders posted {counters.posts} {DOT} cancels {counters.cancels} {DOT} {reads}"
        set_text(self.orders, sent)
        state = self._alarm("journal FAILED") if counters.journal_error else "journal ok"
        set_text(self.journal, f"{state}, {counters.facts:,} facts")
        self._show_troubles(counters)

    def _show_troubles(self, counters: "Counters") -> None:
        """What went wrong without stopping anything, while there is any of it."""
        found = _troubles(counters)
        words = f" {DOT} ".join(words for words, _ in found)
        set_text(self.troubles, f'<span style="color:{self._palette.warn}">{words}</span>')
        set_explanation(self.troubles, "\n".join(meaning for _, meaning in found))
        self.troubles.setVisible(bool(found))

    def _strong(self, text: str) -> str:
        return f'<span style="color:{self._palette.text};font-weight:600">{text}</span>'

    def _alarm(self, text: str) -> str:
        return f'<span style="color:{self._palette.bad};font-weight:600">{text}</span>'


def _troubles(counters: "Counters") -> list[tuple[str, str]]:
    """Each in a few words, and what it means."""
    found = []
    if frames := counters.bad_frames:
        meaning = (
            f"{_counted(frames, 'frame')} of the venue's streams could not be read and had to be "
            "skipped. An order of yours that one was about was read at the venue instead. "
            "The log says what was wrong."
        )
        found.append((f"\N{WARNING SIGN} {_counted(frames, 'unreadable frame')}", meaning))
    if early := counters.early_quotes:
        meaning = (
            f"{_counted(early, 'quote')} carried a time that has not come yet by the venue's clock "
            "and had to be dropped, as no later quote could have taken the place of one. The "
            "quotes shown are the others."
        )
        found.append((f"\N{WARNING SIGN} {_counted(early, 'early quote')}", meaning))
    if untimed := counters.untimed_quotes:
        meaning = (
            f"{_counted(untimed, 'quote')} carried no time. Nobody knows how old such a quote is, "
            "so nothing is priced from it."
        )
        found.append((f"\N{WARNING SIGN} {_counted(untimed, 'quote')} without a time", meaning))
    if failed := counters.listener_errors:
        meaning = (
            f"Part of the display failed {_counted(failed, 'time')} on what it was told. Orders "
            "go on, but the window may show less than is known. The log file has the details."
        )
        found.append((f"\N{WARNING SIGN} {_counted(failed, 'display fault')}", meaning))
    return found


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
