"""The menu of drills: only on the embedded exchange, and what is chosen is played there."""

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication

from core.app.session import SessionOptions
from gui.app import qasync_loop
from gui.app.app import build
from gui.app.core_start import opened
from gui.controllers.desk import Desk
from gui.style.palette import DARK
from tests.gui.waiting import until


def entries(desk: Desk) -> list[QAction]:
    """The menu's lines, without the one that separates."""
    menu = desk.window.status.drills.menu()
    return [a for a in menu.actions() if not a.isSeparator()]


def test_without_an_exchange_of_our_own_there_is_no_drill(play: object, desk: Desk) -> None:
    assert desk.window.status.drills.isHidden()

    async def story(at_work: Desk) -> None:
        assert at_work.window.status.drills.isHidden()

    assert callable(play)
    play(story)


@pytest.mark.slow
def test_a_drill_chosen_in_the_window_is_played_by_the_embedded_exchange(
    dressed: QApplication,
) -> None:
    async def main() -> int:
        desk = build(DARK)
        desk.window.show()
        try:
            async with opened(desk, SessionOptions(), "UVXY"):
                await story(desk)
        finally:
            desk.window.close_for_good()
            desk.window.deleteLater()
        return 0

    async def story(desk: Desk) -> None:
        button = desk.window.status.drills
        assert button.isVisible()
        lines = entries(desk)
        assert len(lines) == 9
        next(a for a in lines if a.text().startswith("halt\t")).trigger()
        await until(lambda: button.text() == "Drills: halt")
        assert "Trading halts" in desk.window.notice.words.text()
        lines[-1].trigger()
        await until(lambda: button.text() == "Drills")

    assert qasync_loop.run(dressed, main()) == 0
