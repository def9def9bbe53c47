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
from typing import NamedTuple
from urllib.parse import quote

import msgspec

from core.errors import Refusal
from core.journal.high_water_mark import Mark, MarkFile
from core.journal.schema import ENDED_SINCE, SCHEMA, SUMS, create, migrate, version_of
from core.orders.facts import AnyFact
from core.orders.reducer_digest import RULES
from core.orders.refused_instruction import TurnedAway
from core.orders.state import ParentOrder

MEMORY = Path(":memory:")

WriteHook = Callable[[str, int], None]
"""Called around each commit with "before" or "after" and the number of the first fact in it."""


Take = Callable[[int, str, bytes, int], bool]
"""Takes a record's number, its order's id, its body and its checksum; False: it says nothing."""

_Row = tuple[int, str, int, bytes, int]
_EndRow = tuple[int, str, bytes, int]
_ENDS = "SELECT seq, body, crc FROM ended WHERE typeof(body) = 'blob' ORDER BY seq"
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


class Extent(msgspec.Struct):
    """How far a journal can be trusted: records, the checksum of the last, and what follows.

    `stopped`: the run that wrote the last of them went on and could record no more.
    """

    count: int = 0
    crc: int = 0
    damage: Damage | None = None
    stopped: bool = False


class Scan(msgspec.Struct):
    """The facts before the first damage, the last checksum among them, and that damage."""

    facts: list[AnyFact]
    crc: int = 0
    damage: Damage | None = None


class Ended(msgspec.Struct, frozen=True):
    """An order after which nothing is to come, as `rules` made it of its facts."""

    order: ParentOrder
    rules: str


class End(NamedTuple):
    """An `Ended` as it is stored: with the number of its order's last fact."""

    seq: int
    body: bytes
    crc: int

    def bound_to(self, sum_at_seq: int) -> bool:
        """Whether it was written for the fact that has this checksum."""
        return zlib.crc32(self.body, sum_at_seq) == self.crc


class _Owner(msgspec.Struct):
    """As much of a fact as tells whose it is."""

    order_id: str


