"""One order in full: its timeline, the preview beside its outcome, and how it stands so far."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu
from pytestqt.qtbot import QtBot

from core.market.prices import Side
from core.market.time import NS
from core.orders.state import State
from core.wording.next_step import OrderAction
from gui.controllers.desk import Desk
from gui.order_detail.story import Tone
from tests.core.analysis.test_fill_history import fell_back
from tests.gui.conftest import Story
from tests.gui.waiting import until
from tests.gui.window.test_at_work import arm, order, send
from tests.gui.window.test_main_window import connect, settle
from tests.support.scripted_orders import ScriptedOrder

Play = Callable[[Story], None]
TIP, DISPLAY = Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.DisplayRole


def tell(desk: Desk, told: ScriptedOrder, since: int = 0) -> None:
    for change in told.changes[since:]:
        desk.bridge.publish(change)
    settle(desk)


def begin(desk: Desk) -> ScriptedOrder:
    """A window that was told of a sell, part of which has filled."""
    connect(desk)
    told = ScriptedOrder(at=desk.clock.now_ns()).wait(0.002).working().wait(3).filled(400, 400)
    tell(desk, told)
    return told


def label(desk: Desk, name: str) -> QLabel:
    found = desk.window.findChild(QLabel, name)
    assert isinstance(found, QLabel)
    return found


def compared(desk: Desk) -> dict[str, tuple[str, str]]:
    rows = range(1, 11)
    return {
        label(desk, f"compared-name-{row}").text(): (
            label(desk, f"compared-shown-{row}").text(),
            label(desk, f"compared-came-{row}").text(),
        )
        for row in rows
    }


def test_without_an_order_both_panels_say_what_will_stand_there(desk: Desk) -> None:
    detail, benchmark = desk.window.detail, desk.window.benchmark
    assert detail.hint.isVisible()
    assert "Choose an order in a table" in detail.hint.text()
    assert benchmark.hint.isVisible()
    assert not detail.beside.isVisible()
    begin(desk)
    assert not detail.hint.isVisible()
    assert not benchmark.hint.isVisible()
    assert detail.beside.isVisible()


def test_times_leave_out_what_they_share_and_the_newest_fact_tells_its_age(desk: Desk) -> None:
    told = begin(desk)
    entries = desk.window.detail.timeline.entries
    desk.order_display.slow_tick(told.at + NS * 4 // 10)
    newest = entries.newest
    assert entries.moving_words(newest) == "0.4 s ago"
    assert entries.moving_words(newest + 1) == "in 6.6 s"
    assert entries.moving_words(0) == ""
    assert len(entries.time_words(0)) == len("03:00:00.000")
    assert len(entries.time_words(1)) < len("03:00:00.000")
    desk.order_display.slow_tick(told.at + 2 * NS)
    assert entries.moving_words(newest) == "2.0 s ago"


def test_more_facts_are_added_and_nothing_is_told_again(desk: Desk) -> None:
    told = begin(desk)
    entries = desk.window.detail.timeline.entries
    resets: list[bool] = []
    entries.modelReset.connect(lambda: resets.append(True))
    known = len(told.changes)
    tell(desk, told.wait(1).filled(600, 1000), known)
    last = entries.entry(entries.rowCount() - 1)
    assert not resets
    assert entries.rowCount() == known + 2
    assert last is not None
    assert last.tone is Tone.GOOD


def test_the_preview_stands_beside_the_outcome(desk: Desk) -> None:
    told = begin(desk)
    desk.order_display.slow_tick(told.at)
    found = compared(desk)
    assert found["limit"] == ("15.24", "15.24")
    assert found["gain"][1] == "+$4.00"
    assert found["time to fill"] == ("in 10 s", "400 of 1,000")
    assert not desk.window.detail.compared.missing.isVisible()
    name = label(desk, "compared-name-5")
    assert name.text() == "gain"
    assert "for the 400 filled" in name.toolTip()
    assert label(desk, "compared-came-5").accessibleName() == "gain, came to: +$4.00"


def test_figures_follow_the_order_and_the_quote_and_carry_their_formulas(desk: Desk) -> None:
    told = begin(desk)
    desk.order_display.slow_tick(told.at)
    assert label(desk, "so-far-0").text() == "+$4.00"
    assert label(desk, "so-far-4").text() == "0.78"
    assert "average 15.24" in label(desk, "so-far-0").toolTip()
    assert label(desk, "so-far-whose").text().startswith("simulated")
    desk.order_display.slow_tick(told.at + 3600 * NS)
    rest = label(desk, "so-far-1")
    assert rest.text() == "unknown"
    assert rest.toolTip()
    assert rest.accessibleDescription() == rest.toolTip()


def test_the_story_is_copied_by_key_and_one_line_by_the_menu(desk: Desk) -> None:
    begin(desk)
    timeline = desk.window.detail.timeline
    desk.window.activateWindow()
    timeline.setFocus()
    assert timeline.currentIndex().row() == timeline.entries.newest
    QTest.keyClick(timeline, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    text = QApplication.clipboard().text()
    assert text.startswith("SELL 1,000 UVXY (order a1")
    assert "execution a1-400" in text
    assert "gain: " in text
    assert desk.window.notice.words.text() == "Copied: the story of SELL 1,000 UVXY."
    QTest.keyClick(timeline, Qt.Key.Key_Up)
    assert timeline.currentIndex().row() == timeline.entries.newest - 1
    menu_of(desk)["Copy this line"].trigger()
    assert "live at the venue (stream" in QApplication.clipboard().text()
    QTest.keyClick(timeline, Qt.Key.Key_Down)
    menu_of(desk)["Copy the execution's id"].trigger()
    assert QApplication.clipboard().text() == "a1-400"


def menu_of(desk: Desk) -> dict[str, QAction]:
    """The context menu as the menu key opens it."""
    timeline = desk.window.detail.timeline
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(), QPoint())
    QApplication.sendEvent(timeline, event)
    menu = timeline.findChildren(QMenu)[-1]
    menu.close()
    return {action.text(): action for action in menu.actions()}


def test_a_reader_hears_each_entry_in_full(desk: Desk) -> None:
    begin(desk)
    model = desk.window.detail.timeline.entries
    words = model.index(model.newest, 0).data(DISPLAY)
    assert words.endswith(
        "filled 400 @ 15.24 (+$0.01 a share) (stream, execution a1-400, 3.0 s after the click)"
    )
    assert model.index(model.newest, 0).data(TIP).startswith(words)


@pytest.mark.parametrize("side", list(Side))
def test_a_real_order_tells_what_was_shown_and_what_came_of_it(play: Play, side: Side) -> None:
    async def story(desk: Desk) -> None:
        await arm(desk)
        order_id = await send(desk, side)
        await until(lambda: order(desk, order_id).state is State.WORKING)
        model = desk.window.detail.timeline.entries
        await until(lambda: model.moving_words(model.rowCount() - 1).startswith("in "))
        desk.orders.act(OrderAction.MARKET_NOW, order_id)
        await until(lambda: order(desk, order_id).final)
        await until(lambda: compared(desk)["time to fill"][1].endswith("s"))
        found = compared(desk)
        kept = order(desk, order_id).instruction.preview
        assert kept is not None
        assert kept.gain is not None
        assert found["limit"][0] == found["average"][0]
        assert found["gain"][0].startswith("+$")
        assert found["fallback"][1].endswith("on 100")
        assert found["position"][0] == found["position"][1]
        first = model.index(0, 0).data(TIP)
        assert "As it stood on the ticket:" in first
        assert kept.lines[0] in first

    play(story)


def test_an_order_without_a_preview_says_that_none_was_kept(desk: Desk) -> None:
    connect(desk)
    told = ScriptedOrder(at=desk.clock.now_ns()).working()
    (change, *_) = told.changes
    bare = replace(change.order.instruction, preview=None)
    desk.bridge.publish(replace(change, order=replace(change.order, instruction=bare)))
    settle(desk)
    desk.order_display.slow_tick(told.at)
    missing = desk.window.detail.compared.missing
    assert missing.isVisible()
    assert missing.text().startswith("No preview was kept")


def test_no_figure_is_cut_in_the_smallest_window(desk: Desk, qtbot: QtBot) -> None:
    desk.window.resize(1120, 720)
    connect(desk)
    scrolled, inner = desk.window.detail.beside, desk.window.detail.compared
    desk.window.detail.show_outcome(fell_back("11.2345"), ())
    qtbot.waitUntil(scrolled.isVisible)
    assert compared(desk)["fallback"][1].endswith(" on 100")
    qtbot.waitUntil(lambda: inner.width() <= scrolled.viewport().width())
    for row in range(1, 11):
        for which in ("name", "shown", "came"):
            figure = label(desk, f"compared-{which}-{row}")
            longest = max(figure.text().split() if figure.wordWrap() else [figure.text()], key=len)
            assert figure.width() >= figure.fontMetrics().horizontalAdvance(longest), longest
            assert figure.height() >= figure.heightForWidth(figure.width()), longest
