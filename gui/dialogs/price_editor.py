"""Sets another price on a working order: a line to type or step it in, and what it would mean.

Blocks nothing and decides nothing: `core.risk.amendment` judges, here and again in the engine.
"""

from collections.abc import Callable
from decimal import Decimal

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from core.errors import Refusal
from core.market.prices import floor_legal, step_legal
from core.orders.plan_input import parse_price
from core.orders.state import ParentOrder
from core.risk import amendment
from core.risk.pre_trade_context import PreTradeContext
from core.wording.numbers import price, qty
from core.wording.order_words import order_title
from gui.actions.auto_repeat import AutoRepeat
from gui.widgets.dialog import Dialog, wrapped_label
from gui.widgets.panel import button, label, set_role, set_text

_HINT = "Up and Down step by one tick, Enter sends, Esc leaves."
_WIDTH = 360
_STEPS: dict[int, int] = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}
_PAGES: dict[int, int] = {Qt.Key.Key_PageUp: 10, Qt.Key.Key_PageDown: -10}


class PriceField(QLineEdit):
    """A price that steps by legal increments."""

    stepped = Signal(int)
    entered = Signal()
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._repeats = AutoRepeat(self)

    def event(self, event: QEvent) -> bool:
        """Escape leaves the price; here it never means the window's Cancel."""
        is_key = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if is_key and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Steps repeat while a key is held; Enter does not."""
        ticks = _STEPS.get(event.key()) or _PAGES.get(event.key())
        if ticks is not None:
            self.stepped.emit(ticks)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if not event.isAutoRepeat() and not self._repeats.repeating:
                self.entered.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


class PriceEditor(Dialog):
    """One order at a time. `chosen` carries its id, the price, and the rules that were confirmed.

    `context_of` is what is known about a symbol now, `order_now` an order as it is.
    """

    chosen = Signal(str, object, object)

    def __init__(
        self,
        parent: QWidget,
        context_of: Callable[[str], PreTradeContext],
        order_now: Callable[[str], ParentOrder | None],
    ) -> None:
        super().__init__(parent, "price-editor", "Set another price")
        self._context_of = context_of
        self._order_now = order_now
        self._order: ParentOrder | None = None
        self._asked: tuple[Decimal, tuple[str, ...]] | None = None
        self._title = label("price-editor-title")
        self.field = PriceField()
        self.field.setObjectName("price-editor-field")
        self.field.setAccessibleName("New price")
        self.words = wrapped_label("price-editor-words", width=_WIDTH)
        self.remark = wrapped_label("price-editor-remark", role="muted", width=_WIDTH)
        self._send = button("price-editor-send", "Set price", "Set this price")
        self._leave = button("price-editor-leave", "Leave", "Leave the price as it is")
        self.field.textEdited.connect(self._on_typed)
        self.field.stepped.connect(self._step)
        self.field.entered.connect(self._on_send)
        self.field.left.connect(self.reject)
        self._send.clicked.connect(self._on_send)
        self._leave.clicked.connect(self.reject)
        self._lay_out()

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.field, 1)
        line.addWidget(self._send)
        line.addWidget(self._leave)
        self.column.addWidget(self._title)
        self.column.addLayout(line)
        self.column.addWidget(self.words)
        self.column.addWidget(self.remark)

    def edit(self, order: ParentOrder, start: Decimal | None = None) -> None:
        """Begin with `order` at the price it has, or at `start`; what stood here is given up."""
        self._order, self._asked = order, None
        self.field.setText(price(start or amendment.aim(order)).replace(",", ""))
        self.refresh()
        self.bring_up()
        self.activateWindow()
        self.field.setFocus()
        self.field.selectAll()

    def ask(self, order: ParentOrder, limit: Decimal, names: tuple[str, ...]) -> None:
        """Put the question that these rules ask about `limit`."""
        self.edit(order, limit)
        self._asked = (limit, names)
        self.refresh()

    def refresh(self) -> None:
        """Show what the price would mean now, after anything changed."""
        if self._order is None:
            return
        order = self._order = self._order_now(self._order.id) or self._order
        filled = f"{qty(order.filled)} filled"
        set_text(self._title, f"{order_title(order)} at {price(amendment.aim(order))}, {filled}")
        words, remark, may_send = self._words_for(order)
        set_text(self.words, words)
        set_text(self.remark, remark)
        set_role(self.remark, "role", "muted" if remark == _HINT else "warn")
        self._send.setEnabled(may_send)

    def _words_for(self, order: ParentOrder) -> tuple[str, str, bool]:
        """Where the price lies, what is to be said about it, and whether it may be sent."""
        try:
            limit = parse_price(self.field.text(), "price")
        except Refusal as refusal:
            judged = amendment.judge(order, amendment.aim(order), self._context_of(order.symbol))
            return "", judged.refusal if judged.reason else refusal.sentence, False
        judged = amendment.judge(order, limit, self._context_of(order.symbol))
        if judged.refusal:
            return judged.words, judged.refusal, False
        if not judged.broken:
            self._asked = None
            return judged.words, _HINT, True
        again = " Enter once more sends it." if self._awaits_answer(limit) else " Enter asks first."
        return judged.words, judged.question + again, True

    def _awaits_answer(self, limit: Decimal) -> bool:
        """Whether the question about this price was put."""
        return self._asked is not None and self._asked[0] == limit

    def _on_typed(self) -> None:
        self._asked = None
        self.refresh()

    def _step(self, ticks: int) -> None:
        try:
            limit = parse_price(self.field.text(), "price")
        except Refusal:
            return
        stepped = step_legal(floor_legal(limit), ticks)
        if stepped > 0:
            self.field.setText(price(stepped).replace(",", ""))
            self._on_typed()

    def _on_send(self) -> None:
        order = self._order
        self.refresh()
        if order is None or not self._send.isEnabled():
            return
        limit = parse_price(self.field.text(), "price")
        now = self._context_of(order.symbol)
        names = amendment.judge(order, limit, now).names
        if names and self._asked != (limit, names):
            self._asked = (limit, names)
            self.refresh()
            return
        self.accept()
        self.chosen.emit(order.id, limit, names)
