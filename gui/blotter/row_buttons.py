"""The buttons of the working orders in sight of a table, each under its order."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QTableView, QWidget

from core.orders.state import ParentOrder
from core.wording.next_step import OrderAction, possible
from gui.actions.action_table import ORDER_ACTIONS
from gui.actions.shortcuts import ShortcutTable
from gui.blotter.order_lines import FILLED, STATE, LineKind
from gui.blotter.order_model import OrderModel
from gui.blotter.row_painter import PAD
from gui.widgets.panel import button


class RowButtons(QWidget):
    """Those of one order. `asked` carries the action and the order's id."""

    asked = Signal(object, str)

    def __init__(self, order: ParentOrder, keys: ShortcutTable, parent: QWidget) -> None:
        super().__init__(parent)
        self._order_id = order.id
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 2, 0, 2)
        self._row.setSpacing(6)
        self._buttons = {}
        for action, info in ORDER_ACTIONS.items():
            chip = button(f"row-{action.value}", info.title, info.spoken, role="row")
            chip.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            chip.clicked.connect(lambda _=False, action=action: self._ask(action))
            self._row.addWidget(chip)
            self._buttons[action] = chip
        self._row.addStretch(1)
        self._keys = keys
        keys.changed.connect(self._show_keys)
        self._show_keys()
        self.show_order(order)

    def _show_keys(self) -> None:
        for action, chip in self._buttons.items():
            chip.setToolTip(self._keys.spoken(action))

    def show_order(self, order: ParentOrder) -> None:
        """Enable what means something now."""
        for action, chip in self._buttons.items():
            chip.setEnabled(possible(action, order))
            chip.setVisible(action is not OrderAction.ENDED or possible(action, order))

    def indent(self, left: int) -> None:
        """Stand under the column that begins at `left`."""
        self._row.setContentsMargins(left, 2, 0, 2)

    def _ask(self, action: OrderAction) -> None:
        self.asked.emit(action, self._order_id)


class ButtonsInSight:
    """Makes and places the buttons of a table: under the orders in sight, and nowhere else."""

    def __init__(
        self,
        table: QTableView,
        model: OrderModel,
        keys: ShortcutTable,
        asked: Callable[[OrderAction, str], None],
    ) -> None:
        self._table = table
        self._model = model
        self._keys = keys
        self._asked = asked
        self._rows: dict[str, RowButtons] = {}  # by the order's id

    def show_order(self, order: ParentOrder) -> None:
        """Enable what means something now."""
        row = self._rows.get(order.id)
        if row is not None:
            row.show_order(order)

    def place(self) -> None:
        """Put them where their rows are."""
        in_sight = self._orders_in_sight()
        for order_id in self._rows.keys() - in_sight.keys():
            gone = self._rows.pop(order_id)
            gone.hide()
            gone.deleteLater()
        table = self._table
        under = STATE if not table.isColumnHidden(STATE) else FILLED
        indent = max(table.columnViewportPosition(under), 0) + PAD
        for order_id, (row, order) in in_sight.items():
            buttons = self._rows.get(order_id) or self._new_buttons(order)
            buttons.indent(indent)
            top, height = table.rowViewportPosition(row), table.rowHeight(row)
            buttons.setGeometry(0, top, table.viewport().width(), height)
            buttons.show()

    def _orders_in_sight(self) -> dict[str, tuple[int, ParentOrder]]:
        """The orders with a row for buttons in sight, and that row."""
        in_sight = {}
        for row in self._rows_in_sight():
            line = self._model.line(row)
            if line is not None and line.kind is LineKind.ACTIONS:
                in_sight[line.order.id] = (row, line.order)
        return in_sight

    def _rows_in_sight(self) -> range:
        table = self._table
        first, last = table.rowAt(0), table.rowAt(table.viewport().height() - 1)
        return range(max(first, 0), (last if last >= 0 else self._model.rowCount() - 1) + 1)

    def _new_buttons(self, order: ParentOrder) -> RowButtons:
        row = RowButtons(order, self._keys, self._table.viewport())
        row.asked.connect(self._asked)
        self._rows[order.id] = row
        return row
