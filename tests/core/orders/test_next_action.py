"""What follows a fact: cancels, the proof, the fallback, the collar, an end."""

from core.orders.commands import Cancel, Post
from core.orders.permissions import may_post
from core.orders.state import Liveness, State
from tests.core.orders.reducer_harness import (
    L,
    M,
    ReducerHarness,
)


def test_a01_a_fill_that_beats_the_delete_fills_the_order() -> None:
    desk = ReducerHarness().working().deadline().delete_leaves().fills(L, 100, 100).delete_refused()
    assert desk.state() is State.FILLED
    assert desk.posts() == [L]
    assert not desk.order.alarm


def test_a04_a_lost_fill_is_found_by_a_read_before_the_fallback() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).cancelling().says(L, "canceled", 65)
    assert desk.posts() == [L]
    assert desk.reads()[-1] == L
    assert desk.read(L, "canceled", 65).fallback.qty == 35


def test_a05_a_fill_frame_after_the_proof_is_counted_once() -> None:
    desk = ReducerHarness().working().cancelling().says(L, "canceled", 40).fills(L, 40, 40)
    assert desk.fallback.qty == 60
    assert desk.order.filled == 40
    assert desk.read(L, "canceled", 40).order.filled == 40


def test_a06_a_fill_after_the_proof_holds_the_fallback_until_a_read() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).cancelling().says(L, "canceled", 40)
    assert may_post(desk.order, M)
    desk.fills(L, 25, 65)
    assert not may_post(desk.order, M)
    assert desk.reads()[-1] == L
    desk.read(L, "canceled", 65)
    assert desk.fallback.qty == 35
    assert may_post(desk.order, desk.fallback.client_id)
    assert not desk.wants(Post(M))


def test_a06_a_repeated_frame_does_not_stand_in_for_that_read() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).cancelling().says(L, "canceled", 40)
    desk.fills(L, 25, 65).fills(L, 25, 65).says(L, "new", 0)
    assert desk.limit.liveness is Liveness.CHECKING
    assert not any(may_post(desk.order, c.client_id) for c in desk.order.children)


def test_a06_a_fill_beyond_the_terminal_record_is_read_although_it_came_first() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).fills(L, 25, 65)
    desk.cancelling().says(L, "canceled", 40).says(L, "new", 0)
    assert desk.limit.liveness is Liveness.CHECKING
    assert desk.read(L, "canceled", 65).fallback.qty == 35


def test_a07_an_overfill_is_recorded_and_never_bought_back() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).cancelling().says(L, "canceled", 40)
    desk.fallback_live().fills(M, 60, 60)
    asked = len(desk.posts())
    desk.fills(L, 25, 65)
    assert desk.order.filled == 125
    assert desk.state() is State.ATTENTION
    assert "125" in desk.order.alarm
    assert desk.reads()[-1] == L, "the child that is not proven dead is still watched"
    desk.read(L, "canceled", 65)
    assert desk.limit.dead
    assert desk.order.filled == 125
    assert len(desk.posts()) == asked


def test_a07_a_fallback_that_is_still_live_is_cancelled_when_the_limit_fills_more() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).cancelling().says(L, "canceled", 40)
    desk.fallback_live().fills(L, 25, 65)
    assert desk.cancels()[-1] == M
    desk.delete_leaves(M).says(M, "canceled", 0).read(L, "canceled", 65)
    assert desk.outcome == (State.ATTENTION, 65)


def test_a12_a_last_fill_and_the_deadline_in_one_turn_in_both_orders() -> None:
    fill_first = ReducerHarness().working().fills(L, 100, 100).wait(10).timer()
    assert (fill_first.order.state, fill_first.cancels()) == (State.FILLED, [])
    time_first = ReducerHarness().working().deadline().fills(L, 100, 100)
    assert (time_first.order.state, time_first.cancels()) == (State.FILLED, [L])
    assert time_first.posts() == [L]
    assert not time_first.wants(Cancel(L))


def test_a14_a_person_who_cancels_after_the_deadline_gets_no_fallback() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).cancelling().cancel().says(L, "canceled", 40)
    assert desk.outcome == (State.CANCELED, 40)
    assert desk.posts() == [L]


def test_a14_a_person_who_cancels_before_the_fallback_left_gets_none() -> None:
    desk = ReducerHarness().working().cancelling().says(L, "canceled", 0)
    desk.cancel()
    assert not desk.wants(Post(M))
    assert desk.state() is State.CANCELED


def test_a14_not_even_market_now_undoes_a_cancel() -> None:
    desk = ReducerHarness().working().cancel().market_now().delete_leaves().says(L, "canceled", 0)
    assert desk.state() is State.CANCELED
    assert desk.posts() == [L]


def test_a15_a_cancel_while_the_fallback_is_unanswered_finds_it_first() -> None:
    desk = ReducerHarness().working().cancelling().says(L, "canceled", 40).read(L, "canceled", 40)
    desk.post_leaves(M).cancel().post_unanswered(M)
    assert desk.state() is State.UNCERTAIN
    assert desk.next_read(M) > 0
    desk.read(M, "new", 0)
    assert desk.cancels()[-1] == M
    desk.delete_leaves(M).delete_taken(M).fills(M, 20, 20).says(M, "canceled", 20)
    assert desk.outcome == (State.CANCELED, 60)


def test_a16_a_fill_before_the_persons_cancel_is_a_fill() -> None:
    desk = ReducerHarness().working().cancel().delete_leaves().fills(L, 100, 100)
    assert desk.state() is State.FILLED
    assert "before the cancel" in desk.order.reason


def test_a17_a_stale_word_does_not_bring_a_dead_child_back() -> None:
    desk = ReducerHarness().working().cancelling().says(L, "canceled", 0).says(L, "new", 0)
    assert desk.limit.dead
    assert desk.posts() == [L, M]
