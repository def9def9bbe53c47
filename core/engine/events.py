"""What the engine tells its listeners. Immutable, safe to hand to another thread."""

from enum import StrEnum

import msgspec

from core.market.account import Account, Position
from core.market.links import Link
from core.market.quotes import Quote, Trade, TradingStatus
from core.market.trading_hours import MarketClock
from core.market.venue_time import VenueTime
from core.orders.facts import AnyFact
from core.orders.state import ParentOrder


class OrderChanged(msgspec.Struct, frozen=True):
    """`order` is the state after `fact` (None: as replayed at the start)."""

    order: ParentOrder
    fact: AnyFact | None


class QuoteChanged(msgspec.Struct, frozen=True):
    """A quote newer than the one held."""

    quote: Quote


class TradePrinted(msgspec.Struct, frozen=True):
    """A print of a watched symbol."""

    trade: Trade


class StatusChanged(msgspec.Struct, frozen=True):
    """Trading status of a watched symbol."""

    status: TradingStatus


class LinkChanged(msgspec.Struct, frozen=True):
    """State of a link to the venue."""

    link: Link


class AccountChanged(msgspec.Struct, frozen=True):
    """Account figures and positions as last read."""

    account: Account
    positions: tuple[Position, ...]


class VenueTimeChanged(msgspec.Struct, frozen=True):
    """What is known of the venue's time, and so of the age of every quote."""

    time: VenueTime


class MarketChanged(msgspec.Struct, frozen=True):
    """The regular session as last read."""

    clock: MarketClock


class Level(StrEnum):
    """How loud a notice is."""

    INFO = "info"
    WARNING = "warning"
    ALARM = "alarm"


class Notice(msgspec.Struct, frozen=True):
    """A sentence for the person; `at` on the run's clock."""

    level: Level
    sentence: str
    at: int
    order_id: str | None = None


class TakingChanged(msgspec.Struct, frozen=True):
    """Why no order is taken any more (the kill switch); empty: they are taken again."""

    why: str


Event = (
    OrderChanged
    | QuoteChanged
    | TradePrinted
    | StatusChanged
    | LinkChanged
    | AccountChanged
    | VenueTimeChanged
    | MarketChanged
    | TakingChanged
    | Notice
)
