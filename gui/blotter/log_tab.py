"""What happened, in words: notices of the engine and the facts of every order, newest last."""

from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QPoint, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QResizeEvent
from PySide6.QtWidgets import QMenu, QWidget

from core.engine.events import Level
from core.wording.numbers import DOT
from gui.style import style
from gui.style.palette import Palette
from gui.style.text_scale import at_least, px
from gui.tables.cell_delegate import CellDelegate
from gui.tables.columns import Column, date_and_time, iso_time, short_date_and_time
from gui.tables.row_filter import FilterGroup, RowFilter, has_all_words
from gui.tables.sorted_model import COLOUR, DISPLAY, Index, SortedModel
from gui.tables.sorted_table import SortedTable
from gui.widgets.dialog import Dialog, buttons_row, wrapped_label
from gui.widgets.panel import button, set_text

MAX_LINES = 5_000
_RANKS = {level: rank for rank, level in enumerate(Level)}
LEVEL = "Level"
_LEVELS = FilterGroup(
    LEVEL,
    (
        ("everything", None),
        ("warnings and alarms", (Level.WARNING, Level.ALARM)),
        ("alarms", (Level.ALARM,)),
    ),
)


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the log."""

    at: int
    level: Level
    about: str
    sentence: str
    source: str


LOG_COLUMNS: tuple[Column[LogLine], ...] = (
    Column("time", "time", lambda line: date_and_time(line.at, millis=True), lambda line: line.at,
           lambda line: iso_time(line.at), width=104,
           short=lambda line, today: short_date_and_time(line.at, today, millis=True)),
    Column("level", "level", lambda line: line.level.value, lambda line: _RANKS[line.level],
           lambda line: line.level.value, width=62),
    Column("order", "order", lambda line: line.about, lambda line: line.about,
           lambda line: line.about, width=124),
    Column("sentence", "what happened", lambda line: line.sentence, lambda line: line.sentence,
           lambda line: line.sentence, width=420),
    Column("source", "source", lambda line: line.source, lambda line: line.source,
           lambda line: line.source, width=136),
)  # fmt: skip
SENTENCE = 3
_NARROW_BELOW = 760
_NARROW = {"time": 90, "level": 58, "order": 92, "source": 56}  # so the sentence has the room


class LogModel(SortedModel[LogLine]):
    """The latest lines; older ones fall out."""

    def __init__(self, palette: Palette, parent: QObject | None = None) -> None:
        super().__init__(LOG_COLUMNS, by=0, descending=False, parent=parent)
        self._palette = palette
        self._lines: deque[int] = deque()

    def add(self, lines: list[LogLine]) -> None:
        """Append, and drop what is beyond the limit."""
        lines = lines[-MAX_LINES:]
        surplus = max(len(self._lines) + len(lines) - MAX_LINES, 0)
        self.drop_records([self._lines.popleft() for _ in range(surplus)])
        self._lines.extend(self.add_records(lines))

    def data(self, index: Index, role: int = DISPLAY) -> Any:
        """As every table; what was said in the colour of its level, which a column names."""
        line = self.record_at(index) if role == COLOUR else None
        if line is None:
            return super().data(index, role)
        said = style.level_colour(self._palette, line.level)
        return style.colour(said if index.column() == SENTENCE else self._palette.muted)


class LogLineDialog(Dialog):
    """One line of the log in full."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, "log-line", "Log")
        self.head = wrapped_label("log-line-head", role="muted")
        self.words = wrapped_label("log-line-words")
        self.words.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        shut = button("log-line-close", "Close", "Close this page")
        shut.clicked.connect(self.reject)
        self.column.addWidget(self.head)
        self.column.addWidget(self.words)
        self.column.addLayout(buttons_row(shut))

    def show_line(self, line: LogLine) -> None:
        """Open on this one."""
        parts = (date_and_time(line.at, millis=True), line.level.value, line.about, line.source)
        set_text(self.head, f" {DOT} ".join(part for part in parts if part))
        set_text(self.words, line.sentence)
        self.bring_up()


class LogTab(SortedTable):
    """The log as a table that stays at its end unless the person scrolled away.

    `file` is where Touchline's own troubles are logged in full; None for nowhere.
    """

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        self.log = LogModel(palette)
        keys = [column.key for column in LOG_COLUMNS]
        super().__init__("log-table", "Log", self.log, keys, stretch=SENTENCE, parent=parent)
        self.log.setParent(self)
        self.setItemDelegate(CellDelegate(palette, self))
        self.file: Path | None = None
        self.menu_asked.connect(self._on_menu)
        self._narrow = False
        self.page = LogLineDialog(self)
        self.opened.connect(self._open_line)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window everything else makes room for what happened."""
        super().resizeEvent(event)
        narrow = self.width() < at_least(_NARROW_BELOW)
        if narrow is not self._narrow:
            self._narrow = narrow
            for place, column in enumerate(LOG_COLUMNS):
                if place != SENTENCE:
                    wide = _NARROW[column.key] if narrow else column.width
                    self.setColumnWidth(place, px(wide))

    def _open_line(self) -> None:
        line = self.log.record_at(self.currentIndex())
        if line is not None:
            self.page.show_line(line)

    def add(self, lines: list[LogLine]) -> None:
        """Append lines."""
        bar = self.verticalScrollBar()
        at_end = bar.value() >= bar.maximum() - 2
        self.log.add(lines)
        if at_end and self.log.by == 0 and not self.log.descending:
            self.scrollToBottom()

    def filter_groups(self) -> tuple[FilterGroup, ...]:
        """Levels."""
        return (_LEVELS,)

    def show_filtered(self, row_filter: RowFilter) -> None:
        """Show the lines that `row_filter` describes."""
        levels, words = row_filter.chosen.get(LEVEL), row_filter.all_words

        def accepts(line: LogLine) -> bool:
            if isinstance(levels, tuple) and line.level not in levels:
                return False
            return not words or has_all_words(words, f"{line.about} {line.sentence}".casefold())

        self.log.show_only(accepts if levels or words else None)
        if not levels and not words:
            self.scrollToBottom()

    def _on_menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setObjectName("log-menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.offer_copy(menu)
        if self.file is not None:
            folder = QUrl.fromLocalFile(str(self.file.parent))
            entry = menu.addAction("Open the folder of the log file")
            entry.triggered.connect(lambda: QDesktopServices.openUrl(folder))
        menu.popup(at)

    def show_file(self, file: Path) -> None:
        """Say where the log file is."""
        self.file = file
        self.footnote = (
            f"The latest {MAX_LINES:,} lines of this run. The facts of every order are in the "
            f"journal; errors of Touchline itself are logged in {file}."
        )
