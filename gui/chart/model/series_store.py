"""What the chart remembers of each symbol that was watched, so that a switch back loses nothing."""

from core.market.quote_board import QuoteBoard
from core.market.quotes import Quote, Trade
from gui.chart.model.series import NO_PRICE, SpreadSeries, to_units

MAX_SYMBOLS = 16  # symbols whose past is kept


class SeriesStore:
    """A `SpreadSeries` and the last quote of each symbol. The `shown` one is never dropped."""

    def __init__(self) -> None:
        self.shown = ""
        self._series: dict[str, SpreadSeries] = {}
        self._board = QuoteBoard()  # the quotes as drawn: a picture later than they are known

    def series(self, symbol: str) -> SpreadSeries:
        """The past of a symbol, empty at first."""
        found = self._series.get(symbol)
        if found is None:
            found = self._series[symbol] = SpreadSeries()
            self._drop_oldest()
        return found

    def quote(self, symbol: str) -> Quote | None:
        """The newest quote of a symbol."""
        return self._board.quotes.get(symbol)

    def add_quote(self, quote: Quote) -> int | None:
        """Take a quote; returns the time at which it stands, None for one older than the last."""
        if not self._board.put_quote(quote):
            return None
        series = self.series(quote.symbol)
        return series.add_quote(quote.received_ns, to_units(quote.bid), to_units(quote.ask))

    def add_trade(self, trade: Trade) -> int | None:
        """Take a print; returns the time at which it stands, None for one without a price."""
        price = to_units(trade.price)
        if price == NO_PRICE:
            return None
        return self.series(trade.symbol).add_trade(trade.received_ns, price, trade.size)

    def mark_gap(self, start_ns: int, end_ns: int | None) -> None:
        """Quotes of all symbols were lost between these times; None: still are."""
        for series in self._series.values():
            series.mark_gap(start_ns, end_ns)

    def losing(self, symbol: str) -> bool:
        """Whether quotes of a symbol are lost now."""
        gaps = self.series(symbol).gaps
        return bool(gaps) and gaps[-1].end_ns is None

    def _drop_oldest(self) -> None:
        for symbol in list(self._series):
            if len(self._series) <= MAX_SYMBOLS:
                return
            if symbol != self.shown:
                del self._series[symbol]
                self._board.quotes.pop(symbol, None)
