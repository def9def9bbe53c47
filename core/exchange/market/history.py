"""What was published of each symbol since the start, as far as it is kept: quotes, prints, bars."""

from collections import defaultdict, deque
from decimal import Decimal
from typing import TypeVar

from core.exchange.market.ticker import Bar, Quote, Trade

MOST_KEPT = 50_000  # of each kind and symbol; older ones are forgotten

_T = TypeVar("_T", Quote, Trade, Bar)


class History:
    """Oldest first. A minute's bar is here once the minute is over.

    `equities`: what the account was worth, in dollars, and when; `first_equity` at the start.
    """

    def __init__(self) -> None:
        self.quotes: defaultdict[str, deque[Quote]] = _kept()
        self.trades: defaultdict[str, deque[Trade]] = _kept()
        self.bars: defaultdict[str, deque[Bar]] = _kept()
        self.equities: deque[tuple[int, Decimal]] = deque(maxlen=MOST_KEPT)
        self.first_equity = Decimal(0)


def _kept() -> "defaultdict[str, deque[_T]]":
    return defaultdict(lambda: deque(maxlen=MOST_KEPT))
