"""A window opens as it was left, where that still fits."""

from pathlib import Path

from PySide6.QtCore import QRect

from gui.window.docks import BENCHMARK, WATCH
from gui.window.layout_store import DockLayout, LayoutStore, SavedLayouts
from tests.gui.window.conftest import SCREEN, Opened, boxes

EARLIER = Path(__file__).resolve().parents[2] / "earlier"


def test_the_window_opens_where_it_was_left(opened: Opened) -> None:
    desk = opened()
    desk.window.setGeometry(40, 30, 1300, 780)
    assert opened().window.geometry() == QRect(40, 30, 1300, 780)


def test_a_layout_of_another_version_is_told_and_the_usual_one_holds(
    opened: Opened, file: Path
) -> None:
    usual = boxes(opened())
    opened().window.layouts.save(SavedLayouts())
    desk = opened()
    desk.window.close_for_good()
    LayoutStore(file).save(SavedLayouts(last=DockLayout((WATCH,), "bm9uc2Vuc2U=")))
    desk.window.layouts.saved = LayoutStore(file).saved
    desk.window.open_fitting()
    assert "another version" in desk.window.notice.words.text()
    assert boxes(desk) == usual


def test_a_part_that_an_older_layout_does_not_know_is_not_lost(opened: Opened) -> None:
    desk = opened()
    docks = desk.window.docks
    place = docks.place()
    left_out = docks.docks.pop(BENCHMARK)
    docks.removeDockWidget(left_out)
    older = docks.place()
    docks.docks[BENCHMARK] = left_out
    assert docks.restore(place)
    assert docks.restore(older)
    assert left_out.isVisible()


def test_a_window_left_on_a_screen_that_vanished_opens_on_one_that_is_there(
    opened: Opened, file: Path
) -> None:
    opened()
    LayoutStore(file).save(SavedLayouts(window=(9000, 9000, 1200, 760)))
    desk = opened()
    assert QRect(*SCREEN).contains(desk.window.geometry())


def test_the_layouts_of_an_earlier_version_are_restored(opened: Opened) -> None:
    earlier = LayoutStore(EARLIER / "layouts.json")
    assert not earlier.problem
    assert earlier.saved.named
    docks = opened().window.docks
    for place in (earlier.saved.last, *earlier.saved.named.values()):
        assert place is not None
        assert set(place.docks) <= set(docks.docks)
        assert docks.restore(place)
