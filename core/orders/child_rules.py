"""What each fact about a child does to its order: POST, DELETE, reads, the venue's word.

`CHILD_RULES` is the table; every rule takes the order, the child and the fact, and returns the
order with its commands. Pure.
"""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from core.market.time import NS
from core.orders import child_reports, repricing
from core.orders.commands import Cancel, Command, Post, Read
from core.orders.facts import (
    CancelFailed,
    CancelRefused,
    CancelSent,
    CancelTaken,
    NotFound,
    PostBarred,
    PostRefused,
    PostSent,
    PostUnanswered,
    PostWithheld,
    ReadFailed,
    Reported,
    Source,
)
from core.orders.next_action import Draft, collar_runs_from, fallback_in_time, filled_late
from core.orders.permissions import may_post
from core.orders.repricing import PROOF_GRACE_NS, backoff_ns
from core.orders.state import ChildKind, ChildOrder, Liveness, ParentOrder, with_child

FILL_GRACE_NS = 5 * NS  # the same for a market order's fill
REORDER_GRACE_NS = NS * 15 // 100  # frames out of order settle by themselves within this
OPPOSED_RETRY_NS = 2 * NS  # the venue's own view of an opposite order is asked this often
MISSES_BEFORE_REPOST = 4  # reads that find nothing, before the same id is sent again
MISSES_BEFORE_GIVING_UP = 6
MAX_POSTS = 4

# Members that every fact asks for (see state.py).
_UNSENT = Liveness.UNSENT
_SENT = Liveness.SENT
_CANCEL_SENT = Liveness.CANCEL_SENT
_CHECKING = Liveness.CHECKING
_DEAD = Liveness.DEAD
_LIMIT = ChildKind.LIMIT
_READ = Source.READ
_STREAM = Source.STREAM


# ---- the POST -------------------------------------------------------------------------------


def _on_post_sent(order: ParentOrder, child: ChildOrder, fact: PostSent) -> Draft:
    """From here on it may be at the venue."""
    liveness = _SENT if child.liveness is _UNSENT else child.liveness
    return with_child(order, replace(child, posts=child.posts + 1, liveness=liveness, misses=0)), []


def _on_post_withheld(order: ParentOrder, child: ChildOrder, fact: PostWithheld) -> Draft:
    """It never left, unless an earlier POST of the same id may have landed."""
    if child.broker_id is not None or child.dead:
        return order, []
    child = replace(child, posts=max(child.posts - 1, 0))
    if child.doubt:  # an earlier POST under this id may have landed
        unknown = replace(child, liveness=Liveness.UNKNOWN)
        return with_child(order, unknown), [Read(child.client_id, backoff_ns(0))]
    status = child_reports.WITHHELD if fact.reason else child_reports.NEVER_SENT
    return with_child(order, child_reports.bury(child, fact.at, status, fact.reason)), []


def _on_post_barred(order: ParentOrder, child: ChildOrder, fact: PostBarred) -> Draft:
    """It did not leave now: try again after a while, or never."""
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
    """A definite no: wait for what may pass, else it is dead; never after a doubt."""
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
    buried = child_reports.bury(
        replace(child, shares_reserved=fact.shares_reserved), fact.at, child_reports.REFUSED
    )
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
    """It may be there or not: only a read can tell."""
    child = replace(child, doubt=True, error=fact.reason)
    if child.liveness not in (Liveness.SENT, Liveness.UNKNOWN):
        return with_child(order, child), []  # the stream has already told
    unknown = replace(child, liveness=Liveness.UNKNOWN, as_of=fact.at)
    order, commands = repricing.refused(with_child(order, unknown), unknown)
    return order, [Read(child.client_id, backoff_ns(0)), *commands]


# ---- the DELETE -----------------------------------------------------------------------------


def _on_cancel_sent(order: ParentOrder, child: ChildOrder, fact: CancelSent) -> Draft:
    """Count the DELETE; the order may still fill."""
    sent = replace(child, cancels=child.cancels + 1, cancel_sent_at=child.cancel_sent_at or fact.at)
    return with_child(order, sent), []


def _on_cancel_taken(order: ParentOrder, child: ChildOrder, fact: CancelTaken) -> Draft:
    """Wait for the proof, and read when it does not come."""
    return order, [Read(child.client_id, PROOF_GRACE_NS)]


def _on_cancel_refused(order: ParentOrder, child: ChildOrder, fact: CancelRefused) -> Draft:
    """No error to a person: usually the fill won. Reading tells."""
    if child.dead:
        return order, []
    refused = replace(child, cancels_refused=child.cancels_refused + 1, error=fact.message)
    return with_child(order, refused), [Read(child.client_id)]


def _on_cancel_failed(order: ParentOrder, child: ChildOrder, fact: CancelFailed) -> Draft:
    """Read first: that tells whether the DELETE is to be repeated."""
    # One or the other is under way, never both, so that a failing venue is not asked ever more
    # often.
    return with_child(order, replace(child, error=fact.reason)), [Read(child.client_id)]


# ---- status reads that found nothing --------------------------------------------------------


def _on_read_failed(order: ParentOrder, child: ChildOrder, fact: ReadFailed) -> Draft:
    """Nothing was learned: cancel or read again, later and later."""
    child = replace(child, reads=child.reads + 1)
    if child.liveness is Liveness.CANCEL_SENT:
        return with_child(order, child), [_cancel_again(child)]
    return with_child(order, child), [Read(child.client_id, backoff_ns(child.reads))]


def _on_not_found(order: ParentOrder, child: ChildOrder, fact: NotFound) -> Draft:
    """No proof that there is none: read on, send the same id again, or give up."""
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
    """The same id may be sent again: never an earlier run's first limit, nor after the grace."""
    if child.posts >= MAX_POSTS or not may_post(order, child.client_id):
        return False
    if child.kind is ChildKind.LIMIT:
        begun = not order.resumed or not repricing.is_first(order, child)
        return begun and (order.deadline_ns is None or at < order.deadline_ns)
    return fallback_in_time(order, at)


# ---- the venue's word -----------------------------------------------------------------------


def _on_reported(order: ParentOrder, child: ChildOrder, fact: Reported) -> Draft:
    """Take in the venue's word, and read whatever does not add up."""
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


_ChildRule = Callable[[ParentOrder, ChildOrder, Any], Draft]

CHILD_RULES: dict[type, _ChildRule] = {
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
