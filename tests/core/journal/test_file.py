"""The journal: durable before a POST, replay is the state, damage is named, a broken disk stops."""

import asyncio
import sqlite3
import tempfile
import threading
import zlib
from collections.abc import Callable, Sequence
from contextlib import closing
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.engine.events import Event, Level, Notice, OrderChanged
from core.errors import Refusal
from core.exchange.faults.faults import Fault, Kind
from core.exchange.options import Options
from core.journal.damage import Damage, Ended, JournalError
from core.journal.file import JournalFile
from core.journal.reader import JournalReader
from core.journal.replay import replay, restore
from core.journal.writer import ThreadedRecorder
from core.orders.facts import AnyFact, CancelSent, DeadlineReached, PostSent, Resumed
from core.orders.plan import Fallback
from core.orders.refused_instruction import RefusedInstruction
from core.orders.state import ParentOrder, State
from core.venue.interface import PostReply, PostRequest
from tests.support.commands import Commands
from tests.support.exchange_fixture import HELD, shop
from tests.support.many_orders import told
from tests.support.trading import CALM, STILL, SYMBOL, Trading, instruction, play, quotes

RISES = quotes((0, "15.23", "15.32"), (3, "15.24", "15.33"))
PARTLY = [
    *quotes((0, "15.23", "15.32")),
    *quotes((3, "15.24", "15.33"), size=40),
    *quotes((3.5, "15.22", "15.31")),
]


def facts_in(path: Path) -> list[AnyFact]:
    """What another process would read."""
    file = JournalFile(path)
    try:
        return file.load()
    finally:
        file.close()


def some_facts(number: int) -> list[AnyFact]:
    return [Resumed(order_id="a", at=n, grace=Decimal(60)) for n in range(number)]


def recorded(tmp_path: Path) -> Path:
    """A journal with a whole order in it."""

    async def scenario(t: Trading) -> None:
        await t.until_final(await t.engine.submit(instruction()))

    play(scenario, tmp_path)
    return tmp_path / "journal.sqlite"


def change(path: Path, statement: str, *values: object) -> None:
    """What a failing disk, or somebody with an editor, does to a journal."""
    db = sqlite3.connect(path)
    with db:
        db.execute(statement, values)
    db.close()


def fill_disk(path: Path) -> None:
    """From now on every write to the journal fails, as on a full disk."""
    change(
        path,
        "CREATE TRIGGER full BEFORE INSERT ON facts"
        " BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END",
    )


# ---- durable before it leaves ----------------------------------------------------------------


