"""The ticket: symbol, quantity, price inside the spread, wait, fallback, and the two buttons.

Holds what the person chose and shows what `core.preview` makes of it. It decides
nothing: `send` carries an Instruction, the engine checks and answers.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from decimal import ROUND_FLOOR, Decimal
from uuid import uuid4

from PySide6.QtCore import QEvent, QObject, QStringListModel, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCompleter, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from core.account import Asset
from core.checks import Situation
from core.errors import Refusal
from core.plan import (
    DEFAULTS,
    Fallback,
    Instruction,
    Plan,
    Step,
    parse_qty,
    parse_steps,
    parse_symbol,
    parse_timeout,
    stepped,
)
from core.preview import Outlook, outlook, price_words
from core.prices import Side
from core.words import qty as qty_words
from core.words import side_word
from gui.choices import Choices
from gui.guard import AGAIN_S, Guard, Presses
from gui.keys import KeyTable
from gui.panel import Panel, button, label, set_role, set_text
from gui.price_slider import PriceSlider
from gui.side_button import SideBlock
from gui.style import side_colour
from gui.theme import Palette

_SHARES = (25, 50, 75, 100)
_WAITS: tuple[Decimal | None, ...] = (None, *map(Decimal, (5, 10, 15, 30)))
_FALLBACKS = (Fallback.MARKET, Fallback.COLLAR, Fallback.NONE)
_FALLBACK_WORDS = (
    ("market", "Then send the proven rest to market"),
    ("collar", "Then send the proven rest as a limit at most 25 bps or 2 ticks through the touch"),
    ("none", "Then send nothing more"),
)
_FIRST_QTY = Decimal(100)
_USUAL_STEPS = "0.50:3 0.75:4 0.85:3"


class Ticket(Panel):
    """Everything a new order is made of. `send` carries an Instruction, `refused` a sentence."""

    send = Signal(object)
    refused = Signal(str)
    symbol_typed = Signal(str)
    outlooks_changed = Signal(object, object)  # sell Outlook, buy Outlook

    def __init__(
        self,
        palette: Palette,
        situation: Callable[[str], Situation],
        guard: Guard,
        parent: QWidget | None = None,
        presses: Presses | None = None,
        keys: KeyTable | None = None,
    ) -> None:
        super().__init__("ticket", "Ticket", parent)
        self._situation = situation
        self._guard = guard
        self._presses = presses or Presses()
        self._palette = palette
        self._keys = keys or KeyTable(parent=self)
        self.symbol = ""
        self._waits: Decimal | None = None
        self._fractions = {side: plan.fraction for side, plan in DEFAULTS.items()}
        self._outlooks: dict[Side, Outlook] = {}
        self._wait_refusal = ""
        self._steps: tuple[Step, ...] = ()
        self._steps_refusal = ""
        self._qty_typed = False
        self._typed = ""  # the symbol that is being looked up
        self._build()
        self.refresh()

    # -- building -------------------------------------------------------------

    def _build(self) -> None:
        self.setMinimumWidth(318)
        self.remark.setToolTip("How far across the spread a sell and a buy are priced")
        column = QVBoxLayout()
        column.setContentsMargins(14, 10, 14, 10)
        column.setSpacing(6)
        self.body.addLayout(column)
        column.addLayout(self._symbol_row())
        column.addLayout(self._quantity_row())
        self._available = label("ticket-available", role="small")
        self._available.setAlignment(Qt.AlignmentFlag.AlignRight)
        column.addWidget(self._available)
        self._price_words = label("ticket-price-words", rich=True)
        column.addLayout(
            _row(label("ticket-price-label", "Price", role="muted"), self._price_words)
        )
        self.slider = PriceSlider(self._palette)
        self.slider.fraction_chosen.connect(self._on_fraction)
        column.addWidget(self.slider)
        column.addLayout(self._wait_row())
        column.addLayout(self._steps_row())
        column.addLayout(self._then_row())
        column.addSpacing(4)
        self.blocks: dict[Side, SideBlock] = {}
        for side in (Side.SELL, Side.BUY):
            block = SideBlock(side, self._keys, self._palette, self)
            block.pressed.connect(lambda side=side: self.press(side))
            self.blocks[side] = block
            column.addWidget(block)
        column.addStretch(1)

    def _symbol_row(self) -> QHBoxLayout:
        self.symbol_field = QLineEdit()
        self.symbol_field.setObjectName("ticket-symbol")
        self.symbol_field.setAccessibleName("Symbol")
        self.symbol_field.setFixedWidth(112)
        self.symbol_field.setMaxLength(12)
        self._names = QStringListModel(self)
        completer = QCompleter(self._names, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setMaxVisibleItems(10)
        completer.activated.connect(self._on_completed)
        self.symbol_field.setCompleter(completer)
        self.symbol_field.returnPressed.connect(self._on_symbol_entered)
        self.symbol_field.textChanged.connect(lambda _: self.refresh())
        self.symbol_field.editingFinished.connect(self._on_symbol)
        self.symbol_field.installEventFilter(self)
        caption = label("ticket-symbol-label", "&Symbol", role="muted")
        caption.setBuddy(self.symbol_field)
        return _row(caption, self.symbol_field)

    def _quantity_row(self) -> QHBoxLayout:
        self.qty_field = QLineEdit(qty_words(_FIRST_QTY))
        self.qty_field.setObjectName("ticket-quantity")
        self.qty_field.setAccessibleName("Quantity")
        self.qty_field.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.qty_field.setFixedWidth(80)
        self.qty_field.textEdited.connect(self._on_qty_typed)
        self.qty_field.editingFinished.connect(self._on_qty_finished)
        self.qty_field.installEventFilter(self)
        caption = label("ticket-quantity-label", "&Quantity", role="muted")
        caption.setBuddy(self.qty_field)
        row = _row(caption)
        row.setSpacing(4)
        for share in _SHARES:
            name = f"{share} %" if share == _SHARES[-1] else str(share)
            chip = button(
                f"ticket-quantity-{share}", name, f"{share} percent of available", role="chip"
            )
            chip.clicked.connect(lambda _=False, share=share: self._on_share(share))
            row.addWidget(chip)
        row.addSpacing(4)
        row.addWidget(self.qty_field)
        return row

    def _wait_row(self) -> QHBoxLayout:
        sell, buy = (DEFAULTS[side].timeout for side in (Side.SELL, Side.BUY))
        usual = (f"{sell}/{buy}", f"{sell} seconds for a sell, {buy} seconds for a buy")
        fixed = [(str(value), f"{value} seconds") for value in _WAITS if value is not None]
        self.waits = Choices("ticket-wait", [usual, *fixed])
        self.waits.choose(0)
        self.waits.chosen.connect(self._on_wait)
        self.wait_field = QLineEdit()
        self.wait_field.setObjectName("ticket-wait-seconds")
        self.wait_field.setAccessibleName("Seconds to wait")
        self.wait_field.setPlaceholderText("other")
        self.wait_field.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.wait_field.setFixedWidth(58)
        self.wait_field.textEdited.connect(self._on_wait_edited)
        self.wait_field.installEventFilter(self)
        unit = label("ticket-wait-unit", "s", role="muted")
        return _row(
            label("ticket-wait-label", "Wait", role="muted"), self.waits, self.wait_field, unit
        )

    def _steps_row(self) -> QHBoxLayout:
        self.steps_field = QLineEdit()
        self.steps_field.setObjectName("ticket-steps")
        self.steps_field.setAccessibleName("Steps: fraction of the spread and seconds")
        self.steps_field.setPlaceholderText("one price")
        self.steps_field.setToolTip("Prices one after the other, each FRACTION:SECONDS")
        self.steps_field.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.steps_field.setFixedWidth(176)
        self.steps_field.textEdited.connect(self._on_steps_edited)
        self.steps_field.installEventFilter(self)
        self.steps_chip = button(
            "ticket-steps-usual", "in steps", f"Steps {_USUAL_STEPS}", role="chip", check=True
        )
        self.steps_chip.clicked.connect(self._on_steps_chip)
        return _row(
            label("ticket-steps-label", "Steps", role="muted"), self.steps_chip, self.steps_field
        )

    def _then_row(self) -> QHBoxLayout:
        self.fallbacks = Choices("ticket-fallback", _FALLBACK_WORDS)
        self.fallbacks.choose(0)
        self.fallbacks.chosen.connect(lambda _: self.refresh())
        return _row(label("ticket-then-label", "then", role="muted"), self.fallbacks)

    # -- what is chosen -------------------------------------------------------

    @property
    def quantity(self) -> Decimal | None:
        """What is typed, None when it is no quantity."""
        try:
            return parse_qty(self.qty_field.text())
        except Refusal:
            return None

    def plan(self, side: Side) -> Plan:
        """How an order of that side would be worked."""
        default = DEFAULTS[side]
        if self._steps:
            return stepped(self._steps, _FALLBACKS[max(self.fallbacks.index, 0)], default.window)
        return Plan(
            self._fractions[side],
            default.timeout if self._waits is None else self._waits,
            _FALLBACKS[max(self.fallbacks.index, 0)],
            default.window,
        )

    def outlook(self, side: Side) -> Outlook:
        """What a click on that side would send, as last shown."""
        return self._outlooks[side]

    def choose_qty(self, quantity: Decimal) -> None:
        """Put a quantity into its field, as if it had been typed."""
        self.qty_field.setText(qty_words(quantity))
        self._on_qty_typed()

    def choose_wait(self, seconds: Decimal) -> None:
        """Wait so many seconds on both sides."""
        self.wait_field.setText(f"{seconds:f}")
        self._on_wait_edited(f"{seconds:f}")

    def set_assets(self, assets: Iterable[Asset]) -> None:
        """Offer these symbols for completion."""
        self._names.setStringList(
            sorted(f"{asset.symbol}  {asset.name}" for asset in assets if asset.tradable)
        )

    def show_symbol(self, symbol: str) -> None:
        """Make the ticket about `symbol`."""
        if symbol == self.symbol:
            return
        self.symbol = symbol
        self._guard.moved()
        self.restore_symbol()
        self._suggest_qty(symbol)
        self.refresh()

    def _suggest_qty(self, symbol: str) -> None:
        """A hundred, or all there is when that is less; a typed quantity stays."""
        if self._qty_typed:
            return
        position = self._situation(symbol).position
        available = position.available if position else _FIRST_QTY
        first = min(_FIRST_QTY, available) if available > 0 else _FIRST_QTY
        self.qty_field.setText(qty_words(first))

    def refresh(self) -> None:
        """Word everything again from what is known now."""
        now = self._situation(self.symbol)
        quantity = self.quantity
        views = {side: self._view(side, quantity, now) for side in Side}
        self.slider.set_quote(now.quote)
        set_text(self._available, _available_words(now))
        if views == self._outlooks:
            return
        self._outlooks = views
        for side, block in self.blocks.items():
            block.show_outlook(views[side])
        set_role(self.qty_field, "wrong", "true" if quantity is None else "false")
        set_text(self._price_words, self._where(views))
        set_text(self.remark, self._asked())
        self.outlooks_changed.emit(views[Side.SELL], views[Side.BUY])

    def restyle(self) -> None:
        """Word everything in the colours of the theme."""
        self._outlooks = {}
        self.refresh()

    def _asked(self) -> str:
        dot = " \N{MIDDLE DOT} "
        if self._steps:
            return dot.join(f"{step.fraction * 100:.0f} %" for step in self._steps)
        sides = (Side.SELL, Side.BUY)
        return dot.join(f"{side.value} {self._fractions[side] * 100:.0f} %" for side in sides)

    def _where(self, views: dict[Side, Outlook]) -> str:
        """Both prices in ticks from their far touch, each beside its side's letter."""
        parts = []
        for side in (Side.SELL, Side.BUY):
            words = price_words(views[side])
            if words:
                colour = side_colour(self._palette, side)
                mark = f'<span style="color:{colour};font-weight:600">{side_word(side)[0]}</span>'
                parts.append(f"{mark}&nbsp;{words}")
        return "&nbsp;&nbsp;&nbsp;".join(parts) or "no quote"

    def _view(self, side: Side, quantity: Decimal | None, now: Situation) -> Outlook:
        view = outlook(side, quantity, self.plan(side), now)
        refusal = self._unchosen() or self._steps_refusal or self._wait_refusal
        return replace(view, refusal=refusal) if refusal else view

    def _unchosen(self) -> str:
        """Why nothing is sent while another symbol stands in the field than is on the buttons."""
        typed = self.symbol_field.text().strip()
        if typed.upper() == self.symbol:
            return ""
        return f"The symbol field says {typed or 'nothing'}: choose it, or press Esc in it."

    # -- sending --------------------------------------------------------------

    def press(self, side: Side) -> None:
        """Send the order that stands on that side's button, or say why not."""
        if not self._guard.open:
            self.refused.emit("The window changed just before the click: nothing was sent.")
            return
        shown = self._outlooks[side]
        self.refresh()
        view = self._outlooks[side]
        if not view.ready or view.qty is None:
            self.refused.emit(self._why_not(view))
            return
        if self._presses.again(side):
            self.refused.emit(f"Pressed again within {AGAIN_S} s: that press sent nothing.")
            return
        self.send.emit(
            Instruction(str(uuid4()), view.symbol, side, view.qty, view.plan, shown.shown)
        )

    def _why_not(self, view: Outlook) -> str:
        """The refusal, of a quantity in the words of the rule that it breaks."""
        if view.qty is None and self.qty_field.text().strip():
            try:
                parse_qty(self.qty_field.text())
            except Refusal as refusal:
                return refusal.sentence
        return view.refusal

    # -- answers to the person ------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter and Esc leave a field; neither ever sends."""
        if isinstance(watched, QLineEdit) and isinstance(event, QKeyEvent):
            leaves = event.type() is QEvent.Type.KeyPress and event.key() in (
                Qt.Key.Key_Escape,
                Qt.Key.Key_Return,
                Qt.Key.Key_Enter,
            )
            if leaves:
                if event.key() == Qt.Key.Key_Escape and watched is self.symbol_field:
                    self.restore_symbol()
                elif watched is self.symbol_field:
                    self._on_symbol()
                watched.clearFocus()
                return True
        return super().eventFilter(watched, event)

    def _on_completed(self, text: str) -> None:
        self.symbol_field.setText(text.split()[0])
        self._on_symbol_entered()

    def _on_symbol_entered(self) -> None:
        """Enter with the completions open passes the event filter by."""
        self._on_symbol()
        self.symbol_field.clearFocus()

    def _on_symbol(self) -> None:
        text = self.symbol_field.text().split("  ")[0]
        if text.strip().upper() == self.symbol:
            self.restore_symbol()
            return
        try:
            symbol = parse_symbol(text)
        except Refusal as refusal:
            set_role(self.symbol_field, "wrong", "true")
            self.refused.emit(refusal.sentence)
            return
        if symbol != self._typed:  # leaving the field after Enter asks a second time
            self._typed = symbol
            self.symbol_typed.emit(symbol)

    def awaits(self, symbol: str) -> bool:
        """Whether that symbol was typed and neither chosen, refused nor given up since."""
        return symbol == self._typed

    def restore_symbol(self) -> None:
        """Give up what is typed: the symbol in hand stands in its field again."""
        self._typed = ""
        self.symbol_field.setText(self.symbol)
        set_role(self.symbol_field, "wrong", "false")

    def reject_symbol(self) -> None:
        """What was typed is no symbol that can be traded: the one in hand stays."""
        self._typed = ""
        set_role(self.symbol_field, "wrong", "true")

    def _on_qty_typed(self) -> None:
        self._qty_typed = True
        self.refresh()

    def _on_qty_finished(self) -> None:
        if self.quantity is not None:
            self.qty_field.setText(qty_words(self.quantity))

    def _on_share(self, share: int) -> None:
        position = self._situation(self.symbol).position
        available = position.available if position else Decimal(0)
        part = (available * share / 100).to_integral_value(ROUND_FLOOR)
        if part <= 0:
            self.refused.emit(f"Nothing of {self.symbol or 'this'} is available.")
            return
        self.choose_qty(part)

    def _on_fraction(self, side: Side, fraction: Decimal) -> None:
        self._fractions[side] = fraction
        self.refresh()

    def _on_wait(self, index: int) -> None:
        self._waits = _WAITS[index]
        self.wait_field.clear()
        self._set_wait_refusal("")

    def _on_wait_edited(self, text: str) -> None:
        if not text.strip():
            self.waits.choose(0)
            self._on_wait(0)
            return
        try:
            self._waits = parse_timeout(text)
        except Refusal as refusal:
            self._set_wait_refusal(refusal.sentence)
            return
        self.waits.choose(_WAITS.index(self._waits) if self._waits in _WAITS else -1)
        self._set_wait_refusal("")

    def choose_steps(self, text: str) -> None:
        """Work the order in these steps; empty for one price."""
        self.steps_field.setText(text)
        self._on_steps_edited(text)

    def _on_steps_chip(self, on: bool) -> None:
        self.choose_steps(_USUAL_STEPS if on else "")

    def _on_steps_edited(self, text: str) -> None:
        self._steps, self._steps_refusal = (), ""
        if text.strip():
            try:
                self._steps = parse_steps(text.replace(",", " ").split())
            except Refusal as refusal:
                self._steps_refusal = refusal.sentence
        self.steps_chip.setChecked(bool(text.strip()))
        set_role(self.steps_field, "wrong", "true" if self._steps_refusal else "false")
        for other in (self.waits, self.wait_field, self.slider):
            other.setEnabled(not self._steps)
        for side in Side:  # the handles stand where a click would be priced
            first = self._steps[0].fraction if self._steps else self._fractions[side]
            self.slider.set_fraction(side, first)
        usual = _WAITS.index(self._waits) if self._waits in _WAITS else -1
        self.waits.choose(-1 if self._steps else usual)
        self.refresh()

    def _set_wait_refusal(self, sentence: str) -> None:
        self._wait_refusal = sentence
        set_role(self.wait_field, "wrong", "true" if sentence else "false")
        self.refresh()


def _row(first: QWidget, *rest: QWidget) -> QHBoxLayout:
    """A caption on the left, everything else on the right."""
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(6)
    row.addWidget(first)
    row.addStretch(1)
    for widget in rest:
        row.addWidget(widget)
    return row


def _available_words(now: Situation) -> str:
    position = now.position
    if not now.symbol:
        return ""
    if position is None or not position.qty:
        return f"no position in {now.symbol}"
    words = f"{qty_words(position.available)} of {qty_words(position.qty)} available"
    held = position.qty - position.available
    if held > 0:
        words += f" \N{MIDDLE DOT} {qty_words(held)} held by working orders"
    return words
