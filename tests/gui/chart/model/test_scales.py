"""Scales, ranges, ticks, fill and label places of the chart: plain numbers, no window."""

from decimal import Decimal as D
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.market.prices import ceil_legal
from core.market.time import NS
from gui.chart.model.scales import (
    MARGIN_TICKS,
    PriceScale,
    TimeView,
    follow_view,
    future_ns,
    needed_range,
    price_grid,
    price_text,
    settle_range,
    spread_shapes,
    stack,
    tick_units,
    time_ticks,
)
from gui.chart.model.series import SpreadSeries, to_price

SECONDS = st.integers(5, 3600)


@given(st.integers(10**18, 2 * 10**18), SECONDS, SECONDS, st.integers(50, 4000))
def test_now_stays_in_place_to_within_a_step(
    now_ns: int, past: int, future: int, pixels: int
) -> None:
    view = follow_view(now_ns, past * NS, future * NS, pixels)
    assert view.count == pixels
    wanted = past / (past + future) * pixels
    step = past * NS // 400 // view.width_ns + 1
    assert abs(view.x(now_ns) - wanted) <= step + 3


def test_the_view_moves_in_steps_and_not_with_every_nanosecond() -> None:
    views = {follow_view(10**18 + t * NS // 1000, 40 * NS, 20 * NS, 800) for t in range(1000)}
    assert 8 <= len(views) <= 15  # ten steps a second at 40 s


def test_the_future_is_at_least_a_quarter_and_holds_each_deadline_and_its_words() -> None:
    assert future_ns(40 * NS, [], 0.2, 0) >= 40 * NS // 3
    future = future_ns(40 * NS, [15 * NS], 0.2, 0)
    assert future - 15 * NS >= 0.2 * (40 * NS + future)
    assert future_ns(40 * NS, [39 * NS], 0.2, 0) == 40 * NS


def test_the_future_does_not_creep_while_a_countdown_burns_down() -> None:
    held = future_ns(40 * NS, [15 * NS], 0.2, 0)
    assert {future_ns(40 * NS, [left * NS], 0.2, held) for left in range(15)} == {held}
    assert future_ns(40 * NS, [], 0.2, held) < held


def test_a_deadline_far_away_asks_for_no_room() -> None:
    assert future_ns(40 * NS, [600 * NS], 0.2, 0) == future_ns(40 * NS, [], 0.2, 0)


@given(st.integers(100, 10**6), st.integers(0, 3000))
def test_the_range_leaves_four_ticks_of_room_on_both_sides(low: int, height: int) -> None:
    tick = tick_units(low)
    shown = settle_range(None, (low, low + height), tick)
    assert shown[0] <= max(low - MARGIN_TICKS * tick, 0)
    assert shown[1] >= low + height + MARGIN_TICKS * tick
    assert shown[0] % tick == 0


def test_the_range_holds_still_while_the_quotes_move_a_little() -> None:
    held = settle_range(None, (152_300, 153_200), 100)
    for shift in (-200, -100, 0, 100, 200):
        assert settle_range(held, (152_300 + shift, 153_200 + shift), 100) == held
    assert settle_range(held, (152_300 + 3000, 153_200 + 3000), 100) != held
    assert settle_range((100_000, 200_000), (152_300, 153_200), 100) == held


def test_one_absurd_quote_does_not_flatten_the_chart() -> None:
    series = SpreadSeries()
    for second in range(40):
        series.add_quote(second * NS, 152_300, 153_200)
    series.add_quote(40 * NS, 100, 1_999_990_000)
    view = TimeView(NS // 10, 0, 500)
    columns = series.columns(view.width_ns, view.start_ns, view.stop_ns)
    assert needed_range(columns, view, []) == (152_300, 153_200)


def test_an_order_near_the_quotes_is_in_range_and_one_far_away_is_not() -> None:
    series = SpreadSeries()
    series.add_quote(0, 152_300, 153_200)
    view = TimeView(NS // 10, 0, 500)
    columns = series.columns(view.width_ns, view.start_ns, view.stop_ns)
    assert needed_range(columns, view, [152_000]) == (152_000, 153_200)
    assert needed_range(columns, view, [170_000]) == (152_300, 153_200)


@given(st.integers(3000, 10**6), st.integers(10, 5000), st.floats(2, 40))
def test_grid_lines_lie_on_legal_prices_and_are_few(low: int, height: int, room: float) -> None:
    tick = tick_units(low)
    grid = price_grid(low, low + height * tick, tick, room)
    assert len(grid) <= room + 1
    if low >= 10_000:
        assert all(ceil_legal(to_price(units)) == to_price(units) for units in grid)


def test_times_are_round_in_the_zone_of_the_market() -> None:
    view = TimeView(NS // 20, 10**10, 1200)
    ticks = list(time_ticks(view, 100, -4 * 3600 * NS))
    assert len(ticks) > 3
    assert {(t - 4 * 3600 * NS) % (5 * NS) for t in ticks} == {0}
    assert all(view.start_ns <= t < view.stop_ns for t in ticks)


def test_prices_read_as_people_write_them() -> None:
    assert [price_text(u) for u in (152_400, 4012, 152_350)] == ["15.24", "0.4012", "15.235"]


BOXES = st.lists(st.tuples(st.floats(-50, 450), st.floats(5, 30)), max_size=9)


@given(BOXES)
def test_tags_never_overlap_and_stay_in_sight(wanted: list[tuple[float, float]]) -> None:
    tops = stack(wanted, 0.0, 400.0)
    placed = sorted((top, top + height) for top, (_, height) in zip(tops, wanted, strict=True))
    for (_, bottom), (top, _) in pairwise(placed):
        assert bottom <= top + 1e-6
    for top, bottom in placed:
        assert top >= -1e-6
        assert bottom <= 400 + 1e-6


def test_tags_with_room_lie_where_they_belong_and_in_order() -> None:
    assert stack([(50, 10), (100, 10)], 0, 400) == [45, 95]
    close = stack([(100, 20), (104, 20)], 0, 400)
    assert close == [82, 102]


def painted(rects: NDArray[np.float64], width: int, height: int) -> NDArray[np.bool_]:
    pixels = np.zeros((height, width), bool)
    for x, y, w, h in rects.astype(int):
        assert w > 0
        assert h >= 0
        pixels[max(y, 0) : max(y + h, 0), max(x, 0) : x + w] = True
    return pixels


@given(
    st.lists(st.tuples(st.integers(1, 3), st.integers(0, 30), st.integers(0, 30)), max_size=200),
    st.integers(0, 90),
)
def test_the_fill_is_what_lies_between_bid_and_ask_and_nothing_else(
    steps: list[tuple[int, int, int]], first: int
) -> None:
    series, at, width = SpreadSeries(), 0, 120
    level: dict[int, tuple[int, int]] = {}
    for step, bid, ask in steps:
        at += step
        series.add_quote(at, bid, ask)
        level[at] = (bid, ask)
    scale = PriceScale(0, 40, 40)
    shapes = spread_shapes(series.columns(1, first, 10**6), first, first + width, scale, 1)
    expected = np.zeros((40, width), bool)
    bid = ask = 0
    for column in range(first + width):
        bid, ask = level.get(column, (bid, ask))
        if column >= first and 0 < bid <= ask:
            expected[40 - ask : 40 - bid, column - first] = True
    assert (painted(shapes.fill, width, 40) == expected).all()


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(0, 30)), min_size=1, max_size=60))
def test_a_line_painted_in_pieces_is_the_line_painted_at_once(steps: list[tuple[int, int]]) -> None:
    series, at = SpreadSeries(), 0
    for step, price in steps:
        at += step
        series.add_quote(at, price, 35)
    scale, width = PriceScale(0, 40, 40), 150
    columns = series.columns(1, 0, 10**6)
    whole = painted(spread_shapes(columns, 0, width, scale, 1).bid, width, 40)
    pieces = np.zeros((40, width), bool)
    for first in range(0, width, 15):
        part = spread_shapes(columns, first, first + 15, scale, 1).bid
        pieces[:, first : first + 15] |= painted(part, 15, 40)
    assert (whole == pieces).all()


def test_legal_steps_are_cents_from_a_dollar_on() -> None:
    assert (tick_units(10_000), tick_units(9999)) == (100, 1)
    assert to_price(tick_units(152_300)) == D("0.01")
