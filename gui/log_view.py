"""What happened, in words: notices of the engine and the facts of every order, newest last."""

from collections import deque
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QAbstractItemView, QTableView, QWidget

from core.events import Level
from core.words import clock_time
from gui import style
from gui.panel import plain_table
from gui.theme import Palette

MAX_LINES = 5_000
COLUMNS = ("time", "order", "what happened", "source")
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_COLOUR = int(Qt.ItemDataRole.ForegroundRole)
_TIP = int(Qt.ItemDataRole.ToolTipRole)

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the log."""

    at: int
    level: Level
    about: str
    sentence: str
    source: str

    @property
    def texts(self) -> tuple[str, str, str, str]:
        """As shown."""
        return clock_time(self.at), self.about, self.sentence, self.source


class LogModel(QAbstractTableModel):
    """The latest lines; older ones fall out at the top."""

    def __init__(self, palette: Palette, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lines: deque[LogLine] = deque()
        self._palette = palette

    def add(self, lines: list[LogLine]) -> None:
        """Append, and drop what is beyond the limit."""
        lines = lines[-MAX_LINES:]
        if not lines:
            return
        surplus = len(self._lines) + len(lines) - MAX_LINES
        if surplus > 0:
            self.beginRemoveRows(QModelIndex(), 0, surplus - 1)
            for _ in range(surplus):
                self._lines.popleft()
            self.endRemoveRows()
        first = len(self._lines)
        self.beginInsertRows(QModelIndex(), first, first + len(lines) - 1)
        self._lines.extend(lines)
        self.endInsertRows()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Lines held."""
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Always the same."""
        return len(COLUMNS)

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        """Texts and their colours."""
        if not index.isValid():
            return None
        line = self._lines[index.row()]
        if role in (_DISPLAY, _TIP):
            return line.texts[index.column()]
        if role == _COLOUR:
            said = style.level_colour(self._palette, line.level)
            return style.colour(said if index.column() == 2 else self._palette.muted)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        """Column names."""
        if orientation is Qt.Orientation.Horizontal and role == _DISPLAY:
            return COLUMNS[section]
        return None


class LogView(QTableView):
    """The log as a table that stays at its end unless the person scrolled away."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.log = LogModel(palette, self)
        self.setModel(self.log)
        plain_table(self, "log-table", "Log", (104, 130, 420, 150), stretch=2)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)

    def add(self, lines: list[LogLine]) -> None:
        """Append lines."""
        bar = self.verticalScrollBar()
        at_end = bar.value() >= bar.maximum() - 2
        self.log.add(lines)
        if at_end:
            self.scrollToBottom()
