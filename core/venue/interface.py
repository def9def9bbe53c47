"""What a broker looks like to the engine.

The engine knows only this. An implementation translates and never decides:
it does not retry, does not guess, and reports what it cannot read as such.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Protocol

import msgspec

from core.market.account import Account, Asset, Position
from core.market.links import Link, LinkName
from core.market.prices import Side
from core.market.quotes import Quote, Trade, TradingStatus
from core.market.trading_hours import MarketClock
from core.market.venue_time import Reading
from core.orders.facts import Execution, Reported, Source


class PostRequest(msgspec.Struct, frozen=True):
    """One child order as it is to be sent, good for the day. `limit_price` None: a market order.

    `closes` marks a sell of shares held: the venue must refuse it rather than open a short.
    `extended`: a limit that trades in extended hours too.
    """

    client_id: str
    symbol: str
    side: Side
    qty: Decimal
    limit_price: Decimal | None
    closes: bool = True
    extended: bool = False


class OrderReport(msgspec.Struct, frozen=True):
    """The venue's word about one order; fields as in `facts.Reported`."""

    client_id: str
    source: Source
    broker_id: str
    status: str
    filled: Decimal
    avg_price: Decimal | None = None
    event: str = ""
    execution: Execution | None = None
    symbol: str = ""
    side: Side | None = None
    qty: Decimal | None = None
    limit_price: Decimal | None = None
    replaced_by: str | None = None
    reason: str = ""

    def as_fact(self, order_id: str, client_id: str, at: int) -> Reported:
        """The same as a fact about our child `client_id`, learned at `at` (ns)."""
        return Reported(
            order_id=order_id,
            at=at,
            client_id=client_id,
            source=self.source,
            broker_id=self.broker_id,
            status=self.status,
            filled=self.filled,
            avg_price=self.avg_price,
            event=self.event,
            execution=self.execution,
            qty=self.qty,
            limit_price=self.limit_price,
            replaced_by=self.replaced_by,
            reason=self.reason,
        )


class Refused(msgspec.Struct, frozen=True):
    """A definite no. `retry_after` seconds when the same request may be sent again (429).

    `shares_reserved`, `opposed`, `in_the_way` and `held` as in `facts.PostRefused`.
    """

    message: str
    code: str = ""
    shares_reserved: bool = False
    opposed: bool = False
    in_the_way: str = ""
    held: Decimal | None = None
    retry_after: float | None = None


class Unanswered(msgspec.Struct, frozen=True):
    """No usable answer: timeout, reset, 5xx, unreadable body, or an id that is already used."""

    reason: str


class Absent(msgspec.Struct, frozen=True):
    """The venue answered that it has no such order."""


class Taken(msgspec.Struct, frozen=True):
    """The request to cancel was taken (204)."""


PostReply = OrderReport | Refused | Unanswered
CancelReply = Taken | Refused | Absent | Unanswered
ReadReply = OrderReport | Absent | Unanswered


class Sink(Protocol):
    """Where the streams put what they hear. Called on the engine's loop; must not block."""

    def on_report(self, report: OrderReport) -> None:
        """A trade update arrived."""

    def on_quote(self, quote: Quote) -> None:
        """A quote arrived."""

    def on_time(self, reading: Reading) -> None:
        """An answer told the venue's time."""

    def on_trade(self, trade: Trade) -> None:
        """A print arrived."""

    def on_status(self, status: TradingStatus) -> None:
        """A trading status arrived."""

    def on_link(self, link: Link) -> None:
        """A link changed, or its heartbeat was answered."""

    def on_bad_frame(self, link: LinkName, reason: str, client_id: str | None) -> None:
        """A frame could not be read; `client_id` names the order if that much was legible."""


class Venue(Protocol):
    """One account at one broker. All methods run on the engine's loop.

    The order calls never raise for what the venue or the network did: that is in
    the reply. The other reads raise `errors.VenueUnreachable`, `errors.LoginRefused`
    or `errors.Refusal` (unknown symbol).
    """

    name: str  # of its profile in core.market.venues
    feed: str  # iex, sip, ...

    async def start(self, sink: Sink) -> None:
        """Check the login and start both streams; returns when they are up or have failed once."""

    async def stop(self) -> None:
        """Close every connection. Orders stay as they are."""

    async def post(self, request: PostRequest) -> PostReply:
        """Send one order."""

    async def cancel(self, broker_id: str) -> CancelReply:
        """Ask to cancel one order."""

    async def read(self, client_id: str, broker_id: str | None) -> ReadReply:
        """Read one order, by broker id if known, else by client id."""

    def renew_orders(self, why: str) -> None:
        """Connect the order stream anew, at once; `why` in a few words. Returns immediately."""

    async def orders_since(self, since_ns: int) -> tuple[OrderReport, ...]:
        """Every order made after `since_ns` (1970), ended ones too. Raises Refusal."""

    async def open_orders(self, symbol: str | None = None) -> tuple[OrderReport, ...]:
        """Open orders as listed. Absence in a list proves nothing."""

    async def account(self) -> Account:
        """Account figures."""

    async def positions(self) -> tuple[Position, ...]:
        """All positions."""

    async def clock(self) -> MarketClock:
        """The regular session."""

    async def asset(self, symbol: str) -> Asset:
        """One asset; Refusal for an unknown symbol."""

    async def assets(self) -> tuple[Asset, ...]:
        """All active assets."""

    async def latest_quote(self, symbol: str) -> Quote | None:
        """Latest quote over REST, to seed the board; None when there is none."""

    async def watch(self, symbols: Iterable[str]) -> None:
        """Subscribe quotes, trades and statuses of exactly these symbols."""
