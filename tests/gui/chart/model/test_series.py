"""The chart's memory: columns tell the truth about the quotes, and nothing grows for ever."""

from decimal import Decimal as D

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.chart.model.scales import PriceScale, spread_shapes
from gui.chart.model.series import (
    NO_PRICE,
    Columns,
    Gap,
    Ring,
    SpreadSeries,
    to_price,
    to_units,
)

Rows = list[tuple[int, int, int]]
STEPS = st.integers(0, 40)
PRICES = st.integers(0, 30)  # 0 is a side without a price
QUOTES = st.lists(st.tuples(STEPS, PRICES, PRICES), min_size=1, max_size=120)


def timed(steps: Rows) -> Rows:
    at, rows = 1000, []
    for step, bid, ask in steps:
        at += step
        rows.append((at, bid, ask))
    return rows


def check_side(columns: Columns, place: int, seen: list[int], side: int) -> None:
    column = columns.sides[side]
    priced = [price for price in seen if price]
    assert column.close[place] == seen[-1]
    assert column.cut[place] == (NO_PRICE in seen)
    assert column.high[place] == max(priced, default=0)
    if priced:
        assert column.low[place] == min(priced)


@given(QUOTES, st.integers(1, 97), st.integers(1, 7))
def test_columns_say_what_the_quotes_in_them_say_however_they_arrive(
    steps: Rows, width: int, every: int
) -> None:
    rows, series = timed(steps), SpreadSeries()
    for number, row in enumerate(rows):
        series.add_quote(*row)
        if number % every == 0:
            series.columns(width, 0, 10**6)
    columns = series.columns(width, 0, 10**6)
    expected = sorted({at // width for at, _, _ in rows})
    assert columns.index.tolist() == expected
    for place, index in enumerate(expected):
        inside = [row for row in rows if row[0] // width == index]
        for side in (0, 1):
            check_side(columns, place, [row[1 + side] for row in inside], side)


@given(QUOTES, st.integers(1, 97), st.integers(1, 97))
def test_another_width_folds_the_same_quotes_anew(steps: Rows, one: int, other: int) -> None:
    series, fresh = SpreadSeries(), SpreadSeries()
    for row in timed(steps):
        series.add_quote(*row)
        series.columns(one, 0, 10**6)
        fresh.add_quote(*row)
    turned, straight = series.columns(other, 0, 10**6), fresh.columns(other, 0, 10**6)
    assert turned.index.tolist() == straight.index.tolist()
    assert turned.bid.low.tolist() == straight.bid.low.tolist()


@given(QUOTES, st.integers(1, 50), st.integers(0, 1500), st.integers(1, 900))
def test_a_view_of_the_past_shows_the_columns_it_had_when_it_was_now(
    steps: Rows, width: int, first: int, length: int
) -> None:
    series = SpreadSeries()
    for row in timed(steps):
        series.add_quote(*row)
    view = (width, first // width * width, (first + length) // width * width)
    scale = PriceScale(0, 40, 40)
    columns = (view[1] // width, view[2] // width)
    past = spread_shapes(series.columns(*view), *columns, scale, 1)
    now = spread_shapes(series.columns(width, 0, 10**6), *columns, scale, 1)
    assert past.bid.tolist() == now.bid.tolist()
    assert past.fill.tolist() == now.fill.tolist()


def test_memory_stays_bounded_and_the_newest_stay() -> None:
    series = SpreadSeries(capacity=1000, trade_capacity=100)
    sizes = []
    for at in range(20_000):
        series.add_quote(at, 10, 20)
        series.add_trade(at, 15, 100)
        if at % 50 == 0:
            series.columns(7, at - 500, 10**9)
        sizes.append(series.nbytes)
    assert max(sizes[10_000:]) == sizes[10_000]
    assert series.quotes[0].tolist() == list(range(19_000, 20_000))
    assert series.trades.shape[1] == 100


def test_more_columns_than_are_kept_leave_the_newest() -> None:
    series = SpreadSeries()
    for at in range(40_000):
        series.add_quote(at, 10, 20)
    columns = series.columns(1, 0, 10**9)
    assert columns.index[-1] == 39_999
    assert len(columns.index) < 40_000


def test_quotes_that_fell_out_before_they_were_folded_do_no_harm() -> None:
    series = SpreadSeries(capacity=100)
    series.add_quote(0, 10, 20)
    series.columns(5, 0, 10**6)
    for at in range(1, 1000):
        series.add_quote(at, 10 + at % 3, 20)
    columns = series.columns(5, 900, 10**6)
    assert columns.index[-1] == 999 // 5
    assert int(columns.bid.high[-1]) == 12


def test_the_latest_quote_of_an_instant_is_the_one_carried_on() -> None:
    series = SpreadSeries()
    series.add_quote(100, 10, 20)
    series.add_quote(100, 11, 21)
    columns = series.columns(10, 0, 1000)
    assert columns.bid.close.tolist() == [11]
    assert (columns.bid.low[0], columns.bid.high[0]) == (10, 11)


def test_a_quote_never_stands_before_the_one_it_follows() -> None:
    series = SpreadSeries()
    series.add_quote(100, 10, 20)
    assert series.add_quote(90, 11, 21) == 100
    assert series.quotes[0].tolist() == [100, 100]


@pytest.mark.parametrize("late", [False, True])
def test_a_gap_is_never_bridged(late: bool) -> None:
    series = SpreadSeries()
    for at in (0, 100, 200):
        series.add_quote(at, 10, 20)
    if not late:
        series.mark_gap(300, 600)
    series.add_quote(700, 10, 20)
    if late:
        series.columns(10, 0, 10_000)
        series.mark_gap(300, 600)
    shapes = spread_shapes(series.columns(10, 0, 10_000), 0, 100, PriceScale(0, 40, 40), 1)
    for rects in (shapes.fill, shapes.bid, shapes.ask):
        covered = {x for left, _, width, _ in rects for x in range(int(left), int(left + width))}
        assert covered == set(range(30)) | set(range(70, 100))


@given(QUOTES, st.integers(0, 1500), st.integers(1, 400), st.integers(1, 30))
def test_within_a_gap_only_what_really_came_is_drawn(
    steps: Rows, start: int, length: int, width: int
) -> None:
    series = SpreadSeries()
    rows = timed(steps)
    for row in rows:
        series.add_quote(*row)
    series.mark_gap(start, start + length)
    inside = [at for at, _, _ in rows if start <= at <= start + length]
    stop = (min(inside) if inside else start + length) // width
    shapes = spread_shapes(
        series.columns(width, 0, 10**6), start // width, stop, PriceScale(0, 40, 40), 1
    )
    drawn = [r for rects in (shapes.fill, shapes.bid, shapes.ask) for r in rects.tolist()]
    # The column in which the gap begins may show what came before it.
    assert all(left < 1 for left, _, _, _ in drawn)


def test_an_open_gap_ends_with_the_next_quote() -> None:
    series = SpreadSeries()
    series.add_quote(0, 10, 20)
    series.mark_gap(100, None)
    assert series.gaps == [Gap(100, None)]
    series.add_quote(250, 10, 20)
    assert series.gaps == [Gap(100, 250)]
    series.mark_gap(100, 300)
    assert series.gaps == [Gap(100, 250)]


def test_a_gap_named_again_with_its_end_is_closed_there() -> None:
    series = SpreadSeries()
    series.mark_gap(100, None)
    series.mark_gap(100, 300)
    assert series.gaps == [Gap(100, 300)]


def test_a_gap_in_what_was_drawn_says_that_the_picture_is_old() -> None:
    series = SpreadSeries()
    series.add_quote(0, 10, 20)
    series.add_quote(500, 10, 20)
    before = series.revision
    series.mark_gap(100, 200)
    assert series.revision > before


@given(st.lists(st.integers(0, 99), max_size=60), st.integers(1, 20))
def test_a_ring_holds_the_last_of_what_it_was_given(values: list[int], capacity: int) -> None:
    ring = Ring(1, capacity)
    for value in values[: len(values) // 2]:
        ring.append((value,))
    ring.extend(np.array([values[len(values) // 2 :]], np.int64))
    assert ring.rows[0].tolist() == values[-capacity:]
    assert ring.dropped + len(ring) == len(values)


def test_prices_become_units_and_back_without_loss() -> None:
    assert to_units(D("15.23")) == 152_300
    assert to_units(D("0.4012")) == 4012
    assert to_price(152_300) == D("15.23")
    for odd in ("0", "-1", "NaN", "Infinity"):
        assert to_units(D(odd)) == NO_PRICE
