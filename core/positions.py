"""Positions kept up to date by our own fills, between two reads of the account. Pure."""

from collections.abc import Iterable
from decimal import Decimal

from core.account import Position
from core.order_state import ParentOrder
from core.prices import ZERO, Side


def after_change(
    held: Position | None,
    before: ParentOrder | None,
    after: ParentOrder,
    open_orders: Iterable[ParentOrder],
) -> Position | None:
    """The position once `before` became `after`; None when nothing about it changed.

    `available` falls by what our open sells still reserve and by what they sold.
    """
    filled = after.filled - (before.filled if before else ZERO)
    if not filled and before is not None and before.exposure == after.exposure:
        return None
    if held is None:
        if not filled:
            return None
        held = Position(after.symbol, ZERO, ZERO, ZERO)
    signed = filled if after.side is Side.BUY else -filled
    qty = held.qty + signed
    reserved = sum(
        (c.leaves for o in open_orders if _reserves(o, after.symbol) for c in o.live_children), ZERO
    )
    entry = _entry_price(held, after, filled) if signed > 0 else held.avg_entry_price
    return Position(after.symbol, qty, max(qty - reserved, ZERO), entry)


def _reserves(order: ParentOrder, symbol: str) -> bool:
    return order.symbol == symbol and order.side is Side.SELL


def _entry_price(held: Position, order: ParentOrder, bought: Decimal) -> Decimal:
    total = held.qty + bought
    if held.qty < 0 or not total or order.avg_price is None:
        return order.avg_price or held.avg_entry_price
    return (held.qty * held.avg_entry_price + bought * order.avg_price) / total
