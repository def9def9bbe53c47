"""Limit up, limit down, against figures of the plan's table for its second tier."""

import pytest

from core.exchange.market.limit_up_down import PriceLimits, limits
from core.exchange.market.ticker import Bar
from core.exchange.market.trading_day import HOUR
from core.market.time import NS
from tests.core.exchange.virtual_exchange import price

NOON, LATE = 12 * HOUR, 15 * HOUR + 40 * 60 * NS


def minute(paid: str, volume: int = 100) -> Bar:
    at = price(paid)
    return Bar(0, at, at, at, at, volume, 1, at * volume)


def found(paid: str, time_of_day: int = NOON) -> tuple[int, int]:
    given = limits([minute(paid)], None, time_of_day)
    assert given is not None
    return given.down, given.up


@pytest.mark.parametrize(
    ("paid", "down", "up"),
    [
        ("50", "45", "55"),
        ("3.01", "2.70", "3.32"),
        ("3", "2.40", "3.60"),
        ("0.75", "0.60", "0.90"),
        ("0.50", "0.35", "0.65"),
        ("0.10", "0.025", "0.175"),
    ],
)
def test_the_limits_are_as_far_away_as_the_table_says(paid: str, down: str, up: str) -> None:
    assert found(paid) == (price(down), price(up))


def test_before_the_close_they_are_twice_as_far_away_for_the_cheaper_ones_only() -> None:
    assert found("2", LATE) == (price("1.20"), price("2.80"))
    assert found("50", LATE) == found("50")


def test_the_reference_is_the_mean_of_five_minutes_by_volume() -> None:
    bars = [
        minute("90"),
        *(minute("10", 300), minute("10"), minute("20"), minute("20"), minute("20")),
    ]
    given = limits(bars, None, NOON)
    assert given is not None
    assert given.reference == price("100") // 7


def test_a_reference_that_moves_less_than_one_percent_stays() -> None:
    first = limits([minute("100")], None, NOON)
    assert limits([minute("100.99")], first, NOON) == first
    moved = limits([minute("101")], first, NOON)
    assert moved == PriceLimits(price("90.90"), price("111.10"), price("101"))


def test_minutes_without_a_print_change_nothing() -> None:
    first = limits([minute("100")], None, NOON)
    assert limits([minute("7", 0)], first, NOON) == first
    assert limits([], None, NOON) is None
