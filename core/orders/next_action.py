"""What follows from the state of the children: cancels, the fallback, the end.

Pure. Called after every fact, so that the same state always leads to the same
next step, whichever fact completed it.
"""

from msgspec.structs import replace

from core.orders import child_record, repricing
from core.orders.commands import Cancel, Command
from core.orders.fallback import after_refusal, fall_back, limit_was_ours, timed_out
from core.orders.reasons import (
    FILLED_FIRST,
    GONE,
    REPLACED,
    appeared,
    bust,
    day_over,
    exhausted,
    grace_over,
    overfill,
    proven_since,
    unproven,
    unrecorded,
)
from core.orders.repricing import Draft
from core.orders.state import (
    FINAL,
    Cause,
    ChildKind,
    ChildOrder,
    Liveness,
    ParentOrder,
    State,
    end,
    end_in_alarm,
    with_child,
)

_CANCELABLE = (Liveness.WORKING, Liveness.UNSENT)  # most others are cancelled or being read
_ON_ITS_WAY = (Liveness.UNSENT, Liveness.SENT)
_UNKNOWN = Liveness.UNKNOWN
_LIVE = Liveness.WORKING
_NO_CAUSE = Cause.NONE
_UNWANTED = Cause.UNWANTED
_UNRECORDED = Cause.UNRECORDED
_NO_FALLBACK = (Cause.UNWANTED, Cause.GRACE, Cause.EXHAUSTED, Cause.UNRECORDED)
_LIMIT = ChildKind.LIMIT
_SENDING = State.SENDING
_WORKING = State.WORKING
_REPLACING = State.REPLACING


def settle(order: ParentOrder, at: int, commands: list[Command]) -> Draft:
    """Adds to `commands` what the state calls for, and names the state."""
    if order.state in FINAL:
        return _after_the_end(order, commands)
    order = repricing.successors(order, commands)
    if order.cause is not _NO_CAUSE or len(order.children) > 1:
        order = _cancel_unwanted(order, at, commands)
    live = order.live_children
    if len(live) == 1 and live[0].status == child_record.ABSENT:
        order = replace(order, ended_unproven=True)
        return end_in_alarm(order, at, unproven(order, live[0])), commands
    if not live:
        order = _next(order, at, commands)
        if order.state in FINAL:
            return order, commands
        live = order.live_children
    if repricing.wants_price(order):
        commands.append(repricing.ask_price(order))
    state = _open_state(order, live)
    return order if order.state is state else replace(order, state=state), commands


# ---- cancels --------------------------------------------------------------------------------


def _cancel_unwanted(order: ParentOrder, at: int, commands: list[Command]) -> ParentOrder:
    surplus = False
    if len(order.children) > 1 and order.exposure > order.qty:
        order = _withhold(order, at)
        surplus = _too_much_is_live(order)
        if surplus and not any(c.replaces for c in order.live_children):
            order = replace(order, cause=Cause.UNWANTED)
    for child in order.live_children:
        if child.liveness not in _CANCELABLE and not _deniable(child):
            continue
        if not (_must_cancel(order, child) or _spoiled(order, child, surplus=surplus)):
            continue
        if child.liveness is Liveness.UNSENT:
            order = with_child(order, child_record.bury(child, at, child_record.NEVER_SENT))
        else:
            order = with_child(order, replace(child, liveness=Liveness.CANCEL_SENT))
            commands.append(Cancel(child.client_id))
    return order


def _deniable(child: ChildOrder) -> bool:
    """Once known to the venue and uncertain now: its first cancel waits for no read."""
    return child.liveness is _UNKNOWN and child.broker_id is not None and not child.cancels


