"""What follows a fact: cancels, the proof, the fallback, the collar, an end."""

from core.market.time import NS
from core.orders.commands import Cancel, Post
from core.orders.permissions import may_post, timer_ns
from core.orders.plan import Fallback
from core.orders.state import ChildKind, Liveness, State
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


def test_a02_the_fallback_is_for_what_is_proven_unfilled() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).cancelling().says(L, "canceled", 40)
    assert desk.fallback.qty == 60
    desk.fallback_live().fills(M, 60, 60)
    assert desk.outcome == (State.FILLED, 100)


def test_a03_a_fill_while_the_cancel_is_in_flight_is_counted() -> None:
    desk = (
        ReducerHarness()
        .working()
        .fills(L, 40, 40)
        .cancelling()
        .fills(L, 25, 65)
        .says(L, "canceled", 65)
    )
    assert desk.fallback.qty == 35


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


def miss(desk: ReducerHarness, name: str, times: int) -> ReducerHarness:
    """Reads answer 404 after short waits."""
    for _ in range(times):
        desk.wait(0.2).not_found(name)
    return desk


def test_a_fallback_refused_beside_another_order_is_left_to_the_person_after_its_grace() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).cancelling().says(L, "canceled", 40)
    desk.wait(59).post_leaves(M).post_refused(M, "potential wash trade detected", opposed=True)
    assert desk.outcome == (State.CANCELED, 40)
    assert "potential wash trade detected. 60 are left" in desk.order.alarm


def test_the_time_of_a_collar_does_not_run_while_it_is_kept_back() -> None:
    desk = ReducerHarness(fallback=Fallback.COLLAR).working().cancelling().says(L, "canceled", 0)
    desk.price("15.20")
    kept = desk.wait(5).post_barred(M, "Your own buy is open.", 1.0)
    assert kept.order.collar_until_ns == kept.now + 11 * NS
    desk.wait(1).post_leaves(M).post_refused(M, "potential wash trade detected", opposed=True)
    assert desk.order.collar_until_ns == desk.now + 12 * NS


def test_a_collar_is_priced_only_when_the_limit_is_dead() -> None:
    desk = ReducerHarness(fallback=Fallback.COLLAR).working().fills(L, 40, 40).cancelling()
    assert not desk.priced()
    desk.says(L, "canceled", 40)
    assert desk.priced()
    desk.price("15.20")
    assert desk.replacement == (ChildKind.COLLAR, 60)


def test_a_collar_without_a_usable_quote_leaves_the_rest_to_the_person() -> None:
    desk = ReducerHarness(fallback=Fallback.COLLAR).working().cancelling().says(L, "canceled", 0)
    desk.price(None, "The quote is stale.")
    assert desk.state() is State.ATTENTION
    assert "stale" in desk.order.reason


def test_a_collar_priced_after_the_grace_is_not_sent() -> None:
    desk = ReducerHarness(fallback=Fallback.COLLAR).working().cancelling().says(L, "canceled", 0)
    desk.wait(100).price("15.20")
    assert desk.state() is State.CANCELED
    assert desk.posts() == [L]


def test_a_collar_that_finds_no_shares_is_cancelled_and_left_to_the_person() -> None:
    desk = ReducerHarness(fallback=Fallback.COLLAR).working().cancelling().says(L, "canceled", 0)
    desk.price("15.20").fallback_live(M).fills(M, 30, 30)
    due = timer_ns(desk.order)
    assert due is not None
    desk.now = due
    desk.timer().delete_leaves(M).delete_taken(M).says(M, "canceled", 30)
    assert desk.outcome == (State.ATTENTION, 30)


def test_a_collar_still_unsent_when_its_time_ends_says_so() -> None:
    desk = ReducerHarness(fallback=Fallback.COLLAR).working().cancelling().says(L, "canceled", 0)
    desk.price("15.20").post_leaves(M).post_refused(M, "rate limit", retry_after=9.0)
    due = timer_ns(desk.order)
    assert due is not None
    desk.now = due
    desk.timer()
    assert desk.state() is State.ATTENTION
    assert "100 are left" in desk.order.reason


def test_market_now_takes_a_collar_back_first() -> None:
    desk = ReducerHarness(fallback=Fallback.COLLAR).working().cancelling().says(L, "canceled", 0)
    desk.price("15.20").fallback_live(M).fills(M, 30, 30).market_now()
    assert desk.cancels()[-1] == M
    desk.delete_leaves(M).says(M, "canceled", 30)
    assert desk.replacement == (ChildKind.MARKET, 70)


def test_market_now_does_not_follow_a_collar_that_someone_else_cancelled() -> None:
    desk = ReducerHarness(fallback=Fallback.COLLAR).working().cancelling().says(L, "canceled", 0)
    desk.price("15.20").fallback_live(M).market_now().says(M, "canceled", 0)
    assert desk.state() is State.CANCELED
    assert desk.posts() == [L, M]


def test_no_fallback_was_asked_for_and_none_is_sent() -> None:
    desk = ReducerHarness(fallback=Fallback.NONE).working().cancelling().says(L, "canceled", 0)
    assert desk.state() is State.CANCELED
    assert desk.posts() == [L]


def test_a_fallback_of_unknown_fate_is_not_repeated_when_the_limit_filled_more() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).cancelling().says(L, "canceled", 40)
    desk.post_leaves(M).post_unanswered(M).fills(L, 25, 65)
    assert not may_post(desk.order, M)
    desk.read(L, "canceled", 65)
    assert desk.limit.dead
    assert not may_post(desk.order, M), "65 and 60 are more than 100"
    assert miss(desk, M, 5).posts() == [L, M]


def test_a_collars_price_that_comes_out_of_turn_sends_nothing() -> None:
    desk = ReducerHarness(fallback=Fallback.COLLAR).working().price("15.20")
    assert desk.posts() == [L]
    assert desk.deadline().price("15.20").posts() == [L]


def test_without_a_collars_price_the_person_is_alarmed_and_told_why() -> None:
    desk = ReducerHarness(fallback=Fallback.COLLAR).working().cancelling().says(L, "canceled", 0)
    desk.price(None, "The quote is stale.")
    assert desk.order.alarm == desk.order.reason
    assert desk.order.reason == (
        "No fallback was sent: The quote is stale. Nothing is live; decide about the rest yourself."
    )
