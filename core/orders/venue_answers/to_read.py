"""What becomes of a status read that found nothing: 404, or no usable answer. Pure."""

from msgspec.structs import replace

from core.market.time import NS
from core.orders import child_record, repricing
from core.orders.commands import Post, Read
from core.orders.facts import (
    NotFound,
    ReadFailed,
)
from core.orders.fallback import fallback_in_time
from core.orders.permissions import may_post
from core.orders.repricing import Draft, backoff_ns
from core.orders.state import ChildKind, ChildOrder, Liveness, ParentOrder, with_child
from core.orders.venue_answers.to_cancel import cancel_again
from core.orders.venue_answers.to_post import MAX_POSTS

MISSES_BEFORE_REPOST = 4  # reads that find nothing, before the same id is sent again
MISSES_BEFORE_UNPROVEN = 6  # reads that find nothing, before a person is told to look
DAY_OVER_NS = 7 * 24 * 3600 * NS  # a day order waits for the next session at most
UNPROVEN_READ_NS = 30 * NS  # and how often it is read from then on


def on_read_failed(order: ParentOrder, child: ChildOrder, fact: ReadFailed) -> Draft:
    """Nothing was learned: cancel or read again, later and later."""
    child = replace(child, reads=child.reads + 1)
    if child.liveness is Liveness.CANCEL_SENT:
        return with_child(order, child), [cancel_again(child)]
    return with_child(order, child), [Read(child.client_id, backoff_ns(child.reads))]


def on_not_found(order: ParentOrder, child: ChildOrder, fact: NotFound) -> Draft:
    """No proof that there is none: read on, send the same id again, or give up."""
    child = replace(child, reads=child.reads + 1, misses=child.misses + 1)
    if child.dead:
        return with_child(order, child), []
    if child.liveness is Liveness.UNSENT:
        return _never_left(order, child, fact)
    if child.broker_id is not None:
        return _denied(order, child)
    if child.replaces and repricing.hopeless(order, child):
        return with_child(order, child_record.bury(child, fact.at, child_record.UNREPLACED)), []
    if child.misses >= MISSES_BEFORE_REPOST:
        if _may_repost(order, child, fact.at):
            return with_child(order, child), [Post(child.client_id)]
        if child.replaces:
            return with_child(order, child_record.bury(child, fact.at, child_record.UNREPLACED)), []
    if child.misses >= MISSES_BEFORE_UNPROVEN:
        return _unproven(order, child, fact.at)
    unknown = replace(child, liveness=Liveness.UNKNOWN)
    return with_child(order, unknown), [Read(child.client_id, backoff_ns(child.misses))]


def _unproven(order: ParentOrder, child: ChildOrder, at: int) -> Draft:
    """Nobody knows whether it is at the venue: nothing more is sent for it, and it is read on.

    Every order is good for a day; once that is over for certain, none can appear and fill.
    """
    if at - order.started_ns > DAY_OVER_NS:
        return with_child(order, child_record.bury(child, at, child_record.ABSENT)), []
    absent = replace(child, liveness=Liveness.UNKNOWN, status=child_record.ABSENT)
    return with_child(order, absent), [Read(child.client_id, UNPROVEN_READ_NS)]


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
    return with_child(order, child_record.bury(child, fact.at, child_record.NEVER_SENT)), []


def _may_repost(order: ParentOrder, child: ChildOrder, at: int) -> bool:
    """The same id may be sent again: never an earlier run's first limit, nor after the grace."""
    if child.posts >= MAX_POSTS or not may_post(order, child.client_id):
        return False
    if child.kind is ChildKind.LIMIT:
        begun = not order.resumed or not repricing.is_first(order, child)
        return begun and (order.deadline_ns is None or at < order.deadline_ns)
    return fallback_in_time(order, at)
