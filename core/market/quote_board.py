"""The latest quote, trade and trading status of each symbol, and the venue's time. Pure."""

from core.market.quotes import (
    Quote,
    Trade,
    TradingStatus,
    Unusable,
    why_old,
    why_shut,
    why_unusable,
)
from core.market.venue_time import Age, VenueTime, age, early_ns


class QuoteBoard:
    """Latest quote, trade and trading status of each symbol. Latest exchange time wins.

    What is stamped ahead of the venue's time is not kept: nothing later could win against it.
    """

    def __init__(self) -> None:
        self.quotes: dict[str, Quote] = {}
        self.trades: dict[str, Trade] = {}
        self.statuses: dict[str, TradingStatus] = {}
        self.time: VenueTime | None = None  # None: not told yet

    def early_ns(self, item: Quote | Trade) -> int:
        """How far `item` was ahead of the venue's time when it came; 0 unless that cannot be."""
        return early_ns(item.exchange_ns, item.received_ns, self.time)

    def put_quote(self, quote: Quote) -> bool:
        """Keep `quote` unless a newer one is held; True when it was kept."""
        kept = self._wins(quote, self.quotes.get(quote.symbol))
        if kept:
            self.quotes[quote.symbol] = quote
        return kept

    def put_trade(self, trade: Trade) -> None:
        """Keep `trade` unless a newer print is held."""
        if self._wins(trade, self.trades.get(trade.symbol)):
            self.trades[trade.symbol] = trade

    def _wins(self, item: Quote | Trade, held: Quote | Trade | None) -> bool:
        """One that was held before the venue's time was known may turn out to be ahead of it."""
        if self.early_ns(item):
            return False
        if held is None or item.exchange_ns >= held.exchange_ns:
            return True
        return early_ns(held.exchange_ns, item.received_ns, self.time) > 0

    def put_status(self, status: TradingStatus) -> None:
        """Keep the trading status that arrived last."""
        self.statuses[status.symbol] = status

    def halted(self, symbol: str) -> bool:
        """True when the latest status of `symbol` is a halt or pause."""
        status = self.statuses.get(symbol)
        return status is not None and status.halted

    def restricted(self, symbol: str) -> bool:
        """True when the latest status of `symbol` says that short sales are restricted."""
        status = self.statuses.get(symbol)
        return status is not None and status.restricted

    def age(self, symbol: str, now_ns: int) -> Age | None:
        """How old the latest quote of `symbol` is; None where it has no age."""
        quote = self.quotes.get(symbol)
        return None if quote is None else age(quote.exchange_ns, now_ns, self.time)

    def young_quote(self, symbol: str, now_ns: int, max_age_ns: int) -> Quote | None:
        """The latest quote of `symbol` if it is surely no older than that."""
        quote = self.quotes.get(symbol)
        if quote is None or why_old(quote, now_ns, self.time, max_age_ns) is not None:
            return None
        return quote

    def why_shut(self, symbol: str, *, is_open: bool) -> Unusable | None:
        """Why `symbol` does not trade now; None when it does."""
        return why_shut(halted=self.halted(symbol), is_open=is_open)

    def why_unusable(
        self, symbol: str, now_ns: int, *, is_open: bool, max_age_ns: int
    ) -> Unusable | None:
        """`why_unusable` for the latest quote of `symbol` with everything the board knows."""
        return why_unusable(
            self.quotes.get(symbol),
            now_ns,
            self.time,
            halted=self.halted(symbol),
            is_open=is_open,
            max_age_ns=max_age_ns,
        )
