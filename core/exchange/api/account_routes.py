"""REST calls on the account: its figures, its positions and closing them, its executions."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from core.exchange.api import query
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
from core.market.time import NS


def _account(request: Request) -> Reply:
    exchange = request.exchange
    account, ticker = exchange.account, exchange.ticker
    long, short = account.worth(ticker.value)
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
            "last_equity": cents_text(exchange.history.first_equity),
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
            "trade_suspended_by_user": exchange.settings.configuration["suspend_trade"],
            "created_at": rfc3339(exchange.time.start_ns),
        },
    )


def _configurations(request: Request) -> Reply:
    return Reply(200, request.exchange.settings.configuration)


def _configure(request: Request) -> Reply:
    """Change some settings; one that is unknown or of another kind is refused, and all stay."""
    exchange = request.exchange
    for name, value in request.body.items():
        if name not in exchange.settings.configuration:
            raise invalid(f"unknown configuration {name[:40]}")
        allowed = _ALLOWED.get(name, (True, False))
        if isinstance(value, list | dict) or value not in allowed:
            raise invalid(f"invalid {name}")
    exchange.settings.configuration |= dict(request.body)
    return Reply(200, exchange.settings.configuration)


_ALLOWED: dict[str, tuple[object, ...]] = {
    "max_options_trading_level": (None, 0, 1, 2, 3),
    "dtbp_check": ("both", "entry", "exit"),
    "pdt_check": ("both", "entry", "exit"),
    "trade_confirm_email": ("all", "none"),
    "max_margin_multiplier": ("1", "2", "4"),
}


_PERIOD = re.compile(r"([1-9]\d{0,2})([DWMA])", re.A)
_FRAMES = {"1Min": 60, "5Min": 300, "15Min": 900, "1H": 3600, "1D": 86_400}


def _portfolio(request: Request) -> Reply:
    """Equity since the start, as it stood at the begin of each window of the timeframe."""
    exchange, asked = request.exchange, request.query
    if not _PERIOD.fullmatch(asked.get("period", "1M")):
        raise invalid(f"invalid period {asked['period'][:20]}")
    frame = query.choice(asked, "timeframe", ("1D", *_FRAMES))
    start, end = query.moment(asked, "start"), query.moment(asked, "end", whole_day=True)
    seconds, points = _FRAMES[frame], dict[int, Decimal]()
    for at, equity in (*exchange.history.equities, (exchange.now_ns(), exchange.equity())):
        if (start is None or at >= start) and (end is None or at <= end):
            points.setdefault(at // NS // seconds * seconds, equity)
    base = exchange.history.first_equity
    gains = [equity - base for equity in points.values()]
    return Reply(
        200,
        {
            "timestamp": list(points),
            "equity": [float(round(equity, 2)) for equity in points.values()],
            "profit_loss": [float(round(gain, 2)) for gain in gains],
            "profit_loss_pct": [float(round(gain / base, 6)) if base else 0.0 for gain in gains],
            "base_value": float(round(base, 2)),
            "timeframe": frame,
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
    """What happened in the account: here executions only, newest first, page by page."""
    asked = request.query
    kinds = request.parts[0] if request.parts and request.parts[0] else asked.get("activity_types")
    named = {kind.strip().upper() for kind in (kinds or _FILL).split(",")}
    if unknown := named - _KINDS:
        raise invalid(f"invalid activity type {sorted(unknown)[0][:20]}")
    direction = query.choice(asked, "direction", ("desc", "asc"))
    size = query.count(asked, "page_size", _PAGE, _PAGE)
    category = query.choice(asked, "category", ("", "trade_activity", "non_trade_activity"))
    after, until = query.moment(asked, "after"), query.moment(asked, "until", whole_day=True)
    if "date" in asked:
        if after is not None or until is not None:
            raise invalid("date cannot be used with after or until")
        after = query.moment(asked, "date")
        until = query.moment(asked, "date", whole_day=True)
        after = None if after is None else after - 1
    wanted = asked.get("order_id")
    rows = [
        _fill_view(order, execution)
        for order in request.exchange.orders.values()
        if wanted in (None, order.id) and _FILL in named and category != "non_trade_activity"
        for execution in order.executions
        if (after is None or execution.at_ns > after)
        and (until is None or execution.at_ns <= until)
    ]
    rows.sort(key=lambda row: row["id"], reverse=direction == "desc")
    token = asked.get("page_token")
    if token is not None:
        rows = [
            row for row in rows if (row["id"] < token if direction == "desc" else row["id"] > token)
        ]
    return Reply(200, rows[:size])


_FILL, _PAGE = "FILL", 100
# The types of activity that Alpaca's document lists.
_KINDS = frozenset(
    {
        "FILL", "ACATC", "ACATS", "CFEE", "CIL", "CSD", "CSW", "DIV", "DIVCGL", "DIVCGS", "DIVFEE",
        "DIVFT", "DIVNRA", "DIVROC", "DIVTW", "DIVTXEX", "FEE", "FOPT", "INT", "INTNRA", "INTTW",
        "JNL", "JNLC", "JNLS", "MA", "MEM", "NC", "OPASN", "OPCA", "OPCSH", "OPEXC", "OPEXP",
        "OPTRD", "PTC", "PTR", "REORG", "SPIN", "SPLIT", "TRANS", "VOF", "WH",
    }
)  # fmt: skip


def _fill_view(order: Order, execution: Execution) -> dict[str, Any]:
    last = execution is order.executions[-1] and not order.leaves
    cumulated, so_far = Decimal(0), order.executions.index(execution) + 1
    for done in order.executions[:so_far]:
        cumulated += done.qty
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
        "cum_qty": decimal_text(cumulated),
        "leaves_qty": decimal_text(order.qty - cumulated),
        "order_status": order.status,
    }


ACCOUNT_ROUTES: tuple[Route, ...] = (
    ("GET", "/v2/account", _account),
    ("GET", "/v2/account/configurations", _configurations),
    ("PATCH", "/v2/account/configurations", _configure),
    ("GET", "/v2/account/portfolio/history", _portfolio),
    ("GET", "/v2/account/activities(?:/([^/]+))?", _activities),
    ("GET", "/v2/positions", _positions),
    ("GET", "/v2/positions/([^/]+)", _position),
    ("DELETE", "/v2/positions/([^/]+)", _close_position),
    ("DELETE", "/v2/positions", _close_positions),
)
