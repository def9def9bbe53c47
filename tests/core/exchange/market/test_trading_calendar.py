"""The days of the exchange, against dates that its own announcements name."""

from datetime import date, time

import pytest

from core.exchange.market.trading_calendar import (
    FIRST,
    LAST,
    next_trading_day,
    trades_on,
    trading_days,
)


@pytest.mark.parametrize(
    "closed",
    [
        date(2026, 1, 1), date(2026, 1, 19), date(2026, 2, 16), date(2026, 4, 3), date(2026, 5, 25),
        date(2026, 6, 19), date(2026, 7, 3), date(2026, 9, 7), date(2026, 11, 26),
        date(2026, 12, 25), date(2025, 1, 9), date(2026, 12, 5), date(2026, 12, 6),
    ],
)  # fmt: skip
def test_holidays_weekends_and_days_of_mourning_have_no_session(closed: date) -> None:
    assert not trades_on(closed)
    assert list(trading_days(closed, closed)) == []


@pytest.mark.parametrize(
    "early", [date(2024, 7, 3), date(2025, 11, 28), date(2026, 11, 27), date(2026, 12, 24)]
)
def test_some_days_close_at_one(early: date) -> None:
    (found,) = trading_days(early, early)
    assert (found.close, found.post_close) == (time(13), time(17))


def test_a_usual_day_closes_at_four_and_settles_on_the_next_trading_day() -> None:
    (found,) = trading_days(date(2026, 11, 25), date(2026, 11, 26))
    assert (found.close, found.settles) == (time(16), date(2026, 11, 27))
    assert next_trading_day(date(2026, 12, 24)) == date(2026, 12, 28)


def test_a_year_has_about_251_days_and_the_calendar_ends() -> None:
    assert len(list(trading_days(date(2026, 1, 1), date(2026, 12, 31)))) == 251
    assert next(trading_days(date.min, date.max)).day >= FIRST
    assert list(trading_days(LAST, date.max))[-1].day <= LAST
    assert list(trading_days(date(2026, 1, 9), date(2026, 1, 5))) == []
