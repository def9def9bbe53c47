"""A. Cancel against fill: the DELETE and the execution cross on the way."""

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest

from core.engine.events import Level
from core.exchange.faults.faults import Fault, Kind
from core.exchange.options import Knobs
from core.market.time import NS
from core.orders.facts import DeadlineReached
from core.orders.state import ChildKind, State
from tests.scenarios.frames import doctored
from tests.scenarios.venue_acts import rewrite
from tests.support.trading import STILL, Trading, outcome, play

SLOW_CANCEL = Fault(Kind.CANCEL_SLOW, seconds=1.0)


@pytest.mark.scenario(1)
def test_a_fill_that_beats_the_delete_ends_filled_and_its_422_is_no_error(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        t.venue.travel["DELETE"] = 0.5
        order = await t.canceling(await t.working())
        t.fill(order, 100)
        order = await t.until_final(order)
        await asyncio.sleep(5)
        assert outcome(order) == (State.FILLED, 100)
        assert not order.fell_back
        assert ("DELETE", 422) in t.venue.statuses
        assert t.notices(Level.WARNING) == t.notices(Level.ALARM) == []

    play(scenario, tmp_path)


@pytest.mark.scenario(2)
def test_after_forty_filled_the_proven_rest_of_sixty_goes_to_market(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        t.fill(order, 40)
        order = await t.until_final(order)
        assert order.state is State.FILLED
        assert [c.filled for c in order.children] == [40, 60]
        assert len(t.exchange.orders) == 2

    play(scenario, tmp_path)


@pytest.mark.scenario(3)
def test_shares_filled_while_the_cancel_is_under_way_are_not_sold_again(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        t.exchange.faults.arm(SLOW_CANCEL)
        order = await t.working()
        t.fill(order, 40)
        t.fill(await t.canceling(order), 25)
        order = await t.until_final(order)
        assert [c.filled for c in order.children] == [65, 35]

    play(scenario, tmp_path)


@pytest.mark.scenario(4)
def test_a_fill_frame_lost_during_the_cancel_is_found_before_the_rest_is_sent(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        t.exchange.faults.arm(SLOW_CANCEL)
        order = await t.working()
        t.fill(order, 40)
        order = await t.canceling(order)
        t.exchange.faults.arm(Fault(Kind.UPDATE_DROP, event="partial_fill"))
        t.fill(order, 25)
        order = await t.until_final(order)
        assert [c.filled for c in order.children] == [65, 35]
        assert "GET" in t.venue.calls

    play(scenario, tmp_path)


@pytest.mark.scenario(5)
def test_a_fill_frame_after_the_proven_cancel_attaches_and_counts_once(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        t.exchange.faults.arm(Fault(Kind.UPDATE_LATE, event="partial_fill", seconds=3))
        order = await t.working()
        await asyncio.sleep(9.5)
        t.fill(order, 40)
        order = await t.until_final(order)
        assert order.children[0].executions == ()
        order = await t.until_child(order, lambda child: bool(child.executions))
        assert [c.filled for c in order.children] == [40, 60]
        assert order.state is State.FILLED

    play(scenario, tmp_path)


@pytest.mark.scenario(6)
def test_a_fill_after_the_proof_holds_the_fallback_until_the_limit_is_read(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        t.exchange.faults.arm(Fault(Kind.CANCEL_SLOW, seconds=0.5))
        order = await t.working()
        t.fill(order, 40)
        order = await t.canceling(order)
        t.venue.mute = True
        t.fill(order, 25)
        await asyncio.sleep(1)
        t.venue.mute = False
        fill, (canceled,) = t.frames("partial_fill")[-1], t.frames("canceled")
        reads = t.venue.calls.count("GET")
        t.oracle.venue_errs = True  # while the venue contradicts itself
        t.venue.inject(doctored(canceled, {"filled_qty": "40"}))
        t.venue.inject(fill)
        t.oracle.venue_errs = False
        order = await t.until_final(order)
        assert t.venue.calls.count("GET") > reads
        assert [c.filled for c in order.children if c.filled] == [65, 35]
        assert [o.qty for o in t.exchange.orders.values()] == [100, 35]

    play(scenario, tmp_path)


@pytest.mark.scenario(7)
def test_a_fill_after_the_fallback_filled_is_an_alarm_and_nothing_is_bought_back(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        t.oracle.venue_errs = True
        order = await t.working()
        t.fill(order, 40)
        order = await t.until_final(order)
        (fill,) = t.frames("partial_fill")
        rewrite(t, order, filled=Decimal(65))
        more = {"filled_qty": "65", "status": "canceled"}
        t.venue.inject(doctored(fill, more, execution_id="late", qty="25"))
        order = await t.stays_ended(order, 60)
        assert outcome(order) == (State.ATTENTION, 125)
        assert any("125 filled of 100" in said for said in t.notices(Level.ALARM))
        assert len(t.exchange.orders) == 2

    play(scenario, tmp_path)


@pytest.mark.scenario(8)
@pytest.mark.parametrize(("seconds", "falls_back"), [(30, True), (600, False)])
def test_a_cancel_that_stays_pending_is_polled_with_backoff_and_falls_back_only_in_its_window(
    tmp_path: Path, seconds: int, falls_back: bool
) -> None:
    async def scenario(t: Trading) -> None:
        t.exchange.faults.arm(Fault(Kind.CANCEL_STUCK))
        order = await t.canceling(await t.working())
        order = await t.stays_open(order, seconds)
        assert order.state is State.CANCELING
        assert order.children[0].status == "pending_cancel"
        assert 3 < t.venue.calls.count("GET") < 10 + seconds / 8
        assert len(t.exchange.orders) == 1
        t.exchange.release_cancels()
        order = await t.until_final(order)
        assert order.fell_back is falls_back
        assert order.state is (State.FILLED if falls_back else State.CANCELED)
        assert bool(order.alarm) is not falls_back

    play(scenario, tmp_path)


@pytest.mark.scenario(9)
@pytest.mark.parametrize("landed", [True, False])
@pytest.mark.parametrize("kind", [Kind.ANSWER_RESET, Kind.ANSWER_HANG, Kind.ANSWER_504])
def test_a_delete_without_an_answer_is_read_and_repeated_and_proves_nothing(
    tmp_path: Path, kind: Kind, landed: bool
) -> None:
    async def scenario(t: Trading) -> None:
        t.exchange.faults.arm(Fault(kind, method="DELETE", landed=landed, seconds=0.5))
        order = await t.until_final(await t.working())
        assert outcome(order) == (State.FILLED, 100)
        assert t.venue.calls.count("DELETE") == (1 if landed else 2)
        assert t.venue.calls.count("POST") == len(t.exchange.orders) == 2

    play(scenario, tmp_path)


@pytest.mark.scenario(10)
def test_a_404_to_the_delete_of_a_known_order_is_unknown_and_an_alarm_and_no_proof(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        t.venue.answer("DELETE", 404)
        t.venue.answer("GET", 404, times=1000)
        order = await t.stays_open(await t.canceling(order), 30)
        assert order.state is State.UNCERTAIN
        assert any("denies an order" in said for said in t.notices(Level.ALARM))
        assert len(t.exchange.orders) == 1
        t.venue.forget_answers()
        order = await t.until_final(order)
        assert order.filled == t.at_broker(order) == 100

    play(scenario, tmp_path)


@pytest.mark.scenario(11)
def test_a_422_to_the_delete_of_a_live_order_is_read_and_the_delete_repeated(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        t.fill(order, 40)
        t.venue.answer("DELETE", 422)
        order = await t.until_final(order)
        assert [c.filled for c in order.children] == [40, 60]
        assert t.venue.calls == ["POST", "DELETE", "GET", "DELETE", "POST"]

    play(scenario, tmp_path)


@pytest.mark.scenario(12)
@pytest.mark.parametrize("fill_first", [True, False])
def test_the_last_fill_and_the_deadline_in_one_turn_fill_once_in_both_orders(
    tmp_path: Path, fill_first: bool
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        t.venue.mute = True
        await asyncio.sleep(9.8)
        t.fill(order, 100)
        (fill,) = t.frames("fill")
        assert order.deadline_ns is not None
        time_is_up = DeadlineReached(order_id=order.id, at=order.deadline_ns)
        if fill_first:
            t.venue.inject(fill)
        t.engine.apply(time_is_up)
        if not fill_first:
            t.venue.inject(fill)
        order = await t.stays_ended(order, 5)
        assert outcome(order) == (State.FILLED, 100)
        assert t.venue.calls.count("DELETE") <= 1
        assert len(t.exchange.orders) == 1

    play(scenario, tmp_path)


@pytest.mark.scenario(13)
def test_a_deadline_that_strikes_twice_sends_one_delete_and_one_fallback(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        t.exchange.faults.arm(SLOW_CANCEL)
        order = await t.canceling(await t.working())
        for _ in range(3):
            t.engine.apply(DeadlineReached(order_id=order.id, at=t.engine.clock.now_ns()))
            await asyncio.sleep(0.1)
        order = await t.until_final(order)
        assert t.venue.calls == ["POST", "DELETE", "POST"]
        assert order.state is State.FILLED

    play(scenario, tmp_path)


@pytest.mark.scenario(14)
def test_a_person_who_cancels_after_the_deadline_gets_no_fallback(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        t.exchange.faults.arm(SLOW_CANCEL)
        order = await t.working()
        t.fill(order, 40)
        order = await t.canceling(order)
        await t.engine.cancel(order.id)
        order = await t.until_final(order)
        assert outcome(order) == (State.CANCELED, 40)
        assert len(t.exchange.orders) == 1

    play(scenario, tmp_path)


@pytest.mark.scenario(15)
def test_a_cancel_while_the_fallback_is_unanswered_finds_it_first_and_then_cancels_it(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.canceling(await t.working())
        t.venue.mute = True
        t.exchange.faults.arm(Fault(Kind.ANSWER_HANG, method="POST", seconds=1))
        order = await t.until_child(order, lambda child: child.posts > 0, place=1)
        order = await t.engine.cancel(order.id)
        assert order.state is State.CANCELING
        order = await t.until_final(order)
        assert outcome(order) == (State.CANCELED, 0)
        after = t.venue.calls[t.venue.calls.index("POST", 1) + 1 :]
        assert (after[0], after[1]) == ("GET", "DELETE")
        assert t.live_at_broker() == []

    play(scenario, tmp_path, knobs=Knobs(hidden_chance=0.0, price_improvement=0.0, ack_delay=3.0))


@pytest.mark.scenario(16)
def test_a_fill_before_a_persons_cancel_took_effect_is_a_fill_and_says_so(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        t.venue.travel["DELETE"] = 0.5
        order = await t.working()
        await t.engine.cancel(order.id)
        t.fill(order, 100)
        order = await t.until_final(order)
        assert outcome(order) == (State.FILLED, 100)
        assert order.reason == "It filled before the cancel took effect."

    play(scenario, tmp_path)


@pytest.mark.scenario(17)
def test_a_stale_new_after_the_proven_cancel_revives_nothing(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        order = await t.until_child(order, lambda child: child.dead)
        t.venue.inject(t.frames("new")[0])
        order = await t.until_final(order)
        assert [c.filled for c in order.children] == [0, 100]
        assert [c.kind for c in order.children] == [ChildKind.LIMIT, ChildKind.MARKET]
        assert order.children[0].dead
        ended = order.ended_ns
        assert ended is not None
        assert ended - order.started_ns < 12 * NS
        assert t.venue.calls.count("POST") == 2

    play(scenario, tmp_path, knobs=STILL)
