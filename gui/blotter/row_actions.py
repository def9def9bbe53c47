"""The buttons of one working order."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from core.orders.state import ParentOrder
from core.wording.next_step import OrderAction, possible
from gui.actions.actions import ORDER_ACTIONS
from gui.actions.shortcuts import ShortcutTable
from gui.widgets.panel import button


class RowActions(QWidget):
    """Made from the table of actions; `asked` carries the action and the order's id."""

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

    def indent(self, left: int) -> None:
        """Stand under the column that begins at `left`."""
        self._row.setContentsMargins(left, 2, 0, 2)

    def _ask(self, action: OrderAction) -> None:
        self.asked.emit(action, self._order_id)
