"""Append-only log of every fact, in SQLite. Replaying it gives the state.

`JournalFile` is the file and knows no threads; `JournalReader` only looks at it. A
recorder puts facts into it: `ThreadedRecorder` on a thread of its own, so that no fsync
blocks the engine. No key or secret ever enters: a fact has no field for one.
"""

import asyncio
import contextlib
import logging
import sqlite3
import threading
import zlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Protocol, TypeVar
from urllib.parse import quote

import msgspec

from core.errors import Refusal
from core.facts import AnyFact, Fact, OrderAccepted, Resumed
from core.journal_schema import SCHEMA, SUMS, create, migrate, version_of
from core.mark import Mark, MarkFile
from core.order_state import ParentOrder
from core.orders import reduce
from core.prices import ZERO
from core.turned_away import TurnedAway

_LOG = logging.getLogger(__name__)
T = TypeVar("T")

BATCH = 512
MEMORY = Path(":memory:")

WriteHook = Callable[[str, int], None]
"""Called around each commit with "before" or "after" and the number of the first fact in it."""


_Row = tuple[int, str, int, bytes, int]
_UNREADABLE = (sqlite3.Error, UnicodeDecodeError)  # the latter for SQLite's words about bad bytes


class JournalError(Exception):
    """The journal could not record; the sentence says why. Nothing may be sent after it."""


class Damage(msgspec.Struct, frozen=True):
    """The first record that cannot be trusted. `tail`: it alone is lost, and it is the last."""

    seq: int
    tail: bool
    missing: int = 0  # records gone from the end without a trace but the mark

    @property
    def what(self) -> str:
        """What is wrong, as the beginning of a sentence."""
        if self.missing > 1:
            return f"Records {self.seq} to {self.seq + self.missing - 1} are missing at the end"
        return f"Record {self.seq} is {'missing' if self.missing else 'damaged'}"


class Scan(msgspec.Struct):
    """The facts before the first damage, the last checksum among them, and that damage.

    `stopped`: the run that wrote the last of them went on and could record no more.
    """

    facts: list[AnyFact]
    crc: int = 0
    damage: Damage | None = None
    stopped: bool = False


class JournalReader:
    """A journal that is only looked at: no lock, no repair, nothing written.

    Raises Refusal when the file is not a journal that this Touchline can read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.schema = 0
        self._decode = msgspec.json.Decoder(AnyFact).decode
        self._mark = MarkFile(None if path == MEMORY else path.with_name(f"{path.name}-mark"))
        try:
            self._db = self._connect()
        except _UNREADABLE as error:
            raise self._unusable(error) from error
        try:
            self._prepare()
        except _UNREADABLE as error:
            self.close()
            raise self._unusable(error) from error
        except Refusal:
            self.close()
            raise

    def _connect(self) -> sqlite3.Connection:
        where = f"file:{quote(str(self.path.absolute()))}?mode=ro"
        return sqlite3.connect(where, uri=True, isolation_level=None)

    def _prepare(self) -> None:
        self.schema = version_of(self._db) or 0
        if self.schema not in SUMS:
            why = f"has version {self.schema}; this Touchline reads up to {SCHEMA}"
            if not self.schema:
                why = "holds no journal of Touchline's"
            raise Refusal("journal", f"The journal {self.path} {why}.", self.schema)

    def _unusable(self, error: Exception) -> Refusal:
        why = str(error) if isinstance(error, sqlite3.Error) else "its bytes are damaged"
        return Refusal("journal", f"The journal {self.path} cannot be read: {why}.", str(self.path))

    def load(self) -> list[AnyFact]:
        """All facts in order, without a last one that is damaged.

        Raises Refusal naming the first record that is damaged before others, or missing.
        """
        found = self.scan()
        if found.damage is not None and not found.damage.tail:
            raise self._refused(found.damage)
        return found.facts

    def scan(self) -> Scan:
        """What can be trusted. Never fails: where reading fails, there is the damage."""
        mark = self._mark.read()  # first: a writer may go on while we read
        found = Scan([], stopped=mark is not None and mark.stopped)
        try:
            found.damage = self._read(found, mark)
        except _UNREADABLE:
            found.damage = Damage(len(found.facts) + 1, tail=False)
        return found

    def _read(self, found: Scan, mark: Mark | None) -> Damage | None:
        facts, sum_of = found.facts, SUMS[self.schema]
        marked, seen = (mark.seq if mark is not None else 0), 0
        rows = self._db.execute("SELECT seq, body, crc FROM facts ORDER BY seq")
        for expected, (seq, body, crc) in enumerate(rows, 1):
            whole = seq == expected and isinstance(body, bytes) and sum_of(body, found.crc) == crc
            fact = self._fact(body) if whole else None
            if fact is None:
                last = seq == expected >= marked and rows.fetchone() is None
                return Damage(expected, tail=last)
            if seq == marked:
                seen = crc
            facts.append(fact)
            found.crc = crc
        return self._against(mark, len(facts), seen)

    def _fact(self, body: bytes) -> AnyFact | None:
        try:
            fact: AnyFact = self._decode(body)
        except msgspec.MsgspecError:
            return None
        return fact

    def _against(self, mark: Mark | None, count: int, seen: int) -> Damage | None:
        """What the mark knows of that the records, whole as they are, don't show."""
        if mark is None or mark.seq == 0 or (mark.seq <= count and mark.crc == seen):
            return None
        dropped = "SELECT COUNT(*) FROM dropped WHERE (seq, crc) = (?, ?)"
        if self._db.execute(dropped, mark[:2]).fetchone()[0]:
            return None  # a crash came between the repair and its mark
        if mark.seq <= count:
            return Damage(mark.seq, tail=False)
        missing = mark.seq - count
        return Damage(count + 1, tail=missing == 1, missing=missing)

    def _refused(self, damage: Damage) -> Refusal:
        return Refusal(
            "journal",
            f"{damage.what} in the journal {self.path}, so Touchline will not trade on it. "
            "Move the file away and check open orders at the broker.",
            damage.seq,
        )

    def turned_away(self) -> list[TurnedAway]:
        """Every order that was not taken, oldest first. Raises Refusal for a damaged record."""
        found: list[TurnedAway] = []
        for seq, body, crc in self._db.execute("SELECT seq, body, crc FROM turned_away"):
            try:
                if zlib.crc32(body) != crc:
                    raise msgspec.DecodeError("the checksum does not match")
                found.append(msgspec.json.decode(body, type=TurnedAway))
            except (msgspec.MsgspecError, TypeError) as error:
                raise Refusal(
                    "journal", f"Refusal {seq} in the journal {self.path} is damaged.", seq
                ) from error
        return found

    def close(self) -> None:
        """Close the file."""
        self._db.close()
        self._mark.close()


