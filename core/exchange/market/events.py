"""What comes from the market, whatever the source: quotes and prints with a time.

Times are market nanoseconds since the start of the run; the player turns them into
the exchange's own time. A source is an iterator of events in time order.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from core.exchange.matching.book import Touch


class QuoteEvent(NamedTuple):
    """The touch of one symbol changed."""

    at: int
    symbol: str
    touch: Touch


class TradeEvent(NamedTuple):
    """Somebody traded. `venue` is the exchange letter, D for off the exchanges."""

    at: int
    symbol: str
    price: int
    size: int
    venue: str


class Status(StrEnum):
    """What the exchange says of trading in a symbol."""

    HALTED = "halted"
    RESUMED = "resumed"
    RESTRICTED = "restricted"  # the short-sale restriction (Rule 201) is on
    UNRESTRICTED = "unrestricted"


MarketEvent = QuoteEvent | TradeEvent
Source = Iterator[MarketEvent]
OFF_EXCHANGE = "D"
