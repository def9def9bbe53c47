"""The chart's header: the symbol and its quote on the left, the chart's controls on the right."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QLabel, QSizePolicy, QToolButton, QWidget

from core.market.quotes import Quote
from gui.chart.model.description import span_text, spread_text, touch_words
from gui.style.palette import DARK, Palette
from gui.widgets.overflow_row import OverflowRow
from gui.widgets.panel import Header

SPANS = ((20, "20 s"), (40, "40 s"), (120, "2 min"), (300, "5 min"))


class ChartHeader(Header):
    """Shows what it is told. `span_chosen` carries seconds; each toggle is a button of its own."""

    span_chosen = Signal(float)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._palette = DARK
        self._symbol = self._label("chartSymbol", "Symbol shown")
        self._bid = self._label("chartBid", "Bid")
        self._bid_size = self._label("chartBidSize", "Shares bid for")
        self._ask = self._label("chartAsk", "Ask")
        self._ask_size = self._label("chartAskSize", "Shares offered")
        self._age = self._label("chartAge", "Age of the quote")
        self._spread = self._label("chartSpread", "Spread")
        self._spans = self._span_box()
        self.follow = self._toggle("chartFollow", "follow", "Keep now in view")
        self.trades = self._toggle("chartTrades", "trades", "Show prints")
        self.table = self._toggle("chartLines", "lines", "Show the lines as a table")
        self.table.setChecked(False)
        self._lay_out()

    def _lay_out(self) -> None:
        self.row.setSpacing(12)
        quote = (self._bid, self._bid_size, self._ask, self._ask_size)
        for label in (self._symbol, *quote, self._age, self._spread):
            self.row.addWidget(label)
        self.row.addStretch(1)
        self.row.addWidget(self._spans)
        for control in (self.follow, self.trades, self.table):
            self.row.addWidget(control)
        OverflowRow(self, (self._bid_size, self._ask_size, self._spread, self.table))

    def _label(self, name: str, accessible: str) -> QLabel:
        label = QLabel(self)
        label.setObjectName(name)
        label.setAccessibleName(accessible)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        return label

    def _span_box(self) -> QComboBox:
        box = QComboBox(self)
        box.setObjectName("chartSpan")
        box.setAccessibleName("Time shown before now")
        box.setToolTip("Time shown before now (wheel over the chart)")
        box.addItems([text for _, text in SPANS])
        box.activated.connect(lambda index: self.span_chosen.emit(SPANS[index][0]))
        return box

    def _toggle(self, name: str, text: str, accessible: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setAccessibleName(accessible)
        button.setToolTip(accessible)
        button.setCheckable(True)
        # The tick says it without colour; an empty place keeps the width.
        button.toggled.connect(lambda on: button.setText(f"{text} ✓" if on else f"{text} –"))
        button.setChecked(True)
        return button

    # What it is told ---------------------------------------------------------------------

    def show_symbol(self, symbol: str) -> None:
        """Name the symbol shown."""
        self._symbol.setText(symbol)

    def show_quote(self, quote: Quote | None) -> None:
        """Bid, ask, sizes and spread."""
        bid = touch_words(quote.bid, quote.bid_size) if quote else ("", "")
        ask = touch_words(quote.ask, quote.ask_size) if quote else ("", "")
        labels = (self._bid, self._bid_size, self._ask, self._ask_size)
        for label, text in zip(labels, (*bid, *ask), strict=True):
            label.setText(text)
        self._spread.setText(spread_text(quote) if quote else "no quote yet")

    @property
    def age(self) -> str:
        """How old the quote is; empty while it may be traded on."""
        return self._age.text()

    def show_age(self, age: str) -> None:
        """Say how old the quote is, and dim it; empty: it may be traded on."""
        turned = bool(age) is not bool(self.age)
        if age != self.age:
            self._age.setText(age)
        if turned:
            self._style_quote()

    def show_span(self, seconds: float) -> None:
        """Name how much of the past is shown."""
        spans = [span for span, _ in SPANS]
        known = spans.index(round(seconds)) if round(seconds) in spans else -1
        self._spans.setCurrentIndex(known)
        self._spans.setPlaceholderText(span_text(seconds) if known < 0 else "")

    # Colours -----------------------------------------------------------------------------

    def set_palette_colors(self, palette: Palette) -> None:
        """Show everything in these colours."""
        self._palette = palette
        self._symbol.setStyleSheet(f"color: {palette.text}; font-weight: bold")
        self._spread.setStyleSheet(f"color: {palette.muted}")
        self._age.setStyleSheet(f"color: {palette.warn}")
        self._style_quote()
        self._style_controls(palette)

    def _style_quote(self) -> None:
        """In the colours of the touches while it may be traded on."""
        palette, old = self._palette, bool(self.age)
        for label in (self._bid, self._bid_size):
            label.setStyleSheet(f"color: {palette.faint if old else palette.bid}")
        for label in (self._ask, self._ask_size):
            label.setStyleSheet(f"color: {palette.faint if old else palette.ask}")

    def _style_controls(self, palette: Palette) -> None:
        flat = "border: 1px solid transparent; border-radius: 3px; background: transparent;"
        style = (
            f"QToolButton, QComboBox {{ {flat} padding: 2px 4px; color: {palette.muted} }}"
            f"QToolButton:checked, QComboBox {{ color: {palette.text} }}"
            f"QToolButton:hover, QComboBox:hover {{ background: {palette.raised} }}"
            f"QToolButton:focus, QComboBox:focus {{ border-color: {palette.muted} }}"
        )
        for control in (self._spans, self.follow, self.trades, self.table):
            control.setStyleSheet(style)
