"""How many shares: typed, a part of what is available, dollars at the limit, or dollars at risk."""

from decimal import ROUND_FLOOR, Decimal
from enum import Enum

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from core.errors import Refusal
from core.market.account import Position
from core.market.numerals import as_typed
from core.market.prices import ZERO, LimitPrice, Side
from core.orders.plan import plain
from core.orders.plan_input import parse_dollars, parse_price, parse_qty
from core.risk.pre_trade_context import PreTradeContext
from core.risk.sizing import Sized, for_dollars, for_risk, stepped
from core.wording.numbers import DOT
from core.wording.numbers import qty as qty_words
from core.wording.order_words import side_word
from gui.widgets.choice_menu import ChoiceMenu
from gui.widgets.field_keys import left
from gui.widgets.field_length import hold_short
from gui.widgets.panel import button, label, set_role, set_text

SHARES = (25, 50, 75, 100)
FIRST_QTY = Decimal(100)
_ARROWS: dict[int, bool] = {Qt.Key.Key_Up: True, Qt.Key.Key_Down: False}


class Unit(Enum):
    """What the number in the field counts: its word, and what that means."""

    SHARES = ("Shares", "Shares")
    DOLLARS = ("Dollars", "Dollars: as many whole shares as they buy at the limit price")
    RISK = ("Risk $", "Dollars at risk: as many whole shares as lose them down to a stop price")


