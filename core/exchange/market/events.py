"""What comes from the market, whatever the source: quotes and prints with a time.

Times are market nanoseconds since the start of the run; the player turns them into
the exchange's own time. A source is an iterator of events in time order.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from core.market.prices import Side


class Touch(NamedTuple):
    """Best bid and ask of the market without our orders. A price of 0 means no such side."""

    bid: int
    bid_size: int
    ask: int
    ask_size: int

    def facing(self, side: Side) -> tuple[int, int]:
        """Price and size that an order of `side` would execute against."""
        return (self.ask, self.ask_size) if side is Side.BUY else (self.bid, self.bid_size)

    def own(self, side: Side) -> tuple[int, int]:
        """Price and size that an order of `side` would stand beside."""
        return (self.bid, self.bid_size) if side is Side.BUY else (self.ask, self.ask_size)

    def spread(self) -> int:
        """Ask minus bid; 0 when a side is missing or the market is locked or crossed."""
        return max(0, self.ask - self.bid) if self.bid and self.ask else 0


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
