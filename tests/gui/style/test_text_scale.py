"""Nothing is cut off and nothing overlaps, in small windows and with large text."""

import contextlib
from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QWidget

from gui.controllers.desk import Desk
from gui.state.preference_store import PreferenceStore
from gui.style.theme_manager import ThemeManager
from gui.ticket.side_button import SideButton
from tests.gui.conftest import Story
from tests.gui.waiting import until

Play = Callable[[Story], None]
SLACK = 2  # pixels that rounding may take


def cut_off(window: QWidget) -> list[str]:
    """Words that do not fit into their widget, which wraps no lines and elides nothing."""
    found = []
    for part in window.findChildren(QWidget):
        if not part.isVisible() or not isinstance(part, (QLabel, QAbstractButton)):
            continue
        if isinstance(part, SideButton):  # as high as there is room for; its words are drawn
            assert part.fontMetrics().horizontalAdvance(part.text()) < part.width()
            continue
        if isinstance(part, QLabel) and (part.wordWrap() or not part.text()):
            continue
        wanted = part.minimumSizeHint() if isinstance(part, QLabel) else part.sizeHint()
        if part.width() + SLACK < wanted.width() or part.height() + SLACK < wanted.height():
            found.append(
                f"{part.objectName()} '{part.text()}': {part.size().toTuple()} < {wanted.toTuple()}"
            )
    return found


def overlapping(window: QWidget) -> list[str]:
    """Pairs of neighbours in one layout that lie over each other, or outside what holds them."""
    found = []
    for holder in window.findChildren(QWidget):
        layout = holder.layout()
        if layout is None or not holder.isVisible():
            continue
        parts = [
            child
            for child in holder.children()
            if isinstance(child, (QLabel, QAbstractButton, QLineEdit)) and child.isVisible()
        ]
        for index, one in enumerate(parts):
            for other in parts[index + 1 :]:
                if (
                    one.geometry()
                    .adjusted(SLACK, SLACK, -SLACK, -SLACK)
                    .intersects(other.geometry())
                ):
                    found.append(f"{one.objectName()} over {other.objectName()}")
    return found


@pytest.mark.parametrize(
    ("width", "height", "text"),
    [
        (1600, 1000, 100),
        (1280, 720, 100),
        (1120, 720, 100),
        (1600, 1000, 125),
        (1920, 1200, 150),
        (2400, 1500, 200),
    ],
)
def test_nothing_is_cut_off(play: Play, width: int, height: int, text: int) -> None:
    async def story(desk: Desk) -> None:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        store = PreferenceStore()
        themes = ThemeManager(app, store)
        themes.changed.connect(desk.window.restyle)
        try:
            store.change(font_scale=text)
            desk.window.resize(width, height)
            desk.ticket.arm(True)
            await until(lambda: desk.window.guard.open)
            with contextlib.suppress(AssertionError):  # the next line says what is cut off
                await until(lambda: not cut_off(desk.window), seconds=3)
            assert cut_off(desk.window) == []
            assert overlapping(desk.window) == []
        finally:
            store.change(font_scale=100)

    play(story)
