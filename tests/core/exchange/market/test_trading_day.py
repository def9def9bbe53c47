"""Market time beside real time: when the session is open, and when it will be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.exchange.market.trading_day import CLOSE, DAY, HOUR, OPEN, MarketTime, new_york
from core.market.time import NS

START = 1_790_000_000 * NS


def test_a_session_that_starts_at_ten_closes_six_hours_later() -> None:
    time = MarketTime(START, 10 * HOUR, always_open=False)
    assert time.is_open(START)
    assert time.next_close(START) - START == 6 * HOUR
    assert time.next_open(START) - START == 23 * HOUR + HOUR // 2
    assert not time.is_open(START + 6 * HOUR)


def test_a_faster_session_closes_sooner() -> None:
    time = MarketTime(START, 10 * HOUR, speed=60, always_open=False)
    assert time.next_close(START) - START == HOUR // 10


def test_before_the_opening_the_session_is_closed() -> None:
    time = MarketTime(START, 9 * HOUR, always_open=False)
    assert not time.is_open(START)
    assert time.next_open(START) - START == HOUR // 2
    assert time.is_open(START + HOUR // 2)


def test_the_generated_market_is_always_open_and_closes_some_hours_ahead() -> None:
    time = MarketTime(START)
    for hours in range(50):
        now = START + hours * HOUR
        assert time.is_open(now)
        assert 4 * HOUR <= time.next_close(now) - now <= 8 * HOUR
        assert time.next_open(now) > time.next_close(now)


@given(
    st.integers(0, DAY // NS - 1),
    st.floats(0.01, 10_000),
    st.integers(0, 3 * DAY),
)
def test_boundaries_are_ahead_and_are_boundaries(at: int, speed: float, passed: int) -> None:
    time = MarketTime(START, at * NS, speed, always_open=False)
    now = START + passed
    for boundary, time_of_day in ((time.next_open, OPEN), (time.next_close, CLOSE)):
        due = boundary(now)
        assert due > now
        off = (time.time_of_day(due) - time_of_day) % DAY
        assert min(off, DAY - off) <= max(2 * speed, 2)


@pytest.mark.parametrize(
    ("ns", "text"),
    [
        (1_700_000_000 * NS + 5, "2023-11-14T17:13:20.000000005-05:00"),
        (1_690_000_000 * NS, "2023-07-22T00:26:40.000000000-04:00"),
    ],
)
def test_the_clock_is_written_in_new_york_time(ns: int, text: str) -> None:
    assert new_york(ns) == text