def _too_much_is_live(order: ParentOrder) -> bool:
    """What is filled and what is surely live exceed what was asked, by more than one order.

    An order that only gets its end verified counts with what it filled; one that may not
    have left is judged once it shows. A lone order that someone replaced by a larger one
    is that person's will.
    """
    live = [c for c in order.live_children if c.liveness is not Liveness.CHECKING]
    if all(c.liveness is not _LIVE for c in live):
        return False
    ours = (c for c in live if not repricing.is_first(order, c) and not repricing.is_theirs(c))
    ours_too = len(live) > 1 or any(ours)
    worst = order.filled + sum(c.leaves for c in live) - order.counted_twice(live)
    return ours_too and worst > order.qty


def _spoiled(order: ParentOrder, child: ChildOrder, *, surplus: bool) -> bool:
    """A replacement that would trade too much, or that waits to be sent for nothing."""
    if not child.replaces:
        return False
    return surplus or (
        child.liveness is Liveness.UNSENT and not repricing.may_replace(order, child)
    )


def _withhold(order: ParentOrder, at: int) -> ParentOrder:
    """What has not left is dropped when its quantity is no longer right."""
    for child in order.children[1:]:
        if child.liveness is Liveness.UNSENT and not child.replaces:
            order = with_child(order, child_record.bury(child, at, child_record.NEVER_SENT))
    return order


def _must_cancel(order: ParentOrder, child: ChildOrder) -> bool:
    if order.cancel_asked or order.cause is _UNWANTED or order.cause is _UNRECORDED:
        return True
    if order.busted and child.liveness is Liveness.UNSENT:
        return True
    if child.kind is _LIMIT:
        return order.cause is not _NO_CAUSE or repricing.outdated(order, child)
    return child.kind is ChildKind.COLLAR and _ends_collar(order)


def _ends_collar(order: ParentOrder) -> bool:
    """Its time is over, or a market order is wanted now that no limit of the trader's forbids."""
    limited = order.instruction.plan.limit is not None
    return order.cause is Cause.EXHAUSTED or (order.cause is Cause.MARKET_NOW and not limited)


def _after_the_end(order: ParentOrder, commands: list[Command]) -> Draft:
    """A late truth changes numbers and raises an alarm; it never sends an order."""
    order = repricing.successors(order, commands)
    for child in order.live_children:
        if child.broker_id is not None and (child.liveness is _LIVE or _deniable(child)):
            order = with_child(order, replace(child, liveness=Liveness.CANCEL_SENT))
            commands.append(Cancel(child.client_id))
            order = _attention(order, appeared(child))
    if order.filled > order.qty:
        order = _attention(order, overfill(order))
    elif order.busted:
        order = _attention(order, bust(order))
    elif order.ended_unproven and order.done and not _is_gone(order):
        order = _attention(order, proven_since(order))
    return order, commands


def _is_gone(order: ParentOrder) -> bool:
    return any(c.status == child_record.GONE for c in order.children)


def filled_late(order: ParentOrder) -> ParentOrder:
    """The ended order, when the venue tells of shares that its end did not count."""
    return _attention(
        order, f"Shares filled after it had ended: {order.filled} of {order.qty} are filled now."
    )


def _attention(order: ParentOrder, sentence: str) -> ParentOrder:
    if order.state is State.ATTENTION and order.reason == sentence:
        return order
    return replace(order, state=State.ATTENTION, reason=sentence, alarm=sentence)


# ---- all children dead ----------------------------------------------------------------------


def _next(order: ParentOrder, at: int, commands: list[Command]) -> ParentOrder:
    filled = order.filled
    if filled > order.qty:
        return end_in_alarm(order, at, overfill(order))
    if order.busted:
        return end_in_alarm(order, at, bust(order))
    if filled == order.qty:
        return end(order, at, State.FILLED, FILLED_FIRST if order.cancel_asked else "")
    last = repricing.last_child(order)
    if _is_gone(order):
        return end(order, at, State.CANCELED, GONE)
    if order.cancel_asked:
        return end(order, at, State.CANCELED, "You cancelled it.")
    if last.status in (child_record.REFUSED, "rejected") and not repricing.never_left(order, last):
        return after_refusal(order, last, at, commands)
    if last.status == "expired":
        return end(order, at, State.EXPIRED, "The venue let it expire at the end of its day.")
    if last.status == child_record.ABSENT:
        return end_in_alarm(order, at, day_over(last))
    if last.status == child_record.WITHHELD:
        return _withheld(order, last, at)
    if last.status == "replaced":
        return end_in_alarm(order, at, REPLACED)
    if last.status == "filled":
        return _filled_for_less(order, last, at)
    return _ended(order, last, at, commands)


