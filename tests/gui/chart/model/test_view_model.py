"""What a chart shows and what is pointed at, worked out without a window."""

from decimal import Decimal as D
from itertools import pairwise

import pytest

from core.market.prices import Side
from core.market.time import NS
from core.orders.state import State
from gui.chart.model.frame import PlotRect
from gui.chart.model.order_scene import OrderDrawing
from gui.chart.model.price_drag import PriceMove, Proposal
from gui.chart.model.scales import price_text
from gui.chart.model.series import to_units
from gui.chart.model.view_model import ChartViewModel, Measures, PriceTag, TagKind
from tests.gui.chart.samples import ASK, BID, T0, limit_child, order

BID_UNITS, ASK_UNITS = to_units(BID), to_units(ASK)
LETTER = 6.0


def measures(width: float = 900, height: float = 500, ratio: float = 1.0) -> Measures:
    return Measures(width, height, ratio, 14.0, 150.0, lambda text: LETTER * len(text))


@pytest.fixture
def model() -> ChartViewModel:
    """Forty seconds of one quote."""
    made = ChartViewModel()
    made.now_ns = T0
    for second in range(40, 0, -2):
        made.series.add_quote(T0 - second * NS, BID_UNITS, ASK_UNITS)
    return made


@pytest.fixture
def selling(model: ChartViewModel) -> ChartViewModel:
    """With a sell that works at 15.24."""
    model.set_orders((order(limit_child(acked_at=T0 - 4 * NS)),))
    return model


# -- the frame ---------------------------------------------------------------------------------


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0])
def test_the_plot_lies_on_whole_device_pixels_and_leaves_room_for_the_prices(
    model: ChartViewModel, ratio: float
) -> None:
    frame = model.frame(measures(ratio=ratio))
    for edge in (frame.plot.left, frame.plot.top, frame.plot.right, frame.plot.bottom):
        assert edge * ratio == pytest.approx(round(edge * ratio))
    widest = len(price_text(frame.scale.high)) * LETTER
    assert 900 - frame.plot.right >= widest
    assert frame.view.count == round(frame.plot.width * ratio)
    assert frame.scale.height == round(frame.plot.height * ratio)


def test_the_same_moment_gives_the_same_frame(model: ChartViewModel) -> None:
    assert model.frame(measures()) == model.frame(measures())


def test_both_touches_and_the_limit_are_in_view(selling: ChartViewModel) -> None:
    scale = selling.frame(measures()).scale
    for units in (BID_UNITS, 152_400, ASK_UNITS):
        assert scale.low < units < scale.high


def test_places_become_times_and_prices_and_back(model: ChartViewModel) -> None:
    frame = model.frame(measures())
    assert frame.x(frame.time(300)) == pytest.approx(300, abs=0.01)
    assert frame.y(frame.units(200)) == pytest.approx(200, abs=0.1)


def test_a_box_is_crossed_where_a_line_of_the_quotes_runs_through_it(
    model: ChartViewModel,
) -> None:
    frame = model.frame(measures())
    view = frame.view
    columns = model.series.columns(view.width_ns, view.start_ns, view.stop_ns)
    across = frame.x(T0 - 20 * NS), frame.x(T0 - 10 * NS)
    bid, ask = frame.y(BID_UNITS), frame.y(ASK_UNITS)
    assert frame.crosses(columns, T0, across, (bid - 4, bid + 4))
    assert not frame.crosses(columns, T0, across, (ask + 10, bid - 10))
    later = frame.x(T0 + 2 * NS), frame.x(T0 + 4 * NS)
    assert not frame.crosses(columns, T0, later, (bid - 4, bid + 4))


# -- the axes ----------------------------------------------------------------------------------


def test_the_axis_names_both_touches_the_live_limit_and_a_price_being_chosen(
    selling: ChartViewModel,
) -> None:
    selling.frame(measures())
    move = PriceMove("a", Side.SELL, D("15.24"), D("15.27"), by_key=True)
    selling.proposal = Proposal(move, "15.27", "", warns=False)
    assert selling.tags() == [
        PriceTag(ASK_UNITS, TagKind.ASK),
        PriceTag(BID_UNITS, TagKind.BID),
        PriceTag(152_400, TagKind.SELL),
        PriceTag(152_700, TagKind.PROPOSAL),
    ]


