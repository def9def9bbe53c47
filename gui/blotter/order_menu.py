"""The menu of one order in a table: what can be done with it, and what can be copied of it."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMenu, QWidget

from core.orders.state import ParentOrder
from core.wording.next_step import possible
from gui.actions.action_table import ORDER_ACTIONS
from gui.actions.shortcuts import ShortcutTable
from gui.widgets import clipboard


class OrderMenu(QMenu):
    """`asked` carries an action; `said` a sentence. It goes when it closes."""

    asked = Signal(object)
    detail_asked = Signal()
    said = Signal(str)

    def __init__(
        self,
        order: ParentOrder,
        keys: ShortcutTable,
        offer_copy: Callable[[QMenu], None],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("order-menu")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for action, info in ORDER_ACTIONS.items():
            entry = self.addAction(f"{info.title}\t{keys.text(action)}")
            entry.setEnabled(possible(action, order))
            entry.triggered.connect(lambda _=False, action=action: self.asked.emit(action))
        self.addSeparator()
        detail = self.addAction("Show detail\tEnter")
        detail.triggered.connect(lambda: self.detail_asked.emit())
        offer_copy(self)
        copy_id = self.addAction("Copy its id")
        copy_id.triggered.connect(
            lambda: clipboard.copy(order.id, f"the id {order.id}", self.said.emit)
        )
