"""REST calls on the account: its figures, its positions and closing them, its executions."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from core.exchange.api.order_routes import cancel_all
from core.exchange.api.request import Request, Route
from core.exchange.api.views import position_view
from core.exchange.matching.account import reserved_cash
from core.exchange.matching.exchange import Exchange
from core.exchange.matching.order_requests import decimal_of
from core.exchange.matching.orders import Execution, Order
from core.exchange.matching.refusals import Refused, Reply, invalid, not_found
from core.exchange.units import cents_text, decimal_text, price_text, rfc3339
from core.market.prices import Side


def _account(request: Request) -> Reply:
    exchange = request.exchange
    account, ticker = exchange.account, exchange.ticker
    long = short = Decimal(0)
    for symbol, holding in account.holdings.items():
        value = ticker.value(symbol, holding.qty)
        long, short = long + max(value, Decimal(0)), short + min(value, Decimal(0))
    equity = account.cash + long + short
    reserved = reserved_cash(exchange.open_orders(), ticker.cost_to_buy())
    power = cents_text(round(max(account.cash - reserved, Decimal(0)), 2))
    return Reply(
        200,
        {
            "id": exchange.account_id,
            "account_number": exchange.options.account_number,
            "status": "ACTIVE",
            "crypto_status": "INACTIVE",
            "currency": "USD",
            "cash": cents_text(account.cash),
            "equity": cents_text(equity),
            "last_equity": cents_text(equity),
            "portfolio_value": cents_text(equity),
            "long_market_value": cents_text(long),
            "short_market_value": cents_text(short),
            "position_market_value": cents_text(long + short),
            "buying_power": power,
            "regt_buying_power": power,
            "non_marginable_buying_power": power,
            "effective_buying_power": power,
            "initial_margin": "0",
            "maintenance_margin": "0",
            "last_maintenance_margin": "0",
            "sma": "0",
            "multiplier": "1",
            "accrued_fees": "0",
            "pending_reg_taf_fees": "0",
            "shorting_enabled": exchange.options.allow_short,
            "trading_blocked": False,
            "transfers_blocked": False,
            "account_blocked": False,
            "trade_suspended_by_user": False,
            "created_at": rfc3339(exchange.time.start_ns),
        },
    )


def _configurations(request: Request) -> Reply:
    return Reply(
        200,
        {
            "dtbp_check": "entry",
            "pdt_check": "entry",
            "fractional_trading": True,
            "max_margin_multiplier": "1",
            "no_shorting": not request.exchange.options.allow_short,
            "suspend_trade": False,
            "trade_confirm_email": "none",
            "disable_overnight_trading": True,
            "ptp_no_exception_entry": False,
        },
    )


def _position_view(exchange: Exchange, symbol: str) -> dict[str, Any]:
    return position_view(
        exchange.assets[symbol],
        exchange.account.holdings[symbol],
        exchange.ticker.price(symbol),
        exchange.available(symbol),
    )


def _positions(request: Request) -> Reply:
    exchange = request.exchange
    return Reply(200, [_position_view(exchange, s) for s in sorted(exchange.account.holdings)])


def _position(request: Request) -> Reply:
    return Reply(200, _position_view(request.exchange, _held_symbol(request)))


def _held_symbol(request: Request) -> str:
    exchange, named = request.exchange, request.parts[0]
    for symbol in exchange.account.holdings:
        if named in (symbol, exchange.assets[symbol].id):
            return symbol
    raise not_found("position does not exist")


def _close_position(request: Request) -> Reply:
    exchange, symbol = request.exchange, _held_symbol(request)
    shares = exchange.account.shares(symbol)
    qty = _part(request.query, abs(shares), exchange.assets[symbol].fractionable)
    return exchange.submit(_market_order(symbol, Side.SELL if shares > 0 else Side.BUY, qty))


def _part(query: Mapping[str, str], shares: Decimal, fractionable: bool) -> Decimal:
    percentage, qty = decimal_of(query, "percentage"), decimal_of(query, "qty")
    if percentage is None:
        return shares if qty is None else qty
    if not 0 < percentage <= 100:
        raise invalid("percentage must be > 0 and <= 100")
    part = shares * percentage / 100
    return round(part, 9) if fractionable else part // 1


def _market_order(symbol: str, side: Side, qty: Decimal) -> dict[str, Any]:
    return {
        "symbol": symbol,
        "side": side.value,
        "qty": decimal_text(qty),
        "type": "market",
        "time_in_force": "day",
    }


def _close_positions(request: Request) -> Reply:
    exchange = request.exchange
    if request.query.get("cancel_orders", "").lower() == "true":
        cancel_all(request)
    results = []
    for symbol, holding in sorted(exchange.account.holdings.items()):
        side = Side.SELL if holding.qty > 0 else Side.BUY
        try:
            reply = exchange.submit(_market_order(symbol, side, abs(holding.qty)))
        except Refused as refused:
            reply = refused.reply
        results.append({"symbol": symbol, "status": reply.status, "body": reply.body})
    return Reply(207, results)


def _activities(request: Request) -> Reply:
    wanted = request.query.get("order_id")
    rows = [
        _fill_view(order, execution)
        for order in request.exchange.orders.values()
        if wanted in (None, order.id)
        for execution in order.executions
    ]
    rows.sort(key=lambda row: row["id"], reverse=True)
    return Reply(200, rows[:100])


def _fill_view(order: Order, execution: Execution) -> dict[str, Any]:
    last = execution is order.executions[-1] and not order.leaves
    return {
        "id": f"{execution.at_ns // 1_000_000}::{execution.id}",
        "activity_type": "FILL",
        "transaction_time": rfc3339(execution.at_ns),
        "type": "fill" if last else "partial_fill",
        "order_id": order.id,
        "symbol": order.symbol,
        "side": order.side.value,
        "price": price_text(execution.price),
        "qty": decimal_text(execution.qty),
        "order_status": order.status,
    }


ACCOUNT_ROUTES: tuple[Route, ...] = (
    ("GET", "/v2/account", _account),
    ("GET", "/v2/account/configurations", _configurations),
    ("GET", "/v2/account/activities(?:/FILL)?", _activities),
    ("GET", "/v2/positions", _positions),
    ("GET", "/v2/positions/([^/]+)", _position),
    ("DELETE", "/v2/positions/([^/]+)", _close_position),
    ("DELETE", "/v2/positions", _close_positions),
)
