"""The chart in the window at work: a real order's line dragged, and the chart's commands."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog

from core.errors import Refusal
from core.market.prices import Side, step_legal
from core.orders.state import State
from core.wording.next_step import OrderAction
from core.wording.numbers import price
from gui.actions.action_table import WindowAction
from gui.chart.canvas import ChartCanvas
from gui.chart.chart import SpreadChart
from gui.chart.model.series import to_units
from gui.controllers.chart_image import save_png
from gui.controllers.desk import Desk
from tests.gui.conftest import Story
from tests.gui.waiting import until
from tests.gui.window.test_at_work import arm, order, send

Play = Callable[[Story], None]


def chart_of(desk: Desk) -> SpreadChart:
    found = desk.window.findChild(SpreadChart)
    assert isinstance(found, SpreadChart)
    return found


async def working(desk: Desk) -> str:
    await arm(desk)
    order_id = await send(desk, Side.SELL)
    await until(lambda: order(desk, order_id).state is State.WORKING)
    desk.orders.act(OrderAction.PAUSE, order_id)
    await until(lambda: order(desk, order_id).deadline_ns is None)
    canvas = chart_of(desk).canvas
    await until(lambda: any(drawing.live for drawing in canvas.model.drawings))
    return order_id


def mouse(canvas: ChartCanvas, kind: QEvent.Type, at: QPointF) -> None:
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    held = none if kind is QEvent.Type.MouseButtonRelease else left
    event = QMouseEvent(kind, at, at, left, held, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(canvas, event)


def spot(canvas: ChartCanvas, limit: Decimal) -> QPointF:
    frame = canvas.frame()
    (drawing,) = (each for each in canvas.model.drawings if each.live)
    x = frame.plot.left + frame.view.x(max(drawing.start_ns, frame.view.start_ns))
    return QPointF(x + 1, frame.plot.top + frame.scale.at(to_units(limit)))


def drag(canvas: ChartCanvas, start: Decimal, end: Decimal) -> None:
    first = spot(canvas, start)
    mouse(canvas, QEvent.Type.MouseButtonPress, first)
    mouse(canvas, QEvent.Type.MouseMove, first - QPointF(0, 6))
    mouse(canvas, QEvent.Type.MouseMove, spot(canvas, end))
    mouse(canvas, QEvent.Type.MouseButtonRelease, spot(canvas, end))


async def give_up(desk: Desk, order_id: str) -> None:
    desk.orders.act(OrderAction.CANCEL, order_id)
    await until(lambda: order(desk, order_id).final)


def test_a_line_dragged_to_another_price_is_replaced_at_the_venue(play: Play) -> None:
    async def story(desk: Desk) -> None:
        order_id = await working(desk)
        before = order(desk, order_id).present_limit
        wanted = step_legal(before, 2)
        seen: list[State] = []
        desk.bridge.frame.connect(
            lambda frame: seen.extend(change.order.state for change in frame.orders)
        )
        drag(chart_of(desk).canvas, before, wanted)
        await until(lambda: order(desk, order_id).present_limit == wanted)
        await until(lambda: order(desk, order_id).state is State.WORKING)
        assert State.REPLACING in seen
        assert order(desk, order_id).own_price == wanted
        await give_up(desk, order_id)

    play(story)


def test_a_line_dragged_to_where_it_fills_at_once_is_asked_about_first(play: Play) -> None:
    async def story(desk: Desk) -> None:
        order_id = await working(desk)
        bid = desk.known.board.quotes[desk.symbols.symbol].bid
        drag(chart_of(desk).canvas, order(desk, order_id).present_limit, bid)
        editor = desk.orders.pricing
        await until(editor.isVisible)
        assert editor.field.text() == price(bid)
        assert editor.remark.text().endswith("it fills at once. Enter once more sends it.")
        assert order(desk, order_id).own_price is None
        QTest.keyClick(editor.field, Qt.Key.Key_Return)
        await until(lambda: order(desk, order_id).state is State.FILLED)

    play(story)


def test_the_chart_is_reached_by_key_and_its_price_chosen_without_a_mouse(play: Play) -> None:
    async def story(desk: Desk) -> None:
        order_id = await working(desk)
        before = order(desk, order_id).present_limit
        canvas = chart_of(desk).canvas
        desk.shortcuts.run(WindowAction.CHART)
        assert canvas.hasFocus()
        QTest.keyClick(canvas, Qt.Key.Key_Up)
        QTest.keyClick(canvas, Qt.Key.Key_Escape)
        assert not order(desk, order_id).cancel_asked
        QTest.keyClick(canvas, Qt.Key.Key_Up)
        QTest.keyClick(canvas, Qt.Key.Key_Return)
        wanted = step_legal(before, 1)
        await until(lambda: order(desk, order_id).present_limit == wanted)
        await give_up(desk, order_id)

    play(story)


def test_what_is_chosen_of_the_chart_is_kept_and_a_drag_away_from_now_is_not(play: Play) -> None:
    async def story(desk: Desk) -> None:
        chart, kept = chart_of(desk), desk.window.preferences
        desk.shortcuts.run(WindowAction.TRADES)
        assert not kept.values.chart_trades
        desk.shortcuts.run(WindowAction.FOLLOW)
        assert not kept.values.chart_follow
        desk.shortcuts.run(WindowAction.CHART_RESET)
        until_now = chart.canvas.follow
        assert until_now
        desk.shortcuts.run(WindowAction.TIME_OUT)
        desk.shortcuts.run(WindowAction.TIME_OUT)
        await until(lambda: kept.values.chart_seconds == 90)
        kept.change(chart_seconds=20, chart_trades=True, chart_follow=True)
        assert chart.span == 20
        assert chart.canvas.model.trades
        chart.canvas.pan(-50)
        assert not chart.canvas.follow
        assert kept.values.chart_follow

    play(story)


def test_the_chart_is_copied_and_saved_as_a_picture_that_says_what_it_shows(
    play: Play, tmp_path: Path
) -> None:
    async def story(desk: Desk) -> None:
        chart = chart_of(desk)
        await until(lambda: bool(chart.canvas.model.series.quotes.shape[1]))
        desk.shortcuts.run(WindowAction.CHART_COPY)
        copied = QApplication.clipboard().image()
        assert copied.width() == chart.canvas.width()
        assert copied.height() > chart.canvas.height(), "a line of words stands above"
        assert chart.caption().startswith("UVXY \N{MIDDLE DOT} bid 15.23")
        desk.shortcuts.run(WindowAction.CHART_SAVE)
        dialog = desk.window.findChild(QFileDialog, "save-chart")
        assert isinstance(dialog, QFileDialog)
        dialog.fileSelected.emit(str(tmp_path / "chart.png"))
        dialog.reject()
        await until(lambda: (tmp_path / "chart.png").exists())
        await until(lambda: "is saved as" in desk.window.notice.words.text())
        assert QImage(str(tmp_path / "chart.png")).size() == copied.size()

    play(story)


def test_a_picture_that_cannot_be_written_leaves_nothing_and_says_so(tmp_path: Path) -> None:
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    with pytest.raises(Refusal, match=r"The chart could not be saved as .*nowhere"):
        save_png(tmp_path / "nowhere" / "chart.png", image)
    assert list(tmp_path.iterdir()) == []
