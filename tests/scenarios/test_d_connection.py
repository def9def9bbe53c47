"""D. Connection: one or both ways to the venue are cut, mute, refused or late."""

import asyncio
from pathlib import Path

import pytest

from core.clock import NS
from core.errors import Refusal
from core.events import Level, LinkChanged
from core.exchange.faults import Fault, Kind
from core.links import LinkName, LinkState
from core.order_state import State
from tests.support.trading import Trading, instruction, outcome, play

NO_KEYS = {"message": "unauthorized."}


@pytest.mark.scenario(44)
def test_a_fill_during_a_cut_is_read_on_the_reconnect_before_anything_else(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        t.venue.cut_stream()
        t.fill(order, 100)
        order = await t.stays_open(order, 1)
        assert order.filled == 0
        t.venue.mend_stream()
        order = await t.stays_ended(order, 20)
        assert outcome(order) == (State.FILLED, 100)
        assert t.venue.calls == ["POST", "GET"]

    play(scenario, tmp_path)


@pytest.mark.scenario(45)
def test_on_a_mute_stream_the_deadline_works_over_rest_and_counts_what_was_not_told(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        t.venue.mute = True
        t.fill(order, 40)
        order = await t.until_final(order)
        assert outcome(order) == (State.FILLED, 100)
        assert [c.filled for c in order.children] == [40, 60]

    play(scenario, tmp_path)


@pytest.mark.scenario(46)
def test_with_the_stream_down_the_delete_goes_by_rest_and_the_fallback_waits_for_a_read(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        t.venue.cut_stream()
        t.fill(order, 40)
        order = await t.until_final(order)
        assert [c.filled for c in order.children] == [40, 60]
        assert t.venue.calls[:4] == ["POST", "DELETE", "GET", "POST"]

    play(scenario, tmp_path)


@pytest.mark.scenario(47)
def test_with_rest_down_at_the_deadline_the_limit_stays_and_the_delete_is_repeated(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        t.venue.cut_rest()
        order = await t.canceling(order)
        t.fill(order, 40)
        order = await t.stays_open(order, 20)
        assert outcome(order) == (State.CANCELING, 40)
        assert t.venue.calls.count("DELETE") > 2
        assert t.live_at_broker() == [f"tl-{order.id}-1"]
        assert t.engine.links[LinkName.REST].state is LinkState.DOWN
        t.venue.mend_rest()
        order = await t.until_final(order)
        assert [c.filled for c in order.children] == [40, 60]

    play(scenario, tmp_path)


@pytest.mark.scenario(48)
def test_ten_minutes_of_failing_reads_change_nothing_and_are_not_a_rejection(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        t.venue.mute = True
        t.exchange.faults.arm(Fault(Kind.ANSWER_RESET, method="POST"))
        t.exchange.faults.arm(Fault(Kind.ANSWER_504, times=0, method="GET", path="/v2/orders"))
        order = await t.engine.submit(instruction(timeout="1200"))
        order = await t.stays_open(order, 600)
        assert order.state is State.UNCERTAIN
        assert 60 < t.venue.calls.count("GET") < 90
        t.exchange.faults.clear()
        order = await t.until_child(order, lambda child: child.broker_id is not None)
        assert order.state is State.WORKING
        assert len(t.exchange.orders) == 1

    play(scenario, tmp_path)


@pytest.mark.scenario(49)
def test_both_ways_down_past_the_window_reconcile_first_cancel_and_then_ask(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        t.venue.cut_stream()
        t.venue.cut_rest()
        t.fill(order, 40)
        order = await t.stays_open(order, 610)
        assert order.filled == 0
        t.venue.mend_rest()
        t.venue.mend_stream()
        t.venue.calls.clear()
        order = await t.until_final(order)
        assert t.venue.calls[0] == "GET"
        assert outcome(order) == (State.CANCELED, 40)
        assert "no fallback was sent" in order.alarm
        assert len(t.exchange.orders) == 1
        assert t.live_at_broker() == []

    play(scenario, tmp_path)


@pytest.mark.scenario(52)
def test_keys_revoked_in_the_middle_send_nothing_new_until_they_are_taken_again(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        for method in ("POST", "GET", "DELETE"):
            t.venue.answer(method, 401, NO_KEYS, times=1000)
        order = await t.stays_open(order, 40)
        assert order.state is State.CANCELING
        assert order.live_children
        (alarm,) = t.notices(Level.ALARM)
        assert "does not accept these keys" in alarm
        refused = await t.until_final(await t.engine.submit(instruction()))
        assert outcome(refused) == (State.REJECTED, 0)
        assert "does not accept these keys" in refused.reason
        assert len(t.exchange.orders) == 1
        t.venue.forget_answers()
        order = await t.until_final(order)
        assert order.filled == t.at_broker(order) == 100

    play(scenario, tmp_path)


@pytest.mark.scenario(53)
def test_a_snapshot_older_than_the_fill_is_ignored(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        t.exchange.faults.arm(Fault(Kind.ANSWER_SLOW, method="GET", seconds=1))
        t.venue.cut_stream()
        t.venue.mend_stream()
        await asyncio.sleep(0.1)
        t.fill(order, 40)
        order = await t.until_child(order, lambda child: child.filled == 40)
        assert ("GET", 200) not in t.venue.statuses
        order = await t.stays_open(order, 2)
        assert ("GET", 200) in t.venue.statuses
        assert order.filled == 40
        assert order.children[0].status == "partially_filled"

    play(scenario, tmp_path)


@pytest.mark.scenario(54)
def test_absence_from_a_list_is_never_taken_for_an_end(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        assert await t.venue.open_orders() == ()  # this venue's list is always cut short
        order = await t.working()
        t.venue.calls.clear()
        t.venue.cut_stream()
        t.venue.mend_stream()
        order = await t.stays_open(order, 3)
        assert order.state is State.WORKING
        await t.restart()
        order = await t.stays_open(order, 3)
        assert order.state is State.WORKING
        assert "LIST" not in t.venue.calls
        assert t.venue.calls == ["GET"]

    play(scenario, tmp_path)


@pytest.mark.scenario(48)
def test_while_the_order_stream_is_down_nothing_new_is_taken_and_the_links_say_so(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        t.venue.cut_stream()
        with pytest.raises(Refusal, match="order stream"):
            await t.engine.submit(instruction())
        assert t.exchange.orders == {}
        told = [e.link for e in t.events if isinstance(e, LinkChanged)]
        assert told[-1].state is LinkState.RECONNECTING
        assert told[-1].since_ns <= t.engine.clock.now_ns() + NS

    play(scenario, tmp_path)
