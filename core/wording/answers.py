"""What a person is told who asked something of an order. Pure.

What was asked, what is proven so far, what may still happen: cancels, the market, time and
prices are asked for here and proven only by the venue, so no sentence says more than the
state does.
"""

from collections.abc import Iterable

from core.orders.state import AT_WORK, Cause, ParentOrder, State
from core.wording.next_step import OrderAction, state_words, then
from core.wording.numbers import price, qty
from core.wording.order_words import order_title
from core.wording.times import clock_time, seconds


def answer(action: OrderAction, order: ParentOrder, now_ns: int) -> str:
    """The sentence for `order` as it is after `action` was asked and recorded."""
    if action is OrderAction.ENDED:
        return (
            f"Noted that {order_title(order)} has ended: {_filled(order)}. Should the venue tell "
            "otherwise, it counts."
        )
    if order.done:
        return f"{order_title(order)} has ended: {_ended(order)}. Nothing of it can fill any more."
    if order.final:
        return (
            f"{order_title(order)} is NOT PROVEN dead: {_proven(order)}. It is read again now, and "
            "cancelled if it appears; look for it at the broker."
        )
    return _WORDS[action](order, now_ns)


def cancelled(orders: Iterable[ParentOrder]) -> str:
    """The sentence for a cancel of all `orders` that were open."""
    asked = tuple(orders)
    if not asked:
        return "No order is open, so there is nothing to cancel."
    if len(asked) == 1:
        return answer(OrderAction.CANCEL, asked[0], 0)
    open_ones = [o for o in asked if not o.final]
    names = ", ".join(f"{qty(o.unproven)} of {order_title(o)}" for o in open_ones)
    left = f"Not yet proven dead: {names}" if names else "Nothing of them can fill any more"
    return f"Cancel asked for {len(asked)} orders. {left}; nothing more will be sent for them."


def _cancel(order: ParentOrder, now_ns: int) -> str:
    return (
        f"Cancel asked for {order_title(order)}: {_proven(order)}; nothing will be sent for them."
    )


def _market_now(order: ParentOrder, now_ns: int) -> str:
    if order.cause not in (Cause.MARKET_NOW, Cause.TIMEOUT):
        return _too_late("Market now", order)
    limit = order.instruction.plan.limit
    where = "to market" if limit is None else f"at {price(limit)} or better"
    if order.state is State.FALLBACK:
        return f"{order_title(order)}: {_proven(order)}; the rest is on its way {where}."
    return (
        f"Market now asked for {order_title(order)}: {_proven(order)}; "
        f"what is proven unfilled then goes {where}."
    )


def _pause(order: ParentOrder, now_ns: int) -> str:
    if order.state not in AT_WORK or order.deadline_ns is not None:
        return _too_late("Pause", order)
    return (
        f"{order_title(order)} is paused{_at(order)}: {_filled(order)}; "
        "it works without a countdown until you say otherwise."
    )


def _more_time(order: ParentOrder, now_ns: int) -> str:
    if order.state not in AT_WORK or order.deadline_ns is None:
        return _too_late("More time", order)
    left = f"{seconds(order.deadline_ns - now_ns)} from now, at {clock_time(order.deadline_ns)}"
    title = f"{order_title(order)} works on{_at(order)}"
    return f"{title}: {_filled(order)}; cancel {left}, {then(order)}."


def _reprice(order: ParentOrder, now_ns: int) -> str:
    if order.state not in AT_WORK or order.own_price is None:
        return _too_late("The new price", order)
    if order.state is State.WORKING:
        return f"{order_title(order)} works at {price(order.own_price)}: {_filled(order)}."
    live = order.live_children
    old = f"until then {price(live[0].limit_price)} may still fill" if live else "nothing is live"
    steps = len(order.instruction.plan.all_steps) - order.step - 1
    given_up = " The plan's later steps are given up." if steps else ""
    ends = "It is paused." if order.deadline_ns is None else f"The deadline stays, {then(order)}."
    return (
        f"{price(order.own_price)} asked for {order_title(order)}, not yet proven: "
        f"{_filled(order)}; {old}.{given_up} {ends}"
    )


_WORDS = {
    OrderAction.CANCEL: _cancel,
    OrderAction.MARKET_NOW: _market_now,
    OrderAction.PAUSE: _pause,
    OrderAction.MORE_TIME: _more_time,
    OrderAction.REPRICE: _reprice,
}


# ---- parts ----------------------------------------------------------------------------------


def _too_late(what: str, order: ParentOrder) -> str:
    doing = state_words(order)
    return f"{what} changes nothing for {order_title(order)}: it is {doing}; {_proven(order)}."


def _ended(order: ParentOrder) -> str:
    return f"{state_words(order)}, {qty(order.filled)} filled"


def _at(order: ParentOrder) -> str:
    return "" if order.state is State.REPLACING else f" at {price(order.present_limit)}"


def _filled(order: ParentOrder) -> str:
    return f"{qty(order.filled)} of {qty(order.qty)} filled"


def _proven(order: ParentOrder) -> str:
    return f"{qty(order.filled)} filled, {_unproven(order)}"


def _unproven(order: ParentOrder) -> str:
    """Shares that may still fill, in words."""
    return f"{qty(order.unproven)} not yet proven dead"
