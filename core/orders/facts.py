"""Everything that can become known about an order, as small frozen records.

A fact is what the journal stores and what the reducer takes; nothing else
changes an order. `at` is nanoseconds on the run's clock (`core.runtime.clock`).
"""

from decimal import Decimal
from enum import StrEnum

import msgspec

from core.market.quotes import Quote
from core.orders.plan import Instruction


class Source(StrEnum):
    """Who says so."""

    POST = "post"  # the answer to our own POST or DELETE
    STREAM = "stream"  # the trade-update WebSocket
    READ = "read"  # a status read over REST
    SELF = "self"  # Touchline: a click, a timer, a start


class Execution(msgspec.Struct, frozen=True):
    """One fill as the venue names it. `qty` shares at `price` dollars."""

    id: str
    qty: Decimal
    price: Decimal
    at_ns: int


class Fact(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Base of all facts: which parent order, and when we learned it."""

    order_id: str
    at: int


class ChildFact(Fact, frozen=True, kw_only=True, tag=True):
    """Base of the facts about one child order."""

    client_id: str


class OrderAccepted(Fact, frozen=True, kw_only=True, tag=True):
    """The instruction passed the boundary. `quote` is the arrival quote.

    `account` is the venue's account number, `venue` the profile's name.
    """

    instruction: Instruction
    quote: Quote
    limit_price: Decimal
    ticks_better: int
    venue: str
    account: str
    short: bool = False  # a sell that opens a short position
    extended: bool = False  # accepted outside regular hours: limit orders only


class CancelAsked(Fact, frozen=True, kw_only=True, tag=True):
    """A person asked to cancel. Forbids the fallback for ever."""

    by: str = "person"


class MarketNowAsked(Fact, frozen=True, kw_only=True, tag=True):
    """A person asked for the market order now instead of at the deadline."""


class DeadlineMoved(Fact, frozen=True, kw_only=True, tag=True):
    """A person gave the order another deadline; None pauses it: there is none."""

    deadline_ns: int | None


class PriceSet(Fact, frozen=True, kw_only=True, tag=True):
    """A person gave the order a limit of their own, dollars a share.

    It takes the place of the plan's price and of its later steps; the deadline stays.
    """

    limit_price: Decimal


class DeadlineReached(Fact, frozen=True, kw_only=True, tag=True):
    """The engine's timer says that the deadline has come."""


class Resumed(Fact, frozen=True, kw_only=True, tag=True):
    """A new run took the order up from the journal.

    `grace` is seconds after the deadline within which the fallback still counts.
    `unrecorded`: the run before could not record its end, so what a person asked for in it
    is not known.
    """

    grace: Decimal = msgspec.field(name="window")  # as journals spell it
    unrecorded: bool = False


class VenueGone(Fact, frozen=True, kw_only=True, tag=True):
    """The embedded exchange that held the order has ended, and its orders with it."""


class LoginLost(Fact, frozen=True, kw_only=True, tag=True):
    """The venue does not accept our keys any more."""


class FallbackPriced(Fact, frozen=True, kw_only=True, tag=True):
    """The quote from which a collared fallback takes its limit; None: no usable quote."""

    limit_price: Decimal | None
    reason: str = ""


class StepPriced(Fact, frozen=True, kw_only=True, tag=True):
    """The price of the plan's step number `step` (from 0) at the present quote, or a person's own.

    `limit_price` None: it can't be priced now, for `reason`. `keeps_reservation`: in journals
    of versions that replaced by PATCH.
    """

    step: int
    limit_price: Decimal | None
    reason: str = ""
    keeps_reservation: bool = msgspec.field(default=False, name="keeps_hold")


class PostSent(ChildFact, frozen=True, kw_only=True, tag=True):
    """A POST is about to leave. Durable before it does."""


class PostWithheld(ChildFact, frozen=True, kw_only=True, tag=True):
    """The POST never left: something learned in the last moment forbids it."""

    reason: str


class PostBarred(ChildFact, frozen=True, kw_only=True, tag=True):
    """A fallback may not be sent now, so its POST did not leave.

    `retry_after` seconds until it is tried again; None: what bars it outlasts the grace.
    """

    reason: str
    retry_after: float | None = None


class PostRefused(ChildFact, frozen=True, kw_only=True, tag=True):
    """The venue definitely did not take the POST. `retry_after` seconds if it may be repeated.

    `shares_reserved`: refused because they are still reserved by another order. `opposed`: because
    it could trade with an order of the same account, whose broker id is `in_the_way`. `held` is
    how many shares the venue says the account holds; None: it did not say.
    """

    message: str
    code: str = ""
    shares_reserved: bool = msgspec.field(default=False, name="held")
    opposed: bool = False
    in_the_way: str = ""
    held: Decimal | None = msgspec.field(default=None, name="shares_held")
    retry_after: float | None = None


class PostUnanswered(ChildFact, frozen=True, kw_only=True, tag=True):
    """The POST may have arrived or not: timeout, reset, 5xx, unreadable, id already used."""

    reason: str


class CancelSent(ChildFact, frozen=True, kw_only=True, tag=True):
    """A DELETE is about to leave."""


class CancelTaken(ChildFact, frozen=True, kw_only=True, tag=True):
    """The venue took the request to cancel (204). It proves nothing about the order."""


class CancelRefused(ChildFact, frozen=True, kw_only=True, tag=True):
    """The venue would not cancel (422 or 404): the order must be read."""

    message: str


class CancelFailed(ChildFact, frozen=True, kw_only=True, tag=True):
    """The DELETE got no usable answer."""

    reason: str


class NotFound(ChildFact, frozen=True, kw_only=True, tag=True):
    """A status read found no such order. Not a proof that there is none."""


class ReadFailed(ChildFact, frozen=True, kw_only=True, tag=True):
    """A status read got no usable answer."""

    reason: str


class Reported(ChildFact, frozen=True, kw_only=True, tag=True):
    """One word of the venue about a child, from whichever source.

    `status` is the venue's own word, `filled` its cumulative number of shares,
    `avg_price` dollars. `event` is the stream's event name, empty for a read.
    `execution` is present on fills. `qty` and `limit_price` are the order's as
    the venue holds them. `replaced_by` names the broker id that follows this one.
    """

    source: Source
    broker_id: str
    status: str
    filled: Decimal
    avg_price: Decimal | None = None
    event: str = ""
    execution: Execution | None = None
    qty: Decimal | None = None
    limit_price: Decimal | None = None
    replaced_by: str | None = None
    reason: str = ""


class EndSeen(ChildFact, frozen=True, kw_only=True, tag=True):
    """A person looked at the broker: it has ended there, with `filled` shares in all.

    `avg_price` dollars a share; None when nothing filled.
    """

    filled: Decimal
    avg_price: Decimal | None = None


AnyFact = (
    OrderAccepted
    | CancelAsked
    | MarketNowAsked
    | DeadlineMoved
    | PriceSet
    | DeadlineReached
    | Resumed
    | VenueGone
    | LoginLost
    | FallbackPriced
    | StepPriced
    | PostSent
    | PostWithheld
    | PostBarred
    | PostRefused
    | PostUnanswered
    | CancelSent
    | CancelTaken
    | CancelRefused
    | CancelFailed
    | NotFound
    | ReadFailed
    | Reported
    | EndSeen
)
