"""Where the engine's facts go: into the journal, on a thread of its own.

So no fsync blocks the engine; who needs a fact to be durable waits for a flush.
"""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Protocol, TypeVar

from core.journal.damage import Ended, JournalError
from core.journal.file import JournalFile
from core.orders.facts import AnyFact, Fact
from core.orders.reducer_digest import RULES
from core.orders.refused_instruction import RefusedInstruction
from core.orders.state import ParentOrder

_LOG = logging.getLogger(__name__)
T = TypeVar("T")

BATCH = 512


class Recorder(Protocol):
    """Where the engine's facts go."""

    broken: str  # why nothing can be recorded any more; empty while all is well
    on_broken: Callable[[str], None]  # hears that sentence once, on whichever thread

    def append(self, fact: AnyFact) -> None:
        """Take a fact; returns at once."""

    def keep_ended(self, order: ParentOrder) -> None:
        """Take what an order came to, right after its last fact; returns at once.

        It becomes durable some time later, or never: the facts say the same.
        """

    def keep_refused(self, record: RefusedInstruction) -> None:
        """Take an order that was not taken; returns at once."""

    async def flush(self) -> None:
        """Return when everything taken so far is durable. Raises JournalError."""

    def close(self) -> None:
        """Write what is left and close the file."""


class ThreadedRecorder:
    """Writes on a thread of its own, many facts to one fsync when they come fast."""

    def __init__(self, file: JournalFile, batch: int = BATCH) -> None:
        self._file = file
        self._batch = batch
        self._queue: SimpleQueue[AnyFact | Ended | RefusedInstruction | _Barrier | None] = (
            SimpleQueue()
        )
        self.broken = ""
        self.on_broken: Callable[[str], None] = _unheard
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    def append(self, fact: AnyFact) -> None:
        """Queue `fact`."""
        self._queue.put(fact)

    def keep_ended(self, order: ParentOrder) -> None:
        """Queue `order`; it is written with the facts that follow, so it costs no fsync."""
        self._queue.put(Ended(order, RULES))

    def keep_refused(self, record: RefusedInstruction) -> None:
        """Queue `record`."""
        self._queue.put(record)

    async def flush(self) -> None:
        """Wait until all that was queued is durable. Raises JournalError."""
        loop = asyncio.get_running_loop()
        barrier = _Barrier(loop, loop.create_future())
        self._queue.put(barrier)
        await barrier.done
        if self.broken:
            raise JournalError(self.broken)

    def close(self) -> None:
        """Write what is left, end the thread and close the file."""
        self._queue.put(None)
        self._thread.join()
        self._file.close()

    def _run(self) -> None:
        running = True
        ended: list[Ended] = []
        while running:
            items = [self._queue.get()]
            while len(items) < self._batch:
                try:
                    items.append(self._queue.get_nowait())
                except Empty:
                    break
            running = None not in items
            records = [*ended, *(i for i in items if isinstance(i, Fact | Ended))]
            ended = [i for i in records if isinstance(i, Ended)]
            if not running or len(records) > len(ended):
                self._write(records, self._file.append)
                ended = []
            aside = [i for i in items if isinstance(i, RefusedInstruction)]
            self._write(aside, self._file.keep_refused)
            for item in items:
                if isinstance(item, _Barrier):
                    item.release()

    def _write(self, records: list[T], write: Callable[[Sequence[T]], None]) -> None:
        if not records or self.broken:
            return
        try:
            write(records)
        except JournalError as error:
            self.broken = str(error)
        except Exception as error:  # noqa: BLE001 - whatever it was, who waits must hear of it
            _LOG.exception("a write to the journal failed")
            self.broken = f"The journal cannot record ({type(error).__name__}).{self._file.stop()}"
        if self.broken:
            self.on_broken(self.broken)


def _unheard(sentence: str) -> None:
    """Nobody listens yet."""


class _Barrier:
    """A place in the queue that someone waits for."""

    def __init__(self, loop: asyncio.AbstractEventLoop, done: "asyncio.Future[None]") -> None:
        self._loop = loop
        self.done = done

    def release(self) -> None:
        """Called on the journal's thread."""
        with contextlib.suppress(RuntimeError):  # the loop has gone, and who waited with it
            self._loop.call_soon_threadsafe(self._set)

    def _set(self) -> None:
        if not self.done.done():
            self.done.set_result(None)
