"""How many shares: typed, a part of what is available, dollars at the limit, or dollars at risk."""

from decimal import Decimal

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from core.errors import Refusal
from core.market.account import Position
from core.market.numerals import as_typed
from core.orders.plan import plain
from core.risk.pre_trade_context import PreTradeContext
from core.risk.shares_from_dollars import stepped
from core.wording.numbers import qty as qty_words
from gui.ticket.ticket_model import (
    FIRST_QTY,
    QuantityEntry,
    Sizes,
    Unit,
    available_words,
    first_quantity,
    part_of_available,
)
from gui.widgets.choice_menu import ChoiceMenu
from gui.widgets.field_keys import leaves_by_key
from gui.widgets.field_length import limit_length
from gui.widgets.panel import button, label, set_role, set_text

PERCENTS = (25, 50, 75, 100)
_ARROWS: dict[int, bool] = {Qt.Key.Key_Up: True, Qt.Key.Key_Down: False}


class QuantityRows(QWidget):
    """Two rows of fixed height. `changed` when another quantity is meant, `refused` a sentence."""

    changed = Signal()
    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.unit = Unit.SHARES
        self.typed = False  # by a person, so that it stays with another symbol
        self._now = PreTradeContext("", None, None)
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
        limit_length(self.field, self.refused.emit)
        row = _row(self.units)
        for percent in PERCENTS:
            name = f"{percent} %" if percent == PERCENTS[-1] else str(percent)
            spoken = f"{percent} percent of available"
            chip = button(f"ticket-quantity-{percent}", name, spoken, role="chip")
            chip.clicked.connect(lambda _=False, percent=percent: self.take_percent(percent))
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
        limit_length(self.stop_field, self.refused.emit)
        self._stop_label.setBuddy(self.stop_field)
        self._words = label("ticket-available", role="small")
        self._words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row.addWidget(self._stop_label)
        row.addWidget(self.stop_field)
        row.addWidget(self._words, 1)
        holder.setFixedHeight(self.stop_field.sizeHint().height())
        return holder

    # -- what is entered ------------------------------------------------------

    @property
    def entry(self) -> QuantityEntry:
        """What stands in the fields."""
        return QuantityEntry(self.field.text(), self.unit, self.stop_field.text())

    def show_sizes(self, now: PreTradeContext, sizes: Sizes) -> None:
        """Show what the entry comes to, or what is available where it counts shares."""
        self._now, entry = now, self.entry
        set_role(self.field, "wrong", "true" if entry.means_nothing(sizes) else "false")
        in_shares = self.unit is Unit.SHARES
        words = available_words(now) if in_shares else entry.arithmetic(sizes)
        set_text(self._words, words)
        self._words.setToolTip(words)

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
        self._put(first_quantity(position))

    def take_percent(self, percent: int) -> None:
        """So much of what is available, in whole shares."""
        part = part_of_available(self._now.position, percent)
        if part <= 0:
            self.refused.emit(f"Nothing of {self._now.symbol or 'this'} is available.")
            return
        self.choose(part)

    def step(self, *, up: bool) -> None:
        """The next round number up or down, of shares or dollars."""
        try:
            typed = self.entry.value()
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
            value = self.entry.value()
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
        return leaves_by_key(watched, event) or super().eventFilter(watched, event)


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
