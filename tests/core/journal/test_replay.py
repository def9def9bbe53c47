"""A start finds what all facts add up to, and works out only what it must."""

import gc
import logging
import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from core.errors import Refusal
from core.journal import replay as recovery
from core.journal.damage import Ended
from core.journal.file import JournalFile
from core.journal.reader import JournalReader
from core.journal.recovery import recover
from core.journal.replay import replay, restore
from core.market.time import NS
from core.orders import reducer, reducer_digest
from core.orders.facts import AnyFact, CancelAsked
from core.orders.state import ParentOrder
from tests.core.journal.conftest import change
from tests.core.journal.test_damage import version, version_one
from tests.support.many_orders import OPEN, told, write

LATE = 100 * NS


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal of three ended orders and an open one, opened once since."""
    path = tmp_path / "journal.sqlite"
    write(path, [*told(1), *told(2), *told(3), *told(4, OPEN)])
    found(path)
    return path


def found(path: Path) -> dict[str, ParentOrder]:
    """What a start finds."""
    with closing(JournalFile(path)) as file:
        return recover(file, LATE)[0]


def meant(path: Path) -> dict[str, ParentOrder]:
    """What all facts of it add up to."""
    with closing(JournalReader(path)) as reader:
        return replay(reader.load())


def worked_out(path: Path, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The orders that a start reduces; checks that it finds what is meant."""
    seen: set[str] = set()
    right = reducer.reduce

    def reduce(order: ParentOrder | None, fact: AnyFact) -> object:
        seen.add(fact.order_id)
        return right(order, fact)

    with monkeypatch.context() as patch:
        patch.setattr(recovery, "reduce", reduce)
        restored = found(path)
    assert restored == meant(path)
    assert list(restored) == list(meant(path))
    return seen


