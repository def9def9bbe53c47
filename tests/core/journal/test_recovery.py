"""A start on a journal whose end is damaged, missing or was not recorded."""

import asyncio
import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest

from core.journal.damage import JournalError
from core.journal.file import JournalFile
from core.journal.reader import JournalReader
from core.journal.recovery import recover
from core.journal.replay import replay
from core.orders.facts import AnyFact, CancelAsked, PostSent, Resumed
from core.orders.permissions import may_post
from core.orders.state import Cause, State
from tests.core.journal.conftest import NAME, NOW, change, copy, opened, still_open
from tests.support.trading import Trading, instruction, play, start


def test_a_dropped_tail_is_said_once_and_leaves_open_orders_without_a_fallback(
    journal: tuple[Path, list[AnyFact]], tmp_path: Path
) -> None:
    path = still_open(journal, tmp_path)
    change(path, "UPDATE facts SET body = substr(body, 1, 20) WHERE seq = 6")
    orders, said = opened(path)
    assert said.startswith("Record 6 is damaged")
    (order,) = orders.values()
    assert order.id in said
    assert order.grace_ns == 0
    assert opened(path) == (orders, "")


@pytest.mark.parametrize("lost", ["UPDATE facts SET body = x'00' WHERE seq = 6", "DELETE"])
def test_after_a_dropped_tail_the_journal_goes_on_and_keeps_what_was_dropped(
    journal: tuple[Path, list[AnyFact]], tmp_path: Path, lost: str
) -> None:
    path = still_open(journal, tmp_path)
    change(path, "DELETE FROM facts WHERE seq = 6" if lost == "DELETE" else lost)
    with closing(JournalFile(path)) as file:
        assert len(file.load()) == 5
        assert file.torn is not None
        with pytest.raises(JournalError, match="Record 6"):
            file.append((journal[1][5],))
        orders, said = recover(file, NOW)
        assert "none of them gets a fallback" in said
        (order,) = orders.values()
        file.append((CancelAsked(order_id=order.id, at=NOW),))
    with closing(JournalReader(path)) as reader:
        facts = reader.load()
    assert [type(f) for f in facts[5:]] == [Resumed, CancelAsked]
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT COUNT(*) FROM dropped WHERE seq = 6").fetchone()[0] > 0


FULL = "CREATE TRIGGER full BEFORE INSERT ON facts BEGIN SELECT RAISE(ABORT, 'disk is full'); END"


def stopped(journal: tuple[Path, list[AnyFact]], folder: Path, facts: int = 6) -> Path:
    """A journal whose run could not record any more after so many facts."""
    path = still_open(journal, folder, facts)
    change(path, FULL)
    with closing(JournalFile(path)) as file:
        file.load()
        with pytest.raises(JournalError, match=r"disk is full\.$"):
            file.append((journal[1][facts],))
    change(path, "DROP TRIGGER full")
    return path


def test_after_a_run_that_could_not_record_its_end_nothing_more_is_sent_for_what_is_open(
    journal: tuple[Path, list[AnyFact]], tmp_path: Path
) -> None:
    path = stopped(journal, tmp_path)
    orders, said = opened(path)
    (order,) = orders.values()
    assert order.id in said
    assert "nothing more is sent" in said
    assert order.cause is Cause.UNRECORDED
    assert not may_post(order, order.children[0].client_id)
    assert opened(path) == (orders, "")


def test_a_start_that_cannot_record_either_leaves_that_to_the_next(
    journal: tuple[Path, list[AnyFact]], tmp_path: Path
) -> None:
    path = stopped(journal, tmp_path)
    change(path, FULL)
    with pytest.raises(JournalError):
        opened(path)
    change(path, "DROP TRIGGER full")
    assert "nothing more is sent" in opened(path)[1]


def test_a_torn_tail_in_a_journal_that_stopped_sends_nothing_more_either(
    journal: tuple[Path, list[AnyFact]], tmp_path: Path
) -> None:
    path = stopped(journal, tmp_path)
    change(path, "UPDATE facts SET body = x'00' WHERE seq = 6")
    orders, said = opened(path)
    assert said.startswith("Record 6 is damaged")
    assert "nothing more is sent" in said
    assert [o.cause for o in orders.values()] == [Cause.UNRECORDED]
    assert opened(path) == (orders, "")


