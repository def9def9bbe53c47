"""The spread chart: header with the quote and its controls, and the canvas below.

Draws what it is told and asks nobody. Colours come from the palette; time
comes from the window's one animation clock through `tick`.
"""

from collections import OrderedDict
from decimal import Decimal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QLabel,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.market.prices import ZERO, Side
from core.market.quote_board import QuoteBoard
from core.market.quotes import Quote, Trade
from core.market.time import NS
from core.market.venues import profile_of
from core.orders.state import ParentOrder
from core.wording import numbers, times
from gui.chart.accessible_table import AccessibleTable
from gui.chart.canvas import ChartCanvas
from gui.chart.model.accessible_rows import accessible_rows
from gui.chart.model.order_scene import sentence
from gui.chart.model.scales import price_text
from gui.chart.model.series import NO_PRICE, SpreadSeries, to_units
from gui.chart.surface import Ghost
from gui.style.palette import DARK, Palette
from gui.widgets.overflow_row import OverflowRow
from gui.widgets.panel import Header

SPANS = ((20, "20 s"), (40, "40 s"), (120, "2 min"), (300, "5 min"))
MAX_SYMBOLS = 16  # symbols whose past is kept for a switch back
ROWS_NS = NS // 5  # the table's words are renewed at most so often
SUMMARY_NS = NS  # the spoken summary is renewed at most so often


