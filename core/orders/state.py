"""What is known about a parent order and its children: frozen data and questions over it.

Two facts about a child are kept apart: how much the venue says is filled
(cumulative, it only grows, save for a bust) and liveness (whether it can still
fill). Only a terminal record of the venue makes a child dead.
"""

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from core.market.prices import ZERO, Side
from core.market.quotes import Quote
from core.orders.facts import Execution, Source
from core.orders.plan import Instruction


class Liveness(StrEnum):
    """Whether a child can still fill, as far as that is known."""

    UNSENT = "unsent"  # journaled, the POST has not left
    SENT = "sent"  # the POST has left, nothing heard yet
    UNKNOWN = "unknown"  # the POST went unanswered, or the venue denies an order it once took
    WORKING = "working"  # the venue holds it open
    CANCEL_SENT = "cancel sent"  # a DELETE has left; it may still fill
    CHECKING = "checking"  # a terminal record came that does not add up; it is being read
    DEAD = "dead"  # proven: it can never fill again


# Looking a member up in its enum costs as much as copying a record (Python 3.11), so those
# that every fact asks for have names of their own, here and in the modules above.
_DEAD = Liveness.DEAD


class ChildKind(StrEnum):
    """What the child is for."""

    LIMIT = "limit"
    MARKET = "market"
    COLLAR = "collar"


class ChildOrder(msgspec.Struct, frozen=True):
    """One order at the venue. Quantities are shares, prices dollars.

    `filled` and `avg_price` are the venue's cumulative numbers; `executions`
    explain them. `source` and `as_of` tell where the latest word came from and
    when; `status` is that word. `posts`, `cancels`, `reads` count REST calls.
    """

    client_id: str
    kind: ChildKind
    qty: Decimal
    limit_price: Decimal | None
    liveness: Liveness = Liveness.UNSENT
    broker_id: str | None = None
    status: str = ""
    filled: Decimal = ZERO
    avg_price: Decimal | None = None
    executions: tuple[Execution, ...] = ()
    execution_ids: frozenset[str] = frozenset()
    explained: Decimal = ZERO  # shares that the executions seen so far add up to
    source: Source = Source.SELF
    as_of: int = 0
    posts: int = 0
    cancels: int = 0
    reads: int = 0
    misses: int = 0  # consecutive reads that found nothing, or less than was known
    doubt: bool = False  # a POST went unanswered, so a later refusal proves nothing
    cancels_refused: int = 0
    busted: bool = False  # a fill was taken back: only a read proves its end and its number
    shares_reserved: bool = msgspec.field(default=False, name="held")  # so it was refused
    shares_held: Decimal | None = None  # how many the venue said are held, as it refused it
    acked_at: int | None = None
    cancel_sent_at: int | None = None
    dead_at: int | None = None
    error: str = ""
    step: int = 0  # the plan's step that its price stands for
    by_hand: int = 0  # which of the prices set by hand it stands for; 0: one of the plan's
    replaces: str = ""  # by a PATCH of an earlier version: the client id of that child
    replaced_by: str = ""  # broker id of what follows it, as the venue says
    unread: bool = False  # to be read before anything else is done to it
    made_ns: int = 0  # when it was decided on; 0 for the first and for fallbacks

    @property
    def dead(self) -> bool:
        """Proven unable to fill."""
        return self.liveness is _DEAD

    @property
    def leaves(self) -> Decimal:
        """Shares that may still fill: 0 once dead."""
        return ZERO if self.liveness is _DEAD else max(self.qty - self.filled, ZERO)

    @property
    def ended_by_us(self) -> bool:
        """A DELETE of ours left that was not refused: if it is cancelled, we did it."""
        return self.cancels > self.cancels_refused


class State(StrEnum):
    """Where the parent order stands. The last five are final."""

    SENDING = "sending"  # the limit is on its way
    WORKING = "working"  # the limit is live
    REPLACING = "replacing"  # another price is on its way, and the venue has not proven it
    CANCELING = "canceling"  # a cancel was asked for and is not proven
    FALLBACK = "fallback"  # the limit is proven dead, the rest is on its way or live
    UNCERTAIN = "uncertain"  # a child's fate is unknown and being read
    FILLED = "filled"  # all that was asked for
    CANCELED = "canceled"  # ended with a rest for which nothing more is sent
    REJECTED = "rejected"  # the venue refused it, or it was never sent
    EXPIRED = "expired"  # the venue let it lapse at the end of its day
    ATTENTION = "attention"  # a person must look: the reason says why


AT_WORK = frozenset({State.WORKING, State.REPLACING})
FINAL = frozenset({State.FILLED, State.CANCELED, State.REJECTED, State.EXPIRED, State.ATTENTION})


class Cause(StrEnum):
    """Why the limit is being cancelled, which decides what follows it."""

    NONE = ""  # it is not being cancelled
    PERSON = "person"  # no fallback, ever
    TIMEOUT = "timeout"  # time ran out: the fallback of its plan follows
    MARKET_NOW = "market now"  # a person wants the market order at once
    GRACE = "window"  # unattended too long after its deadline: no fallback (so journals spell it)
    EXHAUSTED = "exhausted"  # the collared fallback did not fill in its time
    UNWANTED = "unwanted"  # more could fill than was asked for
    UNRECORDED = "unrecorded"  # what was asked in the run before is not known: nothing more is sent


