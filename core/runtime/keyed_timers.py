"""Work that waits for its time; of two for the same thing the sooner counts."""

import asyncio
from collections.abc import Callable, Hashable

from core.market.time import NS


class KeyedTimers:
    """Timers by key, on the running loop."""

    def __init__(self) -> None:
        self._waiting: dict[Hashable, asyncio.TimerHandle] = {}

    def after(self, delay_ns: int, key: Hashable, work: Callable[[], None]) -> None:
        """Do `work` after `delay_ns`, now if that is 0, unless the same is to be done sooner."""
        loop = asyncio.get_running_loop()
        due = loop.time() + delay_ns / NS
        waiting = self._waiting.get(key)
        if waiting is not None:
            if waiting.when() <= due:
                return
            waiting.cancel()
            del self._waiting[key]
        if delay_ns:
            self._waiting[key] = loop.call_at(due, self._do, key, work)
        else:
            work()

    def stop(self) -> None:
        """Forget what waits."""
        for waiting in self._waiting.values():
            waiting.cancel()
        self._waiting.clear()

    def _do(self, key: Hashable, work: Callable[[], None]) -> None:
        del self._waiting[key]
        work()