def test_a_run_that_stopped_recording_with_nothing_open_is_no_matter(
    journal: tuple[Path, list[AnyFact]], tmp_path: Path
) -> None:
    path = copy(journal[0], tmp_path)
    with closing(JournalFile(path)) as file:
        file.load()
        assert file.stop() == ""
    orders, said = opened(path)
    assert (said, [o.final for o in orders.values()]) == ("", [True])


def test_when_not_even_the_stop_can_be_noted_the_error_says_what_to_do(
    journal: tuple[Path, list[AnyFact]], tmp_path: Path
) -> None:
    path = still_open(journal, tmp_path)
    mark = path.with_name(f"{NAME}-mark")
    mark.unlink()
    mark.mkdir()
    change(path, FULL)
    with closing(JournalFile(path)) as file:
        file.load()
        with pytest.raises(JournalError, match="the next start may send what is withheld now"):
            file.append((journal[1][6],))


def test_a_repair_that_fails_leaves_the_torn_tail_where_it_was(
    journal: tuple[Path, list[AnyFact]], tmp_path: Path
) -> None:
    path = still_open(journal, tmp_path)
    change(path, "UPDATE facts SET crc = crc + 1 WHERE seq = 6")
    change(
        path,
        "CREATE TRIGGER full BEFORE INSERT ON facts"
        " BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END",
    )
    for _ in range(2):
        with pytest.raises(JournalError, match="cannot record: database or disk is full"):
            opened(path)
    change(path, "DROP TRIGGER full")
    assert "Record 6 is damaged" in opened(path)[1]


def test_a_crash_between_the_repair_and_its_mark_changes_nothing(
    journal: tuple[Path, list[AnyFact]], tmp_path: Path
) -> None:
    path = still_open(journal, tmp_path)
    mark = path.with_name(f"{NAME}-mark")
    before = mark.read_bytes()
    change(path, "UPDATE facts SET crc = 1 WHERE seq = 6")
    orders, _ = opened(path)
    mark.write_bytes(before)
    assert opened(path) == (orders, "")


def test_a_torn_tail_of_orders_that_have_all_ended_is_dropped_without_more(
    journal: tuple[Path, list[AnyFact]], tmp_path: Path
) -> None:
    path = copy(journal[0], tmp_path)
    with closing(JournalFile(path)) as file:
        facts = file.load()
        file.append((CancelAsked(order_id=facts[0].order_id, at=NOW),))
        last = file.written
    change(path, "UPDATE facts SET body = x'7b' WHERE seq = ?", last)
    orders, said = opened(path)
    assert said == f"Record {last} is damaged at the end of the journal, which goes on without it."
    assert orders == replay(facts)


@pytest.mark.scenario(62)
@pytest.mark.parametrize("lost", [CancelAsked, PostSent])
def test_what_a_lost_last_record_said_the_venue_tells_and_nothing_is_sent_for_it(
    tmp_path: Path, lost: type[AnyFact]
) -> None:
    async def scenario(t: Trading) -> None:
        if lost is PostSent:
            order = await t.engine.submit(instruction())
            await asyncio.sleep(0.001)  # it has left
        else:
            order = await t.working()
            t.venue.travel["DELETE"] = 1000.0
            await t.engine.cancel(order.id)
        await t.crash()
        with closing(JournalFile(t.run.journal)) as file:
            facts = file.load()
        last = max(n for n, fact in enumerate(facts, 1) if isinstance(fact, lost))
        change(t.run.journal, "DELETE FROM facts WHERE seq > ?", last)
        change(t.run.journal, "UPDATE facts SET body = x'00' WHERE seq = ?", last)
        t.run.journal.with_name(f"{NAME}-mark").unlink()
        _, said = opened(t.run.journal, t.run.clock.now_ns())
        assert order.id in said
        after = await start(tmp_path, t.exchange, t.run.clock)
        t.run.oracle = after.oracle  # the first one knows what was lost
        assert after.venue.calls[0] == "GET"
        order = await after.until_final(order)
        assert (order.state, order.filled) == (State.CANCELED, Decimal(0))
        assert "no fallback was sent" in order.reason
        assert len(t.exchange.orders) == 1
        assert "POST" not in after.venue.calls
        await after.crash()

    play(scenario, tmp_path)
