"""E. Crash and restart: the program dies at any journal write and comes back to the truth."""

import asyncio
import sqlite3
from decimal import Decimal
from pathlib import Path

import pytest

from core.engine.events import Level
from core.exchange.market.trading_day import HOUR
from core.journal.file import JournalFile
from core.market.time import NS
from core.orders.facts import PostSent
from core.orders.state import ParentOrder, State
from tests.support.trading import Crashed, Trading, instruction, outcome, play
from tests.support.virtual import VirtualLoop


async def dies(t: Trading) -> None:
    """Wait for the program's death."""
    async with asyncio.timeout(60):
        await t.killer.dead.wait()


async def submit_and_die(t: Trading, when: str, number: int) -> ParentOrder:
    """A new order, as the journal has it after the program died at that write."""
    t.killer.arm(when, number)
    try:
        await t.engine.submit(instruction())
        await dies(t)
    except Crashed:
        pass
    t.venue.calls.clear()
    await t.restart()
    (order,) = t.engine.orders.values()
    return order


@pytest.mark.scenario(55)
@pytest.mark.parametrize(("when", "number"), [("after", 1), ("before", 2), ("after", 2)])
def test_a_limit_that_never_left_is_not_sent_by_a_later_run(
    tmp_path: Path, when: str, number: int
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.stays_ended(await submit_and_die(t, when, number), 60)
        assert order.state in (State.CANCELED, State.ATTENTION)  # the time ran out meanwhile
        assert order.filled == 0
        assert "never sen" in order.reason
        assert t.exchange.orders == {}
        assert "GET" in t.venue.calls
        assert "POST" not in t.venue.calls

    play(scenario, tmp_path)


@pytest.mark.scenario(56)
def test_a_limit_that_left_before_the_crash_is_adopted_and_its_time_goes_on(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        order = await submit_and_die(t, "before", 3)
        assert len(t.exchange.orders) == 1
        order = await t.canceling(order)
        sent = order.children[0].cancel_sent_at
        assert sent is not None
        assert 10 * NS <= sent - order.started_ns < 10 * NS + NS // 100
        order = await t.until_final(order)
        assert outcome(order) == (State.FILLED, 100)
        assert len(t.exchange.orders) == 2

    play(scenario, tmp_path)


@pytest.mark.scenario(57, 58)
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_fill_around_the_crash_counts_once_though_its_frame_comes_again(
    tmp_path: Path, when: str
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        t.killer.arm(when)
        t.fill(order, 40)
        await dies(t)
        await t.restart()
        order = await t.until_child(order, lambda child: child.filled == 40)
        t.exchange.replay_updates()
        order = await t.stays_open(order, 1)
        assert order.filled == order.children[0].explained == 40
        order = await t.until_final(order)
        assert [c.filled for c in order.children] == [40, 60]

    play(scenario, tmp_path)


@pytest.mark.scenario(59)
@pytest.mark.parametrize("proven", [True, False])
@pytest.mark.parametrize("late", [True, False])
def test_a_crash_between_cancel_and_proof_finds_the_proof_or_cancels_again(
    tmp_path: Path, proven: bool, late: bool
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        t.fill(order, 40)
        if not proven:
            t.venue.travel["DELETE"] = 1000.0
        order = await t.canceling(order)
        await asyncio.sleep(0.002)  # the DELETE has left
        await t.crash()
        await asyncio.sleep(100 if late else 1)
        await t.restart()
        order = await t.until_final(order)
        assert t.venue.calls.count("DELETE") == (0 if proven else 1)
        assert order.filled == (40 if late else 100)
        assert order.state is (State.CANCELED if late else State.FILLED)
        assert t.live_at_broker() == []

    play(scenario, tmp_path)


async def die_at_fallback(t: Trading, when: str) -> ParentOrder:
    """An order with 40 filled whose program died at the record of its fallback's POST."""
    order = await t.working()
    t.fill(order, 40)
    order = await t.canceling(order)
    count = len(JournalFacts(t).all())
    t.killer.arm(when, count + 4)  # pending_cancel, the answer, the proof, then the POST
    await dies(t)
    written = [f for f in JournalFacts(t).all() if isinstance(f, PostSent)]
    assert len(written) == (2 if when == "after" else 1)
    await t.restart()
    return t.now(order)


class JournalFacts:
    """The journal as another program reads it."""

    def __init__(self, t: Trading) -> None:
        self._path = t.run.journal

    def all(self) -> list[object]:
        """Every fact in it."""
        file = JournalFile(self._path)
        try:
            return list(file.load())
        finally:
            file.close()


@pytest.mark.scenario(60)
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_fallback_that_never_left_may_be_sent_once_under_its_id(
    tmp_path: Path, when: str
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.until_final(await die_at_fallback(t, when))
        assert outcome(order) == (State.FILLED, 100)
        names = [o.client_order_id for o in t.exchange.orders.values()]
        assert names == [f"tl-{order.id}-1", f"tl-{order.id}-2"]
        assert t.venue.calls.count("POST") == 1

    play(scenario, tmp_path)


@pytest.mark.scenario(61)
def test_a_fallback_that_left_before_the_crash_is_adopted_and_not_sent_again(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        t.fill(order, 40)
        order = await t.until_child(order, lambda child: child.posts > 0, place=1)
        t.venue.mute = True
        await asyncio.sleep(0.002)  # it has left and not arrived
        await t.restart()
        order = await t.until_final(order)
        assert outcome(order) == (State.FILLED, 100)
        assert len(t.exchange.orders) == 2
        assert "POST" not in t.venue.calls

    play(scenario, tmp_path)


def fill_disk(journal: Path) -> None:
    """From now on every write to the journal fails, as on a full disk."""
    with sqlite3.connect(journal) as db:
        db.execute(
            "CREATE TRIGGER full BEFORE INSERT ON facts"
            " BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
        )
    db.close()


def empty_disk(journal: Path) -> None:
    """There is room again."""
    with sqlite3.connect(journal) as db:
        db.execute("DROP TRIGGER full")
    db.close()


@pytest.mark.scenario(63)
def test_on_a_full_disk_no_order_leaves_and_it_is_rejected_for_that(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        fill_disk(t.run.journal)
        order = await t.until_final(await t.engine.submit(instruction()))
        assert outcome(order) == (State.REJECTED, 0)
        assert "cannot record" in order.reason
        assert t.venue.calls == []

    play(scenario, tmp_path)


@pytest.mark.scenario(64)
def test_a_fill_on_a_full_disk_counts_alarms_stops_new_orders_and_is_repaired_by_a_restart(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        fill_disk(t.run.journal)
        t.fill(order, 40)
        order = await t.until_child(order, lambda child: child.filled == 40)
        await asyncio.sleep(0)  # the alarm comes by way of the loop
        assert any("disk is full" in said for said in t.notices(Level.ALARM))
        order = await t.stays_ended(order, 30)
        assert len(t.exchange.orders) == 1
        empty_disk(t.run.journal)
        await t.restart()
        assert t.now(order).filled == 0
        order = await t.until_final(order)
        assert order.filled == order.children[0].filled == t.at_broker(order) == 40
        assert "could not record" in order.alarm

    play(scenario, tmp_path)


@pytest.mark.scenario(64)
def test_a_fallback_withheld_on_a_full_disk_is_not_sent_by_the_restart_either(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        t.fill(order, 40)
        order = await t.canceling(order)
        fill_disk(t.run.journal)
        order = await t.until_final(order)
        assert "The fallback was not sent" in order.reason
        empty_disk(t.run.journal)
        await t.restart()
        order = await t.stays_ended(order, 60)
        assert outcome(order) == (State.CANCELED, 40)
        assert "60 are left; decide about the rest yourself" in order.alarm
        assert len(t.exchange.orders) == 1

    play(scenario, tmp_path)


@pytest.mark.scenario(64)
def test_a_cancel_pressed_on_a_full_disk_is_not_undone_by_the_restart(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working(instruction(timeout="600"))
        t.venue.cut_rest()
        fill_disk(t.run.journal)
        await t.engine.cancel(order.id)
        await t.crash()
        empty_disk(t.run.journal)
        await t.restart()
        order = await t.stays_ended(order, 5)
        assert outcome(order) == (State.CANCELED, 0)
        assert t.live_at_broker() == []
        following = await t.until_final(await t.engine.submit(instruction(qty="50")))
        await t.restart()
        assert outcome(t.now(following)) == (State.FILLED, 50)

    play(scenario, tmp_path)


@pytest.mark.scenario(65)
def test_a_day_order_found_expired_next_morning_ends_with_what_filled(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working(instruction(timeout="3600"))
        t.fill(order, 40)
        await t.until_child(order, lambda child: child.filled == 40)
        await t.crash()
        await asyncio.sleep(18.5 * 3600)
        assert t.exchange.is_open()
        await t.restart()
        order = await t.stays_ended(order, 10)
        assert outcome(order) == (State.EXPIRED, 40)
        assert len(t.exchange.orders) == 1

    play(scenario, tmp_path, start_of_day=15 * HOUR + HOUR // 2)


@pytest.mark.scenario(62, 67)
@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("when", ["before", "after"])
def test_whatever_write_it_dies_at_and_however_often_the_end_is_what_the_venue_proves(
    tmp_path: Path, when: str, times: int
) -> None:
    ends: set[tuple[State, Decimal]] = set()
    for number in range(1, 20):
        folder = tmp_path / str(number)
        folder.mkdir()

        async def scenario(t: Trading, number: int = number) -> None:
            t.killer.arm(when, number)
            try:
                order = await t.engine.submit(instruction())
                order = await t.until_child(order, lambda child: child.status == "new", within=1)
                t.fill(order, 40)
                await dies(t)
            except (Crashed, TimeoutError):
                pass
            for again in range(1, times):  # and dies while it recovers
                await t.restart_and_die("after", number + again)
            await t.restart()
            for order in t.engine.orders.values():
                order = await t.until_final(order)
                assert order.filled == t.at_broker(order)
                ends.add((order.state, order.filled))
            assert t.live_at_broker() == []

        play(scenario, folder)
    assert ends <= {
        (State.CANCELED, Decimal(0)),
        (State.FILLED, Decimal(100)),
        (State.CANCELED, Decimal(40)),
        (State.ATTENTION, Decimal(0)),  # it left, or not: no read found it, a person must look
    }
    assert (State.FILLED, Decimal(100)) in ends


@pytest.mark.scenario(68)
def test_a_laptop_that_slept_through_the_deadline_reads_first_cancels_and_asks(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        t.venue.cut_stream()
        t.fill(order, 40)
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        loop.jump(7200)
        t.venue.mend_stream()
        order = await t.until_final(order)
        assert outcome(order) == (State.CANCELED, 40)
        assert "no fallback was sent" in order.alarm
        assert len(t.exchange.orders) == 1

    play(scenario, tmp_path)
