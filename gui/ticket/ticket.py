"""The ticket: symbol, quantity, price inside the spread, plan, and the two buttons.

Holds what the person chose and shows what `core.analysis.preview` makes of it. It decides
nothing: `send` carries an Instruction, the engine checks and answers.
"""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from time import monotonic
from uuid import uuid4

from msgspec.structs import replace as replaced
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core.analysis.preview import NO_BACKGROUND, Background, Outlook, outlook, price_words
from core.errors import Refusal
from core.market.asset_search import AssetIndex
from core.market.prices import LimitPrice, Side
from core.market.quotes import Quote, Unusable
from core.orders.plan import DEFAULTS, Instruction, Plan
from core.orders.repricing import first_price
from core.risk.pre_trade_context import PreTradeContext
from core.wording.order_words import side_word
from gui.actions.click_guard import AGAIN_S, ClickGuard, Presses
from gui.actions.shortcuts import ShortcutTable
from gui.state.preferences import PreferenceStore, Preset, SendMode
from gui.style.palette import Palette
from gui.style.style import side_colour
from gui.ticket.plan_rows import PlanRows
from gui.ticket.presets import Presets
from gui.ticket.price_slider import PriceSlider
from gui.ticket.quantity_rows import QuantityRows
from gui.ticket.review_dialog import ReviewDialog
from gui.ticket.send_modes import SendModes
from gui.ticket.side_block import SideBlock
from gui.ticket.symbol_row import SymbolRow
from gui.widgets.panel import Panel, label, set_text

_SIDES = (Side.SELL, Side.BUY)
_ARROW = "\N{RIGHTWARDS ARROW}"
_NARROWEST = 318