class QuantityRows(QWidget):
    """Two rows of fixed height. `changed` when another quantity is meant, `refused` a sentence."""

    changed = Signal()
    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.unit = Unit.SHARES
        self.typed = False  # by a person, so that it stays with another symbol
        self._now = PreTradeContext("", None, None)
        self._limits: dict[Side, LimitPrice | None] = {}
        self._sums: dict[Side, Sized | Refusal] = {}
        self._build()
        self.set_unit(Unit.SHARES)

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(self._amount_row())
        column.addWidget(self._sum_row())

    def _amount_row(self) -> QHBoxLayout:
        self.units = ChoiceMenu("ticket-unit", "Quantity in")
        self.units.chosen.connect(lambda index: self._on_unit(list(Unit)[index]))
        self.field = _number_field("ticket-quantity", "Quantity")
        self.field.setText(qty_words(FIRST_QTY))
        self.field.setMinimumWidth(64)
        self.field.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.field.textEdited.connect(self._on_typed)
        self.field.editingFinished.connect(self._on_finished)
        self.field.installEventFilter(self)
        hold_short(self.field, self.refused.emit)
        row = _row(self.units)
        for share in SHARES:
            name = f"{share} %" if share == SHARES[-1] else str(share)
            spoken = f"{share} percent of available"
            chip = button(f"ticket-quantity-{share}", name, spoken, role="chip")
            chip.clicked.connect(lambda _=False, share=share: self.take_share(share))
            row.addWidget(chip)
        row.addWidget(self.field, 1)
        return row

    def _sum_row(self) -> QWidget:
        """The stop beside the arithmetic, or what is available."""
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        self._stop_label = label("ticket-stop-label", "S&top", role="muted")
        self.stop_field = _number_field("ticket-stop", "Stop price of the risk")
        self.stop_field.setToolTip("The price at which the loss would be taken; nothing is sent")
        self.stop_field.setFixedWidth(76)
        self.stop_field.textEdited.connect(lambda _: self.changed.emit())
        self.stop_field.installEventFilter(self)
        hold_short(self.stop_field, self.refused.emit)
        self._stop_label.setBuddy(self.stop_field)
        self._words = label("ticket-available", role="small")
        self._words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row.addWidget(self._stop_label)
        row.addWidget(self.stop_field)
        row.addWidget(self._words, 1)
        holder.setFixedHeight(self.stop_field.sizeHint().height())
        return holder

    # -- what is meant --------------------------------------------------------

    def look(self, now: PreTradeContext, limits: dict[Side, LimitPrice | None]) -> None:
        """Work out both quantities at these prices, and show the arithmetic."""
        self._now, self._limits = now, limits
        self._sums = {} if self.unit is Unit.SHARES else {s: self._sum(s) for s in Side}
        wrong = any(self.quantity(side) is None for side in Side)
        if self.unit is Unit.RISK:  # a stop is on one side of the price only
            wrong = all(self.quantity(side) is None for side in Side)
        set_role(self.field, "wrong", "true" if wrong else "false")
        words = _available_words(now) if self.unit is Unit.SHARES else self._arithmetic()
        set_text(self._words, words)
        self._words.setToolTip(words)

    def quantity(self, side: Side) -> Decimal | None:
        """Shares of that side; None when what is typed gives none."""
        if self.unit is Unit.SHARES:
            try:
                return parse_qty(self.field.text())
            except Refusal:
                return None
        found = self._sums.get(side)
        return found.qty if isinstance(found, Sized) else None

    def why_not(self, side: Side) -> str:
        """Why there is no quantity for that side, in the words of the rule that it breaks."""
        found = self._sums.get(side)
        if isinstance(found, Refusal):
            return found.sentence
        if self.unit is Unit.SHARES and self.field.text().strip():
            try:
                parse_qty(self.field.text())
            except Refusal as refusal:
                return refusal.sentence
        return ""

    def _sum(self, side: Side) -> Sized | Refusal:
        limit = self._limits.get(side)
        try:
            if self.unit is Unit.DOLLARS:
                dollars = parse_dollars(self.field.text(), "amount")
                if limit is None:
                    return Refusal("amount", "Without a price no dollars make shares.")
                return for_dollars(dollars, limit.price)
            dollars = parse_dollars(self.field.text(), "risk")
            stop = parse_price(self.stop_field.text(), "stop")
            if limit is None:
                return Refusal("risk", "Without a price no risk makes shares.")
            return for_risk(side, dollars, limit.price, stop)
        except Refusal as refusal:
            return refusal

    def _arithmetic(self) -> str:
        told = [
            f"{side_word(side)[0]} {found.sum}"
            for side in (Side.SELL, Side.BUY)
            if isinstance(found := self._sums.get(side), Sized)
        ]
        if told:
            return f" {DOT} ".join(told)
        return self.why_not(Side.BUY)

    # -- choosing -------------------------------------------------------------

    def set_unit(self, unit: Unit) -> None:
        """Count in this unit; the field stays as it is."""
        self.unit = unit
        self.units.offer([each.value for each in Unit], list(Unit).index(unit))
        self.units.say(unit.value[0])
        for part in (self._stop_label, self.stop_field):
            part.setVisible(unit is Unit.RISK)
        self.field.setAccessibleName(f"Quantity in {unit.value[0]}")
        self.changed.emit()

    def _on_unit(self, unit: Unit) -> None:
        self.set_unit(unit)
        field = self.stop_field if unit is Unit.RISK else self.field
        field.setFocus()
        field.selectAll()

    def choose(self, quantity: Decimal) -> None:
        """Put a number of shares into the field, as if it had been typed."""
        self._put(quantity)
        self.typed = True
        self.changed.emit()

    def suggest(self, position: Position | None) -> None:
        """A hundred, or all there is when that is less; what a person typed stays."""
        if self.typed:
            return
        available = position.available if position else FIRST_QTY
        self._put(min(FIRST_QTY, available) if available > 0 else FIRST_QTY)

    def take_share(self, percent: int) -> None:
        """So much of what is available, in whole shares."""
        position = self._now.position
        available = position.available if position else ZERO
        part = (available * percent / 100).to_integral_value(ROUND_FLOOR)
        if part <= 0:
            self.refused.emit(f"Nothing of {self._now.symbol or 'this'} is available.")
            return
        self.choose(part)

    def step(self, *, up: bool) -> None:
        """The next round number up or down, of shares or dollars."""
        try:
            text = self.field.text()
            typed = parse_qty(text) if self.unit is Unit.SHARES else parse_dollars(text, "amount")
        except Refusal as refusal:
            self.refused.emit(refusal.sentence)
            return
        self.field.setText(as_typed(plain(stepped(typed, up=up))))
        self._on_typed()

    def _put(self, quantity: Decimal) -> None:
        if self.unit is not Unit.SHARES:
            self.set_unit(Unit.SHARES)
        self.field.setText(as_typed(plain(quantity)))

    def _on_typed(self) -> None:
        self.typed = True
        self.changed.emit()

    def _on_finished(self) -> None:
        try:
            if self.unit is Unit.SHARES:
                value = parse_qty(self.field.text())
            else:
                value = parse_dollars(self.field.text(), "amount")
        except Refusal:
            return
        self.field.setText(as_typed(value))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter and Esc leave a field, and never send; the arrows step the quantity."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            up = _ARROWS.get(event.key())
            if up is not None and watched is self.field and not event.modifiers():
                self.step(up=up)
                return True
        return left(watched, event) or super().eventFilter(watched, event)


def _number_field(name: str, spoken: str) -> QLineEdit:
    field = QLineEdit()
    field.setObjectName(name)
    field.setAccessibleName(spoken)
    field.setAlignment(Qt.AlignmentFlag.AlignRight)
    return field


def _row(first: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(4)
    row.addWidget(first)
    row.addStretch(1)
    return row


def _available_words(now: PreTradeContext) -> str:
    position = now.position
    if not now.symbol:
        return ""
    if position is None or not position.qty:
        return f"no position in {now.symbol}"
    words = f"{qty_words(position.available)} of {qty_words(position.qty)} available"
    reserved = position.qty - position.available
    if reserved > 0:
        words += f" {DOT} {qty_words(reserved)} reserved by working orders"
    return words
