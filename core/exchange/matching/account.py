"""Money and shares of the one account, and whether it may send an order.

Pure: account, open orders and a price in; a new account or a refusal out.
"""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

import msgspec

from core.exchange.matching.order_requests import OrderRequest
from core.exchange.matching.orders import Order
from core.exchange.matching.refusals import forbidden, unprocessable
from core.exchange.units import decimal_text, dollars
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

    def worth(self, value: Callable[[str, Decimal], Decimal]) -> tuple[Decimal, Decimal]:
        """What long and short positions are worth, each share at `value`; the second below 0."""
        found = [value(symbol, holding.qty) for symbol, holding in self.holdings.items()]
        return sum((v for v in found if v > 0), ZERO), sum((v for v in found if v < 0), ZERO)


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


def reserved_shares(orders: Iterable[Order], symbol: str, side: Side = Side.SELL) -> Decimal:
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


def permitted_intent(
    account: Account,
    request: OrderRequest,
    open_orders: tuple[Order, ...],
    price_of: Mapping[str, int],
    *,
    allow_short: bool,
    short_above: int | None = None,
) -> str:
    """The position intent of an order the account may send; raises `refusals.Refused` otherwise.

    `short_above` is the best bid while short sales are restricted (Rule 201).
    """
    shares = account.shares(request.symbol)
    intent = inferred_intent(request.side, shares)
    if request.intent not in (None, intent):
        raise unprocessable(
            f"position intent mismatch, inferred: {intent}, specified: {request.intent}"
        )
    _check_wash(request, open_orders)
    if intent.endswith("to_close"):
        _check_available(request, abs(shares), open_orders)
    elif intent == "sell_to_open":
        _check_short(request, short_above, allow_short=allow_short)
    else:
        _check_cash(account, request, open_orders, price_of)
    return intent


def _check_wash(request: OrderRequest, open_orders: tuple[Order, ...]) -> None:
    for order in open_orders:
        if order.symbol != request.symbol or order.side is request.side:
            continue
        if order.limit is not None and request.limit is not None:
            buy, sell = order.limit, request.limit
            if request.side is Side.BUY:
                buy, sell = sell, buy
            if buy < sell:
                continue
        kind = "market" if order.limit is None else "limit"
        raise forbidden(
            "potential wash trade detected. use complex orders",
            existing_order_id=order.id,
            reject_reason=f"opposite side {kind} order exists",
        )


def _check_available(
    request: OrderRequest, existing: Decimal, open_orders: tuple[Order, ...]
) -> None:
    reserved = reserved_shares(open_orders, request.symbol, request.side)
    available = max(ZERO, existing - reserved)
    if request.qty <= available:
        return
    raise forbidden(
        f"insufficient qty available for order (requested: {decimal_text(request.qty)}, "
        f"available: {decimal_text(available)})",
        available=decimal_text(available),
        existing_qty=decimal_text(existing),
        held_for_orders=decimal_text(reserved),
        symbol=request.symbol,
        related_orders=[
            o.id for o in open_orders if o.symbol == request.symbol and o.side is request.side
        ],
    )


def _check_short(request: OrderRequest, short_above: int | None, *, allow_short: bool) -> None:
    """Alpaca documents no words of its own for the short-sale restriction; these are ours."""
    if not allow_short:
        raise forbidden("account is not allowed to short")
    if not request.asset.shortable:
        raise unprocessable(f'asset "{request.symbol}" cannot be sold short')
    if request.qty != request.qty.to_integral_value():
        raise unprocessable("fractional orders cannot be sold short")
    if short_above is not None and (request.limit is None or request.limit <= short_above):
        raise unprocessable(
            f'short sale restriction: asset "{request.symbol}" may be sold short only by a limit '
            "above the best bid"
        )


def _check_cash(
    account: Account,
    request: OrderRequest,
    open_orders: tuple[Order, ...],
    price_of: Mapping[str, int],
) -> None:
    price = request.limit if request.limit is not None else price_of.get(request.symbol, 0)
    cost = request.qty * dollars(price)
    power = account.cash - reserved_cash(open_orders, price_of)
    if cost > power:
        raise forbidden(
            "insufficient buying power",
            buying_power=decimal_text(round(power, 2)),
            cost_basis=decimal_text(round(cost, 2)),
        )
