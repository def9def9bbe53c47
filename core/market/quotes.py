"""Quotes, when a quote may be used, and the board of what is known now.

No I/O and no clock: times are nanoseconds on the run's own scale (`core.runtime.clock`).
"""

from decimal import Decimal
from enum import StrEnum

import msgspec

from core.market.prices import Side, far_touch
from core.market.time import NS

MAX_AGE_NS = 5 * NS


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
