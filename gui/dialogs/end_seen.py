"""Asks how an order that nobody could prove has ended at the broker's page.

Blocks nothing and decides nothing: `core.risk.end_seen` judges, here and again in the engine.
"""

from decimal import Decimal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFormLayout, QLineEdit, QWidget

from core.errors import Refusal
from core.orders.plan_input import parse_end
from core.orders.state import ParentOrder
from core.risk import end_seen
from core.wording.order_words import order_title
from gui.widgets.dialog import Dialog, buttons_row, wrapped_label
from gui.widgets.panel import button, label, set_text


class EndSeenDialog(Dialog):
    """One order at a time. `said` carries its id, the filled shares, and their average price."""

    said = Signal(str, object, object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, "end-seen", "How did it end?")
        self._order: ParentOrder | None = None
        self._words = wrapped_label("end-seen-words")
        self.filled = _field("end-seen-filled", "Shares that filled in all")
        self.price = _field("end-seen-price", "Their average price")
        self.refusal = wrapped_label("end-seen-refusal", role="bad")
        form = QFormLayout()
        form.setSpacing(8)
        for field, words in ((self.filled, "&Filled shares"), (self.price, "Average &price")):
            caption = label(f"{field.objectName()}-label", words, role="muted")
            caption.setBuddy(field)
            form.addRow(caption, field)
        note = button("end-seen-note", "Note it", "Note that it ended so")
        note.clicked.connect(self._on_note)
        leave = button("end-seen-leave", "Leave", "It stays not proven")
        leave.clicked.connect(self.reject)
        self.column.addWidget(self._words)
        self.column.addLayout(form)
        self.column.addWidget(self.refusal)
        self.column.addLayout(buttons_row(note, leave))
        for field in (self.filled, self.price):
            field.returnPressed.connect(self._on_note)

    def ask(self, order: ParentOrder) -> None:
        """Show it for `order`, the fields empty."""
        self._order = order
        set_text(
            self._words,
            f"Nobody could prove what became of {order_title(order)}. Look at the broker's page: "
            "only once it is not open there any more, say how many shares it filled.",
        )
        self.filled.clear()
        self.price.clear()
        set_text(self.refusal, "")
        self.bring_up()
        self.activateWindow()
        self.filled.setFocus()

    def _on_note(self) -> None:
        if self._order is None:
            return
        try:
            filled, price = self._typed()
            end_seen.check(self._order, filled, price)
        except Refusal as refusal:
            set_text(self.refusal, refusal.sentence)
            return
        self.accept()
        self.said.emit(self._order.id, filled, price)

    def _typed(self) -> tuple[Decimal, Decimal | None]:
        filled, price = self.filled.text().strip(), self.price.text().strip()
        return parse_end(f"{filled} @ {price}" if price else filled)


def _field(name: str, spoken: str) -> QLineEdit:
    field = QLineEdit()
    field.setObjectName(name)
    field.setAccessibleName(spoken)
    field.setMaxLength(20)
    return field
