"""REST calls on time: the clock and the calendar, in the forms of v2 and v3."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from core.exchange.api import query
from core.exchange.api.request import Request, Route
from core.exchange.market.trading_calendar import (
    FIRST,
    LAST,
    OPEN,
    PRE_OPEN,
    TradingDay,
    trading_days,
)
from core.exchange.market.trading_day import NEW_YORK, new_york
from core.exchange.matching.exchange import Exchange
from core.exchange.matching.refusals import Reply, invalid
from core.market.time import NS

_FIVE_YEARS = timedelta(5 * 366)
# The markets of stocks whose hours are those of the exchange here (Alpaca's `/v3/calendar`).
_MARKETS = {
    "NYSE": ("XNYS", "NYSE", "New York Stock Exchange"),
    "XNYS": ("XNYS", "NYSE", "New York Stock Exchange"),
    "NASDAQ": ("XNAS", "NASDAQ", "NASDAQ"),
    "XNAS": ("XNAS", "NASDAQ", "NASDAQ"),
}


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


def _clocks(request: Request) -> Reply:
    exchange = request.exchange
    now = exchange.now_ns()
    named = [m for m in request.query.get("markets", "NYSE").split(",") if m]
    unknown = [m for m in named if m not in _MARKETS]
    if unknown or not named:
        raise invalid(f"invalid markets {','.join(unknown)[:40]}")
    phase, until = _phase(exchange, now)
    told = {
        "timestamp": new_york(now),
        "is_market_day": True,
        "next_market_open": new_york(exchange.time.next_open(now)),
        "next_market_close": new_york(exchange.time.next_close(now)),
        "phase": phase,
        "phase_until": new_york(until),
    }
    return Reply(200, {"clocks": [{"market": _market(m)} | told for m in dict.fromkeys(named)]})


def _phase(exchange: Exchange, now: int) -> tuple[str, int]:
    times = exchange.time
    if times.is_open(now):
        return "core", times.next_close(now)
    if not times.is_extended(now):
        return "closed", times.next_open(now)
    before = times.next_open(now) < times.next_end(now)
    return ("pre", times.next_open(now)) if before else ("post", times.next_end(now))


def _market(name: str) -> dict[str, str]:
    mic, short, full = _MARKETS[name]
    return {"mic": mic, "acronym": short, "name": full, "timezone": "America/New_York"}


def _calendar(request: Request) -> Reply:
    asked = request.query
    by = query.choice(asked, "date_type", ("TRADING", "SETTLEMENT"))
    start = query.day(asked, "start", FIRST)
    end = query.day(asked, "end", LAST)
    found = trading_days(
        start - timedelta(7) if by == "SETTLEMENT" and start > FIRST else start, end
    )
    shown = (d for d in found if by == "TRADING" or start <= d.settles <= end)
    return Reply(200, [_legacy_day(each) for each in shown])


def _legacy_day(each: TradingDay) -> dict[str, str]:
    return {
        "date": each.day.isoformat(),
        "open": f"{OPEN:%H:%M}",
        "close": f"{each.close:%H:%M}",
        "session_open": f"{PRE_OPEN:%H%M}",
        "session_close": f"{each.post_close:%H%M}",
        "settlement_date": each.settles.isoformat(),
    }


def _market_calendar(request: Request) -> Reply:
    (name,), asked = request.parts, request.query
    if name not in _MARKETS:
        raise query.bad_request(f"unknown market {name[:40]}")
    today = datetime.fromtimestamp(request.exchange.now_ns() // NS, UTC).astimezone(NEW_YORK).date()
    start = query.day(asked, "start", today, query.bad_request)
    end = query.day(asked, "end", min(start, LAST) + timedelta(7), query.bad_request)
    if end - start > _FIVE_YEARS:
        raise query.bad_request("the time between start and end is too long")
    utc = query.choice(asked, "timezone", ("America/New_York", "UTC"), query.bad_request) == "UTC"
    days = [_market_day(each, utc=utc) for each in trading_days(start, end)]
    return Reply(200, {"market": _market(name), "calendar": days})


def _market_day(each: TradingDay, *, utc: bool) -> dict[str, Any]:
    def at(of_day: time) -> str:
        when = datetime.combine(each.day, of_day, NEW_YORK)
        return (when.astimezone(UTC) if utc else when).isoformat()

    return {
        "date": each.day.isoformat(),
        "pre_start": at(PRE_OPEN),
        "pre_end": at(OPEN),
        "core_start": at(OPEN),
        "core_end": at(each.close),
        "post_start": at(each.close),
        "post_end": at(each.post_close),
        "settlement_date": each.settles.isoformat(),
    }


CALENDAR_ROUTES: tuple[Route, ...] = (
    ("GET", "/v2/clock", _clock),
    ("GET", "/v3/clock", _clocks),
    ("GET", "/v2/calendar", _calendar),
    ("GET", "/v3/calendar/([^/]+)", _market_calendar),
)
