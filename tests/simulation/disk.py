"""The journal of a simulated day: the real `JournalFile` in memory, written a little later.

What was taken but not yet written is lost in a crash, as with the writer's thread.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

from core.journal.damage import Ended, JournalError
from core.journal.file import JournalFile
from core.journal.high_water_mark import HighWaterMark, HighWaterMarkFile
from core.orders.facts import AnyFact, Fact, PostSent
from core.orders.reducer_digest import RULES
from core.orders.refused_instruction import RefusedInstruction
from core.orders.state import ParentOrder
from tests.simulation.loop import KilledError, RunLoop


class MemoryJournal(JournalFile):
    """A journal whose bytes outlive its engine."""

    def __init__(self, saved: bytes, mark: HighWaterMarkFile) -> None:
        super().__init__(Path(":memory:"))
        self._mark = mark
        if saved:
            self._db.deserialize(saved)
            self._prepare()

    def saved(self) -> bytes:
        """The bytes as they are durable now."""
        return self._db.serialize()

    def fill_up(self) -> None:
        """No page more fits on the disk."""
        (pages,) = self._db.execute("PRAGMA page_count").fetchone()
        self._db.execute(f"PRAGMA max_page_count = {pages}")


class MemoryMark(HighWaterMarkFile):
    """A journal's mark, which outlives its engine too, and is written on a full disk."""

    def __init__(self) -> None:
        super().__init__(None)
        self._mark: HighWaterMark | None = None

    def read(self) -> HighWaterMark | None:
        """The mark."""
        return self._mark

    def write(self, mark: HighWaterMark) -> bool:
        """Keep it."""
        self._mark = mark
        return True


class Crash:
    """How a write ends: before it, after it, or between two facts of it."""

    BEFORE = "before"
    AFTER = "after"
    AMID = "amid"
    KINDS = (BEFORE, AFTER, AMID)


class Disk:
    """What outlives crashes: the bytes, and the POSTs that they announce."""

    def __init__(self) -> None:
        self.saved = b""
        self.mark = MemoryMark()
        self.writes = 0
        self.durable_posts: Counter[str] = Counter()
        self.full_at: set[int] = set()


class SlowRecorder:
    """`core.journal.writer.Recorder` on virtual time; `delay` tells how long one write takes."""

    def __init__(
        self,
        file: MemoryJournal,
        disk: Disk,
        loop: RunLoop,
        chance: Random,
        delay: Callable[[], float],
        crash_at: Callable[[list[AnyFact]], str],
        on_crash: Callable[[str], None],
        on_full: Callable[[], None],
    ) -> None:
        self.file = file
        self.broken = ""
        self.on_broken: Callable[[str], None] = lambda sentence: None
        self.durable = 0  # facts of this run that are on disk
        self._taken = 0
        self._queue: list[AnyFact | Ended] = []
        self._disk = disk
        self._loop = loop
        self._chance = chance
        self._delay = delay
        self._crash_at = crash_at
        self._on_crash = on_crash
        self._on_full = on_full
        self._waiting: list[asyncio.Future[None]] = []
        self._due: asyncio.TimerHandle | None = None

    def append(self, fact: AnyFact) -> None:
        """Take a fact."""
        if self._loop.dead:
            raise KilledError
        if self.broken:
            return
        self._queue.append(fact)
        self._wake()

    def keep_ended(self, order: ParentOrder) -> None:
        """Take what an order came to; it is written with the facts that follow."""
        if not self.broken:
            self._queue.append(Ended(order, RULES))

    def keep_refused(self, record: RefusedInstruction) -> None:
        """What was not taken is no order; nothing is kept of it here."""

    def _wake(self) -> None:
        if self._due is None:
            self._due = self._loop.call_later(self._delay(), self._write)

    async def flush(self) -> None:
        """Wait until everything taken is written."""
        if self._queue:
            done = self._loop.create_future()
            self._waiting.append(done)
            await done
        if self.broken:
            raise JournalError(self.broken)

    def close(self) -> None:
        """Close the file."""
        self.file.close()

    def _write(self) -> None:
        self._due = None
        batch, self._queue = self._queue, []
        waiting, self._waiting = self._waiting, []
        self._disk.writes += 1
        crash = self._crash_at(_facts(batch))
        if self._disk.writes in self._disk.full_at:
            self._on_full()
            self.file.fill_up()
        if crash == Crash.AMID:
            batch = batch[: self._chance.randint(0, len(batch))]
        if crash != Crash.BEFORE and batch and not self.broken:
            self._append(batch)
        if crash:
            self._on_crash(f"at journal write {self._disk.writes}, {crash} it")
        for done in waiting:
            if not done.done():
                done.set_result(None)

    def _append(self, batch: list[AnyFact | Ended]) -> None:
        try:
            self.file.append(batch)
        except JournalError as error:
            self.broken = str(error)
            self.on_broken(self.broken)
            return
        facts = _facts(batch)
        self.durable += len(facts)
        for fact in facts:
            if isinstance(fact, PostSent):
                self._disk.durable_posts[fact.client_id] += 1


def _facts(batch: list[AnyFact | Ended]) -> list[AnyFact]:
    return [record for record in batch if isinstance(record, Fact)]
