"""The chart as a person meets it: pixels where they mean something, mouse, keys, names."""

from collections.abc import Iterator
from decimal import Decimal as D
from typing import TypeVar

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from core.market.prices import Side
from core.market.time import NS
from core.orders.state import Cause, Liveness, ParentOrder, State
from gui.chart.chart import SpreadChart
from gui.chart.model.frame import ChartFrame
from gui.chart.model.series_store import MAX_SYMBOLS
from gui.chart.painting.plot_layout import plot_box
from gui.style.palette import DARK, LIGHT, Palette
from tests.gui.chart.samples import T0, fill, limit_child, order, quote, trade

W = TypeVar("W", bound=QWidget)
Region = tuple[float, float, float, float]  # left, top, right, bottom, logical pixels


@pytest.fixture
def chart(qtbot: QtBot) -> Iterator[SpreadChart]:
    chart = SpreadChart()
    qtbot.addWidget(chart)
    chart.resize(900, 500)
    chart.show_symbol("UVXY")
    chart.show()
    with qtbot.waitExposed(chart):
        pass
    for second in range(40, 0, -2):
        chart.add_quote(quote(T0 - second * NS))
    chart.tick(T0)
    yield chart
    chart.close()


def picture(chart: SpreadChart) -> QImage:
    return chart.canvas.grab().toImage()


def place(frame: ChartFrame, at_ns: int, units: int) -> tuple[float, float]:
    return frame.plot.left + frame.view.x(at_ns), frame.plot.top + frame.scale.at(units)


def shade_apart(a: QColor, b: QColor) -> int:
    return abs(a.red() - b.red()) + abs(a.green() - b.green()) + abs(a.blue() - b.blue())


def share(image: QImage, region: Region, name: str) -> float:
    """The part of a region that has a colour of the palette, to within a shade."""
    left, top, right, bottom = (round(edge) for edge in region)
    pixels = [image.pixelColor(x, y) for x in range(left, right) for y in range(top, bottom)]
    alike = sum(shade_apart(pixel, QColor(name)) < 12 for pixel in pixels)
    return alike / len(pixels)


def around(spot: tuple[float, float], half: float = 4) -> Region:
    x, y = spot
    return x - half, y - half, x + half, y + half