def test_a_touch_out_of_view_is_named_only_while_the_prices_are_held(
    model: ChartViewModel,
) -> None:
    frame = model.frame(measures())
    model.series.add_quote(T0, to_units(BID * 2), to_units(ASK * 2))
    assert model.tags() == []
    model.viewport.zoom_prices(1.0, frame.scale.low, frame.tick)
    texts = [tag.text(frame.scale.low, frame.scale.high) for tag in model.tags()]
    assert texts == ["30.64↑", "30.46↑"]


def test_times_stand_apart_and_the_grid_has_room_for_words(model: ChartViewModel) -> None:
    frame = model.frame(measures())
    places = [frame.x(at) for at, _ in model.time_labels(frame, 48)]
    assert all(b - a >= 48 for a, b in pairwise(places))
    grid = model.price_grid(frame, 14)
    assert frame.plot.height / len(grid) >= 14


def test_now_parts_the_past_from_the_future(model: ChartViewModel) -> None:
    view = model.frame(measures()).view
    now = model.now_column(view)
    assert view.first < model.settled_column(view) < now < view.first + view.count
    assert (now - 1) * view.width_ns <= T0 < now * view.width_ns


# -- what is pointed at ------------------------------------------------------------------------


def line(model: ChartViewModel, off: float = 0.0) -> OrderDrawing | None:
    frame = model.frame(measures())
    return model.line_at(frame, frame.x(T0 - NS), frame.y(152_400) + off)


def test_a_line_is_taken_within_a_few_pixels(selling: ChartViewModel) -> None:
    assert line(selling) is selling.drawings[0]
    assert line(selling, 5) is selling.drawings[0]
    assert line(selling, 7) is None


def test_keys_are_about_the_chosen_order_and_else_about_the_newest(model: ChartViewModel) -> None:
    assert model.order_in_hand() is None
    model.set_orders((order(name="a"), order(name="b")))
    newest = model.order_in_hand()
    assert newest is not None
    assert newest.id == "b"
    model.chosen = "a"
    chosen = model.order_in_hand()
    assert chosen is not None
    assert chosen.id == "a"


def test_nothing_is_read_outside_the_plot(model: ChartViewModel) -> None:
    frame = model.frame(measures())
    assert model.reading(frame) is None
    model.pointed = (frame.plot.right + 1, frame.plot.top)
    assert model.reading(frame) is None
    model.pointed = (frame.x(T0 - NS), frame.y(BID_UNITS))
    reading = model.reading(frame)
    assert reading is not None
    assert "15.23 / 15.32" in reading.lines[1]


def test_the_crosshair_begins_at_now_between_the_touches_and_stays_in_the_plot(
    model: ChartViewModel,
) -> None:
    frame = model.frame(measures())
    start = model.crosshair_moved(frame, 0, 0)
    assert start == (frame.x(T0), frame.y((BID_UNITS + ASK_UNITS) // 2))
    model.pointed = start
    x, y = model.crosshair_moved(frame, -1, 1)
    assert x == pytest.approx(start[0] - frame.plot.width / 50)
    assert frame.units(y) - frame.units(start[1]) == pytest.approx(frame.tick, abs=1)
    x, y = model.crosshair_moved(frame, 1000, 1000)
    assert frame.plot.contains(x, y)


def test_the_edge_of_the_plot_belongs_to_it() -> None:
    plot = PlotRect(8, 10, 100, 50)
    assert plot.contains(8, 10)
    assert plot.contains(108, 60)
    assert not plot.contains(108.1, 60)
    assert plot.nearest(500, -5) == (107, 10)


def test_orders_at_work_come_before_those_that_ended(model: ChartViewModel) -> None:
    ended = order(name="old", state=State.CANCELED, ended_ns=T0 - NS)
    model.set_orders((ended, order(name="new")))
    frame = model.frame(measures())
    shown = [drawing.id for drawing, _ in model.orders_in_view(frame.view)]
    assert shown == ["new", "old"]
