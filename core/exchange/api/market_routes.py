"""REST calls on the market: assets, clock, calendar, and the latest quotes, prints and bars."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from core.exchange.api.request import Request, Route
from core.exchange.api.views import asset_view, bar_view, quote_view, trade_view
from core.exchange.market.ticker import Bar, Quote, Trade
from core.exchange.market.trading_day import new_york
from core.exchange.matching.exchange import Exchange
from core.exchange.matching.refusals import Refused, Reply, invalid, not_found
from core.exchange.units import rfc3339
from core.market.time import NS


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


MARKET_ROUTES: tuple[Route, ...] = (
    ("GET", "/v2/assets", _assets),
    ("GET", "/v2/assets/([^/]+)", _asset),
    ("GET", "/v2/clock", _clock),
    ("GET", "/v2/calendar", _calendar),
    ("GET", "/v2/stocks/(quotes|trades|bars)/latest", _latest),
    ("GET", "/v2/stocks/([^/]+)/(quotes|trades|bars)/latest", _latest_one),
    ("GET", "/v2/stocks/snapshots", _snapshots),
    ("GET", "/v2/stocks/([^/]+)/snapshot", _snapshot),
)