def _ended(order: ParentOrder, last: ChildOrder, at: int, commands: list[Command]) -> ParentOrder:
    """The last child was cancelled, or never left."""
    if order.cause is Cause.GRACE:
        return end(order, at, State.CANCELED, grace_over(order))
    if order.cause is Cause.UNWANTED:
        return end_in_alarm(
            order, at, "More could have filled than was asked for; what was live is cancelled."
        )
    if order.cause is Cause.UNRECORDED:
        return end_in_alarm(order, at, unrecorded(order), State.CANCELED)
    if _unsent_for_good(order, last):
        return end(order, at, State.CANCELED, f"It was never sent. {last.error}".strip())
    if order.cause is Cause.EXHAUSTED:
        return end_in_alarm(order, at, exhausted(order))
    if repricing.wants_price(order):
        return order  # the next limit follows
    if (
        last.kind is ChildKind.LIMIT
        or last.status == child_record.NEVER_SENT
        or _hurried(order, last)
    ):
        if limit_was_ours(order):
            return fall_back(order, at, commands)
        return end(order, at, State.CANCELED, "It was cancelled at the venue, not by Touchline.")
    what = "market" if order.at_market else "fallback"
    return end(order, at, State.CANCELED, f"The venue cancelled the {what} order.")


def _unsent_for_good(order: ParentOrder, last: ChildOrder) -> bool:
    """A limit that never left is not sent by a later run, nor replaced by a market order there."""
    never = last.status == child_record.NEVER_SENT and repricing.is_first(order, last)
    return never and (order.resumed or not timed_out(order))


def _hurried(order: ParentOrder, last: ChildOrder) -> bool:
    """We cancelled the collar because a person wants the market order now."""
    wanted = last.kind is ChildKind.COLLAR and order.cause is Cause.MARKET_NOW
    return wanted and last.ended_by_us


def _filled_for_less(order: ParentOrder, last: ChildOrder, at: int) -> ParentOrder:
    """The last child filled, and yet not all that was asked has."""
    if last.filled < last.qty:
        return end_in_alarm(order, at, bust(order))
    return end(order, at, State.CANCELED, "The order that replaced it at the venue was for less.")


def _withheld(order: ParentOrder, last: ChildOrder, at: int) -> ParentOrder:
    if repricing.is_first(order, last):
        return end(order, at, State.REJECTED, f"It was never sent. {last.error}")
    what = "next limit" if last.kind is ChildKind.LIMIT else "fallback"
    sentence = f"The {what} was not sent. {last.error} {order.rest} are left; decide yourself."
    return end_in_alarm(order, at, sentence, State.CANCELED)


# ---- the name of an open state --------------------------------------------------------------


def _open_state(order: ParentOrder, live: tuple[ChildOrder, ...]) -> State:
    arrived = False
    for child in live:
        if child.liveness is _UNKNOWN:
            return State.UNCERTAIN
        arrived = arrived or child.liveness not in _ON_ITS_WAY
    limit_is_live = bool(live) and live[-1].kind is _LIMIT
    if order.cause is _NO_CAUSE and (limit_is_live or not live):
        if repricing.replacing(order):
            return _REPLACING
        return _WORKING if arrived else _SENDING
    if order.cancel_asked or order.cause in _NO_FALLBACK:
        return State.CANCELING
    if order.at_market:
        return _SENDING if all(c.liveness in _ON_ITS_WAY for c in live) else _WORKING
    return State.CANCELING if limit_is_live else State.FALLBACK
