"""REST calls on the market as it is: assets, and the latest quotes, prints and bars."""

from collections.abc import Callable
from typing import Any

from core.exchange.api import query
from core.exchange.api.request import Request, Route
from core.exchange.api.views import asset_view, bar_view, quote_view, trade_view
from core.exchange.market.ticker import Bar, Quote, Trade
from core.exchange.matching.exchange import Exchange
from core.exchange.matching.refusals import Refused, Reply, not_found
from core.exchange.units import rfc3339

_CLASSES = ("us_equity", "us_option", "crypto")
_EXCHANGES = ("", "AMEX", "ARCA", "BATS", "NYSE", "NASDAQ", "NYSEARCA", "OTC", "ASCX", "CRYPTO")


def _assets(request: Request) -> Reply:
    asked = request.query
    status = query.choice(asked, "status", ("active", "inactive"))
    kind = query.choice(asked, "asset_class", _CLASSES)
    listed = query.choice(asked, "exchange", _EXCHANGES)
    if (status, kind) != ("active", _CLASSES[0]):
        return Reply(200, [])
    found = [a for a in request.exchange.assets.values() if listed in ("", a.exchange)]
    return Reply(200, [asset_view(asset) for asset in found])


def _asset(request: Request) -> Reply:
    named = request.parts[0]
    for asset in request.exchange.assets.values():
        if named in (asset.symbol, asset.id):
            return Reply(200, asset_view(asset))
    raise not_found(f"asset not found for {named}")


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
    ("GET", "/v2/stocks/(quotes|trades|bars)/latest", _latest),
    ("GET", "/v2/stocks/([^/]+)/(quotes|trades|bars)/latest", _latest_one),
    ("GET", "/v2/stocks/snapshots", _snapshots),
    ("GET", "/v2/stocks/([^/]+)/snapshot", _snapshot),
)
