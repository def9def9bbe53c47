"""The latest quote, trade and trading status of each symbol, and the life of the feed. Pure."""

from core.market.quotes import (
    MAX_AGE_NS,
    Quote,
    Trade,
    TradingStatus,
    Unusable,
    why_shut,
    why_unusable,
)


class StreamLife:
    """Since when the quote feed has lived without a gap, and when it last gave a sign.

    A quote that arrived before the present connection proves nothing by itself.
    """

    def __init__(self) -> None:
        self._since_ns: int | None = None
        self._alive_ns = 0

    def connected(self, now_ns: int) -> None:
        """A new connection is subscribed: what came before it is history."""
        self._since_ns = self._alive_ns = now_ns

    def sign(self, now_ns: int) -> None:
        """A frame or an answered heartbeat came."""
        self._alive_ns = now_ns

    def lost(self) -> None:
        """The connection is gone."""
        self._since_ns = None

    def fresh_ns(self, quote: Quote | None) -> int:
        """Latest time at which `quote` was still known to be the newest; 0 if unknown."""
        if quote is None or self._since_ns is None or quote.received_ns < self._since_ns:
            return 0
        return self._alive_ns


class QuoteBoard:
    """Latest quote, trade and trading status of each symbol. Latest exchange time wins."""

    def __init__(self) -> None:
        self.quotes: dict[str, Quote] = {}
        self.trades: dict[str, Trade] = {}
        self.statuses: dict[str, TradingStatus] = {}
        self.stream = StreamLife()

    def put_quote(self, quote: Quote) -> bool:
        """Keep `quote` unless a newer one is held; True when it was kept."""
        held = self.quotes.get(quote.symbol)
        if held is not None and quote.exchange_ns < held.exchange_ns:
            return False
        self.quotes[quote.symbol] = quote
        return True

    def put_trade(self, trade: Trade) -> None:
        """Keep `trade` unless a newer print is held."""
        held = self.trades.get(trade.symbol)
        if held is None or trade.exchange_ns >= held.exchange_ns:
            self.trades[trade.symbol] = trade

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

    def why_shut(self, symbol: str, *, is_open: bool) -> Unusable | None:
        """Why `symbol` does not trade now; None when it does."""
        return why_shut(halted=self.halted(symbol), is_open=is_open)

    def why_unusable(
        self, symbol: str, now_ns: int, *, is_open: bool, max_age_ns: int = MAX_AGE_NS
    ) -> Unusable | None:
        """`why_unusable` for the latest quote of `symbol` with everything the board knows."""
        quote = self.quotes.get(symbol)
        return why_unusable(
            quote,
            now_ns,
            halted=self.halted(symbol),
            is_open=is_open,
            fresh_ns=self.stream.fresh_ns(quote),
            max_age_ns=max_age_ns,
        )