def test_no_post_leaves_before_its_record_is_on_disk(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        post, seen = t.venue.post, []

        async def watched(request: PostRequest) -> PostReply:
            sent = [f for f in facts_in(tmp_path / "journal.sqlite") if isinstance(f, PostSent)]
            assert sent[-1].client_id == request.client_id
            seen.append(request.client_id)
            return await post(request)

        t.venue.post = watched  # type: ignore[method-assign]
        order = await t.until_final(await t.engine.submit(instruction()))
        assert seen == [c.client_id for c in order.children]
        assert len(seen) == 2

    play(scenario, tmp_path)


async def test_a_flush_returns_when_another_process_could_read_all(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    recorder = ThreadedRecorder(JournalFile(path))
    facts = some_facts(200)
    for fact in facts[:100]:
        recorder.append(fact)
    await recorder.flush()
    assert facts_in(path) == facts[:100]
    for fact in facts[100:]:
        recorder.append(fact)
    await asyncio.gather(recorder.flush(), recorder.flush())
    assert facts_in(path) == facts
    await recorder.flush()
    recorder.close()


@pytest.mark.parametrize(("batch", "most"), [(512, 30), (1, 300), (10, 300)])
async def test_facts_that_come_fast_share_a_write_and_keep_their_order(
    tmp_path: Path, batch: int, most: int
) -> None:
    path = tmp_path / "journal.sqlite"
    firsts: list[int] = []

    def on_write(moment: str, first: int) -> None:
        if moment == "after":
            firsts.append(first)

    recorder = ThreadedRecorder(JournalFile(path, on_write), batch)
    facts = some_facts(300)
    for fact in facts:
        recorder.append(fact)
    recorder.close()
    assert facts_in(path) == facts
    assert 300 / batch <= len(firsts) <= most
    assert all(later - first <= batch for first, later in pairwise(firsts))


# ---- replay is the state ---------------------------------------------------------------------

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


# ---- damage ----------------------------------------------------------------------------------


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


async def test_what_an_order_came_to_is_written_with_later_facts_or_at_the_end(
    tmp_path: Path,
) -> None:
    path = tmp_path / "journal.sqlite"
    recorder = ThreadedRecorder(JournalFile(path))

    async def record(number: int) -> None:
        for fact in told(number):
            recorder.append(fact)
        await recorder.flush()
        recorder.keep_ended(replay(told(number))[f"o{number}"])
        await recorder.flush()

    def ended() -> list[str]:
        with closing(JournalReader(path)) as reader:
            return list(reader.ends())

    await record(1)
    assert ended() == []  # it has cost no write
    await record(2)
    assert ended() == ["o1"]
    recorder.close()
    assert ended() == ["o1", "o2"]
    with closing(JournalFile(path)) as file:
        assert restore(file) == replay([*told(1), *told(2)])


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


# ---- a disk that takes no more ---------------------------------------------------------------


def alarms(t: Trading) -> list[str]:
    return [e.sentence for e in t.events if isinstance(e, Notice) and e.level is Level.ALARM]


def test_on_a_full_disk_nothing_is_sent_and_the_person_is_told(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        t.venue.calls.clear()
        fill_disk(tmp_path / "journal.sqlite")
        order = await t.until_final(await t.engine.submit(instruction()))
        assert order.state is State.REJECTED
        assert "cannot record" in order.reason
        assert t.venue.calls == []
        assert any("disk is full" in sentence for sentence in alarms(t))
        with pytest.raises(Refusal, match="No new order"):
            await t.engine.submit(instruction())

    play(scenario, tmp_path)


def test_on_a_disk_that_fills_up_a_cancel_still_works(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.engine.submit(instruction())
        await t.until(lambda: t.engine.orders[order.id].state is State.WORKING, order)
        fill_disk(tmp_path / "journal.sqlite")
        await t.engine.cancel(order.id)
        order = await t.until_final(order)
        assert order.state is State.CANCELED
        assert t.live_at_broker() == []
        assert len(alarms(t)) == 1

    play(scenario, tmp_path)


def test_on_a_disk_that_fills_up_no_fallback_is_sent(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.engine.submit(instruction())
        await t.until(lambda: t.engine.orders[order.id].state is State.WORKING, order)
        fill_disk(tmp_path / "journal.sqlite")
        order = await t.until_final(order)
        assert order.state is State.CANCELED
        assert "fallback was not sent" in order.reason
        assert t.live_at_broker() == []
        assert t.at_broker(order) == 0

    play(scenario, tmp_path)


def test_a_fill_that_cannot_be_recorded_counts_and_alarms(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.engine.submit(instruction())
        await t.until(lambda: t.engine.orders[order.id].state is State.WORKING, order)
        fill_disk(tmp_path / "journal.sqlite")
        order = await t.until_final(order)
        assert order.state is State.FILLED
        await asyncio.sleep(0)  # the alarm comes by way of the loop
        assert any("disk is full" in sentence for sentence in alarms(t))

    play(scenario, tmp_path, RISES)
    (order,) = replay(facts_in(tmp_path / "journal.sqlite")).values()
    assert order.filled == 0  # the broker's record repairs it at the next start


class _Failing(JournalFile):
    def append(self, facts: Sequence[AnyFact | Ended]) -> None:
        raise ValueError("a fault nobody thought of")


@pytest.mark.parametrize("make", [_Failing, JournalFile])
async def test_whoever_waits_for_a_write_that_fails_hears_of_it(
    tmp_path: Path, make: Callable[[Path], JournalFile]
) -> None:
    path = tmp_path / "journal.sqlite"
    file = make(path)
    fill_disk(path)
    heard: list[str] = []
    recorder = ThreadedRecorder(file)
    recorder.on_broken = heard.append
    for fact in some_facts(3):
        recorder.append(fact)
    for _ in range(2):
        with pytest.raises(JournalError, match="cannot record"):
            await asyncio.wait_for(recorder.flush(), 10)
    assert heard == [recorder.broken]
    recorder.close()


async def test_a_write_that_takes_long_does_not_hold_up_who_gave_up_waiting(tmp_path: Path) -> None:
    may_write = threading.Event()

    def slow(moment: str, first: int) -> None:
        assert may_write.wait(10)

    recorder = ThreadedRecorder(JournalFile(tmp_path / "journal.sqlite", slow))
    facts = some_facts(1)
    recorder.append(facts[0])
    waits = asyncio.create_task(recorder.flush())
    await asyncio.sleep(0)
    waits.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waits
    may_write.set()
    await recorder.flush()
    recorder.close()
    assert facts_in(tmp_path / "journal.sqlite") == facts


def test_a_write_that_the_database_took_back_by_itself_is_told_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    with closing(JournalFile(path)) as file:
        change(
            path,
            "CREATE TRIGGER full BEFORE INSERT ON facts"
            " BEGIN SELECT RAISE(ROLLBACK, 'disk I/O error'); END",
        )
        with pytest.raises(JournalError, match="cannot record: disk I/O error"):
            file.append(some_facts(1))
        change(path, "DROP TRIGGER full")
        file.append(some_facts(1))
    assert facts_in(path) == some_facts(1)


def test_a_journal_that_tells_of_an_order_before_its_acceptance_is_refused() -> None:
    with pytest.raises(Refusal, match="order a before that was accepted"):
        replay(some_facts(1))


# ---- what was turned away --------------------------------------------------------------------


REFUSED = RefusedInstruction(
    7, instruction(), ("large",), "It is large.", True, None, "embedded", "A"
)


async def test_an_order_that_was_turned_away_is_durable_after_a_flush(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    recorder = ThreadedRecorder(JournalFile(path))
    recorder.keep_refused(REFUSED)
    await recorder.flush()
    with closing(JournalReader(path)) as reader:
        assert reader.turned_away() == [REFUSED]
        assert reader.load() == []
    recorder.close()


@pytest.mark.parametrize(
    "damage", ["crc = crc + 1", "body = 'words'", "body = x'7b7d', crc = 2745614147"]
)
def test_a_damaged_record_of_what_was_turned_away_is_named(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "journal.sqlite"
    with closing(JournalFile(path)) as file:
        file.keep_refused([REFUSED])
        change(path, f"UPDATE turned_away SET {damage}")
        with pytest.raises(Refusal, match=r"Refusal 1 in the journal .* is damaged"):
            file.turned_away()


def test_what_was_turned_away_and_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    with closing(JournalFile(path)) as file:
        change(path, "DROP TABLE turned_away")
        with pytest.raises(JournalError, match="cannot record: no such table"):
            file.keep_refused([REFUSED])
        file.append(some_facts(1))
    assert facts_in(path) == some_facts(1)


# ---- what must not be in it ------------------------------------------------------------------


async def test_no_file_in_the_data_folder_holds_a_key(commands: Commands, tmp_path: Path) -> None:
    words = {"APCA_API_KEY_ID": "AKKNOWNKEY7", "APCA_API_SECRET_KEY": "verysecretword42"}
    options = Options(
        knobs=STILL,
        positions={SYMBOL: HELD},
        key=words["APCA_API_KEY_ID"],
        secret=words["APCA_API_SECRET_KEY"],
    )
    async with shop(commands, tmp_path, options=options, env=words) as its:
        its.exchange.faults.arm(Fault(Kind.FRAME_CORRUPT, stream="orders", skip=2))
        assert (await its.run("sell", SYMBOL, "100", "--timeout", "0.2")).code == 0
        its.env["APCA_API_SECRET_KEY"] = "verysecretwork42"
        assert (await its.run("sell", SYMBOL, "100")).code == 2
        facts = its.journal()
        assert any(isinstance(f, CancelSent) for f in facts)
        assert any(isinstance(f, DeadlineReached) for f in facts)
        for path in its.home.iterdir():
            held = path.read_bytes()
            for word in (*words.values(), "verysecretwork42"):
                assert word.encode() not in held, path


def test_events_never_name_a_journal_that_is_well(tmp_path: Path) -> None:
    seen: list[Event] = []

    async def scenario(t: Trading) -> None:
        await t.until_final(await t.engine.submit(instruction()))
        seen.extend(t.events)

    play(scenario, tmp_path)
    assert not [e for e in seen if isinstance(e, Notice) and e.level is Level.ALARM]
