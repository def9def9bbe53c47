"""Append-only log of every fact, in SQLite. Replaying it gives the state.

`JournalFile` is the file and knows no threads. A recorder puts facts into it:
`ThreadedRecorder` on a thread of its own, so that no fsync blocks the engine. No
key or secret ever enters: a fact has no field for one.
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

import msgspec

from core.errors import Refusal
from core.facts import AnyFact, Fact, OrderAccepted
from core.order_state import ParentOrder
from core.orders import reduce
from core.turned_away import TurnedAway

_LOG = logging.getLogger(__name__)
T = TypeVar("T")

SCHEMA = 1
BATCH = 512

WriteHook = Callable[[str, int], None]
"""Called around each commit with "before" or "after" and the number of the first fact in it."""


class JournalError(Exception):
    """The journal could not record; the sentence says why. Nothing may be sent after it."""


class JournalFile:
    """One journal on disk. Durable when `append` returns (WAL, synchronous FULL).

    Raises Refusal when the file is not a journal of this version or a record in
    it is damaged, JournalError when a write fails.
    """

    def __init__(self, path: Path, on_write: WriteHook | None = None) -> None:
        self.path = path
        self._on_write = on_write
        self._encode = msgspec.json.Encoder().encode
        self._decode = msgspec.json.Decoder(AnyFact).decode
        try:
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        except sqlite3.Error as error:
            raise self._unusable(error) from error
        try:
            self._prepare()
        except sqlite3.Error as error:
            self.close()
            raise self._unusable(error) from error
        except Refusal:
            self.close()
            raise

    def _prepare(self) -> None:
        db = self._db
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        db.execute("CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)")
        db.execute(
            "CREATE TABLE IF NOT EXISTS facts (seq INTEGER PRIMARY KEY, order_id TEXT NOT NULL,"
            " at INTEGER NOT NULL, body BLOB NOT NULL, crc INTEGER NOT NULL)"
        )
        db.execute(  # beside the facts: what was turned away never became an order
            "CREATE TABLE IF NOT EXISTS turned_away (seq INTEGER PRIMARY KEY,"
            " at INTEGER NOT NULL, body BLOB NOT NULL, crc INTEGER NOT NULL)"
        )
        version = "SELECT value FROM meta WHERE key = 'schema'"
        if db.execute(version).fetchone() is None:  # reading alone takes no lock from a writer
            db.execute("INSERT OR IGNORE INTO meta VALUES ('schema', ?)", (str(SCHEMA),))
        (found,) = db.execute(version).fetchone()
        if found != str(SCHEMA):
            raise Refusal(
                "journal",
                f"The journal {self.path} has version {found}; this Touchline reads {SCHEMA}.",
                found,
            )
        (last,) = db.execute("SELECT COALESCE(MAX(seq), 0) FROM facts").fetchone()
        self.written = int(last)

    def _unusable(self, error: sqlite3.Error) -> Refusal:
        return Refusal(
            "journal", f"The journal {self.path} cannot be read: {error}.", str(self.path)
        )

    def append(self, facts: Sequence[AnyFact]) -> None:
        """Write `facts` in one durable transaction."""
        rows = []
        for seq, fact in enumerate(facts, self.written + 1):
            body = self._encode(fact)
            rows.append((seq, fact.order_id, fact.at, body, zlib.crc32(body)))
        if self._on_write:
            self._on_write("before", self.written + 1)
        try:
            self._db.execute("BEGIN")
            self._db.executemany("INSERT INTO facts VALUES (?, ?, ?, ?, ?)", rows)
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._failed(error) from error
        if self._on_write:
            self._on_write("after", self.written + 1)
        self.written += len(rows)

    def _failed(self, error: sqlite3.Error) -> JournalError:
        with contextlib.suppress(sqlite3.Error):  # the first error is the one to tell
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
        return JournalError(f"The journal cannot record: {error}.")

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

    def load(self) -> list[AnyFact]:
        """All facts in order. Raises Refusal naming the first damaged or missing record."""
        facts: list[AnyFact] = []
        try:
            for row in self._db.execute("SELECT seq, body, crc FROM facts ORDER BY seq"):
                facts.append(self._fact(len(facts) + 1, *row))
        except sqlite3.Error as error:
            raise self._damaged(len(facts) + 1) from error
        return facts

    def _fact(self, expected: int, seq: int, body: object, crc: int) -> AnyFact:
        if seq != expected or not isinstance(body, bytes) or zlib.crc32(body) != crc:
            raise self._damaged(expected)
        try:
            fact: AnyFact = self._decode(body)
        except msgspec.MsgspecError as error:
            raise self._damaged(seq) from error
        return fact

    def _damaged(self, seq: int) -> Refusal:
        return Refusal(
            "journal",
            f"Record {seq} of the journal {self.path} is damaged, so Touchline will not "
            "trade on it. Move the file away and check open orders at the broker.",
            seq,
        )

    def close(self) -> None:
        """Close the file."""
        self._db.close()


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
            self.broken = f"The journal cannot record ({type(error).__name__})."
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
