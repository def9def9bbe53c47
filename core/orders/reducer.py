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
from core.orders import child_reports, repricing
from core.orders.commands import Cancel, Command, Post, PriceFallback, PriceStep, Read
from core.orders.facts import (
    AnyFact,
    CancelAsked,
    CancelFailed,
    CancelRefused,
    CancelSent,
    CancelTaken,
    ChildFact,
    DeadlineMoved,
    DeadlineReached,
    FallbackPriced,
    LoginLost,
    MarketNowAsked,
    NotFound,
    OrderAccepted,
    PostBarred,
    PostRefused,
    PostSent,
    PostUnanswered,
    PostWithheld,
    PriceSet,
    ReadFailed,
    Reported,
    Resumed,
    Source,
    StepPriced,
    VenueGone,
)
from core.orders.ids import client_id, parent_of
from core.orders.next_action import (
    Draft,
    add_collar,
    awaits_collar,
    collar_runs_from,
    end,
    fallback_in_time,
    filled_late,
    settle,
)
from core.orders.reasons import GONE
from core.orders.repricing import PROOF_GRACE_NS, backoff_ns
from core.orders.state import Cause, ChildKind, ChildOrder, Liveness, ParentOrder, State, with_child

Step = tuple[ParentOrder, tuple[Command, ...]]

FILL_GRACE_NS = 5 * NS  # the same for a market order's fill
REORDER_GRACE_NS = NS * 15 // 100  # frames out of order settle by themselves within this
OPPOSED_RETRY_NS = 2 * NS  # the venue's own view of an opposite order is asked this often
MISSES_BEFORE_REPOST = 4  # reads that find nothing, before the same id is sent again
MISSES_BEFORE_GIVING_UP = 6
MAX_POSTS = 4

# Members that every fact asks for (see order_state).
_UNSENT = Liveness.UNSENT
_SENT = Liveness.SENT
_CANCEL_SENT = Liveness.CANCEL_SENT
_CHECKING = Liveness.CHECKING
_DEAD = Liveness.DEAD
_LIMIT = ChildKind.LIMIT
_READ = Source.READ
_STREAM = Source.STREAM


def open_order(fact: OrderAccepted) -> Step:
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
        window_ns=_ns(plan.window),
        children=(child,),
        cause=Cause.MARKET_NOW if plan.at_market else Cause.NONE,
        short=fact.short,
        extended=fact.extended,
    )
    return order, (Post(child.client_id),)


def reduce(order: ParentOrder | None, fact: AnyFact) -> Step:
    """The state after `fact` and what must now be done. Total: no fact is an error.

    A fact about an order that is not open yet, other than its acceptance, raises KeyError.
    """
    if order is None:
        if not isinstance(fact, OrderAccepted):
            raise KeyError(fact.order_id)
        return open_order(fact)
    if isinstance(fact, ChildFact):
        child = order.child(fact.client_id)
        if child is None and isinstance(fact, Reported) and fact.source is _READ:
            order, child = _adopted(order, fact)
        if child is None:
            return order, ()
        draft = _CHILD_RULES[type(fact)](order, child, fact)
    else:
        draft = _PARENT_RULES[type(fact)](order, fact)
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


def may_post(order: ParentOrder, child_id: str) -> bool:
    """Whether this POST may leave: nobody cancelled, and no more than asked can ever fill."""
    child = order.child(child_id)
    if child is None or child.dead or order.final or order.cancel_asked or order.busted:
        return False
    if order.cause is Cause.UNRECORDED:
        return False
    if child.broker_id is not None:
        return False  # the venue has it
    if child.replaces:
        return repricing.may_replace(order, child)
    if child.kind is ChildKind.LIMIT:
        return order.cause is Cause.NONE and order.exposure <= order.qty
    others_dead = all(c.dead for c in order.children if c is not child)
    return others_dead and order.exposure <= order.qty


def too_late(order: ParentOrder, child: ChildOrder, at: int) -> bool:
    """Whether `child` is a fallback whose window is over: the process may have slept."""
    return child.kind is not ChildKind.LIMIT and not fallback_in_time(order, at)


