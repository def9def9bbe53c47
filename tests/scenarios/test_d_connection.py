"""D. Connection: one or both ways to the venue are cut, mute, refused or late."""

import asyncio
from pathlib import Path

import pytest

from core.engine.events import Level, LinkChanged
from core.errors import LoginRefused, Refusal
from core.exchange.faults.faults import Fault, Kind
from core.market.links import LinkName, LinkState
from core.market.time import NS
from core.orders.state import Liveness, State
from tests.support.trading import Trading, instruction, outcome, play


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


@pytest.mark.scenario(45)
def test_a_stream_that_does_not_tell_an_order_the_venue_took_is_connected_anew(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        t.venue.mute = True
        order = await t.engine.submit(instruction())
        await asyncio.sleep(1)
        t.fill(order, 40)
        order = await t.until_child(order, lambda child: child.filled == 40)
        assert NS < t.engine.clock.now_ns() - order.started_ns < 4 * NS
        assert t.venue.calls == ["POST", "GET"]
        (said,) = t.notices(Level.WARNING)
        assert "The order stream is silent" in said
        assert len(t.venue.renewed) == 1
        told = [e.link for e in t.events if isinstance(e, LinkChanged)]
        assert [x.state for x in told if x.name is LinkName.ORDERS][-1] is LinkState.RECONNECTING
        await asyncio.sleep(1)
        assert t.engine.links[LinkName.ORDERS].state is LinkState.UP
        t.fill(order, 60)
        order = await t.until_final(order)
        assert outcome(order) == (State.FILLED, 100)
        assert t.venue.calls.count("POST") == 1

    play(scenario, tmp_path)


@pytest.mark.scenario(45)
def test_a_stream_that_does_not_tell_a_cancel_is_connected_anew_and_all_that_is_open_read(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        other = await t.working(instruction(qty="50", timeout="600"))
        order = await t.working()
        t.venue.mute = True
        t.fill(other, 50)
        order = await t.until_final(order)
        other = await t.until_final(other, within=10)
        assert outcome(other) == (State.FILLED, 50)
        assert outcome(order) == (State.FILLED, 100)
        assert len(t.venue.renewed) == 1

    play(scenario, tmp_path)


@pytest.mark.scenario(45)
def test_one_acknowledgement_lost_on_a_stream_that_tells_others_costs_one_read(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        t.venue.mute = True
        order = await t.engine.submit(instruction())
        await asyncio.sleep(1)
        t.venue.mute = False
        other = await t.working(instruction(qty="50"))
        t.venue.calls.clear()
        await t.stays_open(other, 5)
        assert t.venue.calls == ["GET"]
        assert t.venue.renewed == t.notices(Level.WARNING) == []
        assert t.now(order).state is State.WORKING

    play(scenario, tmp_path)


@pytest.mark.scenario(45)
def test_while_the_stream_is_known_to_be_down_no_acknowledgement_is_missed(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        t.venue.cut_stream()
        await t.engine.cancel(order.id)
        await t.stays_ended(order, 10)
        assert t.venue.renewed == []

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
def test_keys_revoked_in_the_middle_make_what_is_live_unknown_and_send_nothing_new(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        t.venue.keys_refused = True
        order = await t.stays_open(order, 40)
        assert order.state is State.UNCERTAIN
        assert order.children[0].liveness is Liveness.UNKNOWN
        (alarm,) = t.notices(Level.ALARM)
        assert "does not accept these keys" in alarm
        t.venue.calls.clear()
        with pytest.raises(Refusal, match="does not accept these keys") as refused:
            await t.engine.submit(instruction())
        assert refused.value.rule == "login"
        assert "POST" not in t.venue.calls
        t.venue.keys_refused = False
        order = await t.until_final(order)
        assert order.filled == t.at_broker(order) == 100
        assert len(t.exchange.orders) == 2
        await t.until_final(await t.engine.submit(instruction()))

    play(scenario, tmp_path)


@pytest.mark.scenario(52)
def test_a_click_finds_out_that_the_keys_are_taken_again(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        t.venue.keys_refused = True
        await t.engine.cancel(order.id)
        await asyncio.sleep(0.1)
        t.venue.keys_refused = False
        await t.until_final(await t.engine.submit(instruction(qty="50")))
        assert t.engine.account_state.locked_out == ""

    play(scenario, tmp_path)


@pytest.mark.scenario(52)
def test_keys_that_come_back_for_another_account_send_nothing(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        t.venue.keys_refused = True
        order = await t.stays_open(order, 20)
        t.venue.number = "EXOTHER"
        t.venue.keys_refused = False
        order = await t.until_final(order, within=120)
        assert not order.fell_back
        assert any("account EXOTHER" in said for said in t.notices(Level.WARNING))
        with pytest.raises(Refusal, match="account EXOTHER"):
            await t.engine.submit(instruction())
        t.venue.number = ""
        await t.until_final(await t.engine.submit(instruction(qty="50")))

    play(scenario, tmp_path)


@pytest.mark.scenario(52)
def test_each_good_answer_while_nothing_may_be_sent_is_no_reason_for_another_read(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        t.venue.keys_refused = True
        with pytest.raises(LoginRefused):
            await t.engine.account_state.refresh()
        t.venue.number = "EXOTHER"
        t.venue.keys_refused = False
        await t.venue.account()
        for _ in range(20):
            t.venue.mend_rest()  # as the link tells itself after each request
            await asyncio.sleep(0.01)
        said = [words for words in t.notices(Level.WARNING) if "EXOTHER" in words]
        assert len(said) == 1

    play(scenario, tmp_path)


@pytest.mark.scenario(52)
def test_an_order_stream_that_was_refused_comes_back_with_the_keys(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working(instruction(timeout="600"))
        t.venue.keys_refused = True
        t.venue.refuse_stream()
        await t.engine.cancel(order.id)
        await asyncio.sleep(5)
        t.venue.keys_refused = False
        await t.until_final(order)
        await asyncio.sleep(1)
        assert t.engine.links[LinkName.ORDERS].state is LinkState.UP
        await t.until_final(await t.engine.submit(instruction(qty="50")))

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
        t.venue.list_is_short = True
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