class SpreadChart(QWidget):
    """Bid, ask, prints and orders of one symbol around now. See the module's head."""

    span_changed = Signal(float)  # seconds
    follow_changed = Signal(bool)
    follow_chosen = Signal(bool)  # by its button: a drag leaves now only for a while
    trades_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("spreadChart")
        self.setAccessibleName("Spread chart")
        self.canvas = ChartCanvas(self)
        self.table = AccessibleTable(self)
        self.table.hide()
        self._symbol = ""
        self._series: OrderedDict[str, SpreadSeries] = OrderedDict()
        self._board = QuoteBoard()  # the quotes as drawn: a picture later than they are known
        self._orders: tuple[ParentOrder, ...] = ()
        self._header_quote: Quote | None = None
        self._ghosts: tuple[Ghost, ...] = ()
        self._palette = DARK
        self._summary_at = self._rows_at = 0
        self._build()
        self.set_palette_colors(DARK)
        self.set_span(40)

    # What it is told ---------------------------------------------------------------------

    @property
    def symbol(self) -> str:
        """The symbol shown, empty at first."""
        return self._symbol

    def show_symbol(self, symbol: str) -> None:
        """Show `symbol`, with the past kept of it; its orders come with the next `set_orders`."""
        if symbol == self._symbol:
            return
        self._symbol = symbol
        self._label_symbol.setText(symbol)
        self._ghosts = ()
        self._show_ghosts()
        self.show_age(None)
        self.canvas.set_series(self._of(symbol))
        self._take_orders()
        self._show_quote()
        self._summary_at = 0

    def add_quote(self, quote: Quote) -> None:
        """Take a quote of any watched symbol. One older than the last is ignored."""
        if not self._board.put_quote(quote):
            return
        series = self._of(quote.symbol)
        at = series.add_quote(quote.received_ns, to_units(quote.bid), to_units(quote.ask))
        if quote.symbol == self._symbol:
            self.canvas.touched(at)

    def add_trade(self, trade: Trade) -> None:
        """Take a print of any watched symbol."""
        price = to_units(trade.price)
        if price == NO_PRICE:
            return
        at = self._of(trade.symbol).add_trade(trade.received_ns, price, trade.size)
        if trade.symbol == self._symbol:
            self.canvas.touched(at)

    def mark_gap(self, start_ns: int, end_ns: int | None) -> None:
        """Quotes of all symbols were lost between these times; None: still are.

        Called again with the same start it closes the gap. A quote closes it too.
        """
        for series in self._series.values():
            series.mark_gap(start_ns, end_ns)
        self.canvas.touched(start_ns)

    def set_orders(self, orders: tuple[ParentOrder, ...]) -> None:
        """Show these orders; those of other symbols are left out."""
        self._orders = orders
        self._take_orders()

    def set_ghosts(
        self,
        sell: Decimal | None,
        buy: Decimal | None,
        texts: tuple[str, str] = ("", ""),
    ) -> None:
        """Dotted lines where a sell and a buy would be priced now; `texts` in that order."""
        asked = ((Side.SELL, sell, texts[0]), (Side.BUY, buy, texts[1]))
        self._ghosts = tuple(
            Ghost(s, to_units(price), text) for s, price, text in asked if price is not None
        )
        self._show_ghosts()

    def show_age(self, old_ns: int | None) -> None:
        """The quote is so old that no order is priced by it: dim it and say so; None: it is not."""
        text = "" if old_ns is None else f"as of {times.since(old_ns)}"
        turned = bool(text) is not bool(self._label_age.text())
        if text != self._label_age.text():
            self._label_age.setText(text)
        if turned:
            self._style_quote()
            self._show_ghosts()

    def _show_ghosts(self) -> None:
        self.canvas.set_ghosts(() if self._label_age.text() else self._ghosts)

    def tick(self, now_ns: int) -> None:
        """One frame of the window's clock: repaint what changed. `now_ns` on the run's clock."""
        if self._header_quote is not self._board.quotes.get(self._symbol):
            self._show_quote()
        self.canvas.advance(now_ns)
        if now_ns - self._rows_at >= ROWS_NS:
            self._rows_at = now_ns
            self._show_rows(now_ns)
        if now_ns - self._summary_at >= SUMMARY_NS:
            self._summary_at = now_ns
            self._summarise(now_ns)

    @property
    def span(self) -> float:
        """Seconds of the past shown."""
        return self.canvas.span_ns / NS

    def set_span(self, seconds: float) -> None:
        """Show so many seconds of the past."""
        self.canvas.set_span(round(seconds * NS))

    def set_follow(self, follow: bool) -> None:
        """Keep now in place, or leave the view where it is."""
        self.canvas.set_follow(follow)

    def set_trades(self, shown: bool) -> None:
        """Show or hide prints."""
        self._button_trades.setChecked(shown)

    def choose(self, order_id: str) -> None:
        """This order is in hand."""
        self.canvas.choose(order_id)

    def toggle_follow(self) -> None:
        """As its button does."""
        self._button_follow.click()

    def toggle_trades(self) -> None:
        """As its button does."""
        self._button_trades.click()

    def toggle_table(self) -> None:
        """As its button does; the keyboard goes to the lines, and back to the chart."""
        self._button_lines.click()
        shown = self._button_lines.isChecked()
        (self.table if shown else self.canvas).setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _show_table(self, shown: bool) -> None:
        self.table.setVisible(shown)
        self._show_rows(self.canvas.now_ns)

    def _show_rows(self, now_ns: int) -> None:
        if self.table.isVisible():
            here = [order for order in self._orders if order.symbol == self._symbol]
            self.table.show_rows(
                accessible_rows(self._board.quotes.get(self._symbol), here, now_ns)
            )

    def _move_price(self, order_id: str) -> None:
        """From the line in hand to its price: arrows move it from here on."""
        self.canvas.choose(order_id)
        self.canvas.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def set_palette_colors(self, palette: Palette) -> None:
        """Draw with these colours."""
        self._palette = palette
        self.canvas.set_colors(palette)
        self._label_symbol.setStyleSheet(f"color: {palette.text}; font-weight: bold")
        self._label_spread.setStyleSheet(f"color: {palette.muted}")
        self._label_age.setStyleSheet(f"color: {palette.warn}")
        self._style_quote()
        self._style_controls(palette)
        self.setStyleSheet(f"#spreadChart {{ background: {palette.panel} }}")

    def _style_quote(self) -> None:
        """In the colours of the touches while it may be traded on."""
        palette, old = self._palette, bool(self._label_age.text())
        for label in (self._label_bid, self._label_bid_size):
            label.setStyleSheet(f"color: {palette.faint if old else palette.bid}")
        for label in (self._label_ask, self._label_ask_size):
            label.setStyleSheet(f"color: {palette.faint if old else palette.ask}")

    # Inside ------------------------------------------------------------------------------

    def _of(self, symbol: str) -> SpreadSeries:
        series = self._series.get(symbol)
        if series is None:
            series = self._series[symbol] = SpreadSeries()
            self._drop_oldest()
        return series

    def _drop_oldest(self) -> None:
        for symbol in list(self._series):
            if len(self._series) <= MAX_SYMBOLS:
                return
            if symbol != self._symbol:
                del self._series[symbol]
                self._board.quotes.pop(symbol, None)

    def _take_orders(self) -> None:
        self.canvas.set_orders(tuple(o for o in self._orders if o.symbol == self._symbol))

    def _build(self) -> None:
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._label_symbol = self._label("chartSymbol", "Symbol shown")
        self._label_bid = self._label("chartBid", "Bid")
        self._label_bid_size = self._label("chartBidSize", "Shares bid for")
        self._label_ask = self._label("chartAsk", "Ask")
        self._label_ask_size = self._label("chartAskSize", "Shares offered")
        self._label_spread = self._label("chartSpread", "Spread")
        self._label_age = self._label("chartAge", "Age of the quote")
        self._combo_span = self._span_box()
        self._button_follow = self._toggle("chartFollow", "follow", "Keep now in view")
        self._button_trades = self._toggle("chartTrades", "trades", "Show prints")
        self._button_lines = self._toggle("chartLines", "lines", "Show the lines as a table")
        self._button_lines.setChecked(False)
        self.header = Header(self)
        header = self.header.row
        header.setSpacing(12)
        touches = (
            (self._label_bid, self._label_bid_size),
            (self._label_ask, self._label_ask_size),
        )
        labels = (self._label_symbol, *(part for touch in touches for part in touch))
        for label in (*labels, self._label_age, self._label_spread):
            header.addWidget(label)
        header.addStretch(1)
        header.addWidget(self._combo_span)
        for control in (self._button_follow, self._button_trades, self._button_lines):
            header.addWidget(control)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        sizes = (self._label_bid_size, self._label_ask_size)
        OverflowRow(self.header, (*sizes, self._label_spread, self._button_lines))
        layout.addWidget(self.header)
        layout.addWidget(self.canvas, 1)
        layout.addWidget(self.table)
        self._connect()

    def _connect(self) -> None:
        self._combo_span.activated.connect(lambda i: self.set_span(SPANS[i][0]))
        self._button_follow.toggled.connect(self.set_follow)
        self._button_follow.clicked.connect(self.follow_chosen)
        self._button_trades.toggled.connect(self._trades_toggled)
        self._button_lines.toggled.connect(self._show_table)
        self.table.order_chosen.connect(self.canvas.choose)
        self.table.order_entered.connect(self._move_price)
        self.canvas.span_changed.connect(self._span_moved)
        self.canvas.follow_changed.connect(self._follow_moved)

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

    def _style_controls(self, palette: Palette) -> None:
        flat = "border: 1px solid transparent; border-radius: 3px; background: transparent;"
        style = (
            f"QToolButton, QComboBox {{ {flat} padding: 2px 4px; color: {palette.muted} }}"
            f"QToolButton:checked, QComboBox {{ color: {palette.text} }}"
            f"QToolButton:hover, QComboBox:hover {{ background: {palette.raised} }}"
            f"QToolButton:focus, QComboBox:focus {{ border-color: {palette.muted} }}"
        )
        toggles = (self._button_follow, self._button_trades, self._button_lines)
        for control in (self._combo_span, *toggles):
            control.setStyleSheet(style)

    def _span_moved(self, seconds: float) -> None:
        spans = [span for span, _ in SPANS]
        known = spans.index(round(seconds)) if round(seconds) in spans else -1
        self._combo_span.setCurrentIndex(known)
        self._combo_span.setPlaceholderText(_span_text(seconds) if known < 0 else "")
        self.span_changed.emit(seconds)

    def _follow_moved(self, follow: bool) -> None:
        self._button_follow.setChecked(follow)
        self.follow_changed.emit(follow)

    def _trades_toggled(self, shown: bool) -> None:
        self.canvas.set_trades(shown)
        self.trades_changed.emit(shown)

    def _show_quote(self) -> None:
        quote = self._header_quote = self._board.quotes.get(self._symbol)
        bid = _touch(quote.bid, quote.bid_size) if quote else ("", "")
        ask = _touch(quote.ask, quote.ask_size) if quote else ("", "")
        for label, text in (
            (self._label_bid, bid[0]),
            (self._label_bid_size, bid[1]),
            (self._label_ask, ask[0]),
            (self._label_ask_size, ask[1]),
        ):
            label.setText(text)
        self._label_spread.setText(spread_text(quote) if quote else "no quote yet")

    def _summarise(self, now_ns: int) -> None:
        text = self.summary(now_ns)
        if text != self.canvas.accessibleDescription():
            self.canvas.setAccessibleDescription(text)
            self.setAccessibleDescription(text)

    def caption(self) -> str:
        """What a picture of the chart is of: symbol, quote, day and time of the market."""
        now, quote = self.canvas.now_ns, self._board.quotes.get(self._symbol)
        parts = [self._symbol or "no symbol"]
        if quote is not None:
            bid = " ".join(_touch(quote.bid, quote.bid_size)).strip()
            ask = " ".join(_touch(quote.ask, quote.ask_size)).strip()
            parts += [f"bid {bid}", f"ask {ask}", spread_text(quote)]
            parts += [self._label_age.text()] if self._label_age.text() else []
        when = f"{times.market_day(now):%Y-%m-%d} {times.clock_time(now)} New York"
        venues = sorted({o.venue for o in self._orders if o.symbol == self._symbol})
        return f" {numbers.DOT} ".join([*parts, when, *(profile_of(v).results for v in venues)])

    def summary(self, now_ns: int) -> str:
        """What the chart shows, in sentences."""
        if not self._symbol:
            return "No symbol is shown."
        quote = self._board.quotes.get(self._symbol)
        parts = [f"{self._symbol}: no quote yet."]
        if quote is not None:
            bid = " ".join(_touch(quote.bid, quote.bid_size)).strip()
            ask = " ".join(_touch(quote.ask, quote.ask_size)).strip()
            parts = [f"{self._symbol}: bid {bid}, ask {ask}, {spread_text(quote)}."]
        gaps = self._of(self._symbol).gaps
        if gaps and gaps[-1].end_ns is None:
            parts.append("Quotes are being lost now.")
        parts += [sentence(order, now_ns) for order in self._orders if order.symbol == self._symbol]
        return " ".join(parts)


def _touch(price: Decimal, size: int) -> tuple[str, str]:
    """A touch and its size, in words; no size where there is no touch."""
    units = to_units(price)
    return (price_text(units), f"× {size:,}") if units != NO_PRICE else ("none", "")


def _span_text(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def spread_text(quote: Quote) -> str:
    """The spread in cents and basis points, or what is odd about the quote."""
    said = numbers.spread(quote.bid, quote.ask)
    return f"spread {said}" if quote.bid > ZERO and quote.bid <= quote.ask else said
