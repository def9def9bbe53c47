"""Append-only log of every fact, in SQLite: bytes in, facts out, and whether they can be trusted.

`JournalFile` is the file and knows no threads; `JournalReader` only looks at it. What the facts
add up to is `core.journal.replay`'s. No key or secret ever enters: a fact has no field for one.

Beside the facts stands each ended order as the rules of the day made it of them, so that a
start need not work it out again. It is bound to the checksum of the order's last fact, and
whoever does not trust it has the facts.
"""

import contextlib
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec

from core.journal.damage import Damage, Ended, Extent, JournalError
from core.journal.high_water_mark import HighWaterMark, refuse_lost
from core.journal.reader import MEMORY, UNREADABLE, EndRow, JournalReader, Row, Take
from core.journal.schema import SCHEMA, SUMS, create, migrate, version_of
from core.orders.facts import AnyFact
from core.orders.reducer_digest import RULES
from core.orders.refused_instruction import RefusedInstruction
from core.orders.state import ParentOrder
from core.runtime.private_files import make_file

WriteHook = Callable[[str, int], None]
"""Called around each commit with "before" or "after" and the number of the first fact in it."""


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
            refuse_lost(self.path, self._mark.read())
        if self.path != MEMORY:
            make_file(self.path)
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
        self._identity = self._identity_now()

    def walk(self, take: Take) -> Extent:
        """As the base; a damaged last record is kept in mind as `torn`."""
        found = super().walk(take)
        self.torn, self.stopped = found.damage, found.stopped
        if found.damage is None or found.damage.tail:
            self.written, self._crc = found.count, found.crc
        return found

    def mend(self, caution: Sequence[AnyFact], at: int) -> None:
        """Put the torn tail aside and write `caution` in its place, in one durable transaction."""
        mark = self._mark.read()
        rows, ends, crc = self._rows(caution)
        aside = "INSERT INTO dropped (seq, crc, at, body) VALUES (?, ?, ?, ?)"
        tail = "SELECT seq, crc, ?, CAST(body AS BLOB) FROM facts WHERE seq > ?"
        try:
            self._db.execute("BEGIN")
            self._db.executemany(aside, self._db.execute(tail, (at, self.written)).fetchall())
            if mark is not None:
                self._db.execute(aside, (*mark[:2], at, None))
            self._db.execute("DELETE FROM facts WHERE seq > ?", (self.written,))
            self._db.execute("DELETE FROM ended WHERE seq > ?", (self.written,))
            self._insert(rows, ends)
        except UNREADABLE as error:
            raise self._failed(error) from error
        self.torn = None
        self._wrote(rows, crc)

    def _identity_now(self) -> tuple[int, int] | None:
        """Which file stands at the path now; None when there is none."""
        try:
            stands = self.path.stat()
        except OSError:
            return None
        return stands.st_dev, stands.st_ino

    def _check_place(self) -> None:
        """Raise JournalError when the file was taken away: what is written to it nobody finds."""
        if self.path == MEMORY or self._identity_now() == self._identity:
            return
        raise JournalError(
            f"The journal cannot record: its file {self.path} was removed, moved or replaced while "
            "Touchline runs."
        )

    def append(self, records: Sequence[AnyFact | Ended]) -> None:
        """Write facts, and each `Ended` after its order's last fact, in one durable transaction."""
        if self.torn is not None:
            raise JournalError(f"The journal cannot record: {self.torn.what}.")
        self._check_place()
        rows, ends, crc = self._rows(records)
        if self._on_write:
            self._on_write("before", self.written + 1)
        try:
            self._db.execute("BEGIN")
            self._insert(rows, ends)
        except sqlite3.Error as error:
            raise self._failed(error) from error
        if self._on_write:
            self._on_write("after", self.written + 1)
        self._wrote(rows, crc)

    def _rows(self, records: Sequence[AnyFact | Ended]) -> tuple[list[Row], list[EndRow], int]:
        rows: list[Row] = []
        ends: list[EndRow] = []
        crc, seq = self._crc, self.written
        for record in records:
            body = self._encode(record)
            if isinstance(record, Ended):
                ends.append((seq, record.order.id, body, zlib.crc32(body, crc)))
            else:
                crc, seq = SUMS[SCHEMA](body, crc), seq + 1
                rows.append((seq, record.order_id, record.at, body, crc))
        return rows, ends, crc

    def _insert(self, rows: list[Row], ends: list[EndRow]) -> None:
        self._db.executemany("INSERT INTO facts VALUES (?, ?, ?, ?, ?)", rows)
        self._db.executemany("INSERT OR REPLACE INTO ended VALUES (?, ?, ?, ?)", ends)
        self._db.execute("COMMIT")

    def keep_ends(self, orders: Iterable[tuple[ParentOrder, int, int]], *, anew: bool) -> None:
        """Keep ended orders, each with the number and the checksum of its last fact.

        `anew`: what is kept so far is forgotten. Raises JournalError.
        """
        ends: list[EndRow] = []
        for order, seq, crc in orders:
            body = self._encode(Ended(order, RULES))
            ends.append((seq, order.id, body, zlib.crc32(body, crc)))
        try:
            self._db.execute("BEGIN")
            if anew:
                self._db.execute("DELETE FROM ended")
            self._insert([], ends)
        except sqlite3.Error as error:  # no fact is lost, so recording has not stopped
            raise self._taken_back(error) from error

    def _wrote(self, rows: list[Row], crc: int) -> None:
        self.written += len(rows)
        self._crc, self.stopped = crc, False
        self._mark.write(HighWaterMark(self.written, crc))

    def stop(self) -> str:
        """Note that nothing is recorded from here on; what a person must know if that fails."""
        if (
            self._mark.write(HighWaterMark(self.written, self._crc, stopped=True))
            or not self.written
        ):
            return ""
        return (
            " Not even that could be noted, so the next start may send what is withheld now: "
            "cancel what is open and leave Touchline closed until every fallback is out of time."
        )

    def _failed(self, error: Exception) -> JournalError:
        failure = self._taken_back(error)
        return JournalError(f"{failure}{self.stop()}")

    def _taken_back(self, error: Exception) -> JournalError:
        with contextlib.suppress(sqlite3.Error):  # the first error is the one to tell
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
        return JournalError(f"The journal cannot record: {error}.")

    def keep_refused(self, records: Sequence[RefusedInstruction]) -> None:
        """Write orders that were not taken, in one durable transaction."""
        bodies = [(record.at, self._encode(record)) for record in records]
        insert = "INSERT INTO turned_away (at, body, crc) VALUES (?, ?, ?)"
        try:
            self._db.execute("BEGIN")
            self._db.executemany(insert, [(at, body, zlib.crc32(body)) for at, body in bodies])
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._failed(error) from error