class JournalReader:
    """A journal that is only looked at: no lock, no repair, nothing written.

    Raises Refusal when the file is not a journal that this Touchline can read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.schema = 0
        self._owner = msgspec.json.Decoder(_Owner).decode
        self._fact = msgspec.json.Decoder(AnyFact).decode
        self._ended = msgspec.json.Decoder(Ended).decode
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
        version = version_of(self._db)
        if version is None:  # its making was cut short, by a full disk or a crash: it is empty
            self._db.close()
            self._db = sqlite3.connect(MEMORY, isolation_level=None)
            create(self._db)
            version = SCHEMA
        self.schema = version
        if self.schema not in SUMS:
            why = f"has version {self.schema}; this Touchline reads up to {SCHEMA}"
            if not self.schema:
                why = "holds no journal of Touchline's"
            raise Refusal("journal", f"The journal {self.path} {why}.", self.schema)

    def _unusable(self, error: Exception) -> Refusal:
        why = str(error) if isinstance(error, sqlite3.Error) else "its bytes are damaged"
        return Refusal(
            "journal",
            f"The journal {self.path} cannot be read: {why}. Touchline does not trade without "
            "it: check open orders at the broker, and move the file away if it stays so.",
            str(self.path),
        )

    def load(self) -> list[AnyFact]:
        """All facts in order, without a last one that is damaged.

        Raises Refusal naming the first record that is damaged before others, or missing.
        """
        found = self.scan()
        self.refuse(found.damage)
        return found.facts

    def scan(self) -> Scan:
        """What can be trusted. Never fails: where reading fails, there is the damage."""
        facts: list[AnyFact] = []

        def take(_seq: int, _order_id: str, body: bytes, _crc: int) -> bool:
            fact = self.fact(body)
            if fact is not None:
                facts.append(fact)
            return fact is not None

        extent = self.walk(take)
        return Scan(facts, extent.crc, extent.damage)

    def walk(self, take: Take) -> Extent:
        """Give `take` every record in order, as far as they are whole, and say how far that is.

        Numbers, checksums and the mark are looked at here; only `take` knows what a body says.
        """
        mark = self._mark.read()  # first: a writer may go on while we read
        found = Extent(stopped=mark is not None and mark.stopped)
        try:
            found.damage = self._walk(take, found, mark)
        except _UNREADABLE:
            found.damage = Damage(found.count + 1, tail=False)
        return found

    def _walk(self, take: Take, found: Extent, mark: Mark | None) -> Damage | None:
        sum_of, owner = SUMS[self.schema], self._whose
        marked, seen = (mark.seq if mark is not None else 0), 0
        rows = self._db.execute(
            "SELECT seq, CAST(order_id AS BLOB), body, crc FROM facts ORDER BY seq"
        )
        for expected, (seq, whose, body, crc) in enumerate(rows, 1):
            whole = seq == expected and isinstance(body, bytes) and sum_of(body, found.crc) == crc
            order_id = owner(body, whose) if whole else None
            if order_id is None or not take(seq, order_id, body, crc):
                last = seq == expected >= marked and rows.fetchone() is None
                return Damage(expected, tail=last)
            if seq == marked:
                seen = crc
            found.count, found.crc = seq, crc
        return self._against(mark, found.count, seen)

    def _whose(self, body: bytes, expected: bytes) -> str | None:
        """The order's id in `body`; None when the row is found under another one."""
        try:
            order_id = self._owner(body).order_id
        except msgspec.MsgspecError:
            return None
        return order_id if order_id.encode() == expected else None

    def fact(self, body: bytes) -> AnyFact | None:
        """What a record says; None when that is nothing we know."""
        try:
            fact: AnyFact = self._fact(body)
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

    def refuse(self, damage: Damage | None) -> None:
        """Raise Refusal unless all is well or only the last record is lost."""
        if damage is not None and not damage.tail:
            raise self._refused(damage)

    def _refused(self, damage: Damage) -> Refusal:
        return Refusal(
            "journal",
            f"{damage.what} in the journal {self.path}, so Touchline will not trade on it. "
            "Move the file away and check open orders at the broker.",
            damage.seq,
        )

    def ends(self) -> dict[str, tuple[ParentOrder, End]]:
        """Ended orders as they were kept by today's rules, by id; to be held against the facts."""
        found = {}
        if self.schema >= ENDED_SINCE:
            with contextlib.suppress(*_UNREADABLE):  # then the facts alone have to tell
                for row in self._db.execute(_ENDS):
                    order = self._end(End(*row))
                    if order is not None:
                        found[order.id] = order, End(*row)
        return found

    def _end(self, end: End) -> ParentOrder | None:
        try:
            ended: Ended = self._ended(end.body)
        except msgspec.MsgspecError:
            return None
        return ended.order if ended.rules == RULES else None

    def ended(self, before: int | None, most: int) -> list[tuple[int, str]]:
        """The orders that ended last before record `before`: each one's last record and its id."""
        if self.schema < ENDED_SINCE:
            return []
        page = (
            "SELECT e.seq, e.order_id FROM ended e JOIN facts f ON (f.seq, f.order_id) ="
            " (e.seq, e.order_id) WHERE e.seq < ? ORDER BY e.seq DESC LIMIT ?"
        )
        top = before if before is not None else 1 << 62
        return self._db.execute(page, (top, most)).fetchall()

    def facts_of(self, order_id: str) -> list[tuple[int, AnyFact]]:
        """The facts of one order in order, each with its number.

        Raises Refusal for one that is damaged. That none is missing, only `walk` can tell.
        """
        found: list[tuple[int, AnyFact]] = []
        rows = self._db.execute(
            "SELECT f.seq, f.body, f.crc, p.crc FROM facts f LEFT JOIN facts p ON p.seq = f.seq - 1"
            " WHERE f.order_id = ? ORDER BY f.seq",
            (order_id,),
        )
        for seq, body, crc, before in rows:
            whole = isinstance(body, bytes) and SUMS[self.schema](body, before or 0) == crc
            fact = self.fact(body) if whole else None
            if fact is None or fact.order_id != order_id:
                raise self._refused(Damage(seq, tail=False))
            found.append((seq, fact))
        return found

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
        except _UNREADABLE as error:
            raise self._failed(error) from error
        self.torn = None
        self._wrote(rows, crc)

    def append(self, records: Sequence[AnyFact | Ended]) -> None:
        """Write facts, and each `Ended` after its order's last fact, in one durable transaction."""
        if self.torn is not None:
            raise JournalError(f"The journal cannot record: {self.torn.what}.")
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

    def _rows(self, records: Sequence[AnyFact | Ended]) -> tuple[list[_Row], list[_EndRow], int]:
        rows: list[_Row] = []
        ends: list[_EndRow] = []
        crc, seq = self._crc, self.written
        for record in records:
            body = self._encode(record)
            if isinstance(record, Ended):
                ends.append((seq, record.order.id, body, zlib.crc32(body, crc)))
            else:
                crc, seq = SUMS[SCHEMA](body, crc), seq + 1
                rows.append((seq, record.order_id, record.at, body, crc))
        return rows, ends, crc

    def _insert(self, rows: list[_Row], ends: list[_EndRow]) -> None:
        self._db.executemany("INSERT INTO facts VALUES (?, ?, ?, ?, ?)", rows)
        self._db.executemany("INSERT OR REPLACE INTO ended VALUES (?, ?, ?, ?)", ends)
        self._db.execute("COMMIT")

    def keep_ends(self, orders: Iterable[tuple[ParentOrder, int, int]], *, anew: bool) -> None:
        """Keep ended orders, each with the number and the checksum of its last fact.

        `anew`: what is kept so far is forgotten. Raises JournalError.
        """
        ends: list[_EndRow] = []
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
        failure = self._taken_back(error)
        return JournalError(f"{failure}{self.stop()}")

    def _taken_back(self, error: Exception) -> JournalError:
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