class JournalFile(JournalReader):
    """One journal on disk. Durable when `append` returns (WAL, synchronous FULL).

    An older journal is brought to this version. `torn` is the damaged tail that `load`
    found; until `mend` has dropped it, nothing can be appended. `stopped`: the run before
    ended unable to record. Raises Refusal as its base does, JournalError when a write fails.
    """

    def __init__(self, path: Path, on_write: WriteHook | None = None) -> None:
        self._on_write = on_write
        self._encode = msgspec.json.Encoder().encode
        self.torn: Damage | None = None
        self.stopped = False
        self.written = 0
        self._crc = 0  # of the last record
        super().__init__(path)

    def _connect(self) -> sqlite3.Connection:
        if not self.path.exists():
            self._mark.forget()
        return sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)

    def _prepare(self) -> None:
        db = self._db
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        if version_of(db) is None:  # reading alone takes no lock from a writer
            create(db)
        super()._prepare()
        if self.schema != SCHEMA:
            migrate(db)
            self.schema = SCHEMA
        last = db.execute("SELECT seq, crc FROM facts ORDER BY seq DESC LIMIT 1").fetchone()
        whole = last is not None and isinstance(last[1], int)  # `load` looks more closely
        self.written, self._crc = last if whole else (0, 0)

    def load(self) -> list[AnyFact]:
        """As the base; a damaged last record is kept in mind as `torn`."""
        found = self.scan()
        self.torn, self.stopped = found.damage, found.stopped
        if found.damage is not None and not found.damage.tail:
            raise self._refused(found.damage)
        self.written, self._crc = len(found.facts), found.crc
        return found.facts

    def mend(self, caution: Sequence[AnyFact], at: int) -> None:
        """Put the torn tail aside and write `caution` in its place, in one durable transaction."""
        mark = self._mark.read()
        rows, crc = self._rows(caution)
        aside = "INSERT INTO dropped (seq, crc, at, body) VALUES (?, ?, ?, ?)"
        tail = "SELECT seq, crc, ?, CAST(body AS BLOB) FROM facts WHERE seq > ?"
        try:
            self._db.execute("BEGIN")
            self._db.executemany(aside, self._db.execute(tail, (at, self.written)).fetchall())
            if mark is not None:
                self._db.execute(aside, (*mark[:2], at, None))
            self._db.execute("DELETE FROM facts WHERE seq > ?", (self.written,))
            self._insert(rows)
        except _UNREADABLE as error:
            raise self._failed(error) from error
        self.torn = None
        self._wrote(rows, crc)

    def append(self, facts: Sequence[AnyFact]) -> None:
        """Write `facts` in one durable transaction."""
        if self.torn is not None:
            raise JournalError(f"The journal cannot record: {self.torn.what}.")
        rows, crc = self._rows(facts)
        if self._on_write:
            self._on_write("before", self.written + 1)
        try:
            self._db.execute("BEGIN")
            self._insert(rows)
        except sqlite3.Error as error:
            raise self._failed(error) from error
        if self._on_write:
            self._on_write("after", self.written + 1)
        self._wrote(rows, crc)

    def _rows(self, facts: Sequence[AnyFact]) -> tuple[list[_Row], int]:
        rows: list[_Row] = []
        crc = self._crc
        for seq, fact in enumerate(facts, self.written + 1):
            body = self._encode(fact)
            crc = SUMS[SCHEMA](body, crc)
            rows.append((seq, fact.order_id, fact.at, body, crc))
        return rows, crc

    def _insert(self, rows: list[_Row]) -> None:
        self._db.executemany("INSERT INTO facts VALUES (?, ?, ?, ?, ?)", rows)
        self._db.execute("COMMIT")

    def _wrote(self, rows: list[_Row], crc: int) -> None:
        self.written += len(rows)
        self._crc, self.stopped = crc, False
        self._mark.write(Mark(self.written, crc))

    def stop(self) -> str:
        """Note that nothing is recorded from here on; what a person must know if that fails."""
        if self._mark.write(Mark(self.written, self._crc, stopped=True)) or not self.written:
            return ""
        return (
            " Not even that could be noted, so the next start may send what is withheld now: "
            "cancel what is open and leave Touchline closed until every fallback is out of time."
        )

    def _failed(self, error: Exception) -> JournalError:
        with contextlib.suppress(sqlite3.Error):  # the first error is the one to tell
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
        return JournalError(f"The journal cannot record: {error}.{self.stop()}")

    def keep_turned_away(self, records: Sequence[TurnedAway]) -> None:
        """Write orders that were not taken, in one durable transaction."""
        bodies = [(record.at, self._encode(record)) for record in records]
        insert = "INSERT INTO turned_away (at, body, crc) VALUES (?, ?, ?)"
        try:
            self._db.execute("BEGIN")
            self._db.executemany(insert, [(at, body, zlib.crc32(body)) for at, body in bodies])
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._failed(error) from error


