"""A journal that is looked at: replay is the state, damage is named."""

import asyncio
import sqlite3
import tempfile
import zlib
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.engine.events import OrderChanged
from core.errors import Refusal
from core.exchange.faults.faults import Fault, Kind
from core.journal.damage import Damage
from core.journal.file import JournalFile
from core.journal.reader import JournalReader
from core.journal.replay import replay, restore
from core.orders.plan import Fallback
from core.orders.state import ParentOrder
from tests.core.journal.samples import PARTLY, RISES, change, facts_in, recorded, some_facts
from tests.support.trading import CALM, Trading, instruction, play

FAULTS = (
    Fault(Kind.ANSWER_504, method="POST"),
    Fault(Kind.ANSWER_RESET, method="POST", landed=False),
    Fault(Kind.ANSWER_500, method="DELETE"),
    Fault(Kind.UPDATE_DROP, event="partial_fill"),
    Fault(Kind.UPDATE_DROP, event="canceled"),
    Fault(Kind.UPDATE_TWICE, times=0),
    Fault(Kind.NEW_REJECTED, skip=1),
)


@settings(max_examples=25)
@given(
    market=st.sampled_from([CALM, RISES, PARTLY]),
    faults=st.lists(st.sampled_from(FAULTS), max_size=3),
    fallback=st.sampled_from(Fallback),
    cancelled=st.none() | st.integers(0, 12),
    cut=st.none() | st.integers(0, 11),
)
def test_replaying_any_part_of_a_journal_gives_the_state_at_that_moment(
    market: Sequence[object],
    faults: list[Fault],
    fallback: Fallback,
    cancelled: int | None,
    cut: int | None,
) -> None:
    states: list[ParentOrder] = []

    async def scenario(t: Trading) -> None:
        t.engine.listen(lambda e: states.append(e.order) if isinstance(e, OrderChanged) else None)
        for fault in faults:
            t.exchange.faults.arm(fault)
        loop = asyncio.get_running_loop()
        order = await t.engine.submit(instruction(fallback=fallback))
        if cut is not None:
            loop.call_later(cut, t.venue.cut_stream)
            loop.call_later(cut + 2, t.venue.mend_stream)
        if cancelled is not None:
            await asyncio.sleep(cancelled)
            await t.engine.cancel(order.id)
        await t.until_final(order)

    with tempfile.TemporaryDirectory() as folder:
        play(scenario, Path(folder), market)  # type: ignore[arg-type]
        facts = facts_in(Path(folder) / "journal.sqlite")
    assert len(states) == len(facts)
    for number, state in enumerate(states, 1):
        assert replay(facts[:number])[state.id] == state


@pytest.mark.scenario(62)
@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE facts SET body = X'00' || substr(body, 2) WHERE seq = 4", "Record 4"),
        ("UPDATE facts SET crc = crc + 1 WHERE seq = 2", "Record 2"),
        ("UPDATE facts SET body = 'words' WHERE seq = 3", "Record 3"),
        ("DELETE FROM facts WHERE seq = 5", "Record 5"),
        ("DELETE FROM facts WHERE seq = 1", "Record 1"),
    ],
)
def test_a_damaged_or_missing_record_is_named_and_nothing_is_traded_on_it(
    tmp_path: Path, statement: str, named: str
) -> None:
    path = recorded(tmp_path)
    change(path, statement)
    with pytest.raises(Refusal, match=named) as refused:
        facts_in(path)
    assert str(path) in refused.value.sentence


def test_a_damaged_page_is_a_sentence(tmp_path: Path) -> None:
    path = recorded(tmp_path)
    data = bytearray(path.read_bytes())
    data[4096 * 2 : 4096 * 5] = b"\xff" * (4096 * 3)
    path.write_bytes(data)
    with pytest.raises(Refusal, match="journal"):
        facts_in(path)


def test_a_file_that_is_no_journal_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    path.write_bytes(b"Dear diary, " * 1000)
    with pytest.raises(
        Refusal, match=r"cannot be read: .* check open orders at the broker, and move"
    ):
        JournalFile(path)


@pytest.mark.scenario(63)
@pytest.mark.parametrize("left", ["nothing", "a header"])
def test_a_journal_whose_making_was_cut_short_is_empty_for_whoever_looks_and_made_by_the_next(
    tmp_path: Path, left: str
) -> None:
    path = tmp_path / "journal.sqlite"
    path.touch()
    if left == "a header":
        with closing(sqlite3.connect(path)) as db:
            db.execute("PRAGMA journal_mode=WAL")
        assert path.stat().st_size > 0
    before = path.read_bytes()
    with closing(JournalReader(path)) as reader:
        assert (reader.load(), reader.ends(), reader.turned_away()) == ([], {}, [])
        assert (reader.facts_of("o1"), reader.ended(None, 9)) == ([], [])
    assert path.read_bytes() == before
    with closing(JournalFile(path)) as file:
        file.append(some_facts(2))
    assert len(facts_in(path)) == 2


def test_a_journal_that_has_lost_all_it_held_is_not_an_empty_one(tmp_path: Path) -> None:
    path = recorded(tmp_path)
    path.write_bytes(b"")
    for beside in tmp_path.glob("journal.sqlite-[ws]*"):
        beside.unlink()
    with closing(JournalReader(path)) as reader, pytest.raises(Refusal, match="missing"):
        reader.load()


def test_a_journal_of_another_version_is_refused(tmp_path: Path) -> None:
    path = recorded(tmp_path)
    change(path, "UPDATE meta SET value = '4'")
    with pytest.raises(Refusal, match="version 4"):
        JournalFile(path)


def test_where_reading_fails_there_is_the_damage(tmp_path: Path) -> None:
    with closing(JournalFile(tmp_path / "journal.sqlite")) as file:
        file.append(some_facts(2))
        change(tmp_path / "journal.sqlite", "DROP TABLE facts")
        with pytest.raises(Refusal, match="Record 1 is damaged"):
            file.load()


@pytest.mark.parametrize("nothing", [b"{}", b'{"type":"Whispered","order_id":"o1"}'])
def test_a_whole_record_that_says_nothing_we_know_is_damage(tmp_path: Path, nothing: bytes) -> None:
    path = tmp_path / "journal.sqlite"
    with closing(JournalFile(path)) as file:
        file.append(some_facts(1))
        crc = zlib.crc32(nothing)
        change(path, "UPDATE facts SET order_id = 'o1', body = ?, crc = ?", nothing, crc)
        for read in (file.load, lambda: list(restore(file))):
            assert read() == []
            assert file.torn == Damage(1, tail=True)


def test_a_journal_that_is_not_there_cannot_be_looked_at(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="cannot be read: unable to open"):
        JournalReader(tmp_path / "journal.sqlite")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.scenario(62)
def test_a_record_that_was_cut_short_by_a_crash_is_dropped_whole(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    file = JournalFile(path)
    facts = some_facts(5)
    for fact in facts:
        file.append((fact,))
    wal = path.with_name(path.name + "-wal").read_bytes()
    for cut in (1, 100, 5000):
        copy = tmp_path / f"cut-{cut}.sqlite"
        copy.write_bytes(path.read_bytes())
        copy.with_name(copy.name + "-wal").write_bytes(wal[:-cut])
        found = facts_in(copy)
        assert found == facts[: len(found)]
        assert len(found) < 5
    file.close()