class ParentOrder(msgspec.Struct, frozen=True):
    """One instruction and everything proven about it. `deadline_ns` None: paused, no countdown.

    `started_ns` is the click; `quote` the arrival quote; `collar_until_ns` when a
    collared fallback gives up. `own_price` is the price that a person set last, which takes
    the place of the plan's; `times_set` how often that was done. `alarm` is a sentence a
    person must see, `reason` says how it ended.
    """

    id: str
    instruction: Instruction
    quote: Quote
    limit_price: Decimal
    ticks_better: int
    venue: str
    account: str
    started_ns: int
    deadline_ns: int | None
    grace_ns: int = msgspec.field(name="window_ns")  # as journals spell it
    children: tuple[ChildOrder, ...]
    state: State = State.SENDING
    cause: Cause = Cause.NONE
    cancel_asked: bool = False
    resumed: bool = False
    short: bool = False  # a sell that opens a short position
    extended: bool = False  # its limits trade in extended hours too
    collar_until_ns: int | None = None
    reserved_retries: int = msgspec.field(default=0, name="hold_retries")
    step: int = 0  # the plan's step in force
    own_price: Decimal | None = None
    times_set: int = 0
    unpriced: int = 0  # how often in a row the step could not be priced
    busted: bool = False
    alarm: str = ""
    reason: str = ""
    ended_ns: int | None = None
    ended_unproven: bool = False  # nobody knew then whether its last child was at the venue

    @property
    def final(self) -> bool:
        """Nothing more will be sent for it."""
        return self.state in FINAL

    @property
    def done(self) -> bool:
        """Final, and every child is proven dead: nothing of it can fill any more."""
        return self.state in FINAL and not self.live_children

    @property
    def symbol(self) -> str:
        """The symbol traded."""
        return self.instruction.symbol

    @property
    def side(self) -> Side:
        """Buy or sell."""
        return self.instruction.side

    @property
    def qty(self) -> Decimal:
        """Shares asked for."""
        return self.instruction.qty

    @property
    def filled(self) -> Decimal:
        """Shares the venue says are filled, over all children."""
        return sum([c.filled for c in self.children], ZERO)

    @property
    def exposure(self) -> Decimal:
        """Worst case: filled plus what may still fill. Never above `qty` before a POST."""
        worst = ZERO
        for child in self.children:
            dead = child.liveness is _DEAD
            worst += child.filled if dead or child.filled > child.qty else child.qty
        return worst

    @property
    def reserved(self) -> Decimal:
        """As `exposure`, but of an order and its replacement under way only the larger counts."""
        return self.exposure - self.counted_twice(self.live_children)

    def counted_twice(self, among: Iterable[ChildOrder]) -> Decimal:
        """Shares that two children have open and only one of them can fill."""
        twice = ZERO
        for child in (among := tuple(among)) if len(self.children) > 1 else ():
            old = self.child(child.replaces) if child.replaces else None
            if old is not None and old in among:
                twice += min(old.leaves, child.leaves)
        return twice

    @property
    def rest(self) -> Decimal:
        """Shares asked for and not filled."""
        return max(self.qty - self.filled, ZERO)

    @property
    def unproven(self) -> Decimal:
        """Shares that some live child may still fill, at most those asked for."""
        return min(sum((child.leaves for child in self.live_children), ZERO), self.rest)

    @property
    def present_limit(self) -> Decimal:
        """The limit that was sent last, dollars; of a plan of steps the one in force."""
        limits = [c.limit_price for c in self.children if c.limit_price is not None]
        return limits[-1] if limits else self.limit_price

    @property
    def avg_price(self) -> Decimal | None:
        """Average price over all children, dollars a share; None before the first fill."""
        value = shares = ZERO
        for child in self.children:
            if child.filled and child.avg_price is not None:
                value += child.filled * child.avg_price
                shares += child.filled
        return value / shares if shares else None

    @property
    def fell_back(self) -> bool:
        """A fallback child was sent."""
        return any(c.kind is not ChildKind.LIMIT and c.posts for c in self.children[1:])

    @property
    def at_market(self) -> bool:
        """It began as a market order: nothing of it is worked."""
        return self.instruction.plan.at_market

    @property
    def live_children(self) -> tuple[ChildOrder, ...]:
        """Children not proven dead."""
        return tuple([c for c in self.children if c.liveness is not _DEAD])

    def child(self, client_id: str) -> ChildOrder | None:
        """The child with that client order id."""
        for child in self.children:
            if child.client_id == client_id:
                return child
        return None


def with_child(order: ParentOrder, child: ChildOrder) -> ParentOrder:
    """The order with `child` in place of the one with its id."""
    if len(order.children) == 1:
        return replace(order, children=(child,))
    return replace(
        order,
        children=tuple([child if c.client_id == child.client_id else c for c in order.children]),
    )


def end(order: ParentOrder, at: int, state: State, reason: str) -> ParentOrder:
    """The order in its final state."""
    return replace(order, state=state, reason=reason, ended_ns=at)


def end_in_alarm(
    order: ParentOrder, at: int, sentence: str, state: State = State.ATTENTION
) -> ParentOrder:
    """The order in its final state, and its reason is told aloud."""
    return replace(end(order, at, state, sentence), alarm=sentence)