def replay(facts: Iterable[AnyFact]) -> dict[str, ParentOrder]:
    """The state that the facts add up to, by order id, oldest first."""
    orders: dict[str, ParentOrder] = {}
    for fact in facts:
        order = orders.get(fact.order_id)
        if order is None and not isinstance(fact, OrderAccepted):
            raise Refusal(
                "journal",
                f"The journal tells of order {fact.order_id} before that was accepted; "
                "it is not whole.",
                fact.order_id,
            )
        orders[fact.order_id] = reduce(order, fact)[0]
    return orders


def recover(file: JournalFile, now_ns: int) -> tuple[dict[str, ParentOrder], str]:
    """The state in `file`, and a sentence when a part of its end is missing.

    What was lost may have been a person's cancel, so none of the open orders falls back by
    itself; what else it may have been, the venue tells. After a run that went on without
    recording, nothing more is sent for them at all. Raises Refusal, JournalError.
    """
    orders = replay(file.load())
    if file.torn is None and not file.stopped:
        return orders, ""
    torn, stopped = file.torn, file.stopped
    still = [o.id for o in orders.values() if not o.final]
    caution = [
        Resumed(order_id=order_id, at=now_ns, window=ZERO, unrecorded=stopped) for order_id in still
    ]
    if torn is not None:
        file.mend(caution, now_ns)
    elif caution:
        file.append(caution)
    for fact in caution:
        orders[fact.order_id] = reduce(orders[fact.order_id], fact)[0]
    told = [] if torn is None else [f"{torn.what} at the end of the journal and is dropped."]
    if still:
        told.append(_after_a_stop(still) if stopped else _after_a_tear(still))
    return orders, " ".join(told)


def _after_a_tear(still: list[str]) -> str:
    return (
        f"Open orders are read at the venue ({', '.join(still)}); what was lost may have "
        "been your cancel, so none of them gets a fallback."
    )


def _after_a_stop(still: list[str]) -> str:
    return (
        "The journal could not record the end of the run before, so what you did to these orders "
        f"then is not known: {', '.join(still)}. What is live of them is cancelled, and nothing "
        "more is sent for them."
    )


class Recorder(Protocol):
    """Where the engine's facts go."""

    broken: str  # why nothing can be recorded any more; empty while all is well
    on_broken: Callable[[str], None]  # hears that sentence once, on whichever thread

    def append(self, fact: AnyFact) -> None:
        """Take a fact; returns at once."""

    def keep_turned_away(self, record: TurnedAway) -> None:
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
        self._queue: SimpleQueue[AnyFact | TurnedAway | _Barrier | None] = SimpleQueue()
        self.broken = ""
        self.on_broken: Callable[[str], None] = _unheard
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    def append(self, fact: AnyFact) -> None:
        """Queue `fact`."""
        self._queue.put(fact)

    def keep_turned_away(self, record: TurnedAway) -> None:
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
        while running:
            items = [self._queue.get()]
            while len(items) < self._batch:
                try:
                    items.append(self._queue.get_nowait())
                except Empty:
                    break
            running = None not in items
            self._write([i for i in items if isinstance(i, Fact)], self._file.append)
            aside = [i for i in items if isinstance(i, TurnedAway)]
            self._write(aside, self._file.keep_turned_away)
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