class Ticket(Panel):
    """Everything a new order is made of. `send` carries an Instruction, `refused` a sentence."""

    send = Signal(object)
    refused = Signal(str)
    symbol_typed = Signal(str)
    outlooks_changed = Signal(object, object)  # sell Outlook, buy Outlook

    def __init__(
        self,
        palette: Palette,
        context_of: Callable[[str], PreTradeContext],
        guard: ClickGuard,
        parent: QWidget | None = None,
        presses: Presses | None = None,
        keys: ShortcutTable | None = None,
        preferences: PreferenceStore | None = None,
        background: Callable[[], Background] = lambda: NO_BACKGROUND,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        super().__init__("ticket", "Ticket", parent)
        self._context_of = context_of
        self._background = background
        self._guard = guard
        self._presses = presses or Presses()
        self._palette = palette
        self._keys = keys or ShortcutTable(parent=self)
        self._preferences = preferences or PreferenceStore(parent=self)
        self._clock = clock
        self._fractions = {side: plan.fraction for side, plan in DEFAULTS.items()}
        self._outlooks: dict[Side, Outlook] = {}
        self._held: dict[Side, Outlook] = {}  # as it stood when the hold began
        self._ready = False  # all parts are there
        self._build()
        self._wire()
        self._ready = True
        self._take_mode()
        self.refresh()

    # -- building -------------------------------------------------------------

    def _build(self) -> None:
        self.setMinimumWidth(_NARROWEST)
        self.remark.hide()
        self.presets = Presets(self._preferences, self._as_preset, self)
        self.modes = SendModes(self._preferences, self)
        self.header_row.addWidget(self.presets.button)
        self.header_row.addWidget(self.modes.button)
        self.header_row.setSpacing(2)
        self.symbol_row = SymbolRow(self._halted)
        self.amount = QuantityRows()
        self.slider = PriceSlider(self._palette)
        self.rows = PlanRows()
        self.symbol_field, self.qty_field = self.symbol_row.field, self.amount.field
        column = QVBoxLayout()
        column.setContentsMargins(12, 6, 12, 5)
        column.setSpacing(4)
        self.body.addLayout(column)
        column.addWidget(self.symbol_row)
        column.addWidget(self.amount)
        column.addLayout(self._price_row())
        column.addWidget(self.slider)
        column.addWidget(self.rows)
        self.blocks: dict[Side, SideBlock] = {}
        for side in _SIDES:
            block = SideBlock(side, self._keys, self._palette, self, self._clock)
            self.blocks[side] = block
            column.addWidget(block)
        self.review = ReviewDialog(self._keys, self._guard, self)

    def _price_row(self) -> QHBoxLayout:
        """Where each side's price lies: the fraction asked for, and what it comes to in ticks."""
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        self._places = {side: label(f"ticket-{side.value}-place", rich=True) for side in _SIDES}
        for side in _SIDES:
            self._places[side].setAccessibleName(f"{side.value} price")
        self._places[Side.BUY].setAlignment(Qt.AlignmentFlag.AlignRight)
        row.addWidget(self._places[Side.SELL])
        row.addWidget(self._places[Side.BUY])
        return row

    def _wire(self) -> None:
        self.symbol_row.typed.connect(self.symbol_typed)
        self.symbol_row.edited.connect(self.refresh)
        self.amount.changed.connect(self._on_amount)
        self.rows.changed.connect(self._on_plan)
        self.slider.fraction_chosen.connect(self._on_fraction)
        self.presets.chosen.connect(self._on_preset)
        self.modes.changed.connect(self._take_mode)
        self._preferences.changed.connect(self._show_preset)
        self.review.confirmed.connect(lambda side: self._fire(self._outlooks[side]))
        for part in (self.symbol_row, self.amount, self.rows, self.presets, self.modes):
            part.refused.connect(self.refused)
        for side, block in self.blocks.items():
            block.button.asked.connect(lambda side=side: self._on_asked(side))
            block.button.held.connect(lambda side=side: self._on_held(side))
            block.button.let_go.connect(lambda side=side: self._on_let_go(side))

    # -- what is chosen -------------------------------------------------------

    @property
    def symbol(self) -> str:
        """What is traded."""
        return self.symbol_row.symbol

    def plan(self, side: Side) -> Plan:
        """How an order of that side would be worked."""
        return self.rows.plan(side, self._fractions[side])

    def outlook(self, side: Side) -> Outlook:
        """What a click on that side would send, as last shown."""
        return self._outlooks[side]

    def choose_qty(self, quantity: Decimal) -> None:
        """Put a quantity into its field, as if it had been typed."""
        self.amount.choose(quantity)

    def choose_wait(self, seconds: Decimal) -> None:
        """Wait so many seconds on both sides."""
        self.rows.choose_wait(seconds)

    def choose_steps(self, text: str) -> None:
        """Work the order in these steps; empty for one price."""
        self.rows.choose_steps(text)

    def set_assets(self, assets: AssetIndex) -> None:
        """Offer these symbols for completion."""
        self.symbol_row.set_assets(assets)

    def awaits(self, symbol: str) -> bool:
        """Whether that symbol was typed and neither chosen, refused nor given up since."""
        return self.symbol_row.awaits(symbol)

    def restore_symbol(self) -> None:
        """Give up what is typed in the symbol's field."""
        self.symbol_row.restore()

    def reject_symbol(self) -> None:
        """What was typed is no symbol that can be traded: the one in hand stays."""
        self.symbol_row.reject()

    def show_symbol(self, symbol: str) -> None:
        """Make the ticket about `symbol`."""
        if symbol == self.symbol:
            return
        self.review.reject()
        self._drop_holds()
        self._guard.moved()
        self.symbol_row.show_symbol(symbol)
        self.rows.choose_limit("")  # a price of another stock
        self.amount.suggest(self._context_of(symbol).position)
        self.refresh()

    def _halted(self, symbol: str) -> bool:
        return self._context_of(symbol).unusable is Unusable.HALTED

    def _on_amount(self) -> None:
        self._drop_holds()
        self.refresh()

    def _on_fraction(self, side: Side, fraction: Decimal) -> None:
        self._drop_holds()
        self._fractions[side] = fraction
        self.refresh()

    def _on_plan(self) -> None:
        self._drop_holds()
        steps = self.rows.steps
        self.slider.setEnabled(not steps)
        for side in Side:  # the handles stand where a click would be priced
            first = steps[0].fraction if steps else self._fractions[side]
            self.slider.set_fraction(side, first)
        self.refresh()

    # -- presets --------------------------------------------------------------

    def _as_preset(self, name: str) -> Preset:
        rows = self.rows
        return Preset(
            name=name,
            sell_fraction=self._fractions[Side.SELL],
            buy_fraction=self._fractions[Side.BUY],
            wait=rows.wait,
            steps=rows.steps_field.text().strip() if rows.steps else "",
            fallback=rows.fallback,
            collar=rows.collar_field.text().strip(),
        )

    def _on_preset(self, preset: Preset | None) -> None:
        usual = preset or _USUAL
        self._fractions = {Side.SELL: usual.sell_fraction, Side.BUY: usual.buy_fraction}
        self.rows.choose_wait(usual.wait)
        self.rows.choose_fallback(usual.fallback)
        self.rows.choose_collar(usual.collar)
        self.rows.choose_steps(usual.steps)
        self._show_preset()

    def _show_preset(self) -> None:
        preset = self.presets.current or _USUAL
        sell, buy = (f"{self._fractions[side] * 100:.0f}" for side in _SIDES)
        changed = self._as_preset(preset.name) != preset
        self.presets.show_fractions(sell, buy, changed=changed)

    # -- the picture ----------------------------------------------------------

    def refresh(self) -> None:
        """Word everything again from what is known now."""
        if not self._ready:
            return
        now, background = self._context_of(self.symbol), self._background()
        self.slider.set_quote(now.quote, old=now.unusable is Unusable.STALE)
        self.amount.look(now, {side: self._limit(side, now.quote) for side in Side})
        views = {side: self._view(side, now, background) for side in Side}
        if views == self._outlooks:
            return
        self._outlooks = views
        for side, block in self.blocks.items():
            block.show_outlook(views[side])
            set_text(self._places[side], self._where(views[side]))
        if self.review.isVisible() and self.review.side is not None:
            self.review.follow(views[self.review.side])
        self._show_preset()
        self.outlooks_changed.emit(views[Side.SELL], views[Side.BUY])

    def restyle(self) -> None:
        """Word everything in the colours of the theme."""
        self._outlooks = {}
        self.refresh()

    def _where(self, view: Outlook) -> str:
        """The fraction that was asked for and the ticks it comes to, grey where it is the touch."""
        words = price_words(view)
        if not words:
            return "no quote" if view.side is Side.SELL else ""
        here = self._palette.muted if view.limit and view.limit.collapsed else self._palette.text
        colour = side_colour(self._palette, view.side)
        return (
            f'<span style="color:{colour};font-weight:600">{side_word(view.side)[0]}</span> '
            f'<span style="color:{here}">{view.plan.fraction * 100:.0f} % {_ARROW} {words}</span>'
        )

    def _limit(self, side: Side, quote: Quote | None) -> LimitPrice | None:
        """The price that dollars are divided by: the one on the button."""
        if quote is None:
            return None
        try:
            return first_price(side, quote.bid, quote.ask, self.plan(side), quote.symbol)
        except Refusal:
            return None

    def _view(self, side: Side, now: PreTradeContext, background: Background) -> Outlook:
        view = outlook(side, self.amount.quantity(side), self.plan(side), now, background)
        refusal = self.symbol_row.unchosen or self.rows.refusal
        if not refusal and view.qty is None:
            refusal = self.amount.why_not(side)
        return replace(view, refusal=refusal) if refusal else view

    # -- sending --------------------------------------------------------------

    def press(self, side: Side) -> None:
        """The side's key: send, begin to hold, or review, as the person chose."""
        if self.modes.mode is SendMode.HOLD:
            self.blocks[side].button.hold(by_key=True)
        else:
            self._on_asked(side)

    def press_in_menu(self, side: Side) -> None:
        """As the key; a menu cannot be held, so there the order is reviewed."""
        if self.modes.mode is SendMode.HOLD:
            self._review(side)
        else:
            self._on_asked(side)

    def _take_mode(self) -> None:
        self._guard.moved()
        self.review.reject()
        for block in self.blocks.values():
            block.button.set_to_hold(self.modes.mode is SendMode.HOLD)

    def _on_asked(self, side: Side) -> None:
        if self.modes.mode is SendMode.REVIEW:
            self._review(side)
        elif self.modes.mode is SendMode.HOLD:
            self._on_held_through(side)
        else:
            self._fire(self._outlooks[side])

    def _on_held_through(self, side: Side) -> None:
        if side in self._held:
            self._fire(self._held.pop(side))
        else:  # it would have refused as it was pressed, so it was never held
            self.refused.emit(self._outlooks[side].refusal)

    def _on_held(self, side: Side) -> None:
        """What stands there as the hold begins is what the person wants."""
        self._held[side] = self._outlooks[side]

    def _on_let_go(self, side: Side) -> None:
        self._held.pop(side, None)
        self.refused.emit("Released before its time: nothing was sent.")

    def _drop_holds(self) -> None:
        """The order on the button becomes another one: nobody has held that one down."""
        for side in tuple(self._held):
            del self._held[side]
            self.blocks[side].button.drop_hold()
            self.refused.emit("The ticket changed while it was held: nothing was sent.")

    def _review(self, side: Side) -> None:
        self.refresh()
        self.review.ask(self._outlooks[side])

    def _fire(self, seen: Outlook) -> None:
        """Send the order as it was seen on its side's button, or say why not."""
        if not self._guard.open:
            self.refused.emit("The window changed just before the click: nothing was sent.")
            return
        self.refresh()
        now = self._outlooks[seen.side]
        if seen.refusal or now.refusal or seen.qty is None:
            self.refused.emit(seen.refusal or now.refusal)
            return
        if self._presses.again(seen.side):
            self.refused.emit(f"Pressed again within {AGAIN_S} s: that press sent nothing.")
            return
        order = Instruction(str(uuid4()), seen.symbol, seen.side, seen.qty, seen.plan, seen.shown)
        self.send.emit(order)

    def shown_again(self, order: Instruction) -> Instruction:
        """The same order with the preview as it would be shown now."""
        now = self._context_of(order.symbol)
        view = outlook(order.side, order.qty, order.plan, now, self._background())
        return replaced(order, preview=view.shown)


_USUAL = Preset(
    name="default",
    sell_fraction=DEFAULTS[Side.SELL].fraction,
    buy_fraction=DEFAULTS[Side.BUY].fraction,
)
