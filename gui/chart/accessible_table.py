"""The chart's twin as a table: the same lines in words, for the keyboard and for a reader."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtWidgets import QTableView, QWidget

from gui.chart.model.accessible_rows import TITLES, ChartLine
from gui.widgets.panel import ROW_HEIGHT, plain_table

ROWS = 4  # in sight
_WIDTHS = (170, 80, 200, 200)
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_ACCESSIBLE = int(Qt.ItemDataRole.AccessibleTextRole)

Index = QModelIndex | QPersistentModelIndex


class LinesModel(QAbstractTableModel):
    """The lines of the chart; what did not change is not told again."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.lines: tuple[ChartLine, ...] = ()

    def show_lines(self, lines: Sequence[ChartLine]) -> None:
        """Show these."""
        before, after = self.lines, tuple(lines)
        if [line.key for line in before] != [line.key for line in after]:
            self.beginResetModel()
            self.lines = after
            self.endResetModel()
            return
        self.lines = after
        for row, (old, new) in enumerate(zip(before, after, strict=True)):
            if old != new:
                self.dataChanged.emit(self.index(row, 0), self.index(row, len(TITLES) - 1))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Lines on the chart."""
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Line, price, state, what comes next."""
        return 0 if parent.isValid() else len(TITLES)

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        """The words; for a reader with the column's title."""
        if not index.isValid():
            return None
        text = self.lines[index.row()].cells[index.column()]
        if role == _DISPLAY:
            return text
        if role == _ACCESSIBLE:
            return f"{TITLES[index.column()]} {text or 'none'}"
        return None

    def headerData(self, section: int, way: Qt.Orientation, role: int = _DISPLAY) -> Any:
        """The columns' titles."""
        if role == _DISPLAY and way is Qt.Orientation.Horizontal:
            return TITLES[section]
        return None


class ChartTable(QTableView):
    """`order_chosen` when a line is chosen, `order_entered` when Enter is pressed on it."""

    order_chosen = Signal(str)
    order_entered = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model_of_lines = LinesModel(self)
        self.setModel(self.model_of_lines)
        plain_table(self, "chartTable", "Lines on the chart", _WIDTHS, stretch=3)
        self.setFixedHeight((ROWS + 1) * ROW_HEIGHT + 4)
        self.selectionModel().currentRowChanged.connect(self._on_row)
        self.activated.connect(self._on_entered)

    def show_lines(self, lines: Sequence[ChartLine]) -> None:
        """Show these, and keep the line in hand in hand."""
        row = self.currentIndex().row()
        held = self.model_of_lines.lines[row].key if row >= 0 else ""
        self.model_of_lines.show_lines(lines)
        if held and not self.currentIndex().isValid():
            keys = [line.key for line in self.model_of_lines.lines]
            if held in keys:
                self.selectRow(keys.index(held))

    def _on_row(self, index: QModelIndex) -> None:
        if index.isValid() and (order_id := self.model_of_lines.lines[index.row()].order_id):
            self.order_chosen.emit(order_id)

    def _on_entered(self, index: QModelIndex) -> None:
        if order_id := self.model_of_lines.lines[index.row()].order_id:
            self.order_entered.emit(order_id)
