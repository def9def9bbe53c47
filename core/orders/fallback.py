"""The fallback: whether, when and for how many shares an order follows the limit.

Pure. It is for what was asked minus what is proven filled, and only once nothing is live.
"""

from decimal import Decimal

from msgspec.structs import replace

from core.market.prices import Side
from core.market.time import NS
from core.orders import repricing
from core.orders.commands import Command, Post, PriceFallback
from core.orders.ids import next_id
from core.orders.plan import Fallback
from core.orders.reasons import grace_over, not_held
from core.orders.state import Cause, ChildKind, ChildOrder, ParentOrder, State, end, end_in_alarm

RESERVED_RETRY_NS = NS // 5
_INTENT = "position intent mismatch"  # Alpaca's words for a sell that would open a short
COLLAR_TIME_NS = 10 * NS


def timed_out(order: ParentOrder) -> bool:
    """Whether the end of its time, or a person, asks for what follows the limit."""
    return order.cause in (Cause.TIMEOUT, Cause.MARKET_NOW)


def limit_was_ours(order: ParentOrder) -> bool:
    """Every limit child ended by a cancel that we asked for, or never left."""
    return timed_out(order) and repricing.limits_were_ours(order)


def fallback_in_time(order: ParentOrder, at: int) -> bool:
    """Whether a fallback may still be sent at `at`: within the grace after the deadline."""
    return order.deadline_ns is None or at <= order.deadline_ns + order.grace_ns


def fall_back(order: ParentOrder, at: int, commands: list[Command]) -> ParentOrder:
    """The order as its plan goes on once its limit is proven dead: a fallback, or its end."""
    fallback = order.instruction.plan.fallback
    if order.cause is Cause.MARKET_NOW:
        fallback = Fallback.MARKET
    if fallback is Fallback.NONE:
        return end(order, at, State.CANCELED, "Time ran out, and no fallback was asked for.")
    if not fallback_in_time(order, at):
        return end_in_alarm(order, at, grace_over(order), State.CANCELED)
    if fallback is Fallback.COLLAR:
        commands.append(PriceFallback())
        return order
    if limit := order.instruction.plan.limit:
        return add_collar(order, limit, at, commands)
    return add_fallback(order, ChildKind.MARKET, None, commands)


def add_collar(order: ParentOrder, price: Decimal, at: int, commands: list[Command]) -> ParentOrder:
    """The order with a limit that is meant to fill at once, for a while; not past the trader's."""
    order = add_fallback(order, ChildKind.COLLAR, repricing.fallback_limit(order, price), commands)
    return replace(order, collar_until_ns=at + COLLAR_TIME_NS)


def collar_runs_from(order: ParentOrder, child: ChildOrder, at: int) -> ParentOrder:
    """The order with the collar's time counted from `at`: it does not run while it is kept back."""
    if child.kind is not ChildKind.COLLAR:
        return order
    return replace(order, collar_until_ns=at + COLLAR_TIME_NS)


def awaits_collar(order: ParentOrder) -> bool:
    """Everything is proven dead and the collared fallback only lacks its price."""
    return (
        not order.final
        and not order.live_children
        and order.cause is Cause.TIMEOUT
        and order.instruction.plan.fallback is Fallback.COLLAR
    )


def add_fallback(
    order: ParentOrder,
    kind: ChildKind,
    limit_price: Decimal | None,
    commands: list[Command],
    delay_ns: int = 0,
) -> ParentOrder:
    """The order with a child for the proven rest, and the command to send it."""
    child = ChildOrder(next_id(order), kind, order.rest, limit_price)
    commands.append(Post(child.client_id, delay_ns))
    return replace(order, children=(*order.children, child))


def _sold_elsewhere(order: ParentOrder, last: ChildOrder) -> bool:
    """Whether a sell of shares held was refused because they are not there any more."""
    if order.side is not Side.SELL or order.short:
        return False
    short = last.shares_held is not None and last.shares_held < order.rest
    return short or _INTENT in last.error.lower()


def after_refusal(
    order: ParentOrder, last: ChildOrder, at: int, commands: list[Command]
) -> ParentOrder:
    """A rejected child ends the order, save a fallback whose shares are still being released."""
    reason = last.error or "The venue rejected it."
    if _sold_elsewhere(order, last):
        state = State.REJECTED if repricing.is_first(order, last) else State.CANCELED
        return end_in_alarm(order, at, not_held(order, last), state)
    if last.kind is ChildKind.LIMIT or (order.at_market and not last.shares_reserved):
        return end(order, at, State.REJECTED, reason)
    if not last.shares_reserved:
        told = reason if reason.endswith((".", "!", "?")) else f"{reason}."
        sentence = f"The fallback was refused: {told} {order.rest} are left; decide yourself."
        return end_in_alarm(order, at, sentence, State.CANCELED)
    if order.reserved_retries >= repricing.MAX_RESERVED_RETRIES:
        sentence = f"The fallback was refused {order.reserved_retries + 1} times: {last.error}"
        return end_in_alarm(order, at, sentence, State.CANCELED)
    delay = RESERVED_RETRY_NS << order.reserved_retries
    if not fallback_in_time(order, at + delay):
        return end_in_alarm(order, at, grace_over(order), State.CANCELED)
    order = replace(order, reserved_retries=order.reserved_retries + 1)
    return add_fallback(order, last.kind, last.limit_price, commands, delay)
