"""The ticket: symbol, quantity, price inside the spread, plan, and the two buttons.

Where its rows stand and what follows from what. What would be sent is worked out in
`gui.ticket.ticket_model`, what a press comes to in `gui.ticket.send_rules`. It decides nothing
itself: `send` carries an Instruction, the engine checks and answers.
"""

from collections.abc import Callable
from decimal import Decimal
from time import monotonic

from msgspec.structs import replace
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from core.analysis.preview import NO_BACKGROUND, Background, Outlook, outlook, price_words
from core.market.asset_search import AssetIndex
from core.market.prices import Side
from core.market.quotes import OLD, Unusable
from core.orders.plan import Instruction, Plan
from core.risk.pre_trade_context import PreTradeContext
from core.wording.order_words import side_word
from gui.actions.click_guard import ClickGuard, PressDebounce
from gui.actions.shortcuts import ShortcutTable
from gui.state.preference_store import PreferenceStore
from gui.state.preferences import Preset
from gui.style.palette import Palette
from gui.style.style import side_colour
from gui.ticket.plan_rows import PlanRows
from gui.ticket.presets import USUAL_PRESET, Presets
from gui.ticket.press_handler import PressHandler
from gui.ticket.price_slider import PriceSlider
from gui.ticket.quantity_rows import QuantityRows
from gui.ticket.review_dialog import ReviewDialog
from gui.ticket.send_modes import SendModes
from gui.ticket.side_block import SideBlock
from gui.ticket.symbol_row import SymbolRow
from gui.ticket.ticket_model import SIDES, TicketEntry, outlooks, usual_fractions
from gui.widgets.panel import Panel, label, set_text

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
        presses: PressDebounce | None = None,
        keys: ShortcutTable | None = None,
        preferences: PreferenceStore | None = None,
        background: Callable[[], Background] = lambda: NO_BACKGROUND,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        super().__init__("ticket", "Ticket", parent)
        self._context_of = context_of
        self._background = background
        self._guard = guard
        self._palette = palette
        self._keys = keys or ShortcutTable(parent=self)
        self._preferences = preferences or PreferenceStore(parent=self)
        self._clock = clock
        self._fractions = usual_fractions()
        self._outlooks: dict[Side, Outlook] = {}
        self._ready = False  # all parts are there
        self._build()
        self._presses = self._press_handler(presses or PressDebounce())
        self._wire()
        self._ready = True
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
        for side in SIDES:
            block = SideBlock(side, self._keys, self._palette, self, self._clock)
            self.blocks[side] = block
            column.addWidget(block)
        self.review = ReviewDialog(self._keys, self._guard, self)

    def _price_row(self) -> QHBoxLayout:
        """Where each side's price lies: the fraction asked for, and what it comes to in ticks."""
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        self._price_labels: dict[Side, QLabel] = {}
        for side in SIDES:
            words = self._price_labels[side] = label(f"ticket-{side.value}-place", rich=True)
            words.setAccessibleName(f"{side.value} price")
            row.addWidget(words)
        self._price_labels[Side.BUY].setAlignment(Qt.AlignmentFlag.AlignRight)
        return row

    def _wire(self) -> None:
        self.symbol_row.typed.connect(self.symbol_typed)
        self.symbol_row.edited.connect(self.refresh)
        self.amount.changed.connect(self._on_amount)
        self.rows.changed.connect(self._on_plan)
        self.slider.fraction_chosen.connect(self._on_fraction)
        self.presets.chosen.connect(self._on_preset)
        self._preferences.changed.connect(self.presets.show_state)
        self._presses.send.connect(self.send)
        rows = (self.symbol_row, self.amount, self.rows)
        for part in (*rows, self.presets, self.modes, self._presses):
            part.refused.connect(self.refused)

    # -- what is chosen -------------------------------------------------------

    @property
    def symbol(self) -> str:
        """What is traded."""
        return self.symbol_row.symbol

    def plan(self, side: Side) -> Plan:
        """How an order of that side would be worked."""
        return self.rows.entry.plan(side, self._fractions[side])

    def outlook(self, side: Side) -> Outlook:
        """What a click on that side would send, as last shown."""
        return self._outlooks[side]

    def choose_qty(self, quantity: Decimal) -> None:
        """Put a quantity into its field, as if it had been typed."""
        self.amount.choose(quantity)

    def choose_wait(self, seconds: Decimal) -> None:
        """Wait so many seconds on both sides."""
        self.rows.choose_wait(seconds)

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
        self._presses.drop_holds()
        self._guard.moved()
        self.symbol_row.show_symbol(symbol)
        self.rows.choose_limit("")  # a price of another stock
        self.amount.suggest(self._context_of(symbol).position)
        self.refresh()

    def _halted(self, symbol: str) -> bool:
        return self._context_of(symbol).unusable is Unusable.HALTED

    def _on_amount(self) -> None:
        self._presses.drop_holds()
        self.refresh()

    def _on_fraction(self, side: Side, fraction: Decimal) -> None:
        self._presses.drop_holds()
        self._fractions[side] = fraction
        self.refresh()

    def _on_plan(self) -> None:
        self._presses.drop_holds()
        entry = self.rows.entry
        self.slider.setEnabled(not entry.steps)
        for side in Side:  # the handles stand where a click would be priced
            self.slider.set_fraction(side, entry.first_fraction(self._fractions[side]))
        self.refresh()

    # -- presets --------------------------------------------------------------

    def _as_preset(self, name: str) -> Preset:
        return self.rows.as_preset(name, self._fractions)

    def _on_preset(self, preset: Preset | None) -> None:
        chosen = preset or USUAL_PRESET
        self._fractions = {Side.SELL: chosen.sell_fraction, Side.BUY: chosen.buy_fraction}
        self.rows.choose_preset(chosen)
        self.presets.show_state()

    # -- what is shown --------------------------------------------------------

    def _entry(self) -> TicketEntry:
        unclear = self.symbol_row.unchosen or self.rows.refusal
        return TicketEntry(self.amount.entry, self.rows.entry, self._fractions, unclear)

    def refresh(self) -> None:
        """Word everything again from what is known now."""
        if not self._ready:
            return
        now, entry = self._context_of(self.symbol), self._entry()
        self.slider.set_quote(now.quote, old=now.unusable in OLD)
        sizes = entry.sizes(now.quote)
        self.amount.show_sizes(now, sizes)
        views = outlooks(entry, sizes, now, self._background())
        if views == self._outlooks:
            return
        self._outlooks = views
        for side, block in self.blocks.items():
            block.show_outlook(views[side])
            set_text(self._price_labels[side], self._price_html(views[side]))
        if self.review.isVisible() and self.review.side is not None:
            self.review.follow(views[self.review.side])
        self.presets.show_state()
        self.outlooks_changed.emit(views[Side.SELL], views[Side.BUY])

    def restyle(self) -> None:
        """Word everything in the colours of the theme."""
        self._outlooks = {}
        self.refresh()

    def _price_html(self, view: Outlook) -> str:
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

    # -- sending --------------------------------------------------------------

    def _press_handler(self, presses: PressDebounce) -> PressHandler:
        return PressHandler(
            {side: block.button for side, block in self.blocks.items()},
            self.modes,
            self.review,
            self._guard,
            presses,
            self.outlook,
            self._outlook_now,
            self,
        )

    def _outlook_now(self, side: Side) -> Outlook:
        self.refresh()
        return self._outlooks[side]

    def press(self, side: Side) -> None:
        """The side's key: send, begin to hold, or review, as the person chose."""
        self._presses.press(side)

    def press_in_menu(self, side: Side) -> None:
        """As the key; a menu cannot be held, so there the order is reviewed."""
        self._presses.press_in_menu(side)

    def shown_again(self, order: Instruction) -> Instruction:
        """The same order with the preview as it would be shown now."""
        now = self._context_of(order.symbol)
        view = outlook(order.side, order.qty, order.plan, now, self._background())
        return replace(order, preview=view.shown)
