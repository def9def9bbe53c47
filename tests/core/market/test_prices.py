"""Legal increments: floor, ceiling, steps."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.market.prices import (
    ceil_legal,
    floor_legal,
    increment,
    step_legal,
    ticks_between,
)

D = Decimal
DOLLAR = 10_000  # legal steps from nothing to $1.00
# Whole steps: sub-dollar, around $1.00, ordinary and dear shares.
steps = st.one_of(
    st.integers(1, DOLLAR),
    st.integers(DOLLAR - 40, DOLLAR + 40),
    st.integers(DOLLAR, DOLLAR + 50_000),
    st.integers(DOLLAR, DOLLAR + 80_000_000),
)
off_grid = st.one_of(
    st.decimals("0.000001", 2, places=6),
    st.decimals("0.99", "1.02", places=6),
    st.decimals("0.000001", 5_000, places=6),
)


def legal(steps_up: int) -> Decimal:
    """The legal price that many steps above nothing, written from Rule 612 alone."""
    if steps_up < DOLLAR:
        return D(steps_up) / DOLLAR
    return 1 + D(steps_up - DOLLAR) / 100


def is_legal(price: Decimal) -> bool:
    places = D("0.01") if price >= 1 else D("0.0001")
    return price == price.quantize(places)


@pytest.mark.scenario(80)
def test_the_increment_is_a_cent_from_one_dollar_and_a_hundredth_of_it_below() -> None:
    assert increment(D("1.00")) == increment(D("431.07"), "IBM") == D("0.01")
    assert increment(D("0.9999")) == increment(D("0.0001")) == D("0.0001")


@given(off_grid)
def test_floor_and_ceiling_are_the_legal_neighbours(price: Decimal) -> None:
    below, above = floor_legal(price), ceil_legal(price)
    assert below <= price <= above
    assert is_legal(below)
    assert is_legal(above)
    assert above == (price if is_legal(price) else step_legal(below, 1))


@given(st.sampled_from(["100", "1E+2", "1e2", "0.1E+3", "100.000"]))
def test_a_price_written_with_an_exponent_comes_back_as_people_write_it(text: str) -> None:
    assert str(floor_legal(D(text))) == str(ceil_legal(D(text))) == "100.00"


@given(steps, st.integers(-20_000, 20_000))
def test_stepping_and_counting_are_inverse(at: int, ticks: int) -> None:
    start = legal(at)
    landed = step_legal(start, ticks)
    assert landed == legal(max(0, at + ticks))
    assert ticks_between(start, landed) == max(-at, ticks)


def test_stepping_down_stops_at_nothing() -> None:
    assert step_legal(D("0.0002"), -5) == 0
