"""A journal that is only looked at: bytes in, facts out, and whether they can be trusted."""

import contextlib
import sqlite3
import zlib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import msgspec

from core.errors import Refusal
from core.journal.damage import Damage, End, Ended, Extent, Scan
from core.journal.high_water_mark import HighWaterMark, HighWaterMarkFile, mark_path
from core.journal.schema import ENDED_SINCE, SCHEMA, SUMS, create, version_of
from core.orders.facts import AnyFact
from core.orders.reducer_digest import RULES
from core.orders.refused_instruction import RefusedInstruction
from core.orders.state import ParentOrder
from core.runtime.atomic_files import reason

MEMORY = Path(":memory:")


Take = Callable[[int, str, bytes, int], bool]
"""Takes a record's number, its order's id, its body and its checksum; False: it says nothing."""

Row = tuple[int, str, int, bytes, int]
EndRow = tuple[int, str, bytes, int]
ENDS = "SELECT seq, body, crc FROM ended WHERE typeof(body) = 'blob' ORDER BY seq"
UNREADABLE = (sqlite3.Error, UnicodeDecodeError)  # the latter for SQLite's words about bad bytes


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
        self._mark = HighWaterMarkFile(None if path == MEMORY else mark_path(path))
        try:
            self._db = self._connect()
        except (*UNREADABLE, OSError) as error:
            raise self._unusable(error) from error
        try:
            self._prepare()
        except UNREADABLE as error:
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
        why = reason(error) if isinstance(error, OSError) else why
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
        except UNREADABLE:
            found.damage = Damage(found.count + 1, tail=False)
        return found

    def _walk(self, take: Take, found: Extent, mark: HighWaterMark | None) -> Damage | None:
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

    def _against(self, mark: HighWaterMark | None, count: int, seen: int) -> Damage | None:
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
            with contextlib.suppress(*UNREADABLE):  # then the facts alone have to tell
                for row in self._db.execute(ENDS):
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

    def turned_away(self) -> list[RefusedInstruction]:
        """Every order that was not taken, oldest first. Raises Refusal for a damaged record."""
        found: list[RefusedInstruction] = []
        for seq, body, crc in self._db.execute("SELECT seq, body, crc FROM turned_away"):
            try:
                if zlib.crc32(body) != crc:
                    raise msgspec.DecodeError("the checksum does not match")
                found.append(msgspec.json.decode(body, type=RefusedInstruction))
            except (msgspec.MsgspecError, TypeError) as error:
                raise Refusal(
                    "journal", f"Refusal {seq} in the journal {self.path} is damaged.", seq
                ) from error
        return found

    def close(self) -> None:
        """Close the file."""
        self._db.close()
        self._mark.close()
