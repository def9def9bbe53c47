"""Why an order ended or asks for a person, in the words of its `reason` and `alarm`. Pure."""

from core.market.time import NS
from core.orders.state import ChildOrder, ParentOrder

# ---- sentences ------------------------------------------------------------------------------

FILLED_FIRST = "It filled before the cancel took effect."
REPLACED = (
    "It was replaced at the venue by an order that the venue does not name, "
    "so nothing more is sent; check open orders at the broker."
)
GONE = "The embedded exchange that held it has ended, and its orders with it."


def overfill(order: ParentOrder) -> str:
    """More was filled than asked."""
    return (
        f"The venue reports {order.filled} filled of {order.qty} asked. "
        "Touchline sends nothing more; check the position at the broker."
    )


def bust(order: ParentOrder) -> str:
    """A fill was taken back or corrected."""
    return (
        f"The venue took back or corrected a fill: {order.filled} of {order.qty} now stand. "
        "Touchline sends nothing more; decide about the rest yourself."
    )


def grace_over(order: ParentOrder) -> str:
    """Nobody attended the order in time, so nothing more was sent."""
    if order.deadline_ns is None:
        return f"Nobody looked after it for {order.grace_ns / NS:g} s, so no new limit was sent."
    return (
        f"The deadline passed more than {order.grace_ns / NS:g} s before the cancel was proven, "
        "so no fallback was sent."
    )


def unrecorded(order: ParentOrder) -> str:
    """The run before could not record its end, so nothing more was sent."""
    return (
        "The journal could not record the end of the run before, so nothing more was sent: "
        f"{order.rest} are left; decide about the rest yourself."
    )


def appeared(child: ChildOrder) -> str:
    """A child that was given up is at the venue after all."""
    return (
        f"An order that was given up appeared at the venue ({child.client_id}); "
        "it is being cancelled."
    )


def exhausted(order: ParentOrder) -> str:
    """The collared fallback ran out of shares within its limit."""
    return (
        f"The collared fallback found no more shares within its limit: {order.rest} are left. "
        "Nothing is live; decide about the rest yourself."
    )


def unproven(order: ParentOrder, child: ChildOrder) -> str:
    """The child went out, and nobody can tell whether it is at the venue."""
    cancelled = "You cancelled it, but it" if order.cancel_asked else "It"
    return (
        f"{cancelled} went out unanswered ({child.client_id}), and {child.misses} reads found no "
        "record of it, which does not prove that there is none. Touchline never sends it again, "
        "reads it on, and cancels it if it appears. Look for it at the broker, and say what "
        "you found there."
    )


def opposed(child: ChildOrder) -> str:
    """The venue lets no order of the account meet another one of it, so the child waits."""
    return (
        f"The venue does not send the {child.qty:f} shares on ({child.client_id}): they could "
        f"trade with another order of this account. It is tried again until that has gone or the "
        f"time is over; cancel the other one to let it through. The venue says: {child.error}"
    )


def not_held(order: ParentOrder, last: ChildOrder) -> str:
    """The venue says that the shares to be sold are not there any more."""
    held = last.shares_held
    if held is not None and held > 0:
        return (
            f"You hold only {held:f} {order.symbol}, and {order.rest:f} were to be sold: the "
            "others were sold elsewhere, or the position was changed. Nothing more was sent. The "
            f"venue says: {last.error}"
        )
    return (
        f"You no longer hold the {order.symbol} that were to be sold: they were sold elsewhere, or "
        "the position was changed by a split. Nothing more was sent, and nothing is left to sell. "
        f"The venue says: {last.error}"
    )


def proven_since(order: ParentOrder) -> str:
    """What was not proven at the end is by now."""
    last = order.children[-1]
    return (
        f"Nobody could tell at first what became of {last.client_id}. Proven since: {last.status}, "
        f"{last.filled} filled; {order.filled} of {order.qty} in all."
    )


def day_over(child: ChildOrder) -> str:
    """Nothing was ever found of the child, and the day for which it was good has passed."""
    return (
        f"It went out unanswered ({child.client_id}), and no read has found a record of it. The "
        "day that it was good for is over, so it can fill no more. Check the position."
    )
