"""Quotes, when a quote may be used, and the board of what is known now.

No I/O and no clock: `exchange_ns` is on the venue's scale, every other time on the run's own
(`core.runtime.clock`); `core.market.venue_time` knows how far the two are apart.
"""

from decimal import Decimal
from enum import StrEnum

import msgspec

from core.market.prices import Side, far_touch
from core.market.venue_time import VenueTime, age, timed

DELAYED_FEEDS = frozenset({"delayed_sip"})  # late by their terms, whatever their stamps say


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
    DELAYED = "delayed"
    UNTIMED = "untimed"
    TIME_UNKNOWN = "time-unknown"
    STALE = "stale"
    HALTED = "halted"
    CLOSED = "closed"

    def sentence(self, symbol: str) -> str:
        """The reason in words, for the person."""
        return _SENTENCES[self].format(symbol=symbol)


OLD = (Unusable.DELAYED, Unusable.UNTIMED, Unusable.TIME_UNKNOWN, Unusable.STALE)  # `why_old`

_SENTENCES = {
    Unusable.MISSING: "There is no quote for {symbol} yet.",
    Unusable.ONE_SIDED: "The quote for {symbol} has only one side.",
    Unusable.ZERO: "The quote for {symbol} has no prices.",
    Unusable.NEGATIVE: "The quote for {symbol} holds a price that is not a positive number.",
    Unusable.CROSSED: "The quote for {symbol} is crossed: the bid is above the ask.",
    Unusable.DELAYED: "The quotes of {symbol} come from a DELAYED feed, which prices no order.",
    Unusable.UNTIMED: "The quote for {symbol} carries no time, so nobody knows how old it is.",
    Unusable.TIME_UNKNOWN: "The venue's time is not known yet, so the quote for {symbol} "
    "has no age.",
    Unusable.STALE: "The quote for {symbol} is too old to price an order.",
    Unusable.HALTED: "{symbol} is halted.",
    Unusable.CLOSED: "The market is closed.",
}


def is_delayed(quote: Quote) -> bool:
    """Whether it comes from a feed that is late by its terms."""
    return quote.feed in DELAYED_FEEDS


def why_unusable(
    quote: Quote | None,
    now_ns: int,
    time: VenueTime | None,
    *,
    max_age_ns: int,
    halted: bool = False,
    is_open: bool = True,
) -> Unusable | None:
    """None when `quote` may price an order, else the reason. Locked is usable."""
    if (shut := why_shut(halted=halted, is_open=is_open)) is not None:
        return shut
    if quote is None:
        return Unusable.MISSING
    return _shape(quote.bid, quote.ask) or why_old(quote, now_ns, time, max_age_ns)


def why_old(quote: Quote, now_ns: int, time: VenueTime | None, max_age_ns: int) -> Unusable | None:
    """None when `quote` is surely no older than that: the one rule for its age.

    Its own time counts, against the venue's. When it came, and whether its feed lives, do not:
    a feed may be up and silent, or up and hours behind.
    """
    if is_delayed(quote):
        return Unusable.DELAYED
    if not timed(quote.exchange_ns):
        return Unusable.UNTIMED
    old = age(quote.exchange_ns, now_ns, time)
    if old is None:
        return Unusable.TIME_UNKNOWN
    return Unusable.STALE if old.exceeds(max_age_ns) else None


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