def still_wanted(order: ParentOrder, command: Command) -> bool:
    """Whether a command that waited is still of use."""
    if isinstance(command, PriceFallback):
        return not order.final and not order.cancel_asked
    if isinstance(command, PriceStep):
        return repricing.wants_price(order)
    child = order.child(command.client_id)
    if child is None or child.dead:
        return False
    if isinstance(command, Post):
        return child.liveness is not Liveness.SENT and may_post(order, command.client_id)
    if isinstance(command, Cancel):
        return child.broker_id is not None and child.liveness is Liveness.CANCEL_SENT
    return True


def timer_ns(order: ParentOrder) -> int | None:
    """When the next deadline of this order comes, on the run's clock; None for no timer."""
    if order.final:
        return None
    if order.collar_until_ns is not None:
        return order.collar_until_ns if _collar_runs(order) else None
    if order.cause is not Cause.NONE or order.deadline_ns is None:
        return None
    step = repricing.next_step_ns(order)
    return order.deadline_ns if step is None else min(step, order.deadline_ns)


def _collar_runs(order: ParentOrder) -> bool:
    """Its end is the end of its time; with a limit of the trader's also when it was hurried."""
    limited = order.instruction.plan.limit is not None
    return order.cause is Cause.TIMEOUT or (limited and order.cause is Cause.MARKET_NOW)


def _ns(seconds: Decimal) -> int:
    return int(seconds * NS)


# ---- a person, a timer, a start -------------------------------------------------------------


def _on_accepted(order: ParentOrder, fact: OrderAccepted) -> Draft:
    return order, []  # the same intent twice is one order


def _on_cancel_asked(order: ParentOrder, fact: CancelAsked) -> Draft:
    if order.final:
        return order, []
    return replace(order, cancel_asked=True, cause=Cause.PERSON), []


def _on_market_now(order: ParentOrder, fact: MarketNowAsked) -> Draft:
    if order.final or order.cause not in (Cause.NONE, Cause.TIMEOUT):
        return order, []
    return replace(order, cause=Cause.MARKET_NOW, deadline_ns=fact.at), []


def _on_deadline_moved(order: ParentOrder, fact: DeadlineMoved) -> Draft:
    if order.final or order.cause is not Cause.NONE:
        return order, []
    return replace(order, deadline_ns=fact.deadline_ns), []


def _on_price_set(order: ParentOrder, fact: PriceSet) -> Draft:
    if order.final or order.cause is not Cause.NONE:
        return order, []
    times = order.times_set + 1
    return replace(order, own_price=fact.limit_price, times_set=times, unpriced=0), []


def _on_deadline(order: ParentOrder, fact: DeadlineReached) -> Draft:
    due = timer_ns(order)
    if due is None or fact.at < due:
        return order, []
    if order.collar_until_ns is not None:
        return replace(order, cause=Cause.EXHAUSTED), []
    if order.deadline_ns is not None and fact.at >= order.deadline_ns:
        return replace(order, cause=Cause.TIMEOUT), []
    return repricing.step_on(order, fact.at), []


def _on_resumed(order: ParentOrder, fact: Resumed) -> Draft:
    commands: list[Command] = [Read(c.client_id) for c in order.live_children]
    if order.final:
        return order, commands
    children = tuple(
        c if c.dead else replace(c, doubt=c.doubt or c.liveness is _SENT, unread=True)
        for c in order.children
    )
    window_ns = min(order.window_ns, _ns(fact.window))  # the trader's own is the most
    order = replace(order, resumed=True, window_ns=window_ns, children=children)
    if fact.unrecorded and order.cause in (Cause.NONE, Cause.TIMEOUT, Cause.MARKET_NOW):
        return replace(order, cause=Cause.UNRECORDED), commands
    if order.cause is Cause.NONE:
        order = _time_passed(order, fact.at)
    return order, commands


def _time_passed(order: ParentOrder, at: int) -> ParentOrder:
    """The order after the time during which no run looked after it."""
    if order.deadline_ns is None:
        left_alone = at - max(c.as_of for c in order.children)
        if order.live_children or left_alone <= order.window_ns:
            return order
        return replace(order, cause=Cause.WINDOW)  # held, and its next limit had not left
    if at < order.deadline_ns:
        return repricing.step_on(order, at)
    late = at > order.deadline_ns + order.window_ns
    return replace(order, cause=Cause.WINDOW if late else Cause.TIMEOUT)


