"""What the core told and the window has not drawn yet, and the frame that it becomes. No Qt.

Quotes, statuses and the account are latest-wins; order facts, links and notices are
queued and none is dropped; prints are bounded.
"""

from collections import deque
from dataclasses import dataclass, field

from core.engine.events import (
    AccountChanged,
    Event,
    LinkChanged,
    MarketChanged,
    Notice,
    OrderChanged,
    QuoteChanged,
    StatusChanged,
    TakingChanged,
    TradePrinted,
    VenueTimeChanged,
)
from core.market.links import Link
from core.market.quotes import Quote, Trade, TradingStatus
from core.market.trading_hours import MarketClock
from core.market.venue_time import VenueTime

MAX_TRADES = 2_000


@dataclass(frozen=True, slots=True)
class Frame:
    """Everything that became known since the last frame."""

    quotes: tuple[Quote, ...] = ()
    trades: tuple[Trade, ...] = ()
    statuses: tuple[TradingStatus, ...] = ()
    orders: tuple[OrderChanged, ...] = ()
    links: tuple[Link, ...] = ()
    notices: tuple[Notice, ...] = ()
    account: AccountChanged | None = None
    market: MarketClock | None = None
    taking: TakingChanged | None = None
    time: VenueTime | None = None


@dataclass(slots=True)
class Inbox:
    """What waits for the next frame. It locks nothing: who shares it between threads does."""

    quotes: dict[str, Quote] = field(default_factory=dict)
    trades: deque[Trade] = field(default_factory=lambda: deque(maxlen=MAX_TRADES))
    statuses: dict[str, TradingStatus] = field(default_factory=dict)
    orders: list[OrderChanged] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    account: AccountChanged | None = None
    market: MarketClock | None = None
    taking: TakingChanged | None = None
    time: VenueTime | None = None

    def put(self, event: Event) -> None:
        """Keep one event the way its kind asks for."""
        match event:
            case QuoteChanged(quote=quote):
                self.quotes[quote.symbol] = quote
            case TradePrinted(trade=trade):
                self.trades.append(trade)
            case OrderChanged():
                self.orders.append(event)
            case Notice():
                self.notices.append(event)
            case LinkChanged(link=link):
                self.links.append(link)
            case StatusChanged(status=status):
                self.statuses[status.symbol] = status
            case AccountChanged():
                self.account = event
            case MarketChanged(clock=market):
                self.market = market
            case VenueTimeChanged(time=time):
                self.time = time
            case TakingChanged():
                self.taking = event

    def frame(self) -> Frame:
        """The same, frozen."""
        return Frame(
            tuple(self.quotes.values()),
            tuple(self.trades),
            tuple(self.statuses.values()),
            tuple(self.orders),
            tuple(self.links),
            tuple(self.notices),
            self.account,
            self.market,
            self.taking,
            self.time,
        )
