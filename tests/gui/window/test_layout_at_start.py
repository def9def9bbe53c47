"""A window opens as it was left, where that still fits."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QRect
from PySide6.QtWidgets import QApplication

from gui.app.app import build
from gui.controllers.desk import Desk
from gui.state.preference_store import PreferenceStore
from gui.style.palette import DARK
from gui.window.docks import BENCHMARK, WATCH
from gui.window.layout_store import Box, DockLayout, LayoutStore, SavedLayouts

Opened = Callable[[], Desk]
SCREEN = (0, 0, 1920, 1080)

EARLIER = Path(__file__).resolve().parents[2] / "earlier"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "layouts.json"


@pytest.fixture
def screens(monkeypatch: pytest.MonkeyPatch) -> list[Box]:
    """The screens there are, larger than the one that a test is drawn on."""
    there = [SCREEN]
    for module in ("gui.window.main_window", "gui.window.docks"):
        monkeypatch.setattr(f"{module}.screens_now", lambda: there)
    return there


@pytest.fixture
def opened(dressed: QApplication, file: Path, screens: list[Box]) -> Iterator[Opened]:
    """Starts the window again and again on one file."""
    held: list[Desk] = []

    def end() -> None:
        for desk in held:
            desk.animation.stop()
            desk.window.close_for_good()
            desk.window.deleteLater()
            QCoreApplication.sendPostedEvents(desk.window, QEvent.Type.DeferredDelete.value)
        held.clear()

    def start() -> Desk:
        end()
        held.append(build(DARK, PreferenceStore(), LayoutStore(file)))
        held[0].window.open_fitting()
        return held[0]

    yield start
    end()


def boxes(desk: Desk) -> dict[str, QRect]:
    """Where every dock stands in the window, once that is settled."""
    QApplication.processEvents()
    return {name: dock.geometry() for name, dock in desk.window.docks.docks.items()}


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
