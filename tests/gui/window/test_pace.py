"""How often the window draws: quotes and what moves by itself in one picture, less when unseen."""

from decimal import Decimal

import pytest
from PySide6.QtCore import QCoreApplication, QElapsedTimer, QEvent, QObject
from PySide6.QtWidgets import QTableView
from pytestqt.qtbot import QtBot

from core.engine.events import QuoteChanged
from core.market.prices import Side
from core.market.quotes import Quote
from gui.controllers.desk import Desk
from gui.state.clocks import SLOW_EVERY, TICK_MS, AnimationClock
from gui.style.palette import DARK
from gui.ticket.price_slider import PriceSlider
from gui.ticket.side_button import SideButton
from tests.gui.window.test_main_window import connect

D = Decimal


class Clockwork:
    """An animation clock and what it told."""

    def __init__(self) -> None:
        self.seen = True
        self.ticks: list[int] = []
        self.slow: list[int] = []
        self.clock = AnimationClock(lambda: 7, seen=lambda: self.seen)
        self.clock.tick.connect(self.ticks.append)
        self.clock.slow_tick.connect(self.slow.append)


def test_a_window_that_nobody_sees_moves_five_times_a_second_instead_of_thirty(
    qtbot: QtBot,
) -> None:
    works = Clockwork()
    for seen, ticks in ((True, 2 * SLOW_EVERY), (False, 2)):
        works.seen = seen
        works.ticks.clear()
        works.slow.clear()
        for _ in range(2 * SLOW_EVERY):
            works.clock._on_timeout()
        assert len(works.ticks) == ticks
        assert len(works.slow) == 2


def test_news_are_drawn_at_once_but_not_twice_in_one_picture(qtbot: QtBot) -> None:
    works = Clockwork()
    works.clock.hurry()
    assert not works.ticks  # it has not begun
    works.clock.start()
    works.clock.hurry()
    assert not works.ticks
    since = QElapsedTimer()
    since.start()
    while since.elapsed() <= TICK_MS // 2 + 2:
        pass
    works.clock.hurry()
    works.clock.hurry()
    assert len(works.ticks) == 1
    works.clock.stop()


def tell(desk: Desk, bid: str, ask: str) -> None:
    now = desk.clock.now_ns()
    desk.bridge.publish(QuoteChanged(Quote("UVXY", D(bid), D(ask), 100, 100, now, now, "iex")))


def test_a_picture_brings_the_quotes_that_waited_for_it(desk: Desk) -> None:
    connect(desk)
    tell(desk, "15.10", "15.20")
    assert desk.known.board.quotes["UVXY"].bid == D("15.23")
    desk.animation.tick.emit(desk.clock.now_ns())
    assert desk.known.board.quotes["UVXY"].bid == D("15.10")


class Paints(QObject):
    """What a button says at each of its paints."""

    def __init__(self, button: SideButton) -> None:
        super().__init__(button)
        self.said: list[str] = []
        button.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note the words, and let it pass."""
        if event.type() is QEvent.Type.Paint and isinstance(watched, SideButton):
            self.said.append(watched.text())
        return super().eventFilter(watched, event)


def test_the_first_paint_after_a_quote_shows_the_price_and_gain_of_that_quote(
    desk: Desk, qtbot: QtBot
) -> None:
    connect(desk)
    qtbot.waitUntil(lambda: "15.24" in desk.window.ticket.blocks[Side.SELL].button.text())
    paints = {side: Paints(desk.window.ticket.blocks[side].button) for side in Side}
    told: list[object] = []

    def on_frame(frame: object) -> None:
        told.append(frame)
        for paint in paints.values():
            paint.said.clear()

    desk.bridge.frame.connect(on_frame)  # after the desk, which has worded everything by then
    tell(desk, "16.23", "16.32")
    qtbot.waitUntil(lambda: bool(told) and all(paint.said for paint in paints.values()))
    assert "16.24" in paints[Side.SELL].said[0]
    assert "16.30" in paints[Side.BUY].said[0]
    assert desk.window.ticket.outlook(Side.SELL).limit is not None
    assert not any("15." in words for paint in paints.values() for words in paint.said)


@pytest.fixture
def slider(qtbot: QtBot) -> PriceSlider:
    slider = PriceSlider(DARK)
    qtbot.addWidget(slider)
    slider.show()
    return slider


def test_the_slider_is_drawn_again_for_other_prices_only(slider: PriceSlider, qtbot: QtBot) -> None:
    paints: list[int] = []

    class Painted(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() is QEvent.Type.Paint:
                paints.append(1)
            return super().eventFilter(watched, event)

    watcher = Painted(slider)
    slider.installEventFilter(watcher)
    for moment, (bid, ask) in enumerate((("15.23", "15.32"),) * 3 + (("15.23", "15.33"),)):
        slider.set_quote(Quote("UVXY", D(bid), D(ask), 1, 1, moment, moment))
        QCoreApplication.processEvents()
    assert len(paints) <= 3  # the first may come with the window's own
    assert slider.limit(Side.SELL) is not None
    slider.set_quote(None)
    assert slider.limit(Side.SELL) is None


def test_a_quote_redraws_the_touches_in_the_watch_list_in_their_colours(
    desk: Desk, qtbot: QtBot
) -> None:
    connect(desk)
    table = desk.window.findChild(QTableView, "watch-table")
    assert isinstance(table, QTableView)
    row = table.model().index(0, 2)
    QCoreApplication.processEvents()
    picture = table.viewport().grab(table.visualRect(row)).toImage()
    spots = {
        picture.pixelColor(x, y).name()
        for x in range(picture.width())
        for y in range(picture.height())
    }
    assert DARK.bid in spots
