"""What becomes of a POST: sent, withheld, barred, refused, unanswered. Pure."""

from msgspec.structs import replace

from core.market.time import NS
from core.orders import child_record, repricing
from core.orders.commands import Post, Read
from core.orders.facts import (
    PostBarred,
    PostRefused,
    PostSent,
    PostUnanswered,
    PostWithheld,
    Source,
)
from core.orders.fallback import collar_runs_from, fallback_in_time
from core.orders.reasons import opposed
from core.orders.repricing import Draft, backoff_ns
from core.orders.state import ChildKind, ChildOrder, Liveness, ParentOrder, with_child

OPPOSED_RETRY_NS = 2 * NS  # the venue's own view of an opposite order is asked after this
OPPOSED_CAP_NS = 16 * NS  # and after twice as long each time, up to this
MAX_POSTS = 4

_UNSENT = Liveness.UNSENT
_SENT = Liveness.SENT


def on_post_sent(order: ParentOrder, child: ChildOrder, fact: PostSent) -> Draft:
    """From here on it may be at the venue; sent again while in doubt, no refusal proves more."""
    first = child.liveness is _UNSENT
    sent = replace(
        child,
        posts=child.posts + 1,
        liveness=_SENT if first else child.liveness,
        doubt=child.doubt or not first,
        misses=0,
    )
    return with_child(order, sent), []


def on_post_withheld(order: ParentOrder, child: ChildOrder, fact: PostWithheld) -> Draft:
    """It never left, unless an earlier POST of the same id may have landed."""
    if child.broker_id is not None or child.dead:
        return order, []
    child = replace(child, posts=max(child.posts - 1, 0))
    if child.doubt:  # an earlier POST under this id may have landed
        unknown = replace(child, liveness=Liveness.UNKNOWN)
        return with_child(order, unknown), [Read(child.client_id, backoff_ns(0))]
    status = child_record.WITHHELD if fact.reason else child_record.NEVER_SENT
    return with_child(order, child_record.bury(child, fact.at, status, fact.reason)), []


def on_post_barred(order: ParentOrder, child: ChildOrder, fact: PostBarred) -> Draft:
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
    return with_child(order, child_record.bury(child, fact.at, child_record.WITHHELD)), []


def on_post_refused(order: ParentOrder, child: ChildOrder, fact: PostRefused) -> Draft:
    """A definite no: wait for what may pass, else it is dead; never after a doubt."""
    if child.broker_id is not None or child.dead:
        return order, []  # the stream has shown it: it exists
    child = replace(child, error=fact.message, source=Source.POST, as_of=fact.at)
    if child.doubt:
        unknown = replace(child, liveness=Liveness.UNKNOWN)
        return with_child(order, unknown), [Read(child.client_id, backoff_ns(0))]
    again_ns = min(OPPOSED_RETRY_NS << min(child.posts - 1, 8), OPPOSED_CAP_NS)
    if fact.opposed and _may_wait(order, child, fact.at + again_ns):
        waiting = replace(child, liveness=Liveness.UNSENT)
        order = collar_runs_from(order, child, fact.at + again_ns)
        order = replace(order, alarm=opposed(child))
        return with_child(order, waiting), [Post(child.client_id, again_ns)]
    if fact.retry_after is not None and _worth_waiting(order, child, fact):
        waiting = replace(child, liveness=Liveness.UNSENT)
        return with_child(order, waiting), [Post(child.client_id, int(fact.retry_after * NS))]
    child = replace(child, shares_reserved=fact.shares_reserved, shares_held=fact.held)
    buried = child_record.bury(child, fact.at, child_record.REFUSED)
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


def on_post_unanswered(order: ParentOrder, child: ChildOrder, fact: PostUnanswered) -> Draft:
    """It may be there or not: only a read can tell."""
    child = replace(child, doubt=True, error=fact.reason)
    if child.liveness not in (Liveness.SENT, Liveness.UNKNOWN):
        return with_child(order, child), []  # the stream has already told
    unknown = replace(child, liveness=Liveness.UNKNOWN, as_of=fact.at)
    order, commands = repricing.refused(with_child(order, unknown), unknown)
    return order, [Read(child.client_id, backoff_ns(0)), *commands]