def test_time_moves_on_before_a_first_or_another_span_was_painted(qtbot: QtBot) -> None:
    chart = SpreadChart()
    qtbot.addWidget(chart)
    chart.resize(900, 500)
    chart.show_symbol("UVXY")
    chart.show()
    for painted, span in enumerate((3600, 60, 3600)):
        chart.canvas.set_span(span * NS)
        for tenth in range(3):  # no loop has run since: nothing of it is painted
            chart.tick(T0 + (10 * painted + tenth) * NS // 10)
        assert chart.canvas.frames == painted
        picture(chart)
        assert chart.canvas.frames == painted + 1


@pytest.mark.parametrize("palette", [DARK, LIGHT], ids=["dark", "light"])
def test_bid_and_ask_are_lines_with_the_spread_filled_between(
    chart: SpreadChart, palette: Palette
) -> None:
    chart.set_palette_colors(palette)
    image, frame = picture(chart), chart.canvas.frame()
    past = T0 - 10 * NS
    x, ask = place(frame, past, 153_200)
    _, bid = place(frame, past, 152_300)
    assert share(image, (x, ask - 1, x + 30, ask + 1), palette.ask) > 0.9
    assert share(image, (x, bid - 1, x + 30, bid + 1), palette.bid) > 0.9
    assert share(image, (x, ask + 6, x + 30, bid - 6), palette.spread) > 0.9
    assert share(image, (x, ask - 20, x + 30, ask - 6), palette.panel) > 0.8


def test_the_future_lies_right_of_now_and_holds_no_spread(chart: SpreadChart) -> None:
    image, frame = picture(chart), chart.canvas.frame()
    x, ask = place(frame, T0 + NS, 153_200)
    _, bid = place(frame, T0, 152_300)
    assert share(image, (x, ask, frame.plot.right, bid), DARK.future) > 0.9
    assert frame.plot.right - x > frame.plot.width / 5


def test_a_gap_is_hatched_and_nothing_is_drawn_through_it(chart: SpreadChart) -> None:
    chart.mark_gap(T0, None)
    chart.add_quote(quote(T0 + 10 * NS))
    chart.tick(T0 + 15 * NS)
    image, frame = picture(chart), chart.canvas.frame()
    left, ask = place(frame, T0 + NS // 2, 153_200)
    right, bid = place(frame, T0 + 9 * NS, 152_300)
    for color in (DARK.ask, DARK.bid, DARK.spread):
        assert share(image, (left, ask - 2, right, bid + 2), color) < 0.02
    assert share(image, (left, ask + 10, right, bid - 10), DARK.border) > 0.05
    after, _ = place(frame, T0 + 11 * NS, 153_200)
    assert share(image, (after, ask + 6, after + 20, bid - 6), DARK.spread) > 0.9


def test_prints_are_dots_and_can_be_hidden(chart: SpreadChart) -> None:
    chart.add_trade(trade(T0 - NS // 10, D("15.285"), 5000))
    chart.tick(T0 + NS)
    spot = around(place(chart.canvas.frame(), T0 - NS // 10, 152_850), 2)
    assert share(picture(chart), spot, DARK.spread) < 0.2
    chart.set_trades(False)
    assert share(picture(chart), spot, DARK.spread) > 0.9


def test_the_diamond_stands_at_the_deadline(chart: SpreadChart) -> None:
    chart.set_orders((order(),))
    chart.tick(T0 + NS // 5)
    image, frame = picture(chart), chart.canvas.frame()
    assert share(image, around(place(frame, T0 + 6 * NS, 152_400), 3), DARK.sell) > 0.9
    before = place(frame, T0 + 6 * NS, 152_400)[0] - 12
    _, y = place(frame, T0, 152_400)
    assert share(image, (before, y - 7, before + 4, y - 4), DARK.sell) == 0


@pytest.mark.parametrize(
    ("liveness", "acked_at", "solid"),
    [(Liveness.WORKING, T0 - 8 * NS, True), (Liveness.SENT, None, False)],
)
def test_the_line_is_solid_once_acknowledged_and_dashed_before(
    chart: SpreadChart, liveness: Liveness, acked_at: int | None, solid: bool
) -> None:
    child = limit_child(liveness, acked_at=acked_at, price="15.26")
    chart.set_orders((order(child, price="15.26", started_ns=T0 - 8 * NS),))
    chart.tick(T0 + NS // 5)
    image, frame = picture(chart), chart.canvas.frame()
    left, y = place(frame, T0 - 7 * NS, 152_600)
    right, _ = place(frame, T0 - NS, 152_600)
    drawn = share(image, (left, y - 0.5, right, y + 0.5), DARK.sell)
    assert (drawn > 0.95) if solid else (0.3 < drawn < 0.8)


def test_a_fill_is_a_triangle_that_grows_with_its_quantity(chart: SpreadChart) -> None:
    sizes = []
    for qty in (50, 800):
        child = limit_child(executions=(fill(T0 - 3 * NS, qty, "15.26"),), price="15.26")
        chart.set_orders((order(child, price="15.26"),))
        chart.tick(chart.canvas.model.now_ns + NS // 5)
        image, frame = picture(chart), chart.canvas.frame()
        x, y = place(frame, T0 - 3 * NS, 152_600)
        sizes.append(share(image, (x - 12, y + 4, x + 12, y + 18), DARK.sell))
    assert 0.02 < sizes[0] < sizes[1]


def test_orders_of_other_symbols_are_not_drawn(chart: SpreadChart) -> None:
    chart.set_orders((order(symbol="IBM"), order(name="b")))
    assert [drawing.id for drawing in chart.canvas.model.drawings] == ["b"]
    chart.show_symbol("IBM")
    assert [drawing.id for drawing in chart.canvas.model.drawings] == ["a"]


def test_a_ghost_is_a_dotted_line_right_of_now(chart: SpreadChart) -> None:
    chart.set_ghosts(None, D("15.30"), ("", "a buy now: 15.30 · +2 ticks"))
    chart.tick(T0 + NS // 5)
    image, frame = picture(chart), chart.canvas.frame()
    now, y = place(frame, T0 + NS // 5, 153_000)
    line = (now + 4, y - 1, frame.plot.right - 4, y + 2)  # three rows, of which it is one
    assert 0.07 < share(image, line, DARK.buy) < 0.3
    assert share(image, (now - 60, y - 2, now - 4, y + 2), DARK.buy) == 0


def test_bid_ask_and_limit_have_tags_at_the_right_edge_that_do_not_overlap(
    chart: SpreadChart,
) -> None:
    chart.set_orders((order(limit_child(price="15.23"), price="15.23"), order(name="b")))
    chart.tick(T0 + NS // 5)
    image, frame = picture(chart), chart.canvas.frame()
    edge = round(frame.plot.right) + 6
    rows = {
        name: [y for y in range(image.height()) if image.pixelColor(edge, y) == QColor(name)]
        for name in (DARK.bid, DARK.ask, DARK.sell)
    }
    height = len(rows[DARK.ask])
    assert height >= 12
    assert len(rows[DARK.bid]) == height
    assert len(rows[DARK.sell]) == 2 * height


@pytest.mark.parametrize("price", ["0.4012", "9.99", "181.82", "1234.56"])
def test_the_price_axis_has_room_for_its_prices_from_the_first_picture_on(
    chart: SpreadChart, price: str
) -> None:
    chart.add_quote(quote(T0, D(price), D(price) + D("0.0001"), "OTHER"))
    chart.show_symbol("OTHER")
    chart.tick(T0 + NS)
    image = picture(chart)
    column = [image.pixelColor(image.width() - 1, y) for y in range(image.height())]
    assert QColor(DARK.ask) not in column
    assert QColor(DARK.bid) not in column


def crowd() -> tuple[ParentOrder, ...]:
    children = [
        limit_child(price=f"15.2{i}", executions=(fill(T0 - NS, 100 * i, f"15.2{i}"),))
        for i in range(4, 8)
    ]
    return tuple(
        order(child, price=str(child.limit_price), name=str(i), started_ns=T0 - (3 + i) * NS)
        for i, child in enumerate(children)
    )


def test_words_of_many_orders_lie_in_the_plot_and_not_on_each_other(chart: SpreadChart) -> None:
    chart.set_orders(crowd())
    chart.tick(T0 + NS // 5)
    picture(chart)
    places = chart.canvas.picture.boxes
    frame = chart.canvas.frame()
    assert len(places) >= 12
    for i, (name, box) in enumerate(places.items()):
        assert plot_box(frame.plot).adjusted(-1, -1, 1, 1).contains(box), name
        for other, box_other in list(places.items())[i + 1 :]:
            assert not box.adjusted(1, 1, -1, -1).intersects(box_other), (name, other)


def stream(chart: SpreadChart, frames: int) -> None:
    """Frames of a sixtieth of a second with quotes, prints, a gap and a moving price."""
    for n in range(frames):
        now = T0 + n * NS // 60
        if n % 7 == 0:
            bid = D(1523 + (n // 21) % 3) / 100
            chart.add_quote(quote(now, bid, bid + D("0.09")))
        if n % 11 == 0:
            chart.add_trade(trade(now, D("15.27")))
        if n == frames // 2:
            chart.mark_gap(now + 1, now + NS // 5)
        chart.tick(now)
        QApplication.processEvents()


def test_the_picture_grown_frame_by_frame_is_the_picture_painted_at_once(
    chart: SpreadChart,
) -> None:
    stream(chart, 400)
    grown = picture(chart)
    chart.canvas.set_colors(DARK)
    assert picture(chart) == grown


def test_nothing_is_repainted_while_nothing_changes(chart: SpreadChart) -> None:
    chart.set_orders((order(),))
    for n in range(120):
        chart.tick(T0 + n * NS // 600)
        QApplication.processEvents()
    assert chart.canvas.frames < 12


def test_a_late_quote_is_painted_into_what_was_already_drawn(chart: SpreadChart) -> None:
    chart.tick(T0 + 2 * NS)
    QApplication.processEvents()
    chart.add_quote(quote(T0 + NS, D("15.25"), D("15.34")))
    chart.tick(T0 + 2 * NS + NS // 5)
    image, frame = picture(chart), chart.canvas.frame()
    x, y = place(frame, T0 + NS + NS // 4, 153_400)
    assert share(image, (x, y - 1, x + 4, y + 1), DARK.ask) > 0.9


def test_a_quote_older_than_the_last_is_ignored(chart: SpreadChart) -> None:
    chart.add_quote(quote(T0 - 30 * NS, D("1"), D("2")))
    chart.tick(T0 + NS)
    assert child(chart, QLabel, "chartBid").text() == "15.23"


def child(chart: SpreadChart, kind: type[W], name: str) -> W:
    found = chart.findChild(kind, name)
    assert isinstance(found, kind)
    return found


def test_the_header_shows_the_quote_and_its_spread(chart: SpreadChart) -> None:
    texts = [
        child(chart, QLabel, name).text()
        for name in (
            "chartSymbol",
            "chartBid",
            "chartBidSize",
            "chartAsk",
            "chartAskSize",
            "chartSpread",
        )
    ]
    assert texts == ["UVXY", "15.23", "× 1,200", "15.32", "× 900", "spread 9¢ · 59 bps"]


def test_every_control_has_a_name_for_programs_and_one_for_people(chart: SpreadChart) -> None:
    for kind in (QToolButton, QComboBox, QLabel):
        for control in chart.findChildren(kind):
            assert control.objectName().startswith("chart")
            assert control.accessibleName()
    assert chart.canvas.accessibleName()


def test_the_chart_can_be_heard(chart: SpreadChart) -> None:
    chart.set_orders((order(),))
    chart.tick(T0 + 2 * NS)
    heard = chart.canvas.accessibleDescription()
    assert "bid 15.23 × 1,200, ask 15.32 × 900, spread 9¢" in heard
    assert "SELL 1,000 @ 15.24: cancel in 4.0 s, then 1,000 to market." in heard


def test_choosing_a_span_shows_that_much_past(chart: SpreadChart, qtbot: QtBot) -> None:
    box = child(chart, QComboBox, "chartSpan")
    with qtbot.waitSignal(chart.span_changed) as caught:
        box.setCurrentIndex(2)
        box.activated.emit(2)
    assert caught.args == [120.0]
    view = chart.canvas.frame().view
    assert chart.canvas.model.now_ns - view.start_ns == pytest.approx(120 * NS, rel=0.02)


def mouse(chart: SpreadChart, kind: QEvent.Type, x: float) -> None:
    spot = QPointF(x, 200)
    button = Qt.MouseButton.LeftButton
    event = QMouseEvent(kind, spot, spot, button, button, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(chart.canvas, event)


def test_dragging_leaves_now_and_a_double_click_returns(chart: SpreadChart) -> None:
    before = chart.canvas.frame().view
    mouse(chart, QEvent.Type.MouseButtonPress, 300)
    mouse(chart, QEvent.Type.MouseMove, 500)
    mouse(chart, QEvent.Type.MouseButtonRelease, 500)
    follow = child(chart, QToolButton, "chartFollow")
    assert not follow.isChecked()
    moved = before.start_ns - chart.canvas.frame().view.start_ns
    assert moved == pytest.approx(200 * before.width_ns, rel=0.05)
    chart.tick(T0 + 5 * NS)
    assert chart.canvas.frame().view.start_ns < before.start_ns
    mouse(chart, QEvent.Type.MouseButtonDblClick, 500)
    assert follow.isChecked()
    assert chart.canvas.frame().view.start_ns > before.start_ns


def test_the_wheel_zooms_the_time(chart: SpreadChart) -> None:
    spot = QPointF(300, 200)
    event = QWheelEvent(
        spot,
        spot,
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(chart.canvas, event)
    assert chart.canvas.span_ns == pytest.approx(32 * NS)
    box = child(chart, QComboBox, "chartSpan")
    assert (box.currentIndex(), box.placeholderText()) == (-1, "32 s")


def test_keys_pan_and_return(chart: SpreadChart) -> None:
    before = chart.canvas.frame().view.start_ns
    QTest.keyClick(chart.canvas, Qt.Key.Key_Left)
    assert chart.canvas.frame().view.start_ns < before
    QTest.keyClick(chart.canvas, Qt.Key.Key_End)
    assert chart.canvas.follow


def test_the_past_of_a_symbol_is_kept_over_a_switch_but_not_of_all(chart: SpreadChart) -> None:
    chart.add_quote(quote(T0, D("181.82"), D("181.86"), "IBM"))
    chart.show_symbol("IBM")
    assert chart.canvas.model.series.quotes.shape[1] == 1
    chart.show_symbol("UVXY")
    assert chart.canvas.model.series.quotes.shape[1] == 20
    for n in range(3 * MAX_SYMBOLS):
        chart.add_quote(quote(T0, symbol=f"S{n}"))
    assert chart.symbol == "UVXY"
    assert chart.canvas.model.series.quotes.shape[1] == 20
    chart.show_symbol("IBM")
    assert chart.canvas.model.series.quotes.shape[1] == 0


def test_every_stage_of_an_order_paints_without_a_word_from_qt(chart: SpreadChart) -> None:
    asked = limit_child(Liveness.CANCEL_SENT, cancel_sent_at=T0 - NS)
    dead = limit_child(Liveness.DEAD, cancel_sent_at=T0 - NS, dead_at=T0 - NS // 2)
    stages = (
        order(limit_child(Liveness.UNSENT, acked_at=None), state=State.SENDING),
        order(asked, state=State.CANCELING, cause=Cause.TIMEOUT),
        order(dead, state=State.FALLBACK, cause=Cause.TIMEOUT),
        order(dead, state=State.CANCELED, ended_ns=T0 - NS // 2),
        order(side=Side.BUY, deadline_ns=T0 + 600 * NS),
        order(deadline_ns=None),
        order(started_ns=T0 - 500 * NS),
    )
    for number, stage in enumerate(stages):
        chart.set_orders((stage,))
        chart.tick(T0 + number * NS)
        assert not picture(chart).isNull()


def test_a_tiny_chart_without_data_still_paints(qtbot: QtBot) -> None:
    chart = SpreadChart()
    qtbot.addWidget(chart)
    chart.resize(60, 40)
    chart.show()
    chart.tick(T0)
    chart.set_orders((order(),))
    chart.canvas.resize(3, 3)
    assert not chart.grab().isNull()
