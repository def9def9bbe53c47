"""The one file that touches qasync: Qt's loop as an asyncio loop.

No `dialog.exec()` anywhere in the window: a nested loop inside a coroutine leaves
other tasks dead for good. `gui.widgets.dialog` shows them.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, cast

from PySide6.QtWidgets import QApplication


def run(app: QApplication, main: Coroutine[Any, Any, int]) -> int:
    """Run `main` on Qt's own loop until it returns; its result is the exit status."""
    app.setQuitOnLastWindowClosed(False)
    with asyncio.Runner(loop_factory=lambda: make_loop(app)) as runner:
        return runner.run(main)


def make_loop(app: QApplication) -> asyncio.AbstractEventLoop:
    """An asyncio loop on top of Qt's."""
    import qasync  # after PySide6, whose bindings it then takes

    return cast(asyncio.AbstractEventLoop, qasync.QEventLoop(app))
