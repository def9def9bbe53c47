"""REST calls on what was: quotes, prints and bars between two times, page by page.

Answers come from what this exchange has published since it started; before that there is none.
"""

import base64
import re
from collections.abc import Iterable, Sequence
from typing import Any

from core.exchange.api import query
from core.exchange.api.request import Request, Route
from core.exchange.api.views import bar_view, quote_view, trade_view
from core.exchange.market.ticker import MINUTE, Bar, Quote, Trade
from core.exchange.matching.exchange import Exchange
from core.exchange.matching.refusals import Reply
from core.exchange.units import rfc3339
from core.market.time import NS

_USUAL, _MOST = 1_000, 10_000
FEEDS = ("sip", "iex", "delayed_sip", "boats", "overnight", "otc")
_TIMEFRAME = re.compile(r"([1-9]\d?)(Min|T|Hour|H|Day|D|Week|W|Month|M)", re.A)
_UNITS = {"Min": MINUTE, "T": MINUTE, "Hour": 60 * MINUTE, "H": 60 * MINUTE}
_MOST_OF = {"Min": 59, "T": 59, "Hour": 23, "H": 23, "Day": 1, "D": 1, "Week": 1, "W": 1}
_LONG = 86_400 * NS * 31

Row = tuple[int, dict[str, Any]]


def _many(request: Request) -> Reply:
    (channel,) = request.parts
    names = [s for s in request.query.get("symbols", "").split(",") if s]
    if not names:
        raise query.bad_request("symbols is required")
    page, token = _page(request, channel, sorted(dict.fromkeys(names)))
    found: dict[str, list[Any]] = {}
    for symbol, view in page:
        found.setdefault(symbol, []).append(view)
    return Reply(200, {channel: found, "next_page_token": token})


def _one(request: Request) -> Reply:
    symbol, channel = request.parts
    page, token = _page(request, channel, [symbol])
    views = [view for _, view in page] or None
    return Reply(200, {channel: views, "symbol": symbol, "next_page_token": token})


def _page(
    request: Request, channel: str, symbols: Sequence[str]
) -> tuple[list[tuple[str, dict[str, Any]]], str | None]:
    """The rows of a page with their symbols, all of one symbol before the next; and the next."""
    asked = request.query
    query.choice(asked, "feed", FEEDS, query.bad_request)
    limit = query.count(asked, "limit", _USUAL, _MOST, query.bad_request)
    descending = query.choice(asked, "sort", ("asc", "desc"), query.bad_request) == "desc"
    start = query.moment(asked, "start", query.bad_request)
    end = query.moment(asked, "end", query.bad_request, whole_day=True)
    if start is not None and end is not None and end < start:
        raise query.bad_request("end should not be before start")
    skip = _skipped(asked.get("page_token"))
    rows: list[tuple[str, dict[str, Any]]] = []
    for symbol in symbols:
        of_symbol = [
            (at, view)
            for at, view in _rows(request, channel, symbol)
            if (start is None or at >= start) and (end is None or at <= end)
        ]
        if descending:
            of_symbol.reverse()
        rows += [(symbol, view) for _, view in of_symbol]
    page = rows[skip : skip + limit]
    more = len(rows) > skip + limit
    return page, _token(skip + limit) if more else None


def _rows(request: Request, channel: str, symbol: str) -> Iterable[Row]:
    history = request.exchange.history
    if channel == "quotes":
        return [(q.at, _quote(q)) for q in history.quotes[symbol]]
    if channel == "trades":
        return [(t.at, _trade(t)) for t in history.trades[symbol]]
    return [(b.start_ns, _bar(b)) for b in _bars(request, request.exchange, symbol)]


def _bars(request: Request, exchange: Exchange, symbol: str) -> list[Bar]:
    """Bars of the timeframe asked for, put together from those of a minute."""
    found = _TIMEFRAME.fullmatch(request.query.get("timeframe", ""))
    if found is None or int(found[1]) > _MOST_OF.get(found[2], 12):
        raise query.bad_request(f"invalid timeframe: {request.query.get('timeframe', '')[:40]}")
    width = int(found[1]) * _UNITS.get(found[2], _LONG)
    minutes = list(exchange.history.bars[symbol])
    if symbol in exchange.ticker.minutes:
        minutes.append(exchange.ticker.minutes[symbol])
    bars: list[Bar] = []
    for minute in minutes:
        start = minute.start_ns - minute.start_ns % width if width < _LONG else _day_of(exchange)
        if bars and bars[-1].start_ns == start:
            bars[-1] = bars[-1].followed_by(minute)
        else:
            bars.append(minute.starting(start))
    return bars


def _day_of(exchange: Exchange) -> int:
    """The exchange plays one day, which is also its week and its month."""
    return exchange.time.start_ns - exchange.time.start_ns % (86_400 * NS)


def _quote(quote: Quote) -> dict[str, Any]:
    return {"t": rfc3339(quote.at), **quote_view(quote)}


def _trade(trade: Trade) -> dict[str, Any]:
    return {"t": rfc3339(trade.at), **trade_view(trade)}


def _bar(bar: Bar) -> dict[str, Any]:
    return {"t": rfc3339(bar.start_ns), **bar_view(bar)}


def _token(skipped: int) -> str:
    return base64.urlsafe_b64encode(f"after {skipped}".encode()).decode()


def _skipped(token: str | None) -> int:
    if not token:
        return 0
    try:
        word, _, number = base64.urlsafe_b64decode(token.encode()).decode().partition(" ")
        if word != "after" or not number.isdecimal() or len(number) > 9:
            raise ValueError
        return int(number)
    except ValueError:
        raise query.bad_request("invalid page_token") from None


HISTORY_ROUTES: tuple[Route, ...] = (
    ("GET", "/v2/stocks/(quotes|trades|bars)", _many),
    ("GET", "/v2/stocks/([^/]+)/(quotes|trades|bars)", _one),
)
