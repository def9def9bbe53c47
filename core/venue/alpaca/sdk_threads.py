"""Threads that wait for REST answers, as alpaca-py is synchronous; it is loaded in them, once."""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from queue import SimpleQueue
from typing import TYPE_CHECKING

from core.venue.alpaca.rest_replies import Outcome, Silence

if TYPE_CHECKING:
    from core.venue.alpaca.sdk import Sdk

log = logging.getLogger(__name__)

_LOADING = threading.Lock()
"""Two threads in the middle of one import may each see the other's half-made modules."""


_Ask = Callable[["Sdk"], Outcome]


class SdkThreads:
    """A few threads with a client each. `make` builds one, in the thread that will use it.

    They are daemons: one that waits for an answer without end does not keep the program from
    ending.
    """

    def __init__(self, name: str, count: int, make: Callable[[], "Sdk"]) -> None:
        self._jobs: SimpleQueue[tuple[Future[Outcome], _Ask] | None] = SimpleQueue()
        self._name = name
        self._count = count
        self._make = make
        self._threads: list[threading.Thread] = []
        self._waiting: set[asyncio.Future[Outcome]] = set()
        self._closed = False
        self._loaded = False

    async def run(self, ask: _Ask, total: float) -> Outcome:
        """The outcome of `ask` in one of the threads; Silence when it takes too long.

        The time does not count from before alpaca-py is loaded, which takes a while once.
        """
        try:
            if not self._loaded:
                await self._done(self._load)
            async with asyncio.timeout(total):
                return await self._done(ask)
        except TimeoutError:
            return Silence("no answer in time")
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if not self._closed or (task is not None and task.cancelling()):
                raise
            return Silence("the program is closing")

    def _done(self, ask: _Ask) -> "asyncio.Future[Outcome]":
        """Hand `ask` to the threads. Cancelled when they close."""
        job: Future[Outcome] = Future()
        waiting = asyncio.wrap_future(job)
        self._waiting.add(waiting)
        waiting.add_done_callback(self._waiting.discard)
        if self._closed:
            waiting.cancel()
            return waiting
        if not self._threads:
            for number in range(self._count):
                name = f"touchline-{self._name}-{number}"
                self._threads.append(threading.Thread(target=self._serve, name=name, daemon=True))
                self._threads[-1].start()
        self._jobs.put((job, ask))
        return waiting

    def _load(self, _sdk: "Sdk") -> Outcome:
        """Nothing: whoever has a client has alpaca-py."""
        self._loaded = True
        return Silence("loaded")

    def _serve(self) -> None:
        sdk: Sdk | None = None
        while (job := self._jobs.get()) is not None:
            future, ask = job
            if not future.set_running_or_notify_cancel():
                continue
            try:
                if sdk is None:
                    with _LOADING:
                        sdk = self._make()
                outcome = ask(sdk)
            except Exception as error:
                # Whatever went wrong, the request may have left: nobody must think otherwise.
                log.exception("a REST request failed in an unforeseen way")
                outcome = Silence(f"{type(error).__name__} in the client")
            with contextlib.suppress(InvalidStateError):  # who asked has gone
                future.set_result(outcome)

    def close(self) -> None:
        """Take no more work, and let go of everybody who waits."""
        self._closed = True
        for waiting in tuple(self._waiting):
            waiting.cancel()
        for _ in self._threads:
            self._jobs.put(None)
