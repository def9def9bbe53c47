"""The days on which the New York Stock Exchange trades, and when each of them closes.

Holidays and early closes come from the package `holidays`, which follows the exchange's rules.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import lru_cache

import holidays

FIRST, LAST = date(1970, 1, 1), date(2029, 12, 31)  # what Alpaca tells
OPEN, CLOSE, EARLY_CLOSE = time(9, 30), time(16), time(13)
PRE_OPEN, POST_CLOSE, EARLY_POST_CLOSE = time(4), time(20), time(17)
_HALF_DAY = "half_day"


@dataclass(frozen=True, slots=True)
class TradingDay:
    """One day of trading, New York time. `settles` is the next one: trades settle on T+1."""

    day: date
    close: time
    post_close: time
    settles: date


def trades_on(day: date) -> bool:
    """Whether there is a regular session on that day."""
    return day.weekday() < 5 and day not in _closed(day.year)


def trading_days(start: date, end: date) -> Iterator[TradingDay]:
    """The days from `start` to `end`, both included, within 1970 and 2029."""
    day = max(start, FIRST)
    while day <= min(end, LAST):
        if trades_on(day):
            yield _trading_day(day)
        day += timedelta(1)


def _trading_day(day: date) -> TradingDay:
    early = day in _shortened(day.year)
    return TradingDay(
        day,
        EARLY_CLOSE if early else CLOSE,
        EARLY_POST_CLOSE if early else POST_CLOSE,
        next_trading_day(day),
    )


def next_trading_day(day: date) -> date:
    """The first trading day after `day`."""
    later = day + timedelta(1)
    while not trades_on(later):
        later += timedelta(1)
    return later


@lru_cache(maxsize=256)
def _closed(year: int) -> frozenset[date]:
    return frozenset(holidays.financial_holidays("NYSE", years=year))


@lru_cache(maxsize=256)
def _shortened(year: int) -> frozenset[date]:
    return frozenset(holidays.financial_holidays("NYSE", years=year, categories=(_HALF_DAY,)))
