"""Quotes, when a quote may be used, and the board of what is known now.

No I/O and no clock: times are nanoseconds on the run's own scale (`core.runtime.clock`).
"""

from decimal import Decimal
from enum import StrEnum

import msgspec

from core.market.prices import Side, far_touch
from core.market.time import NS

MAX_AGE_NS = 5 * NS
BEFORE_OPEN_NS = 5 * 3600 * NS + 1800 * NS
AFTER_CLOSE_NS = 4 * 3600 * NS


class Quote(msgspec.Struct, frozen=True):
    """Best bid and ask of one symbol as one feed shows it. Sizes are shares.

    A price of 0 means that side has no active quote. `exchange_ns` is the
    feed's own time stamp, `received_ns` the run's clock when it reached us.
    """

    symbol: str
    bid: Decimal
    ask: Decimal
    bid_size: int
    ask_size: int
    exchange_ns: int
    received_ns: int
    feed: str = ""

    @property
    def spread(self) -> Decimal:
        """Ask minus bid, dollars a share."""
        return self.ask - self.bid

    @property
    def mid(self) -> Decimal:
        """Midpoint, dollars a share."""
        return (self.bid + self.ask) / 2

    def far_touch(self, side: Side) -> Decimal:
        """The price that an order of `side` crosses to: the bid for a sell, the ask for a buy."""
        return far_touch(side, self.bid, self.ask)


class Trade(msgspec.Struct, frozen=True):
    """One print. `size` is shares; times as in `Quote`."""

    symbol: str
    price: Decimal
    size: int
    exchange_ns: int
    received_ns: int


class TradingStatus(msgspec.Struct, frozen=True):
    """The latest trading status of one symbol; `halted` is our reading of the code.

    `restricted`: the short-sale restriction (Rule 201) is on, as far as was told.
    """

    symbol: str
    halted: bool
    code: str
    message: str
    received_ns: int
    restricted: bool = False


class Unusable(StrEnum):
    """Why a quote may not price an order."""

    MISSING = "missing"
    ONE_SIDED = "one-sided"
    ZERO = "zero"
    NEGATIVE = "negative"
    CROSSED = "crossed"
    STALE = "stale"
    HALTED = "halted"
    CLOSED = "closed"

    def sentence(self, symbol: str) -> str:
        """The reason in words, for the person."""
        return _SENTENCES[self].format(symbol=symbol)


_SENTENCES = {
    Unusable.MISSING: "There is no quote for {symbol} yet.",
    Unusable.ONE_SIDED: "The quote for {symbol} has only one side.",
    Unusable.ZERO: "The quote for {symbol} has no prices.",
    Unusable.NEGATIVE: "The quote for {symbol} holds a price that is not a positive number.",
    Unusable.CROSSED: "The quote for {symbol} is crossed: the bid is above the ask.",
    Unusable.STALE: "The quote for {symbol} is too old to price an order.",
    Unusable.HALTED: "{symbol} is halted.",
    Unusable.CLOSED: "The market is closed.",
}


def why_unusable(
    quote: Quote | None,
    now_ns: int,
    *,
    halted: bool = False,
    is_open: bool = True,
    fresh_ns: int = 0,
    max_age_ns: int = MAX_AGE_NS,
) -> Unusable | None:
    """None when `quote` may price an order, else the reason. Locked is usable.

    `fresh_ns` is the last time the feed was proven alive without a gap since the
    quote arrived: a quiet symbol on a living feed is not stale.
    """
    if (shut := why_shut(halted=halted, is_open=is_open)) is not None:
        return shut
    if quote is None:
        return Unusable.MISSING
    shape = _shape(quote.bid, quote.ask)
    if shape is not None:
        return shape
    if now_ns - max(quote.received_ns, fresh_ns) > max_age_ns:
        return Unusable.STALE
    return None


def why_shut(*, halted: bool, is_open: bool) -> Unusable | None:
    """Why nothing trades now, whatever the quote; None when it does."""
    if not is_open:
        return Unusable.CLOSED
    return Unusable.HALTED if halted else None


def _shape(bid: Decimal, ask: Decimal) -> Unusable | None:
    if not (bid.is_finite() and ask.is_finite()) or bid < 0 or ask < 0:
        return Unusable.NEGATIVE
    if bid == 0 and ask == 0:
        return Unusable.ZERO
    if bid == 0 or ask == 0:
        return Unusable.ONE_SIDED
    if bid > ask:
        return Unusable.CROSSED
    return None


class FeedLife:
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


class Board:
    """Latest quote, trade and trading status of each symbol. Latest exchange time wins."""

    def __init__(self) -> None:
        self.quotes: dict[str, Quote] = {}
        self.trades: dict[str, Trade] = {}
        self.statuses: dict[str, TradingStatus] = {}
        self.feed = FeedLife()

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
            fresh_ns=self.feed.fresh_ns(quote),
            max_age_ns=max_age_ns,
        )


class Session(StrEnum):
    """Which hours it is. Extended hours trade limit orders only."""

    REGULAR = "regular"
    EXTENDED = "extended"
    CLOSED = "closed"


class MarketClock(msgspec.Struct, frozen=True):
    """The venue's regular session; times are nanoseconds since 1970.

    `last_close_ns` is the last close that was read before it came; 0: none, as for a program
    that was started after it.
    """

    is_open: bool
    at_ns: int
    next_open_ns: int
    next_close_ns: int
    last_close_ns: int = 0

    def session(self, now_ns: int) -> Session:
        """The hours at `now_ns`: from 04:00 to the opening and for 4 h after a close, extended.

        Alpaca's hours in New York; after an early close at 13:00 they end at 17:00. Whether
        today had a session is known from its close, so one that was not read counts as none.
        """
        if self.open_at(now_ns):
            return Session.REGULAR
        early = 0 <= self.next_open_ns - now_ns <= BEFORE_OPEN_NS
        closed_ns = self.closed_by(now_ns)
        late = bool(closed_ns) and now_ns < closed_ns + AFTER_CLOSE_NS
        return Session.EXTENDED if early or late else Session.CLOSED

    def closed_by(self, now_ns: int) -> int:
        """The last close before `now_ns`, as far as it was read; 0: unknown."""
        over = self.is_open and self.next_close_ns <= now_ns
        return self.next_close_ns if over else self.last_close_ns

    def open_at(self, now_ns: int) -> bool:
        """Whether the regular session is open at `now_ns`, from what was last read."""
        if self.is_open:
            return now_ns < self.next_close_ns
        return self.next_open_ns <= now_ns < self.next_close_ns
