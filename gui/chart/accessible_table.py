"""What the chart shows as a table of words, for the keyboard and for a screen reader."""

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

from gui.chart.model.accessible_rows import COLUMNS, AccessibleRow
from gui.widgets.panel import ROW_HEIGHT, plain_table

ROWS_IN_SIGHT = 4
_WIDTHS = (170, 80, 200, 200)
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_ACCESSIBLE = int(Qt.ItemDataRole.AccessibleTextRole)

Index = QModelIndex | QPersistentModelIndex


class AccessibleTableModel(QAbstractTableModel):
    """The rows; what did not change is not told again."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[AccessibleRow, ...] = ()

    def show_rows(self, rows: Sequence[AccessibleRow]) -> None:
        """Show these."""
        before, after = self.rows, tuple(rows)
        if [row.key for row in before] != [row.key for row in after]:
            self.beginResetModel()
            self.rows = after
            self.endResetModel()
            return
        self.rows = after
        last = len(COLUMNS) - 1
        for number, (old, new) in enumerate(zip(before, after, strict=True)):
            if old != new:
                self.dataChanged.emit(self.index(number, 0), self.index(number, last))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Lines on the chart."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Line, price, state, what comes next."""
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        """The words; for a reader with the column's title."""
        if not index.isValid():
            return None
        text = self.rows[index.row()].cells[index.column()]
        if role == _DISPLAY:
            return text
        if role == _ACCESSIBLE:
            return f"{COLUMNS[index.column()]} {text or 'none'}"
        return None

    def headerData(self, section: int, way: Qt.Orientation, role: int = _DISPLAY) -> Any:
        """The columns' titles."""
        if role == _DISPLAY and way is Qt.Orientation.Horizontal:
            return COLUMNS[section]
        return None


class AccessibleTable(QTableView):
    """`order_chosen` when a line is chosen, `order_entered` when Enter is pressed on it."""

    order_chosen = Signal(str)
    order_entered = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows_model = AccessibleTableModel(self)
        self.setModel(self.rows_model)
        plain_table(self, "chartTable", "Lines on the chart", _WIDTHS, stretch=3)
        self.setFixedHeight((ROWS_IN_SIGHT + 1) * ROW_HEIGHT + 4)
        self.selectionModel().currentRowChanged.connect(self._on_row)
        self.activated.connect(self._on_entered)

    def show_rows(self, rows: Sequence[AccessibleRow]) -> None:
        """Show these, and keep the row in hand in hand."""
        place = self.currentIndex().row()
        chosen = self.rows_model.rows[place].key if place >= 0 else ""
        self.rows_model.show_rows(rows)
        if chosen and not self.currentIndex().isValid():
            keys = [row.key for row in self.rows_model.rows]
            if chosen in keys:
                self.selectRow(keys.index(chosen))

    def _on_row(self, index: QModelIndex) -> None:
        if index.isValid() and (order_id := self.rows_model.rows[index.row()].order_id):
            self.order_chosen.emit(order_id)

    def _on_entered(self, index: QModelIndex) -> None:
        if order_id := self.rows_model.rows[index.row()].order_id:
            self.order_entered.emit(order_id)
