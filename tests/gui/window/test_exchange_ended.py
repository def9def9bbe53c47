"""The embedded exchange's process dies under a window at work."""

import os
import signal
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from core.app.exchange_watchdog import ended_words
from core.app.session import SessionOptions
from core.runtime.data_folder import DataFolder
from gui.actions.action_table import WindowAction
from gui.app import qasync_loop
from gui.app.app import build
from gui.app.core_start import opened
from gui.style.palette import DARK
from tests.gui.conftest import end
from tests.gui.waiting import until
from tests.support.far_exchange import SYMBOL


@pytest.mark.slow
def test_the_death_of_the_embedded_exchange_is_said_with_the_way_out(
    dressed: QApplication, home: Path
) -> None:
    async def story() -> int:
        desk = build(DARK)
        desk.window.show()
        try:
            async with opened(desk, SessionOptions(), SYMBOL):
                await until(lambda: SYMBOL in desk.known.board.quotes)
                note = DataFolder(os.environ).exchange_note("embedded").read_text(encoding="utf-8")
                os.kill(int(note.partition('"pid":')[2].partition(",")[0]), signal.SIGKILL)
                await until(lambda: ended_words("embedded") in desk.window.notice.words.text())
                desk.shortcuts.run(WindowAction.ACCOUNTS)
                assert desk.accounts.dialog.go.isEnabled()
        finally:
            end(desk)
        return 0

    assert qasync_loop.run(dressed, story()) == 0
