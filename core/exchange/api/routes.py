"""Alpaca's REST calls on an `Exchange`: method, path and fields in, status and body out.

One table of routes. No sockets here: the server and tests in virtual time call the same
`call`.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple
from uuid import UUID

from core.exchange.api.views import (
    asset_view,
    bar_view,
    order_view,
    position_view,
    quote_view,
    trade_view,
)
from core.exchange.market.ticker import Bar, Quote, Trade
from core.exchange.market.trading_day import new_york
from core.exchange.matching.account import reserved_cash
from core.exchange.matching.exchange import Exchange
from core.exchange.matching.order_requests import decimal_of
from core.exchange.matching.orders import Execution, Order
from core.exchange.matching.refusals import Refused, Reply, invalid, not_found
from core.exchange.units import cents_text, price_text, rfc3339, text
from core.market.prices import Side
from core.market.time import NS

_MOST_ORDERS = 500
_USUAL_ORDERS = 50


class Request(NamedTuple):
    """One call: the pieces of its path, its query and its body."""

    exchange: Exchange
    parts: tuple[str, ...]
    query: Mapping[str, str]
    body: Mapping[str, Any]


def call(
    exchange: Exchange, method: str, path: str, query: Mapping[str, str], raw_body: bytes = b""
) -> Reply:
    """Answer one request; refusals are answers too."""
    try:
        for verb, pattern, run in _ROUTES:
            match = pattern.fullmatch(path)
            if verb == method and match:
                return run(Request(exchange, match.groups(), query, _read(raw_body)))
    except Refused as refused:
        return refused.reply
    return Reply(404, {"message": "endpoint not found."})


def is_data(path: str) -> bool:
    """Whether a path belongs to the data API, which has a request budget of its own."""
    return path.startswith("/v2/stocks")


def _read(raw: bytes) -> Mapping[str, Any]:
    """A JSON object with exact numbers."""
    if not raw:
        return {}
    try:
        body = json.loads(raw, parse_float=Decimal, parse_int=Decimal, parse_constant=str)
    except (ValueError, InvalidOperation, RecursionError):
        raise Refused(400, 40010000, "request body format is invalid") from None
    if not isinstance(body, dict):
        raise Refused(400, 40010000, "request body format is invalid")
    return body


# Orders


def _submit(request: Request) -> Reply:
    return request.exchange.submit(request.body)


def _orders(request: Request) -> Reply:
    query = request.query
    status = query.get("status", "open")
    if status not in ("open", "closed", "all"):
        raise invalid("invalid status")
    symbols = set(filter(None, query.get("symbols", "").split(",")))
    after, until = _time(query, "after"), _time(query, "until")
    found = [
        order
        for order in request.exchange.orders.values()
        if (status == "all" or order.is_open == (status == "open"))
        and (not symbols or order.symbol in symbols)
        and query.get("side", order.side.value) == order.side.value
        and (after is None or order.created_ns > after)
        and (until is None or order.created_ns < until)
    ]
    if query.get("direction", "desc") != "asc":
        found.reverse()
    found = _cut(found, query)
    return Reply(200, [order_view(order) for order in found[: _limit(query)]])


def _cut(orders: list[Order], query: Mapping[str, str]) -> list[Order]:
    """What lies past `after_order_id` or before `before_order_id` in the listed direction."""
    ids = [order.id for order in orders]
    ascending = query.get("direction", "desc") == "asc"
    for name, later in (("after_order_id", True), ("before_order_id", False)):
        cursor = query.get(name)
        if cursor in ids:
            place = ids.index(cursor)
            orders = orders[place + 1 :] if later == ascending else orders[:place]
            ids = [order.id for order in orders]
    return orders


def _limit(query: Mapping[str, str]) -> int:
    given = query.get("limit", str(_USUAL_ORDERS))
    if not given.isdecimal() or not 1 <= int(given) <= _MOST_ORDERS:
        raise invalid("limit must be between 1 and 500")
    return int(given)


def _time(query: Mapping[str, str], name: str) -> int | None:
    given = query.get(name)
    if given is None:
        return None
    try:
        when = datetime.fromisoformat(given)
    except ValueError:
        raise invalid(f"invalid {name} {given}") from None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return round(when.timestamp() * 1_000_000) * 1000


def _order(request: Request) -> Reply:
    return Reply(200, order_view(request.exchange.order(_order_id(request))))


def _order_by_client_id(request: Request) -> Reply:
    client_order_id = request.query.get("client_order_id", "")
    return Reply(200, order_view(request.exchange.order_by_client_id(client_order_id)))


def _replace(request: Request) -> Reply:
    return request.exchange.replace(_order_id(request), request.body)


def _cancel(request: Request) -> Reply:
    return request.exchange.cancel(_order_id(request))


def _order_id(request: Request) -> str:
    try:
        return str(UUID(request.parts[0]))
    except ValueError:
        raise invalid(f"invalid order_id {request.parts[0]}") from None


def _cancel_all(request: Request) -> Reply:
    exchange = request.exchange
    results = []
    for order in exchange.open_orders():
        try:
            exchange.cancel(order.id)
            results.append({"id": order.id, "status": 200})
        except Refused as refused:
            status, body = refused.reply
            results.append({"id": order.id, "status": status, "body": body})
    return Reply(207, results)


# Account, positions, assets


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
        "qty": text(qty),
        "type": "market",
        "time_in_force": "day",
    }


def _close_positions(request: Request) -> Reply:
    exchange = request.exchange
    if request.query.get("cancel_orders", "").lower() == "true":
        _cancel_all(request)
    results = []
    for symbol, holding in sorted(exchange.account.holdings.items()):
        side = Side.SELL if holding.qty > 0 else Side.BUY
        try:
            reply = exchange.submit(_market_order(symbol, side, abs(holding.qty)))
        except Refused as refused:
            reply = refused.reply
        results.append({"symbol": symbol, "status": reply.status, "body": reply.body})
    return Reply(207, results)


def _assets(request: Request) -> Reply:
    if request.query.get("status", "active") != "active":
        return Reply(200, [])
    return Reply(200, [asset_view(asset) for asset in request.exchange.assets.values()])


def _asset(request: Request) -> Reply:
    named = request.parts[0]
    for asset in request.exchange.assets.values():
        if named in (asset.symbol, asset.id):
            return Reply(200, asset_view(asset))
    raise not_found(f"asset not found for {named}")


def _clock(request: Request) -> Reply:
    exchange = request.exchange
    now = exchange.now_ns()
    return Reply(
        200,
        {
            "timestamp": new_york(now),
            "is_open": exchange.is_open(),
            "next_open": new_york(exchange.time.next_open(now)),
            "next_close": new_york(exchange.time.next_close(now)),
        },
    )


def _calendar(request: Request) -> Reply:
    """Weekdays; holidays are not kept."""
    now = datetime.fromtimestamp(request.exchange.now_ns() // NS, UTC).date()
    start, end = _day(request.query, "start", now), _day(request.query, "end", now)
    days = [start + timedelta(n) for n in range(min(3660, (end - start).days + 1))]
    return Reply(200, [_calendar_view(day) for day in days if day.weekday() < 5])


def _day(query: Mapping[str, str], name: str, default: date) -> date:
    given = query.get(name)
    try:
        return default if given is None else date.fromisoformat(given[:10])
    except ValueError:
        raise invalid(f"invalid {name} {given}") from None


def _calendar_view(day: date) -> dict[str, str]:
    later = 1 if day.weekday() < 4 else 3
    return {
        "date": day.isoformat(),
        "open": "09:30",
        "close": "16:00",
        "session_open": "0400",
        "session_close": "2000",
        "settlement_date": (day + timedelta(later)).isoformat(),
    }


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
        "qty": text(execution.qty),
        "order_status": order.status,
    }


# Market data


def _timed(view: dict[str, Any], at: int) -> dict[str, Any]:
    return {"t": rfc3339(at), **view}


def _quote_json(quote: Quote) -> dict[str, Any]:
    return _timed(quote_view(quote), quote.at)


def _trade_json(trade: Trade) -> dict[str, Any]:
    return _timed(trade_view(trade), trade.at)


def _bar_json(bar: Bar) -> dict[str, Any]:
    return _timed(bar_view(bar), bar.start_ns)


def _snapshot_json(exchange: Exchange, symbol: str) -> dict[str, Any] | None:
    ticker = exchange.ticker
    if symbol not in ticker.quotes and symbol not in ticker.trades:
        return None
    shown: dict[str, Any] = {}
    if symbol in ticker.trades:
        shown["latestTrade"] = _trade_json(ticker.trades[symbol])
        shown["minuteBar"] = _bar_json(ticker.minutes[symbol])
        shown["dailyBar"] = _bar_json(ticker.days[symbol])
    if symbol in ticker.quotes:
        shown["latestQuote"] = _quote_json(ticker.quotes[symbol])
    return shown


_LATEST: dict[str, Callable[[Exchange, str], dict[str, Any] | None]] = {
    "quotes": lambda x, s: _quote_json(x.ticker.quotes[s]) if s in x.ticker.quotes else None,
    "trades": lambda x, s: _trade_json(x.ticker.trades[s]) if s in x.ticker.trades else None,
    "bars": lambda x, s: _bar_json(x.ticker.minutes[s]) if s in x.ticker.minutes else None,
}


def _latest(request: Request) -> Reply:
    channel = request.parts[0]
    found = {s: _LATEST[channel](request.exchange, s) for s in _symbols(request)}
    return Reply(200, {channel: {s: view for s, view in found.items() if view is not None}})


def _latest_one(request: Request) -> Reply:
    symbol, channel = request.parts
    view = _LATEST[channel](request.exchange, symbol)
    if view is None:
        raise Refused(404, None, f"no {channel[:-1]} found for {symbol}")
    return Reply(200, {"symbol": symbol, channel[:-1]: view})


def _snapshots(request: Request) -> Reply:
    found = {s: _snapshot_json(request.exchange, s) for s in _symbols(request)}
    return Reply(200, {s: view for s, view in found.items() if view is not None})


def _snapshot(request: Request) -> Reply:
    view = _snapshot_json(request.exchange, request.parts[0])
    if view is None:
        raise Refused(404, None, f"no snapshot found for {request.parts[0]}")
    return Reply(200, {"symbol": request.parts[0], **view})


def _symbols(request: Request) -> list[str]:
    symbols = [s for s in request.query.get("symbols", "").split(",") if s]
    if not symbols:
        raise Refused(400, None, "symbols is required")
    return symbols


_ROUTES: tuple[tuple[str, re.Pattern[str], Callable[[Request], Reply]], ...] = tuple(
    (method, re.compile(pattern), run)
    for method, pattern, run in (
        ("POST", "/v2/orders", _submit),
        ("GET", "/v2/orders", _orders),
        ("GET", "/v2/orders:by_client_order_id", _order_by_client_id),
        ("GET", "/v2/orders/([^/]+)", _order),
        ("PATCH", "/v2/orders/([^/]+)", _replace),
        ("DELETE", "/v2/orders/([^/]+)", _cancel),
        ("DELETE", "/v2/orders", _cancel_all),
        ("GET", "/v2/account", _account),
        ("GET", "/v2/account/configurations", _configurations),
        ("GET", "/v2/account/activities(?:/FILL)?", _activities),
        ("GET", "/v2/positions", _positions),
        ("GET", "/v2/positions/([^/]+)", _position),
        ("DELETE", "/v2/positions/([^/]+)", _close_position),
        ("DELETE", "/v2/positions", _close_positions),
        ("GET", "/v2/assets", _assets),
        ("GET", "/v2/assets/([^/]+)", _asset),
        ("GET", "/v2/clock", _clock),
        ("GET", "/v2/calendar", _calendar),
        ("GET", "/v2/stocks/(quotes|trades|bars)/latest", _latest),
        ("GET", "/v2/stocks/([^/]+)/(quotes|trades|bars)/latest", _latest_one),
        ("GET", "/v2/stocks/snapshots", _snapshots),
        ("GET", "/v2/stocks/([^/]+)/snapshot", _snapshot),
    )
)