def _on_venue_gone(order: ParentOrder, fact: VenueGone) -> Draft:
    if order.done:
        return order, []
    dead = tuple(
        c if c.dead else child_reports.bury(c, fact.at, child_reports.GONE) for c in order.children
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
    return repricing.on_step_priced(order, fact)


# ---- the POST -------------------------------------------------------------------------------


def _on_post_sent(order: ParentOrder, child: ChildOrder, fact: PostSent) -> Draft:
    liveness = _SENT if child.liveness is _UNSENT else child.liveness
    return with_child(order, replace(child, posts=child.posts + 1, liveness=liveness, misses=0)), []


def _on_post_withheld(order: ParentOrder, child: ChildOrder, fact: PostWithheld) -> Draft:
    if child.broker_id is not None or child.dead:
        return order, []
    child = replace(child, posts=max(child.posts - 1, 0))
    if child.doubt:  # an earlier POST under this id may have landed
        unknown = replace(child, liveness=Liveness.UNKNOWN)
        return with_child(order, unknown), [Read(child.client_id, backoff_ns(0))]
    status = child_reports.WITHHELD if fact.reason else child_reports.NEVER_SENT
    return with_child(order, child_reports.bury(child, fact.at, status, fact.reason)), []


def _on_post_barred(order: ParentOrder, child: ChildOrder, fact: PostBarred) -> Draft:
    if child.broker_id is not None or child.dead:
        return order, []
    child = replace(child, error=fact.reason, as_of=fact.at)
    if child.liveness is _SENT:  # it was about to leave
        child = replace(child, liveness=_UNSENT, posts=child.posts - 1)
    if child.doubt:  # an earlier POST under this id may have landed
        return with_child(order, child), [Read(child.client_id, backoff_ns(child.misses))]
    if fact.retry_after is not None:
        again = int(fact.retry_after * NS)
        if fallback_in_time(order, fact.at + again):
            order = collar_runs_from(order, child, fact.at + again)
            return with_child(order, child), [Post(child.client_id, again)]
    return with_child(order, child_reports.bury(child, fact.at, child_reports.WITHHELD)), []


def _on_post_refused(order: ParentOrder, child: ChildOrder, fact: PostRefused) -> Draft:
    if child.broker_id is not None or child.dead:
        return order, []  # the stream has shown it: it exists
    child = replace(child, error=fact.message, source=Source.POST, as_of=fact.at)
    if child.doubt:
        unknown = replace(child, liveness=Liveness.UNKNOWN)
        return with_child(order, unknown), [Read(child.client_id, backoff_ns(0))]
    if fact.opposed and _may_wait(order, child, fact.at + OPPOSED_RETRY_NS):
        waiting = replace(child, liveness=Liveness.UNSENT)
        order = collar_runs_from(order, child, fact.at + OPPOSED_RETRY_NS)
        return with_child(order, waiting), [Post(child.client_id, OPPOSED_RETRY_NS)]
    if fact.retry_after is not None and _worth_waiting(order, child, fact):
        waiting = replace(child, liveness=Liveness.UNSENT)
        return with_child(order, waiting), [Post(child.client_id, int(fact.retry_after * NS))]
    buried = child_reports.bury(replace(child, held=fact.held), fact.at, child_reports.REFUSED)
    return repricing.refused(with_child(order, buried), buried)


def _may_wait(order: ParentOrder, child: ChildOrder, again: int) -> bool:
    """A fallback that the venue would not let meet another order waits for that one's end."""
    fallback = child.kind is not ChildKind.LIMIT and not order.cancel_asked
    return fallback and fallback_in_time(order, again)


def _worth_waiting(order: ParentOrder, child: ChildOrder, fact: PostRefused) -> bool:
    if order.cancel_asked or child.posts >= MAX_POSTS or fact.retry_after is None:
        return False
    again = fact.at + int(fact.retry_after * NS)
    if child.kind is ChildKind.LIMIT:
        return order.deadline_ns is None or again < order.deadline_ns
    return fallback_in_time(order, again)


def _on_post_unanswered(order: ParentOrder, child: ChildOrder, fact: PostUnanswered) -> Draft:
    child = replace(child, doubt=True, error=fact.reason)
    if child.liveness not in (Liveness.SENT, Liveness.UNKNOWN):
        return with_child(order, child), []  # the stream has already told
    unknown = replace(child, liveness=Liveness.UNKNOWN, as_of=fact.at)
    order, commands = repricing.refused(with_child(order, unknown), unknown)
    return order, [Read(child.client_id, backoff_ns(0)), *commands]


# ---- the DELETE -----------------------------------------------------------------------------


def _on_cancel_sent(order: ParentOrder, child: ChildOrder, fact: CancelSent) -> Draft:
    sent = replace(child, cancels=child.cancels + 1, cancel_sent_at=child.cancel_sent_at or fact.at)
    return with_child(order, sent), []


def _on_cancel_taken(order: ParentOrder, child: ChildOrder, fact: CancelTaken) -> Draft:
    return order, [Read(child.client_id, PROOF_GRACE_NS)]


def _on_cancel_refused(order: ParentOrder, child: ChildOrder, fact: CancelRefused) -> Draft:
    # Not an error to the person: it usually means that the fill won. Reading tells.
    if child.dead:
        return order, []
    refused = replace(child, cancels_refused=child.cancels_refused + 1, error=fact.message)
    return with_child(order, refused), [Read(child.client_id)]


def _on_cancel_failed(order: ParentOrder, child: ChildOrder, fact: CancelFailed) -> Draft:
    # Reading comes first: it tells whether the DELETE is to be repeated. One or the other is
    # under way, never both, so that a failing venue is not asked ever more often.
    return with_child(order, replace(child, error=fact.reason)), [Read(child.client_id)]


# ---- status reads that found nothing --------------------------------------------------------


def _on_read_failed(order: ParentOrder, child: ChildOrder, fact: ReadFailed) -> Draft:
    child = replace(child, reads=child.reads + 1)
    if child.liveness is Liveness.CANCEL_SENT:
        return with_child(order, child), [_cancel_again(child)]
    return with_child(order, child), [Read(child.client_id, backoff_ns(child.reads))]


def _on_not_found(order: ParentOrder, child: ChildOrder, fact: NotFound) -> Draft:
    child = replace(child, reads=child.reads + 1, misses=child.misses + 1)
    if child.dead:
        return with_child(order, child), []
    if child.liveness is Liveness.UNSENT:
        return _never_left(order, child, fact)
    if child.broker_id is not None:
        return _denied(order, child)
    if child.replaces and repricing.hopeless(order, child):
        return with_child(order, child_reports.bury(child, fact.at, child_reports.UNREPLACED)), []
    if child.misses >= MISSES_BEFORE_REPOST:
        if _may_repost(order, child, fact.at):
            return with_child(order, child), [Post(child.client_id)]
        if child.replaces:
            return with_child(
                order, child_reports.bury(child, fact.at, child_reports.UNREPLACED)
            ), []
    if child.misses >= MISSES_BEFORE_GIVING_UP:
        return with_child(order, child_reports.bury(child, fact.at, child_reports.ABSENT)), []
    unknown = replace(child, liveness=Liveness.UNKNOWN)
    return with_child(order, unknown), [Read(child.client_id, backoff_ns(child.misses))]


def _denied(order: ParentOrder, child: ChildOrder) -> Draft:
    """The venue had it and now says 404, which proves nothing."""
    if child.liveness is not Liveness.CHECKING:
        child = replace(child, liveness=Liveness.UNKNOWN)
    again = Read(child.client_id, backoff_ns(child.misses))
    return replace(with_child(order, child), alarm=_denial(order, child)), [again]


def _denial(order: ParentOrder, child: ChildOrder) -> str:
    """What is told of a denial: the first, and then more and more seldom as they go on."""
    times = child.misses
    if times == 1:
        return f"The venue denies an order it had accepted ({child.client_id}); it is read again."
    if times & (times - 1) or times.bit_length() % 2 == 0:  # no power of four
        return order.alarm
    return (
        f"The venue has denied {times} times an order it had accepted ({child.client_id}). It may "
        "have forgotten its orders, or be another one than before. What became of this order is "
        "not proven, so nothing more is sent for it; it is read on. Check it at the broker."
    )


def _never_left(order: ParentOrder, child: ChildOrder, fact: NotFound) -> Draft:
    """No POST is journaled and the venue knows none: a fallback may yet be sent, a limit not."""
    if not order.resumed:
        return with_child(order, child), []  # this run still has its POST to send
    if child.kind is not ChildKind.LIMIT and _may_repost(order, child, fact.at):
        return with_child(order, child), [Post(child.client_id)]
    return with_child(order, child_reports.bury(child, fact.at, child_reports.NEVER_SENT)), []


def _may_repost(order: ParentOrder, child: ChildOrder, at: int) -> bool:
    """The same id may be sent again: never an earlier run's first limit, nor after the window."""
    if child.posts >= MAX_POSTS or not may_post(order, child.client_id):
        return False
    if child.kind is ChildKind.LIMIT:
        begun = not order.resumed or not repricing.is_first(order, child)
        return begun and (order.deadline_ns is None or at < order.deadline_ns)
    return fallback_in_time(order, at)


# ---- the venue's word -----------------------------------------------------------------------


def _on_reported(order: ParentOrder, child: ChildOrder, fact: Reported) -> Draft:
    if child.replaces:
        child = repricing.bearer(order, child, fact.broker_id)
    before = child
    child, doubt = child_reports.absorb(child, fact)
    order = with_child(order, child)
    if child.busted and not order.busted:
        order = replace(order, busted=True)
    if doubt:
        order = replace(order, alarm=doubt)
    if child.filled > before.filled and order.final:
        order = filled_late(order)
    commands = _after_report(before, child, fact, doubt)
    if len(order.children) > 1:
        commands += repricing.after_report(order, before, child, fact)
    return order, commands


def _after_report(
    before: ChildOrder, child: ChildOrder, fact: Reported, doubt: str
) -> list[Command]:
    name = child.client_id
    if child.liveness is _DEAD:
        return []
    if child.liveness is _CHECKING:
        return _check(before, child, fact)
    if (doubt or fact.event in child_reports.BUSTS) and fact.source is _STREAM:
        return [Read(name)]
    if child.liveness is _CANCEL_SENT:
        return _chase_cancel(child, fact)
    if child.kind is not _LIMIT:
        if before.acked_at is None:
            return [Read(name, FILL_GRACE_NS)]
        if fact.source is _READ:
            return [Read(name, backoff_ns(child.reads + 3))]
    return []


def _check(before: ChildOrder, child: ChildOrder, fact: Reported) -> list[Command]:
    """One read after the other until the terminal record adds up."""
    if before.liveness is not _CHECKING:
        disputed = child.status == child_reports.DISPUTED
        return [Read(child.client_id, 0 if disputed else REORDER_GRACE_NS)]
    if fact.source is _READ:
        return [Read(child.client_id, backoff_ns(child.reads))]
    return []


def _chase_cancel(child: ChildOrder, fact: Reported) -> list[Command]:
    """The cancel was asked for and the venue still calls the order open."""
    if fact.event == "order_cancel_rejected":
        return [Read(child.client_id)]
    if fact.source is not _READ:
        return []
    if fact.status == "pending_cancel":
        return [Read(child.client_id, backoff_ns(child.reads))]
    return [_cancel_again(child)]


def _cancel_again(child: ChildOrder) -> Cancel:
    return Cancel(child.client_id, backoff_ns(child.cancels) if child.cancels else 0)


_ParentRule = Callable[[ParentOrder, Any], Draft]
_ChildRule = Callable[[ParentOrder, ChildOrder, Any], Draft]

_PARENT_RULES: dict[type, _ParentRule] = {
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

_CHILD_RULES: dict[type, _ChildRule] = {
    PostSent: _on_post_sent,
    PostWithheld: _on_post_withheld,
    PostBarred: _on_post_barred,
    PostRefused: _on_post_refused,
    PostUnanswered: _on_post_unanswered,
    CancelSent: _on_cancel_sent,
    CancelTaken: _on_cancel_taken,
    CancelRefused: _on_cancel_refused,
    CancelFailed: _on_cancel_failed,
    ReadFailed: _on_read_failed,
    NotFound: _on_not_found,
    Reported: _on_reported,
}
