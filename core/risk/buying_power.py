"""Buying power kept up to date by our own orders, between two reads of the account. Pure."""

from decimal import Decimal

from msgspec.structs import replace

from core.market.account import Account
from core.market.prices import ZERO, Side
from core.orders.state import ParentOrder
from core.risk.pre_trade_controls import SHORT_MARGIN


def after_change(account: Account, before: ParentOrder | None, after: ParentOrder) -> Account:
    """The account once `before` became `after`: open buys are reserved, proceeds come back."""
    taken = _taken(after) - (_taken(before) if before else ZERO)
    if not taken:
        return account
    return replace(account, buying_power=account.buying_power - taken)


def _taken(order: ParentOrder) -> Decimal:
    """Dollars that the order has spent and may still spend; negative: it brought some in.

    What may still fill is reckoned at the arrival ask, or the limit price where that is more.
    """
    if order.short:
        return order.reserved * max(_dearest(order), order.quote.ask * SHORT_MARGIN)
    spent = order.filled * (order.avg_price or order.limit_price)
    if order.side is Side.SELL:
        return -spent
    open_shares = order.reserved - order.filled
    return spent + open_shares * max(_dearest(order), order.quote.ask)


def _dearest(order: ParentOrder) -> Decimal:
    return max(order.limit_price, order.present_limit)
