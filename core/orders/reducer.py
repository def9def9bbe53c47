"""The order state machine: (state, fact) -> (state, commands). The one door for facts.

No I/O, no clock, no randomness: time is the fact's own `at`. The rules come
from the eight invariants of the design: a child is dead only by a terminal
record of the venue, the fallback is sent only after that, for asked minus
proven filled, and a person's cancel forbids it for ever.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from core.market.time import NS
from core.orders import child_record, repricing
from core.orders.commands import Command, Post, Read
from core.orders.facts import (
    AnyFact,
    CancelAsked,
    ChildFact,
    DeadlineMoved,
    DeadlineReached,
    FallbackPriced,
    LoginLost,
    MarketNowAsked,
    OrderAccepted,
    PriceSet,
    Reported,
    Resumed,
    Source,
    StepPriced,
    VenueGone,
)
from core.orders.fallback import add_collar, awaits_collar, fallback_in_time
from core.orders.ids import client_id, parent_of
from core.orders.next_action import settle
from core.orders.permissions import timer_ns
from core.orders.reasons import GONE
from core.orders.repricing import Draft, backoff_ns
from core.orders.state import (
    Cause,
    ChildKind,
    ChildOrder,
    Liveness,
    ParentOrder,
    State,
    end,
    with_child,
)
from core.orders.venue_answers.table import CHILD_RULES

ANSWER_NS = NS // 2  # how long a POST may take to answer, before a cancel that waits looks for it

Transition = tuple[ParentOrder, tuple[Command, ...]]


def open_order(fact: OrderAccepted) -> Transition:
    """The parent order as it is the moment its instruction is accepted."""
    asked = fact.instruction
    plan = asked.plan
    name = client_id(fact.order_id, 1)
    child = ChildOrder(name, ChildKind.LIMIT, asked.qty, fact.limit_price)
    if plan.at_market:
        child = ChildOrder(name, ChildKind.MARKET, asked.qty, None)
    order = ParentOrder(
        id=fact.order_id,
        instruction=asked,
        quote=fact.quote,
        limit_price=fact.limit_price,
        ticks_better=fact.ticks_better,
        venue=fact.venue,
        account=fact.account,
        started_ns=fact.at,
        deadline_ns=fact.at + _ns(plan.timeout),
        grace_ns=_ns(plan.grace),
        children=(child,),
        cause=Cause.MARKET_NOW if plan.at_market else Cause.NONE,
        short=fact.short,
        extended=fact.extended,
    )
    return order, (Post(child.client_id),)


def reduce(order: ParentOrder | None, fact: AnyFact) -> Transition:
    """The state after `fact` and what must now be done. Total: no fact is an error.

    A fact about an order that is not open yet, other than its acceptance, raises KeyError.
    """
    if order is None:
        if not isinstance(fact, OrderAccepted):
            raise KeyError(fact.order_id)
        return open_order(fact)
    if isinstance(fact, ChildFact):
        child = order.child(fact.client_id)
        if child is None and isinstance(fact, Reported) and fact.source is Source.READ:
            order, child = _adopted(order, fact)
        if child is None:
            return order, ()
        draft = CHILD_RULES[type(fact)](order, child, fact)
    else:
        draft = PARENT_RULES[type(fact)](order, fact)
    order, commands = settle(draft[0], fact.at, draft[1])
    return order, tuple(commands)


def _adopted(order: ParentOrder, fact: Reported) -> tuple[ParentOrder, ChildOrder | None]:
    """An order under one of our ids that a read found and the journal does not know."""
    if parent_of(fact.client_id) != order.id:
        return order, None
    kind = ChildKind.MARKET if fact.limit_price is None else ChildKind.LIMIT
    child = ChildOrder(
        fact.client_id,
        kind,
        order.rest if fact.qty is None else fact.qty,
        fact.limit_price,
        liveness=Liveness.UNKNOWN,
        doubt=True,
    )
    alarm = (
        f"The venue holds {child.client_id}, an order of this one that the journal did not know. "
        "It counts from now on."
    )
    return replace(order, children=(*order.children, child), alarm=alarm), child


def _ns(seconds: Decimal) -> int:
    return int(seconds * NS)


# ---- a person, a timer, a start -------------------------------------------------------------


def _on_accepted(order: ParentOrder, fact: OrderAccepted) -> Draft:
    """The same intent twice is one order: nothing changes."""
    return order, []


def _on_cancel_asked(order: ParentOrder, fact: CancelAsked) -> Draft:
    """Cancel what is live, and send nothing more for it, ever."""
    if order.final:
        return order, []
    return replace(order, cancel_asked=True, cause=Cause.PERSON), _finds(order)


def _on_market_now(order: ParentOrder, fact: MarketNowAsked) -> Draft:
    """The deadline is now, and market is what follows."""
    if order.final or order.cause not in (Cause.NONE, Cause.TIMEOUT):
        return order, []
    return replace(order, cause=Cause.MARKET_NOW, deadline_ns=fact.at), _finds(order)


def _on_deadline_moved(order: ParentOrder, fact: DeadlineMoved) -> Draft:
    """Work the limit until then, or without an end."""
    if order.final or order.cause is not Cause.NONE:
        return order, []
    return replace(order, deadline_ns=fact.deadline_ns), []


def _on_price_set(order: ParentOrder, fact: PriceSet) -> Draft:
    """The price of a person takes the place of the plan's, and waits to be sent."""
    if order.final or order.cause is not Cause.NONE:
        return order, []
    times = order.times_set + 1
    return replace(order, own_price=fact.limit_price, times_set=times, unpriced=0), []


