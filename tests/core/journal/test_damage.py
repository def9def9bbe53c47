"""A journal whose bytes are not what was written: the same state, a tail dropped aloud, or refused.

Never a traceback, never a state that nobody was told is less than what was recorded.
"""

import os
import shutil
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Refusal
from core.journal import schema
from core.journal.damage import Damage, JournalError
from core.journal.file import JournalFile
from core.journal.reader import JournalReader
from core.journal.replay import replay
from core.orders.facts import AnyFact, CancelAsked, PostSent
from core.orders.state import State
from tests.core.journal.conftest import BESIDE, NAME, NOW, change, copy, opened, still_open

EVERY_BYTE = bool(os.environ.get("TOUCHLINE_EVERY_BYTE"))  # minutes instead of seconds


def test_whatever_byte_of_the_last_record_is_flipped_it_is_dropped_and_nothing_else(
    journal: tuple[Path, list[AnyFact]], tmp_path: Path
) -> None:
    path = still_open(journal, tmp_path)
    facts = journal[1][:6]
    body = msgspec.json.encode(facts[-1])
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA synchronous=OFF")
        (crc,) = db.execute("SELECT crc FROM facts WHERE seq = 6").fetchone()
        flips = [(_flip(body, place), crc) for place in range(len(body))]
        flips += [(body, crc ^ 1 << bit) for bit in range(32)]
        for torn in flips:
            db.execute("UPDATE facts SET body = ?, crc = ? WHERE seq = 6", torn)
            with closing(JournalReader(path)) as reader:
                found = reader.scan()
            assert found.facts == facts[:-1]
            assert found.damage == Damage(6, tail=True)
    assert len(flips) > 100


def _flip(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1 << place % 8]) + data[place + 1 :]


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE facts SET body = substr(body, 2) WHERE seq = 5", "Record 5 is damaged"),
        ("UPDATE facts SET crc = crc + 1 WHERE seq = 3", "Record 3 is damaged"),
        ("UPDATE facts SET crc = 'x' WHERE seq = 3", "Record 3 is damaged"),
        ("DELETE FROM facts WHERE seq = 4", "Record 4 is damaged"),
        ("DELETE FROM facts WHERE seq > 4", "Records 5 to 6 are missing at the end"),
        ("DELETE FROM facts", "Records 1 to 6 are missing"),
        ("UPDATE facts SET seq = seq + 90 WHERE seq = 6", "Record 6 is damaged"),
        (
            "UPDATE facts SET body = (SELECT body FROM facts WHERE seq = 4) WHERE seq = 5",
            "Record 5 is damaged",
        ),
    ],
)
def test_damage_before_the_last_record_is_refused_and_named(
    journal: tuple[Path, list[AnyFact]], tmp_path: Path, statement: str, named: str
) -> None:
    path = still_open(journal, tmp_path)
    change(path, statement)
    for read in (opened, lambda p: JournalReader(p).load()):
        with pytest.raises(Refusal, match=named) as refused:
            read(path)
        assert "will not trade" in refused.value.sentence


def test_another_journal_in_the_place_of_this_one_is_noticed(
    journal: tuple[Path, list[AnyFact]], tmp_path: Path
) -> None:
    path = still_open(journal, tmp_path)
    mark = path.with_name(f"{NAME}-mark").read_bytes()
    path.unlink()
    path.with_name(f"{NAME}-mark").unlink()  # taken away by hand, as the sentence says
    with closing(JournalFile(path)) as file:
        assert file.load() == []
        file.append(journal[1])
    path.with_name(f"{NAME}-mark").write_bytes(mark)
    with closing(JournalFile(path)) as file:
        file.load()
    change(path, "UPDATE facts SET crc = crc WHERE seq = 1")
    other = tmp_path / "other"
    other.mkdir()
    with closing(JournalFile(other / NAME)) as file:
        moved = [msgspec.structs.replace(f, at=f.at + 1) for f in journal[1]]
        file.append(moved)
    shutil.copy(other / NAME, path)
    with pytest.raises(Refusal, match="Record 6"):
        opened(path)


