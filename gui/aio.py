"""The one file that touches qasync: Qt's loop as an asyncio loop, and tasks that are kept.

No `dialog.exec()` anywhere in the window: a nested loop inside a coroutine leaves
other tasks dead for good. Dialogs are opened with `open()`.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, cast

from PySide6.QtWidgets import QApplication

OnError = Callable[[BaseException], None]


def run(app: QApplication, main: Coroutine[Any, Any, int]) -> int:
    """Run `main` on Qt's own loop until it returns; its result is the exit status."""
    app.setQuitOnLastWindowClosed(False)
    with asyncio.Runner(loop_factory=lambda: make_loop(app)) as runner:
        return runner.run(main)


def make_loop(app: QApplication) -> asyncio.AbstractEventLoop:
    """An asyncio loop on top of Qt's."""
    import qasync  # after PySide6, whose bindings it then takes

    return cast(asyncio.AbstractEventLoop, qasync.QEventLoop(app))


class Tasks:
    """Keeps every task alive until it ends and reports what it raised."""

    def __init__(self, on_error: OnError) -> None:
        self._on_error = on_error
        self._tasks: set[asyncio.Task[Any]] = set()

    def spawn(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        """Start `work` on the running loop. Its exception goes to `on_error`, never nowhere."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is not None:
            self._on_error(error)

    async def finish(self) -> None:
        """Cancel what still runs and wait for it."""
        waiting = tuple(self._tasks)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
