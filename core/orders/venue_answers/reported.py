"""What a report of the venue does to its order, and which read it calls for. Pure.

A report is the stream's, a read's or the POST's own answer.
"""

from msgspec.structs import replace

from core.market.time import NS
from core.orders import child_record, repricing
from core.orders.commands import Command, Read
from core.orders.facts import EndSeen, Reported, Source
from core.orders.next_action import filled_late
from core.orders.repricing import Draft, backoff_ns
from core.orders.state import ChildKind, ChildOrder, Liveness, ParentOrder, with_child
from core.orders.venue_answers.to_cancel import cancel_again

FILL_GRACE_NS = 5 * NS  # from a market order's acknowledgement to the read that looks for its fill
REORDER_GRACE_NS = NS * 15 // 100  # frames out of order settle by themselves within this

# Members that every fact asks for (see state.py).
_CANCEL_SENT = Liveness.CANCEL_SENT
_CHECKING = Liveness.CHECKING
_DEAD = Liveness.DEAD
_LIMIT = ChildKind.LIMIT
_READ = Source.READ
_STREAM = Source.STREAM


def on_reported(order: ParentOrder, child: ChildOrder, fact: Reported) -> Draft:
    """Take in the venue's word, and read whatever does not add up."""
    if child.replaces:
        child = repricing.bearer(order, child, fact.broker_id)
    before = child
    child, doubt = child_record.absorb(child, fact)
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


def on_end_seen(order: ParentOrder, child: ChildOrder, fact: EndSeen) -> Draft:
    """A person's word about an ended order's child that nothing proves; the venue's still counts.

    Shares that are proven filled stay so.
    """
    if child.dead or not order.final or fact.filled < child.filled:
        return order, []
    seen = child_record.bury(child, fact.at, child_record.SEEN)
    seen = replace(
        seen, filled=fact.filled, avg_price=fact.avg_price or child.avg_price, source=Source.SELF
    )
    order = with_child(order, seen)
    return (filled_late(order) if fact.filled > child.filled else order), []


def _after_report(
    before: ChildOrder, child: ChildOrder, fact: Reported, doubt: str
) -> list[Command]:
    name = child.client_id
    if child.liveness is _DEAD:
        return []
    if child.liveness is _CHECKING:
        return _check(before, child, fact)
    if (doubt or fact.event in child_record.BUSTS) and fact.source is _STREAM:
        return [Read(name)]
    if child.liveness is _CANCEL_SENT:
        return _chase_cancel(child, fact)
    if child.kind is not _LIMIT:
        if before.acked_at is None:
            return [Read(name, FILL_GRACE_NS, unless_told=True)]
        if fact.source is _READ:
            return [Read(name, backoff_ns(child.reads + 3))]
    return []


def _check(before: ChildOrder, child: ChildOrder, fact: Reported) -> list[Command]:
    """One read after the other until the terminal record adds up."""
    if before.liveness is not _CHECKING:
        disputed = child.status == child_record.DISPUTED
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
    return [cancel_again(child)]
