"""Tasks that nobody awaits: each is kept until it is done, and its exception is reported.

For every loop, the core's and the window's. A task that its starter awaits or ends
by itself (a stream's heartbeat, a connection's writer) needs none of this.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any


class Tasks:
    """Tasks that belong together. `on_error` hears the exception of each that fails."""

    def __init__(self, on_error: Callable[[BaseException], None]) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._on_error = on_error

    def spawn(self, work: Coroutine[Any, Any, object], name: str) -> None:
        """Run `work` on the running loop; what it returns is dropped."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def repeat(
        self,
        work: Callable[[], Awaitable[object]],
        seconds: float,
        name: str,
        on_error: Callable[[Exception], None],
    ) -> None:
        """Do `work` every so many seconds, for ever: what it raises is told, and it goes on."""
        self.spawn(_for_ever(work, seconds, on_error), name)

    def _done(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._on_error(error)

    async def stop(self) -> None:
        """Cancel what still runs and wait for its end."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _for_ever(
    work: Callable[[], Awaitable[object]], seconds: float, on_error: Callable[[Exception], None]
) -> None:
    me = asyncio.current_task()
    assert me is not None
    while True:
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - upkeep outlives whatever it meets
            on_error(error)
        if me.cancelling():  # swallowed on the way, by a library perhaps: it counts all the same
            return
        await asyncio.sleep(seconds)
