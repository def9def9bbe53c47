"""H. User interface and load: quitting, editing, cancelling all, many orders, failing displays."""

import asyncio
import gc
import tracemalloc
from decimal import Decimal
from pathlib import Path

import pytest

from core.engine.events import Event, Level, OrderChanged
from core.market.prices import ZERO, Side
from core.market.time import NS
from core.orders.facts import Reported
from core.orders.state import ParentOrder, State
from tests.scenarios.venue_acts import execute
from tests.support.trading import Trading, instruction, outcome, play


@pytest.mark.scenario(87)
def test_an_order_left_working_at_the_end_of_a_run_is_listed_at_the_next_start(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working(instruction(timeout="600"))
        await t.engine.stop()
        t.fill(order, 40)
        await t.restart()
        assert t.engine.taken_up == (order.id,)
        order = await t.until_child(order, lambda child: child.filled == 40)
        assert order.state is State.WORKING

    play(scenario, tmp_path)


@pytest.mark.scenario(89)
def test_a_deadline_moved_while_working_counts_from_the_old_one_and_is_journaled(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        await asyncio.sleep(3)
        await t.engine.extend(order.id, Decimal(10))
        await t.restart()
        order = await t.canceling(order)
        sent = order.children[0].cancel_sent_at
        assert sent is not None
        assert 20 * NS <= sent - order.started_ns < 20 * NS + NS // 100
        order = await t.until_final(order)
        assert order.deadline_ns == order.started_ns + 20 * NS

    play(scenario, tmp_path)


@pytest.mark.scenario(90)
def test_cancelling_fifty_orders_under_the_rate_limit_forgets_none_and_shows_each(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        asked = [instruction(qty="10", timeout="3600") for _ in range(50)]
        for one in asked:
            await t.working(one)
        ids = list(t.engine.orders)
        t.venue.calls.clear()
        told = await t.engine.cancel_all()
        assert [o.id for o in told] == ids
        for order in told:
            await t.until_final(order)
        assert {o.state for o in t.engine.orders.values()} == {State.CANCELED}
        assert t.live_at_broker() == []
        assert ("DELETE", 429) in t.venue.statuses
        changes = [e.order.id for e in t.events if isinstance(e, OrderChanged) and e.order.final]
        assert set(changes) == set(ids)

    play(scenario, tmp_path, rate_limit=80)


@pytest.mark.scenario(91)
def test_two_orders_on_one_symbol_keep_their_fills_apart_and_share_the_position(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        one = await t.working()
        two = await t.working(instruction(qty="200"))
        assert t.engine.positions["UVXY"].available == 4700
        t.quote("15.24", "15.32", 130)
        t.quote("15.23", "15.32")
        await t.until_final(one)
        two = await t.until_child(two, lambda child: child.filled == 30)
        assert t.now(one).filled == t.at_broker(one) == 100
        assert t.at_broker(two) == 30
        await t.until_final(two)
        assert t.at_broker(two) == 200
        held = t.engine.positions["UVXY"]
        assert held.qty == held.available == 4700 == t.exchange.account.shares("UVXY")

    play(scenario, tmp_path)


@pytest.mark.scenario(91)
def test_the_second_order_can_not_have_the_shares_that_the_first_one_holds(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        one = await t.working(instruction(qty="4950", timeout="60"))
        t.overrate()
        two = await t.until_final(await t.engine.submit(instruction()))
        assert outcome(two) == (State.REJECTED, ZERO)
        assert "insufficient qty" in two.reason
        await t.until_final(one)
        assert t.exchange.account.shares("UVXY") == 50

    play(scenario, tmp_path)


@pytest.mark.scenario(92)
def test_a_display_that_throws_stops_nothing_and_is_told(tmp_path: Path) -> None:
    def fail(event: Event) -> None:
        if isinstance(event, OrderChanged):
            raise ValueError("a display broke")

    async def scenario(t: Trading) -> None:
        t.engine.listen(fail)
        order = await t.until_final(await t.engine.submit(instruction()))
        assert outcome(order) == (State.FILLED, 100)
        assert t.engine.counters.listener_errors > 0
        assert any("a part of the display" in w.lower() for w in t.notices(Level.WARNING))

    play(scenario, tmp_path)


@pytest.mark.scenario(93)
def test_a_flood_of_fills_over_many_orders_loses_none_and_keeps_each_orders_sequence(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        orders = [await t.working(instruction(qty="100", timeout="600")) for _ in range(8)]
        for _ in range(400):
            t.quote("15.24", "15.32", 2)
            t.quote("15.23", "15.32")
        for order in orders:
            order = await t.until_final(order)
            assert outcome(order) == (State.FILLED, 100)
        told = [f["data"]["execution_id"] for f in t.frames("partial_fill") + t.frames("fill")]
        counted = [e.id for o in t.engine.orders.values() for c in o.children for e in c.executions]
        assert sorted(told) == sorted(counted)

    play(scenario, tmp_path)


@pytest.mark.scenario(93)
def test_ten_thousand_order_frames_at_the_open_are_all_taken_in_their_order_and_in_little_room(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        counted: dict[str, list[Decimal]] = {}

        def count(event: Event) -> None:
            if isinstance(event, OrderChanged) and isinstance(event.fact, Reported):
                counted.setdefault(event.order.id, []).append(event.order.filled)
            t.events.clear()  # the test keeps none, so that what is kept is the engine's

        t.engine.listen(count)
        for side in (Side.SELL, Side.BUY):
            ours = await ten_working(t, side, "500")
            counted.clear()
            await fill_all(t, ours)
            for order in ours:
                assert counted[order.id] == [Decimal(n) for n in range(1, 501)]
                assert outcome(t.now(order)) == (State.FILLED, 500)
        told = [f["data"]["execution_id"] for f in t.frames("partial_fill") + t.frames("fill")]
        ids = {e.id for o in t.engine.orders.values() for c in o.children for e in c.executions}
        assert len(told) == 10_000
        assert ids == set(told)

        ours = await ten_working(t, Side.SELL, "50")
        tracemalloc.start()
        try:
            await fill_all(t, ours)
            assert held_by_core() < 500 * 2000  # bytes for each further fill, after all those
        finally:
            tracemalloc.stop()

    play(scenario, tmp_path)


async def ten_working(t: Trading, side: Side, qty: str) -> list[ParentOrder]:
    """Ten orders, each on the book."""
    asked = [instruction(side, qty=qty, timeout="600") for _ in range(10)]
    return [await t.working(one) for one in asked]


async def fill_all(t: Trading, orders: list[ParentOrder]) -> None:
    """All of them fill, share by share and all at once."""
    for _ in range(int(orders[0].qty)):
        for order in orders:
            execute(t, order, "1")
    await asyncio.sleep(1)


def held_by_core() -> int:
    """Bytes that the program, and not the exchange or the tests, has allocated since."""
    gc.collect()
    core = tracemalloc.Filter(inclusive=True, filename_pattern="*/core/*.py")
    exchange = tracemalloc.Filter(inclusive=False, filename_pattern="*/core/exchange/*")
    traces = tracemalloc.take_snapshot().filter_traces((core, exchange))
    return sum(trace.size for trace in traces.traces)
