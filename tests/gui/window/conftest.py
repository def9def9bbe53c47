"""A window that is started again and again on one file of layouts."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QRect
from PySide6.QtWidgets import QApplication

from gui.app.app import build
from gui.controllers.desk import Desk
from gui.state.preference_store import PreferenceStore
from gui.style.palette import DARK
from gui.window.layout_store import Box, LayoutStore

Opened = Callable[[], Desk]


SCREEN = (0, 0, 1920, 1080)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "layouts.json"


@pytest.fixture
def screens(monkeypatch: pytest.MonkeyPatch) -> list[Box]:
    """The screens there are, larger than the one that a test is drawn on."""
    there = [SCREEN]
    for module in ("gui.window.main_window", "gui.window.layout_at_start", "gui.window.docks"):
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