def places(data: bytes, every: int) -> Iterator[int]:
    """All places that hold something, and one in `every` of those that hold nothing."""
    return (n for n, byte in enumerate(data) if byte or n % every == 0)


def outcome(path: Path, facts: list[AnyFact]) -> str:
    """What opening a damaged copy came to; fails for a state that is silently another one."""
    try:
        orders, said = opened(path)
    except (Refusal, JournalError):
        return "refused"
    if said:
        assert len(orders) <= 1
        return "dropped"
    assert orders == replay(facts)
    return "same"


def settled(source: Path, folder: Path) -> Path:
    """A copy whose log has been taken into the file, as an orderly end leaves it."""
    folder.mkdir()
    opened(copy(source, folder))
    return folder


def flipped(
    journal: tuple[Path, list[AnyFact]], folder: Path, end: str, every: int, part: int, of: int
) -> dict[str, int]:
    """Flip bytes of one of the journal's files, each in a copy of its own; count the outcomes."""
    source, facts = journal
    if end == "":
        source = settled(source, folder / "settled")
    data = (source / (NAME + end)).read_bytes()
    seen: dict[str, int] = {}
    chance = Random(part)
    for place in places(data, every):
        if place % of != part:
            continue
        path = copy(source, folder)
        mask = chance.randint(1, 255)
        with path.with_name(NAME + end).open("r+b") as file:
            file.seek(place)
            file.write(bytes([data[place] ^ mask]))
        came = outcome(path, facts)
        seen[came] = seen.get(came, 0) + 1
    return seen


@pytest.mark.scenario(62)
@pytest.mark.parametrize("end", BESIDE)
def test_a_flipped_byte_anywhere_never_gives_another_state_in_silence(
    journal: tuple[Path, list[AnyFact]], tmp_path: Path, end: str
) -> None:
    every, of = (1, 1) if EVERY_BYTE else (97, 1 if end == "-mark" else 71)
    seen = flipped(journal, tmp_path, end, every, 0, of)
    assert sum(seen.values()) > (10 if end == "-mark" else 15)
    assert "refused" not in seen or end != "-mark"
    print(f"journal{end}: {seen}")  # noqa: T201


