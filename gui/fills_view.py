"""Every execution once, as the venue named it, newest first."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QTableView, QWidget

from core.facts import Execution
from core.order_state import ParentOrder
from core.quality import better_than_touch
from core.words import child_title, clock_time, money, price, qty, side_word
from gui import style
from gui.panel import plain_table
from gui.theme import Palette

COLUMNS = ("time", "side", "quantity", "symbol", "price", "against the touch", "child", "execution")
_NUMBERS = (2, 4, 5)
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_ALIGN = int(Qt.ItemDataRole.TextAlignmentRole)
_COLOUR = int(Qt.ItemDataRole.ForegroundRole)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution and the order it belongs to."""

    order: ParentOrder
    child: str
    execution: Execution

    @property
    def texts(self) -> tuple[str, ...]:
        """As shown."""
        done = self.execution
        gain = better_than_touch(self.order, done.price) * done.qty
        return (
            clock_time(done.at_ns),
            side_word(self.order.side),
            qty(done.qty),
            self.order.symbol,
            price(done.price),
            money(gain, sign=True),
            self.child,
            done.id,
        )


class FillsModel(QAbstractTableModel):
    """Executions by id; one that came twice stands here once."""

    def __init__(self, palette: Palette, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._palette = palette
        self._fills: list[Fill] = []
        self._seen: set[tuple[str, str]] = set()

    def put(self, orders: Iterable[ParentOrder]) -> None:
        """Add the executions not yet held."""
        fresh: list[Fill] = []
        for order in orders:
            for child in order.children:
                for execution in child.executions:
                    if (order.id, execution.id) not in self._seen:
                        self._seen.add((order.id, execution.id))
                        fresh.append(Fill(order, child_title(child), execution))
        if fresh:
            self.beginInsertRows(QModelIndex(), 0, len(fresh) - 1)
            self._fills.extend(fresh)
            self.endInsertRows()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Executions held."""
        return 0 if parent.isValid() else len(self._fills)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Always the same."""
        return len(COLUMNS)

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        """Texts, alignment, and the side's colour beside its word."""
        if not index.isValid():
            return None
        fill = self._fills[-1 - index.row()]
        if role == _DISPLAY:
            return fill.texts[index.column()]
        if role == _ALIGN:
            return _RIGHT if index.column() in _NUMBERS else None
        if role == _COLOUR and index.column() == 1:
            return QColor(style.side_colour(self._palette, fill.order.side))
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        """Column names."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == _DISPLAY:
            return COLUMNS[section]
        return _RIGHT if role == _ALIGN and section in _NUMBERS else None


class FillsView(QTableView):
    """The executions as a table."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.fills = FillsModel(palette, self)
        self.setModel(self.fills)
        widths = (104, 60, 84, 84, 84, 124, 90, 120)
        plain_table(self, "fills-table", "Fills", widths, stretch=7)