def test_a_start_works_out_open_orders_only(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert worked_out(path, monkeypatch) == {"o4"}


def test_what_had_to_be_worked_out_once_need_not_be_again(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(path, "DELETE FROM ended WHERE order_id = 'o2'")
    assert worked_out(path, monkeypatch) == {"o2", "o4"}
    assert worked_out(path, monkeypatch) == {"o4"}


def test_a_word_after_the_end_is_counted_on_top_of_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(JournalFile(path)) as file:
        file.load()
        file.append((CancelAsked(order_id="o2", at=LATE),))
    assert worked_out(path, monkeypatch) == {"o2", "o4"}
    assert worked_out(path, monkeypatch) == {"o4"}


def test_an_end_is_written_with_the_facts_that_follow(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (order,) = replay(told(5)).values()
    with closing(JournalFile(path)) as file:
        file.load()
        file.append([*told(5), Ended(order, reducer_digest.RULES), *told(6, OPEN)])
    assert worked_out(path, monkeypatch) == {"o4", "o6"}


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE ended SET body = replace(body, 'filled', 'killed')",
        "UPDATE ended SET body = CAST(replace(body, '15.24', '15.25') AS BLOB)",
        "UPDATE ended SET body = CAST(replace(body, '\"o2\"', '\"o9\"') AS BLOB)",
        "UPDATE ended SET body = x'7b'",
        "UPDATE ended SET body = 'text'",
        "UPDATE ended SET crc = crc + 1 WHERE order_id = 'o2'",
        "UPDATE ended SET crc = 'x' WHERE order_id = 'o2'",
        "UPDATE ended SET seq = seq - 1 WHERE order_id = 'o2'",
        "UPDATE ended SET seq = seq + 1000 WHERE order_id = 'o2'",
        "DELETE FROM ended",
        "DROP TABLE ended",
    ],
)
def test_an_end_that_does_not_stand_for_the_facts_is_not_believed(
    path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    change(path, damage)
    assert "o2" in worked_out(path, monkeypatch)
    if "DROP" not in damage:
        assert worked_out(path, monkeypatch) == {"o4"}


def test_what_other_rules_made_of_the_facts_is_worked_out_anew(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        for module in ("reader", "file"):
            patch.setattr(f"core.journal.{module}.RULES", "others")
        assert worked_out(path, patch) == {"o1", "o2", "o3", "o4"}
    assert worked_out(path, monkeypatch) == {"o1", "o2", "o3", "o4"}
    assert worked_out(path, monkeypatch) == {"o4"}


def test_ends_that_cannot_be_kept_cost_the_next_start_only_time(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    change(path, "DELETE FROM ended")
    full = "BEFORE INSERT ON ended BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
    change(path, f"CREATE TRIGGER full {full}")
    with caplog.at_level(logging.WARNING):
        assert worked_out(path, monkeypatch) == {"o1", "o2", "o3", "o4"}
    assert "could not be kept" in caplog.text
    with closing(JournalFile(path)) as file:
        file.load()
        assert not file.stopped  # every fact is there
    change(path, "DROP TRIGGER full")
    assert worked_out(path, monkeypatch) == {"o1", "o2", "o3", "o4"}
    assert worked_out(path, monkeypatch) == {"o4"}


@pytest.mark.parametrize(
    ("damage", "record"),
    [
        ("UPDATE facts SET body = substr(body, 2) WHERE seq = 3", 3),
        ("UPDATE facts SET crc = crc + 1 WHERE seq = 15", 15),
        ("DELETE FROM facts WHERE seq = 20", 20),
        ("UPDATE facts SET order_id = 'o2' WHERE seq = 7", 7),
        ("UPDATE facts SET order_id = CAST(x'ff' AS TEXT) WHERE seq = 7", 7),
    ],
)
def test_damage_among_the_facts_of_ended_orders_is_refused_all_the_same(
    path: Path, damage: str, record: int
) -> None:
    change(path, damage)
    with pytest.raises(Refusal, match=f"Record {record} is damaged") as refused:
        found(path)
    assert "will not trade" in refused.value.sentence


def test_an_end_whose_last_fact_is_torn_off_is_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    write(path, [*told(1), *told(2)])
    before = found(path)
    change(path, "UPDATE facts SET body = x'00' WHERE seq = (SELECT MAX(seq) FROM facts)")
    with closing(JournalFile(path)) as file:
        left, said = recover(file, LATE)
    assert "goes on without it" in said
    assert left["o1"] == before["o1"]
    assert not left["o2"].final
    assert found(path) == left == meant(path)


def test_a_journal_of_the_version_before_gains_its_ends_at_the_first_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = version_one(tmp_path / "journal.sqlite", [*told(1), *told(2, OPEN)])
    with closing(JournalReader(path)) as reader:
        assert (reader.ends(), reader.ended(None, 10)) == ({}, [])
    assert worked_out(path, monkeypatch) == {"o1", "o2"}
    assert version(path) == "3"
    assert worked_out(path, monkeypatch) == {"o2"}


def test_an_order_comes_back_from_its_end_as_it_was() -> None:
    for order in replay([*told(1), *told(2, OPEN)]).values():
        ended = Ended(order, "r")
        assert msgspec.json.decode(msgspec.json.encode(ended), type=Ended) == ended


def test_restoring_a_journal_that_is_not_there_yet_gives_no_order(tmp_path: Path) -> None:
    with closing(JournalFile(tmp_path / "journal.sqlite")) as file:
        assert restore(file) == {}
    with closing(sqlite3.connect(tmp_path / "journal.sqlite")) as db:
        assert db.execute("SELECT COUNT(*) FROM ended").fetchone() == (0,)


@pytest.mark.parametrize("on", [True, False])
def test_a_start_leaves_the_garbage_collector_as_it_was(path: Path, on: bool) -> None:
    was = gc.isenabled()
    try:
        (gc.enable if on else gc.disable)()
        found(path)
        assert gc.isenabled() is on
        change(path, "UPDATE facts SET crc = 1 WHERE seq = 1")
        with pytest.raises(Refusal):
            found(path)
        assert gc.isenabled() is on
    finally:
        (gc.enable if was else gc.disable)()
