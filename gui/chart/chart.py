"""The spread chart: a header, the canvas, and the table of words beneath it.

Draws what it is told and asks nobody. Colours come from the palette; time
comes from the window's one animation clock through `tick`.
"""

from decimal import Decimal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.market.prices import Side
from core.market.quotes import Quote, Trade
from core.market.time import NS
from core.orders.state import ParentOrder
from gui.chart.accessible_table import AccessibleTable
from gui.chart.canvas import ChartCanvas
from gui.chart.header import ChartHeader
from gui.chart.model import description
from gui.chart.model.accessible_rows import accessible_rows
from gui.chart.model.series import to_units
from gui.chart.model.series_store import SeriesStore
from gui.chart.model.view_model import Ghost
from gui.style.palette import DARK, Palette

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
        self.header = ChartHeader(self)  # after the canvas: Tab goes on in the order of making
        self._store = SeriesStore()
        self._orders: tuple[ParentOrder, ...] = ()
        self._shown_quote: Quote | None = None
        self._ghosts: tuple[Ghost, ...] = ()
        self._summary_at = self._rows_at = 0
        self._lay_out()
        self._connect()
        self.set_palette_colors(DARK)
        self.set_span(40)

    # What it is told ---------------------------------------------------------------------

    @property
    def symbol(self) -> str:
        """The symbol shown, empty at first."""
        return self._store.shown

    def show_symbol(self, symbol: str) -> None:
        """Show `symbol`, with the past kept of it; its orders come with the next `set_orders`."""
        if symbol == self.symbol:
            return
        self._store.shown = symbol
        self.header.show_symbol(symbol)
        self._ghosts = ()
        self._show_ghosts()
        self.show_age("")
        self.canvas.set_series(self._store.series(symbol))
        self._take_orders()
        self._show_quote()
        self._summary_at = 0

    def add_quote(self, quote: Quote) -> None:
        """Take a quote of any watched symbol. One older than the last is ignored."""
        at = self._store.add_quote(quote)
        if at is not None and quote.symbol == self.symbol:
            self.canvas.touched(at)

    def add_trade(self, trade: Trade) -> None:
        """Take a print of any watched symbol."""
        at = self._store.add_trade(trade)
        if at is not None and trade.symbol == self.symbol:
            self.canvas.touched(at)

    def mark_gap(self, start_ns: int, end_ns: int | None) -> None:
        """Quotes of all symbols were lost between these times; None: still are.

        Called again with the same start it closes the gap. A quote closes it too.
        """
        self._store.mark_gap(start_ns, end_ns)
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

    def show_age(self, old: str) -> None:
        """The quote prices no order: dim it and say when it was true; empty: it prices one."""
        was_old = bool(self.header.age)
        self.header.show_age(old and f"as of {old}")
        if bool(self.header.age) is not was_old:
            self._show_ghosts()

    def _show_ghosts(self) -> None:
        self.canvas.set_ghosts(() if self.header.age else self._ghosts)

    def tick(self, now_ns: int) -> None:
        """One frame of the window's clock: repaint what changed. `now_ns` on the run's clock."""
        if self._shown_quote is not self._quote:
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
        self.header.trades.setChecked(shown)

    def choose(self, order_id: str) -> None:
        """This order is in hand."""
        self.canvas.choose(order_id)

    def toggle_follow(self) -> None:
        """As its button does."""
        self.header.follow.click()

    def toggle_trades(self) -> None:
        """As its button does."""
        self.header.trades.click()

    def toggle_table(self) -> None:
        """As its button does; the keyboard goes to the lines, and back to the chart."""
        self.header.table.click()
        shown = self.header.table.isChecked()
        (self.table if shown else self.canvas).setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _show_table(self, shown: bool) -> None:
        self.table.setVisible(shown)
        self._show_rows(self.canvas.model.now_ns)

    def _show_rows(self, now_ns: int) -> None:
        if self.table.isVisible():
            rows = accessible_rows(self._quote, self._orders_here(), now_ns)
            self.table.show_rows(rows)

    def _move_price(self, order_id: str) -> None:
        """From the line in hand to its price: arrows move it from here on."""
        self.canvas.choose(order_id)
        self.canvas.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def set_palette_colors(self, palette: Palette) -> None:
        """Draw with these colours."""
        self.canvas.set_colors(palette)
        self.header.set_palette_colors(palette)
        self.setStyleSheet(f"#spreadChart {{ background: {palette.panel} }}")

    # Inside ------------------------------------------------------------------------------

    @property
    def _quote(self) -> Quote | None:
        return self._store.quote(self.symbol)

    def _take_orders(self) -> None:
        self.canvas.set_orders(self._orders_here())

    def _orders_here(self) -> tuple[ParentOrder, ...]:
        return tuple(order for order in self._orders if order.symbol == self.symbol)

    def _lay_out(self) -> None:
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addWidget(self.canvas, 1)
        layout.addWidget(self.table)

    def _connect(self) -> None:
        self.header.span_chosen.connect(self.set_span)
        self.header.follow.toggled.connect(self.set_follow)
        self.header.follow.clicked.connect(self.follow_chosen)
        self.header.trades.toggled.connect(self._trades_toggled)
        self.header.table.toggled.connect(self._show_table)
        self.table.order_chosen.connect(self.canvas.choose)
        self.table.order_entered.connect(self._move_price)
        self.canvas.span_changed.connect(self._span_moved)
        self.canvas.follow_changed.connect(self._follow_moved)

    def _span_moved(self, seconds: float) -> None:
        self.header.show_span(seconds)
        self.span_changed.emit(seconds)

    def _follow_moved(self, follow: bool) -> None:
        self.header.follow.setChecked(follow)
        self.follow_changed.emit(follow)

    def _trades_toggled(self, shown: bool) -> None:
        self.canvas.set_trades(shown)
        self.trades_changed.emit(shown)

    def _show_quote(self) -> None:
        self._shown_quote = self._quote
        self.header.show_quote(self._shown_quote)

    def _summarise(self, now_ns: int) -> None:
        text = self.summary(now_ns)
        if text != self.canvas.accessibleDescription():
            self.canvas.setAccessibleDescription(text)
            self.setAccessibleDescription(text)

    def caption(self) -> str:
        """What a picture of the chart is of: symbol, quote, day and time of the market."""
        age, now_ns = self.header.age, self.canvas.model.now_ns
        return description.caption(self.symbol, self._quote, age, self._orders_here(), now_ns)

    def summary(self, now_ns: int) -> str:
        """What the chart shows, in sentences."""
        losing = bool(self.symbol) and self._store.losing(self.symbol)
        quote, orders = self._quote, self._orders_here()
        return description.summary(self.symbol, quote, orders, now_ns, losing=losing)
