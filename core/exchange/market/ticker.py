"""What was last seen of each symbol: quote, print, and the bars made of the prints."""

from collections.abc import Callable
from decimal import Decimal

import msgspec
from msgspec.structs import replace

from core.exchange.market.events import QuoteEvent, TradeEvent
from core.exchange.units import DOLLAR
from core.market.time import NS

MINUTE = 60 * NS


class Bar(msgspec.Struct, frozen=True):
    """Open, high, low, close in ten-thousandths; `turnover` is the sum of price times size."""

    start_ns: int
    open: int
    high: int
    low: int
    close: int
    volume: int
    trades: int
    turnover: int

    def starting(self, start_ns: int) -> "Bar":
        """The same, as the first part of a longer bar that starts then."""
        return replace(self, start_ns=start_ns)

    def followed_by(self, later: "Bar") -> "Bar":
        """This bar with the next one added to it."""
        return Bar(
            self.start_ns,
            self.open,
            max(self.high, later.high),
            min(self.low, later.low),
            later.close,
            self.volume + later.volume,
            self.trades + later.trades,
            self.turnover + later.turnover,
        )

    @property
    def vwap(self) -> float:
        """Volume-weighted average price in dollars, as the wire carries it."""
        return round(self.turnover / self.volume / DOLLAR, 6) if self.volume else 0.0


class Quote(msgspec.Struct, frozen=True):
    """One quote as it was published, `at` nanoseconds since 1970."""

    event: QuoteEvent
    at: int


class Trade(msgspec.Struct, frozen=True):
    """One print as it was published. `id` counts up."""

    event: TradeEvent
    at: int
    id: int


def _with(bar: Bar | None, start_ns: int, price: int, size: int) -> Bar:
    if bar is None or bar.start_ns != start_ns:
        return Bar(start_ns, price, price, price, price, size, 1, price * size)
    return Bar(
        start_ns,
        bar.open,
        max(bar.high, price),
        min(bar.low, price),
        price,
        bar.volume + size,
        bar.trades + 1,
        bar.turnover + price * size,
    )


class Ticker:
    """The latest of everything. `on_bar(symbol, bar)` is called for a finished minute."""

    def __init__(self, day_start_ns: int) -> None:
        self.quotes: dict[str, Quote] = {}
        self.trades: dict[str, Trade] = {}
        self.minutes: dict[str, Bar] = {}
        self.days: dict[str, Bar] = {}
        self.on_bar: Callable[[str, Bar], None] | None = None
        self._day_start_ns = day_start_ns
        self._printed = 0

    def quote(self, event: QuoteEvent, at: int) -> Quote:
        """Keep a quote."""
        quote = self.quotes[event.symbol] = Quote(event, at)
        return quote

    def trade(self, event: TradeEvent, at: int) -> Trade:
        """Keep a print and add it to its bars."""
        self._printed += 1
        symbol = event.symbol
        trade = self.trades[symbol] = Trade(event, at, self._printed)
        before = self.minutes.get(symbol)
        minute = _with(before, at - at % MINUTE, event.price, event.size)
        if before is not None and before.start_ns != minute.start_ns and self.on_bar is not None:
            self.on_bar(symbol, before)
        self.minutes[symbol] = minute
        self.days[symbol] = _with(
            self.days.get(symbol), self._day_start_ns, event.price, event.size
        )
        return trade

    def price(self, symbol: str) -> int:
        """What one share is worth now: the last print, else the middle, else 0."""
        if symbol in self.trades:
            return self.trades[symbol].event.price
        if symbol in self.quotes:
            touch = self.quotes[symbol].event.touch
            return (touch.bid + touch.ask) // 2
        return 0

    def value(self, symbol: str, shares: Decimal) -> Decimal:
        """`shares` at that price, in dollars."""
        return shares * self.price(symbol) / DOLLAR

    def cost_to_buy(self) -> dict[str, int]:
        """What a market buy of each symbol is reckoned at: the ask, else the last price."""
        return {s: q.event.touch.ask or self.price(s) for s, q in self.quotes.items()}
