"""Whether a command that waited may still go, and when an order's own clock rings. Pure."""

from core.orders import repricing
from core.orders.commands import Cancel, Command, Post, PriceFallback, PriceStep
from core.orders.fallback import fallback_in_time
from core.orders.state import Cause, ChildKind, ChildOrder, Liveness, ParentOrder


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
        return False  # an earlier version's PATCH: beside what it replaces, both could fill
    if child.kind is ChildKind.LIMIT:
        return order.cause is Cause.NONE and order.exposure <= order.qty
    others_dead = all(c.dead for c in order.children if c is not child)
    return others_dead and order.exposure <= order.qty


def too_late(order: ParentOrder, child: ChildOrder, at: int) -> bool:
    """Whether `child` is a fallback whose grace is over: the process may have slept."""
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