@pytest.mark.parametrize("end", ["", "-wal"])
def test_a_file_cut_short_anywhere_never_gives_another_state_in_silence(
    journal: tuple[Path, list[AnyFact]], tmp_path: Path, end: str
) -> None:
    source, facts = journal
    size = (source / (NAME + end)).stat().st_size
    seen: dict[str, int] = {}
    for length in range(0, size, max(1, size // 150)):
        path = copy(source, tmp_path)
        with path.with_name(NAME + end).open("r+b") as file:
            file.truncate(length)
        came = outcome(path, facts)
        seen[came] = seen.get(came, 0) + 1
    assert "refused" in seen
    if end == "-wal":
        assert "dropped" in seen


@settings(max_examples=150)
@given(data=st.data())
def test_bytes_written_over_a_journal_never_end_in_a_traceback(
    journal: tuple[Path, list[AnyFact]],
    tmp_path_factory: pytest.TempPathFactory,
    data: st.DataObject,
) -> None:
    path = copy(journal[0], tmp_path_factory.mktemp("fuzz"))
    end = data.draw(st.sampled_from(BESIDE))
    size = path.with_name(NAME + end).stat().st_size
    place = data.draw(st.integers(0, size - 1))
    with path.with_name(NAME + end).open("r+b") as file:
        file.seek(place)
        file.write(data.draw(st.binary(min_size=1, max_size=600)))
    outcome(path, journal[1])


@given(body=st.binary(max_size=200))
def test_a_last_record_of_any_bytes_is_dropped_or_says_what_it_says(
    journal: tuple[Path, list[AnyFact]], tmp_path_factory: pytest.TempPathFactory, body: bytes
) -> None:
    path = still_open(journal, tmp_path_factory.mktemp("fuzz"))
    with closing(JournalFile(path)) as file:
        file.load()
        crc = zlib.crc32(body, file._crc)
    change(path, "INSERT INTO facts VALUES (7, 'a', 1, ?, ?)", body, crc)
    path.with_name(f"{NAME}-mark").unlink()
    assert "Record 7 is damaged" in opened(path)[1]


def version_one(path: Path, facts: list[AnyFact]) -> Path:
    """A journal as the first version wrote it."""
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)")
        db.execute("INSERT INTO meta VALUES ('schema', '1')")
        db.execute(
            "CREATE TABLE facts (seq INTEGER PRIMARY KEY, order_id TEXT NOT NULL,"
            " at INTEGER NOT NULL, body BLOB NOT NULL, crc INTEGER NOT NULL)"
        )
        for seq, fact in enumerate(facts, 1):
            body = msgspec.json.encode(fact)
            row = (seq, fact.order_id, fact.at, body, zlib.crc32(body))
            db.execute("INSERT INTO facts VALUES (?, ?, ?, ?, ?)", row)
    return path


def version(path: Path) -> str:
    with closing(sqlite3.connect(path)) as db:
        return str(db.execute("SELECT value FROM meta").fetchone()[0])


def test_a_journal_of_the_first_version_is_read_as_it_is_and_brought_to_this_one(
    journal: tuple[Path, list[AnyFact]], tmp_path: Path
) -> None:
    facts = journal[1]
    path = version_one(tmp_path / NAME, facts)
    with closing(JournalReader(path)) as reader:
        assert (reader.schema, reader.load()) == (1, facts)
    assert version(path) == "1"  # looking changes nothing
    more = CancelAsked(order_id=facts[0].order_id, at=NOW)
    with closing(JournalFile(path)) as file:
        assert (file.schema, file.load()) == (3, facts)
        assert file.turned_away() == []
        file.append((more,))
    assert version(path) == "3"
    with closing(JournalReader(path)) as reader:
        assert reader.load() == [*facts, more]


@pytest.mark.parametrize(("seq", "dropped"), [(4, False), (6, True)])
def test_damage_in_a_journal_of_the_first_version_is_damage_afterwards(
    journal: tuple[Path, list[AnyFact]], tmp_path: Path, seq: int, dropped: bool
) -> None:
    path = version_one(tmp_path / NAME, journal[1][:6])
    change(path, "UPDATE facts SET body = x'7b7d' WHERE seq = ?", seq)
    if dropped:
        assert "Record 6 is damaged" in opened(path)[1]
        return
    for _ in range(2):
        with pytest.raises(Refusal, match=f"Record {seq} is damaged"):
            opened(path)


def test_a_migration_that_fails_leaves_the_older_journal_whole(
    journal: tuple[Path, list[AnyFact]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = version_one(tmp_path / NAME, journal[1])
    steps: dict[int, Callable[[sqlite3.Connection], None]] = schema._STEPS
    first = steps[1]

    def fails(db: sqlite3.Connection) -> None:
        first(db)
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setitem(steps, 1, fails)
    with pytest.raises(Refusal, match="disk is full"):
        JournalFile(path)
    monkeypatch.undo()
    assert version(path) == "1"
    with closing(JournalFile(path)) as file:
        assert file.load() == journal[1]


def test_every_version_there_was_has_a_way_to_this_one() -> None:
    assert set(schema._STEPS) == set(range(1, schema.SCHEMA))
    assert set(schema.SUMS) == set(range(1, schema.SCHEMA + 1))


def test_the_recorded_order_is_what_the_tests_think(
    journal: tuple[Path, list[AnyFact]],
) -> None:
    (order,) = replay(journal[1]).values()
    assert (order.state, order.filled) == (State.CANCELED, Decimal(40))
    assert any(isinstance(fact, PostSent) for fact in journal[1])
