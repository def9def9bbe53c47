"""Money and shares of the one account, and whether it may send an order.

Pure: account, open orders and a price in; a new account or a refusal out.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal

import msgspec

from core.exchange.matching.order_requests import Ticket
from core.exchange.matching.orders import Order
from core.exchange.matching.refusals import forbidden, unprocessable
from core.exchange.units import dollars, text
from core.market.prices import ZERO, Side


class Holding(msgspec.Struct, frozen=True):
    """Shares of one symbol (negative: short) and what they cost in dollars (negative: short)."""

    qty: Decimal
    cost: Decimal


class Account(msgspec.Struct, frozen=True):
    """Cash in dollars and the holdings by symbol; a symbol without shares is absent."""

    cash: Decimal
    holdings: Mapping[str, Holding]

    def shares(self, symbol: str) -> Decimal:
        """Signed shares of `symbol`."""
        holding = self.holdings.get(symbol)
        return holding.qty if holding else ZERO


def settle(account: Account, symbol: str, side: Side, qty: Decimal, price: Decimal) -> Account:
    """The account after one execution at `price` dollars."""
    signed = qty if side is Side.BUY else -qty
    before = account.holdings.get(symbol, Holding(ZERO, ZERO))
    after = before.qty + signed
    if before.qty * signed >= 0:
        cost = before.cost + signed * price
    elif before.qty * after >= 0:
        # Part of the holding goes at the average it was bought for.
        cost = before.cost * after / before.qty
    else:
        cost = after * price
    holdings = dict(account.holdings)
    holdings.pop(symbol, None)
    if after:
        holdings[symbol] = Holding(after, cost)
    return Account(account.cash - signed * price, holdings)


def held(orders: Iterable[Order], symbol: str, side: Side = Side.SELL) -> Decimal:
    """Shares of `symbol` reserved by open orders of `side`, until their end is confirmed."""
    return sum(
        (o.leaves for o in orders if o.is_open and o.symbol == symbol and o.side is side), ZERO
    )


def reserved_cash(orders: Iterable[Order], price_of: Mapping[str, int]) -> Decimal:
    """Dollars that open buys may still need; a market order counts at `price_of` its symbol."""
    return sum(
        (
            o.leaves * dollars(o.limit if o.limit is not None else price_of.get(o.symbol, 0))
            for o in orders
            if o.is_open and o.side is Side.BUY
        ),
        ZERO,
    )


def inferred_intent(side: Side, shares: Decimal) -> str:
    """What an order of `side` does to a position of `shares`."""
    if side is Side.SELL:
        return "sell_to_close" if shares > 0 else "sell_to_open"
    return "buy_to_close" if shares < 0 else "buy_to_open"


def check(
    account: Account,
    ticket: Ticket,
    open_orders: tuple[Order, ...],
    price_of: Mapping[str, int],
    *,
    allow_short: bool,
    short_above: int | None = None,
) -> str:
    """The position intent of a ticket the account may send; raises `replies.Refused` otherwise.

    `short_above` is the best bid while short sales are restricted (Rule 201).
    """
    shares = account.shares(ticket.symbol)
    intent = inferred_intent(ticket.side, shares)
    if ticket.intent not in (None, intent):
        raise unprocessable(
            f"position intent mismatch, inferred: {intent}, specified: {ticket.intent}"
        )
    _check_wash(ticket, open_orders)
    if intent.endswith("to_close"):
        _check_available(ticket, abs(shares), open_orders)
    elif intent == "sell_to_open":
        _check_short(ticket, short_above, allow_short=allow_short)
    else:
        _check_cash(account, ticket, open_orders, price_of)
    return intent


def _check_wash(ticket: Ticket, open_orders: tuple[Order, ...]) -> None:
    for order in open_orders:
        if order.symbol != ticket.symbol or order.side is ticket.side:
            continue
        if order.limit is not None and ticket.limit is not None:
            buy, sell = order.limit, ticket.limit
            if ticket.side is Side.BUY:
                buy, sell = sell, buy
            if buy < sell:
                continue
        kind = "market" if order.limit is None else "limit"
        raise forbidden(
            "potential wash trade detected. use complex orders",
            existing_order_id=order.id,
            reject_reason=f"opposite side {kind} order exists",
        )


def _check_available(ticket: Ticket, existing: Decimal, open_orders: tuple[Order, ...]) -> None:
    reserved = held(open_orders, ticket.symbol, ticket.side)
    available = max(ZERO, existing - reserved)
    if ticket.qty <= available:
        return
    raise forbidden(
        f"insufficient qty available for order (requested: {text(ticket.qty)}, "
        f"available: {text(available)})",
        available=text(available),
        existing_qty=text(existing),
        held_for_orders=text(reserved),
        symbol=ticket.symbol,
        related_orders=[
            o.id for o in open_orders if o.symbol == ticket.symbol and o.side is ticket.side
        ],
    )


def _check_short(ticket: Ticket, short_above: int | None, *, allow_short: bool) -> None:
    """Alpaca documents no words of its own for the short-sale restriction; these are ours."""
    if not allow_short:
        raise forbidden("account is not allowed to short")
    if not ticket.asset.shortable:
        raise unprocessable(f'asset "{ticket.symbol}" cannot be sold short')
    if ticket.qty != ticket.qty.to_integral_value():
        raise unprocessable("fractional orders cannot be sold short")
    if short_above is not None and (ticket.limit is None or ticket.limit <= short_above):
        raise unprocessable(
            f'short sale restriction: asset "{ticket.symbol}" may be sold short only by a limit '
            "above the best bid"
        )


def _check_cash(
    account: Account,
    ticket: Ticket,
    open_orders: tuple[Order, ...],
    price_of: Mapping[str, int],
) -> None:
    price = ticket.limit if ticket.limit is not None else price_of.get(ticket.symbol, 0)
    cost = ticket.qty * dollars(price)
    power = account.cash - reserved_cash(open_orders, price_of)
    if cost > power:
        raise forbidden(
            "insufficient buying power",
            buying_power=text(round(power, 2)),
            cost_basis=text(round(cost, 2)),
        )
