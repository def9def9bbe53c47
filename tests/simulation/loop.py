"""The event loop of one engine's run. Its time is the day's; a crash throws it away whole."""

import asyncio
import contextlib
from typing import Any

from tests.simulation.timeline import Timeline


class KilledError(SystemExit):
    """The process is gone. asyncio lets nothing catch it on the way out."""


class RunLoop(asyncio.BaseEventLoop):
    """No threads, no sockets: while it has nothing to do, the day goes on."""

    def __init__(self, timeline: Timeline) -> None:
        super().__init__()
        self._timeline = timeline
        self._selector = self
        self._clock_resolution = 1e-9
        self.dead = False
        self.failures: list[BaseException] = []
        self.set_exception_handler(_note_failure)

    def time(self) -> float:
        return self._timeline.seconds

    def select(self, timeout: float | None) -> list[Any]:
        """Called by asyncio when it would wait."""
        if self.dead:
            raise KilledError
        self._timeline.pass_time(timeout)
        if self.dead:
            raise KilledError
        return []

    def _process_events(self, event_list: list[Any]) -> None:
        """There are none."""

    def _write_to_self(self) -> None:
        """Nobody waits outside of `select`."""

    def drop(self) -> None:
        """Forget everything that was under way, as a killed process does."""
        self.dead = True
        for task in asyncio.all_tasks(self):
            task._log_destroy_pending = False  # type: ignore[attr-defined]
            with contextlib.suppress(RuntimeError, KilledError):
                task.get_coro().close()
        self._ready.clear()  # type: ignore[attr-defined]
        self._scheduled.clear()  # type: ignore[attr-defined]
        self.close()


def _note_failure(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """An exception that nobody took, save the kill itself."""
    error = context.get("exception")
    if isinstance(loop, RunLoop) and error is not None and not isinstance(error, KilledError):
        loop.failures.append(error)