def _on_deadline(order: ParentOrder, fact: DeadlineReached) -> Draft:
    """Time is up for the step, the limit or the collar, if no other cause came first."""
    due = timer_ns(order)
    if due is None or fact.at < due:
        return order, []
    if order.collar_until_ns is not None:
        return replace(order, cause=Cause.EXHAUSTED), []
    if order.deadline_ns is not None and fact.at >= order.deadline_ns:
        return replace(order, cause=Cause.TIMEOUT), _finds(order)
    return repricing.step_on(order, fact.at), []


def _finds(order: ParentOrder) -> list[Command]:
    """Reads of what is to be cancelled and cannot be, as the venue's id of it is not known yet."""
    return [
        Read(c.client_id, 0 if c.liveness is Liveness.UNKNOWN else ANSWER_NS)
        for c in order.live_children
        if c.broker_id is None and c.liveness in (Liveness.SENT, Liveness.UNKNOWN)
    ]


def _on_resumed(order: ParentOrder, fact: Resumed) -> Draft:
    """Read what is live before anything else, and count the time nobody attended."""
    commands: list[Command] = [Read(c.client_id) for c in order.live_children]
    if order.final:
        return order, commands
    children = tuple(
        c if c.dead else replace(c, doubt=c.doubt or _unanswered(c), unread=True)
        for c in order.children
    )
    grace_ns = min(order.grace_ns, _ns(fact.grace))  # the trader's own is the most
    order = replace(order, resumed=True, grace_ns=grace_ns, children=children)
    if fact.unrecorded and order.cause in (Cause.NONE, Cause.TIMEOUT, Cause.MARKET_NOW):
        return replace(order, cause=Cause.UNRECORDED), commands
    if order.cause is Cause.NONE:
        order = _time_passed(order, fact.at)
    return order, commands


def _unanswered(child: ChildOrder) -> bool:
    """Its POST left, and the run that sent it can hear no answer any more."""
    return child.broker_id is None and child.liveness in (Liveness.SENT, Liveness.UNKNOWN)


def _time_passed(order: ParentOrder, at: int) -> ParentOrder:
    """The order after the time during which no run looked after it."""
    if order.deadline_ns is None:
        left_alone = at - max(c.as_of for c in order.children)
        if order.live_children or left_alone <= order.grace_ns:
            return order
        return replace(order, cause=Cause.GRACE)  # paused, and its next limit had not left
    if at < order.deadline_ns:
        return repricing.step_on(order, at)
    late = at > order.deadline_ns + order.grace_ns
    return replace(order, cause=Cause.GRACE if late else Cause.TIMEOUT)


def _on_venue_gone(order: ParentOrder, fact: VenueGone) -> Draft:
    """Everything at a venue that has ended is dead with it."""
    if order.done:
        return order, []
    dead = tuple(
        c if c.dead else child_record.bury(c, fact.at, child_record.GONE) for c in order.children
    )
    reason = GONE if order.final else order.reason  # what appeared after its end is gone, too
    return replace(order, children=dead, reason=reason), []


def _on_login_lost(order: ParentOrder, fact: LoginLost) -> Draft:
    """Nothing that is live can be asked about or cancelled until the venue takes the keys again."""
    commands: list[Command] = []
    for child in order.children:
        if child.liveness in (Liveness.WORKING, Liveness.CANCEL_SENT):
            unknown = replace(child, liveness=Liveness.UNKNOWN, as_of=fact.at)
            order = with_child(order, unknown)
            commands.append(Read(child.client_id, backoff_ns(0)))
    return order, commands


def _on_fallback_priced(order: ParentOrder, fact: FallbackPriced) -> Draft:
    """Send the collared fallback at that price; without one a person must decide."""
    commands: list[Command] = []
    if not awaits_collar(order) or not fallback_in_time(order, fact.at):
        return order, commands
    if fact.limit_price is None:
        sentence = (
            f"No fallback was sent: {fact.reason} Nothing is live; decide about the rest yourself."
        )
        return replace(end(order, fact.at, State.ATTENTION, sentence), alarm=sentence), commands
    return add_collar(order, fact.limit_price, fact.at, commands), commands


def _on_step_priced(order: ParentOrder, fact: StepPriced) -> Draft:
    """Stay, replace, or cancel so that a new limit can follow."""
    return repricing.on_step_priced(order, fact)


_ParentRule = Callable[[ParentOrder, Any], Draft]

PARENT_RULES: dict[type, _ParentRule] = {
    OrderAccepted: _on_accepted,
    CancelAsked: _on_cancel_asked,
    MarketNowAsked: _on_market_now,
    DeadlineMoved: _on_deadline_moved,
    PriceSet: _on_price_set,
    DeadlineReached: _on_deadline,
    Resumed: _on_resumed,
    VenueGone: _on_venue_gone,
    LoginLost: _on_login_lost,
    FallbackPriced: _on_fallback_priced,
    StepPriced: _on_step_priced,
}
