"""Threads that wait for REST answers, as alpaca-py is synchronous; it is loaded in them, once."""

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from core.venue.alpaca.rest_replies import Outcome, Silence

if TYPE_CHECKING:
    from core.venue.alpaca.sdk import Sdk

log = logging.getLogger(__name__)

_LOADING = threading.Lock()
"""Two threads in the middle of one import may each see the other's half-made modules."""


class SdkThreads:
    """A few threads with a client each. `make` builds one, in the thread that will use it."""

    def __init__(self, name: str, count: int, make: Callable[[], "Sdk"]) -> None:
        self._pool = ThreadPoolExecutor(count, thread_name_prefix=f"touchline-{name}")
        self._local = threading.local()
        self._make = make
        self._closed = False
        self._loaded = False

    async def run(self, ask: Callable[["Sdk"], Outcome], total: float) -> Outcome:
        """The outcome of `ask` in one of the threads; Silence when it takes too long.

        The time does not count from before alpaca-py is loaded, which takes a while once.
        """
        loop = asyncio.get_running_loop()
        try:
            if not self._loaded:
                await loop.run_in_executor(self._pool, self._load)
            return await asyncio.wait_for(loop.run_in_executor(self._pool, self._work, ask), total)
        except TimeoutError:
            return Silence("no answer in time")
        except (RuntimeError, asyncio.CancelledError):
            task = asyncio.current_task()
            if not self._closed or (task is not None and task.cancelling()):
                raise
            return Silence("the program is closing")

    def _load(self) -> None:
        with _LOADING:
            import core.venue.alpaca.sdk  # noqa: F401  here and not above: see that file

        self._loaded = True

    def _work(self, ask: Callable[["Sdk"], Outcome]) -> Outcome:
        try:
            sdk: Sdk | None = getattr(self._local, "sdk", None)
            if sdk is None:
                sdk = self._local.sdk = self._make()
            return ask(sdk)
        except Exception as error:
            # Whatever went wrong, the request may have left: the caller must not think otherwise.
            log.exception("a REST request failed in an unforeseen way")
            return Silence(f"{type(error).__name__} in the client")

    def close(self) -> None:
        """Take no more work and forget what has not begun."""
        self._closed = True
        self._pool.shutdown(wait=False, cancel_futures=True)
