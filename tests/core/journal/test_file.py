"""The journal: durable before a POST, replay is the state, damage is named, a broken disk stops."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from core.engine.events import Event, Level, Notice
from core.errors import Refusal
from core.exchange.faults.faults import Fault, Kind
from core.exchange.options import ExchangeOptions
from core.journal.damage import Ended, JournalError
from core.journal.file import JournalFile
from core.journal.reader import JournalReader
from core.journal.replay import replay, restore
from core.journal.writer import ThreadedRecorder
from core.orders.facts import AnyFact, CancelSent, DeadlineReached, PostSent
from core.orders.refused_instruction import RefusedInstruction
from core.orders.state import State
from core.venue.interface import PostReply, PostRequest
from tests.core.journal.samples import RISES, change, facts_in, some_facts
from tests.support.commands import Commands
from tests.support.exchange_fixture import HELD, open_exchange
from tests.support.many_orders import told
from tests.support.trading import STILL, SYMBOL, Trading, instruction, play


def fill_disk(path: Path) -> None:
    """From now on every write to the journal fails, as on a full disk."""
    change(
        path,
        "CREATE TRIGGER full BEFORE INSERT ON facts"
        " BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END",
    )


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


async def test_no_file_in_the_data_folder_holds_a_key(commands: Commands, tmp_path: Path) -> None:
    words = {"APCA_API_KEY_ID": "AKKNOWNKEY7", "APCA_API_SECRET_KEY": "verysecretword42"}
    options = ExchangeOptions(
        knobs=STILL,
        positions={SYMBOL: HELD},
        key=words["APCA_API_KEY_ID"],
        secret=words["APCA_API_SECRET_KEY"],
    )
    async with open_exchange(commands, tmp_path, options=options, env=words) as its:
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
