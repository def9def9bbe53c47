"""Layouts: docks by mouse and menu, kept across starts and by name, rescued from lost screens."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from core.errors import Refusal
from gui.actions.action_table import Menu
from gui.controllers.desk import Desk
from gui.window.docks import BENCHMARK, BLOTTER, CHART, DETAIL, TICKET, WATCH
from gui.window.layout_store import Box, DockLayout, LayoutStore, SavedLayouts, on_screen
from tests.gui.window.conftest import SCREEN, Opened, boxes
from tests.gui.window.test_main_window import connect

SECOND = (1920, 0, 1280, 1024)


def drag(desk: Desk, start: QPoint, by: QPoint) -> None:
    """Drag a border of the docks."""
    QApplication.processEvents()
    docks = desk.window.docks
    QTest.mousePress(docks, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(docks, start + by / 2)
    QTest.mouseMove(docks, start + by)
    QApplication.processEvents()
    QTest.mouseRelease(docks, Qt.MouseButton.LeftButton, pos=start + by)
    QApplication.processEvents()


def test_the_usual_layout_is_three_columns_of_two(opened: Opened) -> None:
    desk = opened()
    place = boxes(desk)
    for top, bottom in ((WATCH, TICKET), (CHART, BLOTTER), (DETAIL, BENCHMARK)):
        assert place[top].left() == place[bottom].left()
        assert place[top].bottom() < place[bottom].top()
    assert place[TICKET].right() < place[CHART].left() < place[DETAIL].left()
    assert place[CHART].width() > place[WATCH].width() + place[DETAIL].width()


def test_usual_sizes_stay_usual_when_the_window_grows_and_shrinks(opened: Opened) -> None:
    desk = opened()
    before = boxes(desk)
    desk.window.resize(1900, 1050)
    desk.window.resize(1600, 1000)
    assert boxes(desk) == before


def test_a_border_is_dragged_and_stands_there_at_the_next_start(opened: Opened) -> None:
    desk = opened()
    border = QPoint(boxes(desk)[CHART].right() + 4, 300)
    drag(desk, border, QPoint(-120, 0))
    after = boxes(desk)
    assert after[DETAIL].width() > 400
    assert boxes(opened()) == after


def test_no_click_counts_just_after_a_border_moved_the_buttons(
    opened: Opened, qtbot: QtBot
) -> None:
    desk = opened()
    qtbot.waitUntil(lambda: desk.window.guard.open)
    drag(desk, QPoint(boxes(desk)[TICKET].right() + 4, 300), QPoint(60, 0))
    assert not desk.window.guard.open


def test_words_that_grow_move_no_dock(opened: Opened) -> None:
    desk = opened()
    connect(desk)
    before = boxes(desk)
    for panel in (desk.window.watch, desk.window.ticket, desk.window.detail, desk.window.benchmark):
        panel.title.setText("a title as long as nobody would ever write one, and then some " * 3)
        panel.remark.setText("a remark as long as nobody would ever write one, and then some")
    assert boxes(desk) == before


def test_the_chart_floats_and_comes_back_by_the_menu(opened: Opened, qtbot: QtBot) -> None:
    desk = opened()
    before = boxes(desk)
    dock = desk.window.docks.docks[CHART]
    dock.float_action.trigger()
    assert dock.isFloating()
    dock.float_action.trigger()
    assert not dock.isFloating()
    qtbot.waitUntil(lambda: boxes(desk) == before)


def test_a_part_is_hidden_and_shown_from_the_view_menu(opened: Opened) -> None:
    desk = opened()
    entries = desk.window.strip.menu.menus[Menu.VIEW].actions()
    entry = next(e for e in entries if e.text() == "So far")
    assert entry.isChecked()
    entry.trigger()
    assert not desk.window.benchmark.isVisible()
    again = opened()
    assert not again.window.benchmark.isVisible()
    desk = again
    desk.window.docks.docks[BENCHMARK].toggleViewAction().trigger()
    assert desk.window.benchmark.isVisible()


def test_a_layout_is_saved_by_name_chosen_and_deleted(opened: Opened, qtbot: QtBot) -> None:
    desk = opened()
    usual = boxes(desk)
    drag(desk, QPoint(300, boxes(desk)[WATCH].bottom() + 4), QPoint(0, -80))
    mine = boxes(desk)
    view = {e.objectName(): e for e in desk.window.strip.menu.menus[Menu.VIEW].actions()}
    view["menu-save-layout"].trigger()
    field = desk.window.findChild(QLineEdit, "layout-name")
    assert isinstance(field, QLineEdit)
    QTest.keyClicks(field, "morning")
    QTest.keyClick(field, Qt.Key.Key_Return)
    view["menu-reset-layout"].trigger()
    assert boxes(desk) == usual
    desk = opened()
    desk.settings.layouts.renew()
    desk.settings.layouts.choose.actions()[0].trigger()
    assert boxes(desk) == mine
    desk.settings.layouts.delete.actions()[0].trigger()
    desk.settings.layouts.renew()
    assert not desk.settings.layouts.choose.actions()
    assert not opened().window.layouts.saved.named


def test_a_layout_without_a_name_is_refused_in_place(opened: Opened) -> None:
    desk = opened()
    desk.settings.layouts.ask_name()
    save = desk.window.findChild(QPushButton, "layout-save")
    assert isinstance(save, QPushButton)
    QTest.mouseClick(save, Qt.MouseButton.LeftButton)
    assert "needs a name" in desk.settings.layouts._name_dialog.refusal.text()
    assert desk.settings.layouts._name_dialog.isVisible()
    QTest.keyClick(desk.settings.layouts._name_dialog, Qt.Key.Key_Escape)
    assert not desk.settings.layouts._name_dialog.isVisible()


@pytest.mark.parametrize("cut", [0, 1, 30, 200])
def test_a_file_cut_short_gives_the_usual_layout_and_a_sentence(
    opened: Opened, file: Path, cut: int
) -> None:
    desk = opened()
    drag(desk, QPoint(boxes(desk)[CHART].right() + 4, 300), QPoint(-120, 0))
    desk.window.keep_layout()
    whole = file.read_bytes()
    file.write_bytes(whole[:cut])
    store = LayoutStore(file)
    assert store.saved == SavedLayouts()
    assert "could not be used" in store.problem
    assert file.with_suffix(".damaged.json").read_bytes() == whole[:cut]


def test_a_file_that_cannot_be_written_is_told_and_closing_goes_on(
    opened: Opened, tmp_path: Path
) -> None:
    desk = opened()
    desk.window.layouts._path = tmp_path / "gone" / "layouts.json"
    desk.window.close_for_good()
    assert not desk.window.isVisible()
    assert "cannot be used" in desk.window.notice.words.text()


def test_names_of_layouts_are_trimmed_and_bounded() -> None:
    store = LayoutStore()
    store.save_as("  two   words ", DockLayout((), ""))
    assert list(store.saved.named) == ["two words"]
    for bad in ("", "   ", "a" * 41, "a\x07"):
        with pytest.raises(Refusal):
            store.save_as(bad, DockLayout((), ""))


BOXES = st.tuples(
    st.integers(-9000, 9000), st.integers(-9000, 9000), st.integers(50, 6000), st.integers(50, 6000)
)


@given(BOXES, st.lists(st.sampled_from([SCREEN, SECOND]), min_size=1, max_size=2, unique=True))
def test_a_rescued_window_can_be_taken_hold_of(window: Box, screens: list[Box]) -> None:
    left, top, width, height = on_screen(window, screens)
    seen = [
        (min(left + width, x + w) - max(left, x), min(top + height, y + h) - max(top, y))
        for x, y, w, h in screens
        if top >= y
    ]
    assert any(across >= min(120, width) and down >= 30 for across, down in seen)
    assert on_screen((left, top, width, height), screens) == (left, top, width, height)


def test_a_window_on_a_screen_that_is_there_stays() -> None:
    there = (2000, 100, 800, 600)
    assert on_screen(there, [SCREEN, SECOND]) == there
    assert on_screen(there, [SCREEN]) == (560, 240, 800, 600)


def test_a_floating_part_comes_back_when_its_screen_vanishes(
    opened: Opened, screens: list[Box]
) -> None:
    desk = opened()
    dock = desk.window.docks.docks[DETAIL]
    dock.setFloating(True)
    screens.append(SECOND)
    dock.setGeometry(2000, 100, 300, 300)
    desk.window.screen_gone()
    assert dock.geometry().left() == 2000
    screens.remove(SECOND)
    desk.window.screen_gone()
    assert QRect(*SCREEN).contains(dock.geometry())
