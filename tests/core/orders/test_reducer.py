"""The reducer against the scenarios of the fault list, one test a sentence.

Numbers in brackets are the scenario's. L is the limit child, M the fallback.
"""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from core.market.prices import Side
from core.market.time import NS
from core.orders.commands import Cancel, Post, PriceFallback, Read
from core.orders.facts import CancelAsked, Execution, Source, VenueGone
from core.orders.ids import client_id, parent_of
from core.orders.permissions import may_post, still_wanted, timer_ns, too_late
from core.orders.plan import Fallback, Plan
from core.orders.reducer import reduce
from core.orders.state import Cause, ChildKind, Liveness, State
from tests.core.orders.reducer_harness import (
    M2,
    PRICE,
    START,
    L,
    M,
    ReducerHarness,
    accepted,
    replayed,
)

# ---- the ordinary path ----------------------------------------------------------------------


def test_a_limit_that_fills_costs_one_post_and_nothing_else() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).fills(L, 60, 100)
    assert desk.state() is State.FILLED
    assert desk.order.filled == 100
    assert desk.asked == [Post(L)]


@pytest.mark.parametrize("side", [Side.SELL, Side.BUY])
def test_a_fallback_costs_post_delete_post_and_no_read_before_its_own_proof(side: Side) -> None:
    desk = ReducerHarness(side=side).working().cancelling().says(L, "canceled", 0)
    assert desk.posts() == [L, M]
    assert desk.cancels() == [L]
    assert desk.fallback.qty == 100
    assert not desk.wants(Read(L, 0)), "the read that waited for a missing proof is dropped"
    desk.fallback_live().fills(M, 100, 100)
    assert desk.state() is State.FILLED


def test_ids_of_children_are_computed_and_lead_back_to_the_parent() -> None:
    assert client_id("o-7", 2) == "tl-o-7-2"
    assert parent_of("tl-o-7-2") == "o-7"
    assert parent_of("tl-o7") is None
    assert parent_of("mine-o7-1") is None


def test_a_fact_about_an_unknown_child_changes_nothing() -> None:
    desk = ReducerHarness().working()
    before = desk.order
    desk.says("tl-o1-9", "filled", 100)
    assert desk.order is before


def test_a_fact_before_the_acceptance_is_an_error_of_ours() -> None:
    with pytest.raises(KeyError):
        reduce(None, CancelAsked(order_id="o1", at=START))


def test_held_orders_have_no_timer() -> None:
    desk = ReducerHarness().working().move(None)
    assert timer_ns(desk.order) is None
    assert desk.wait(999).timer().cancels() == []


# ---- A. cancel against fill -------------------------------------------------------------------


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


def test_a08_a_pending_cancel_is_polled_with_backoff_and_proves_nothing() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).cancelling()
    delays = []
    for _ in range(8):
        desk.wait(5).read(L, "pending_cancel", 40)
        delays.append(desk.next_read(L))
    assert delays == sorted(delays)
    assert delays[-1] == 10 * NS
    assert desk.state() is State.CANCELING
    assert desk.says(L, "canceled", 40).fallback.qty == 60


def test_a08_a_proof_after_the_window_leaves_the_rest_to_the_person() -> None:
    desk = ReducerHarness().working().cancelling().wait(601).says(L, "canceled", 0)
    assert desk.state() is State.CANCELED
    assert "deadline" in desk.order.alarm
    assert desk.posts() == [L]


def test_a09_an_unanswered_delete_is_read_and_repeated_but_proves_nothing() -> None:
    desk = ReducerHarness().working().deadline().delete_leaves().delete_failed()
    assert desk.step == (Read(L),)
    desk.read(L, "new", 0)
    assert desk.cancels() == [L, L]
    desk.delete_leaves().delete_failed().read_failed()
    assert desk.cancels() == [L, L, L]
    assert desk.posts() == [L]


def test_a09_failing_deletes_do_not_breed_requests() -> None:
    desk = ReducerHarness().working().deadline()
    outstanding = list(desk.step)
    for _ in range(40):
        command = outstanding.pop(0)
        if isinstance(command, Cancel):
            desk.delete_leaves().delete_failed()
        else:
            desk.read(L, "new", 0)
        outstanding.extend(desk.step)
        assert 1 <= len(outstanding) <= 2


def test_a10_a_404_on_a_delete_is_uncertain_and_alarming_and_no_proof() -> None:
    desk = ReducerHarness().working().deadline().delete_leaves().delete_refused()
    assert desk.step == (Read(L),)
    desk.not_found()
    assert desk.state() is State.UNCERTAIN
    assert desk.order.alarm
    for _ in range(30):
        desk.wait(10).not_found()
    assert desk.state() is State.UNCERTAIN
    assert isinstance(desk.step[0], Read)
    assert desk.posts() == [L]


def test_a11_a_refused_delete_of_a_live_order_is_repeated() -> None:
    desk = ReducerHarness().working().deadline().delete_leaves().delete_refused()
    desk.read(L, "partially_filled", 40)
    assert desk.cancels() == [L, L]
    desk.delete_leaves().delete_taken().says(L, "canceled", 40).read(L, "canceled", 40)
    assert desk.fallback.qty == 60


def test_a11_the_second_delete_is_ours_even_if_its_answer_is_lost() -> None:
    desk = ReducerHarness().working().deadline().delete_leaves().delete_refused().read(L, "new", 0)
    desk.delete_leaves().delete_failed().read(L, "canceled", 0)
    assert desk.fallback.qty == 100


def test_a12_a_last_fill_and_the_deadline_in_one_turn_in_both_orders() -> None:
    fill_first = ReducerHarness().working().fills(L, 100, 100).wait(10).timer()
    assert (fill_first.order.state, fill_first.cancels()) == (State.FILLED, [])
    time_first = ReducerHarness().working().deadline().fills(L, 100, 100)
    assert (time_first.order.state, time_first.cancels()) == (State.FILLED, [L])
    assert time_first.posts() == [L]
    assert not time_first.wants(Cancel(L))


def test_a13_a_second_timer_sends_nothing_more() -> None:
    desk = ReducerHarness().working().deadline().timer().delete_leaves().timer()
    assert desk.cancels() == [L]
    desk.delete_taken().says(L, "canceled", 0).timer().timer()
    assert desk.posts() == [L, M]


def test_a13_a_timer_that_fires_early_does_nothing() -> None:
    desk = ReducerHarness().working().wait(9).timer()
    assert desk.state() is State.WORKING
    assert desk.cancels() == []


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


# ---- B. submit ------------------------------------------------------------------------------


def test_b18_a_post_that_timed_out_is_read_and_adopted() -> None:
    desk = ReducerHarness().post_leaves().post_unanswered()
    assert desk.state() is State.UNCERTAIN
    assert isinstance(desk.step[0], Read)
    desk.read(L, "new", 0)
    assert desk.state() is State.WORKING
    assert desk.posts() == [L]


def miss(desk: ReducerHarness, name: str, times: int) -> ReducerHarness:
    """Reads answer 404 after short waits."""
    for _ in range(times):
        desk.wait(0.2).not_found(name)
    return desk


def test_b19_a_post_that_never_arrived_is_sent_again_under_the_same_id() -> None:
    desk = miss(ReducerHarness().post_leaves().post_unanswered(), L, 4)
    assert desk.posts() == [L, L]
    desk.post_leaves().says(L, "new", 0, source=Source.POST)
    assert desk.state() is State.WORKING


def test_b19_a_second_lost_post_is_still_watched() -> None:
    desk = (
        miss(ReducerHarness().post_leaves().post_unanswered(), L, 4).post_leaves().post_unanswered()
    )
    assert isinstance(desk.step[0], Read)


def test_b19_an_order_nobody_can_find_ends_with_an_alarm_and_without_a_fallback() -> None:
    desk = ReducerHarness().post_leaves().post_unanswered()
    for _ in range(40):
        if desk.order.final:
            break
        if desk.step and isinstance(desk.step[0], Post):
            desk.post_leaves().post_unanswered()
        desk.wait(0.2).not_found()
    assert desk.state() is State.ATTENTION
    assert set(desk.posts()) == {L}


def test_b19_an_order_given_up_that_appears_is_cancelled_and_watched_to_its_end() -> None:
    desk = ReducerHarness().post_leaves().post_unanswered().cancel()
    miss(desk, L, 6)
    assert desk.state() is State.CANCELED
    desk.says(L, "new", 0)
    assert desk.cancels() == [L]
    assert desk.state() is State.ATTENTION
    desk.delete_leaves().delete_failed().read(L, "new", 0)
    assert desk.cancels() == [L, L]
    desk.delete_leaves().delete_taken().fills(L, 40, 40).says(L, "canceled", 40)
    assert desk.limit.dead
    assert desk.order.filled == 40
    assert desk.posts() == [L]


def test_b19_an_order_given_up_that_turns_out_filled_is_counted_and_said() -> None:
    desk = miss(ReducerHarness().post_leaves().post_unanswered().cancel(), L, 6)
    desk.fills(L, 100, 100)
    assert desk.order.filled == 100
    assert desk.state() is State.ATTENTION


def test_b20_an_id_that_is_already_used_means_that_it_landed() -> None:
    desk = (
        miss(ReducerHarness().post_leaves().post_unanswered(), L, 4).post_leaves().post_unanswered()
    )
    desk.read(L, "partially_filled", 40)
    assert desk.outcome == (State.WORKING, 40)


def test_b21_a_refusal_after_an_unanswered_post_proves_nothing() -> None:
    desk = miss(ReducerHarness().post_leaves().post_unanswered(), L, 4).post_leaves()
    desk.post_refused(L, "insufficient qty available")
    assert desk.state() is State.UNCERTAIN
    assert isinstance(desk.step[0], Read)


def test_b21_a_refusal_after_a_crash_in_mid_post_proves_nothing() -> None:
    desk = ReducerHarness().working().cancelling().says(L, "canceled", 0).post_leaves(M).resume()
    miss(desk, M, 4).post_leaves(M).post_refused(M, "available 0", shares_reserved=True)
    assert desk.state() is State.UNCERTAIN
    assert set(desk.posts()) == {L, M}


@pytest.mark.parametrize("words", ["insufficient buying power", "invalid limit_price"])
def test_b22_b23_a_refused_order_ends_with_the_venues_words(words: str) -> None:
    desk = ReducerHarness().post_leaves().post_refused(L, words)
    assert desk.state() is State.REJECTED
    assert desk.order.reason == words
    assert desk.posts() == [L]


def test_b24_too_many_requests_waits_as_told_and_keeps_the_id() -> None:
    desk = ReducerHarness().post_leaves().post_refused(L, "rate limit", retry_after=2.0)
    assert desk.step == (Post(L, 2 * NS),)
    desk.wait(2).working()
    assert desk.state() is State.WORKING


def test_b24_a_read_in_the_meantime_does_not_bury_an_order_that_waits_to_be_sent() -> None:
    desk = ReducerHarness().post_leaves().post_refused(L, "rate limit", retry_after=2.0).not_found()
    assert desk.wants(Post(L))
    assert not desk.order.final


def test_b24_waiting_longer_than_the_deadline_is_not_waiting() -> None:
    desk = ReducerHarness().post_leaves().post_refused(L, "rate limit", retry_after=20.0)
    assert desk.state() is State.REJECTED


def test_b25_frames_before_the_posts_answer_are_matched_by_our_id() -> None:
    desk = ReducerHarness().post_leaves().says(L, "new").fills(L, 40, 40)
    desk.says(L, "new", 0, source=Source.POST)
    assert desk.order.filled == 40
    assert desk.limit.broker_id == f"b-{L}"


def test_b26_an_older_answer_does_not_undo_a_fill() -> None:
    desk = ReducerHarness().post_leaves().fills(L, 100, 100).says(L, "new", 0, source=Source.POST)
    assert desk.outcome == (State.FILLED, 100)


@pytest.mark.parametrize("cum", [0, 40])
def test_b27_a_rejection_is_not_a_timeout(cum: int) -> None:
    desk = ReducerHarness().working()
    if cum:
        desk.fills(L, cum, cum)
    desk.says(L, "rejected", cum, reason="not today")
    assert desk.outcome == (State.REJECTED, cum)
    assert desk.posts() == [L]


def test_b28_an_unanswered_fallback_never_gets_a_second_id() -> None:
    desk = (
        ReducerHarness()
        .working()
        .cancelling()
        .says(L, "canceled", 0)
        .post_leaves(M)
        .post_unanswered(M)
    )
    miss(desk, M, 4)
    assert desk.posts() == [L, M, M]
    desk.post_leaves(M).says(M, "accepted", 0, source=Source.POST)
    assert len(desk.order.children) == 2


def test_b29_a_fallback_refused_for_held_shares_is_tried_again_under_a_new_id() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).cancelling().says(L, "canceled", 40)
    desk.post_leaves(M).post_refused(M, "available 0", shares_reserved=True)
    assert desk.posts()[-1] == M2
    assert desk.fallback.qty == 60
    desk.fallback_live(M2).fills(M2, 60, 60)
    assert desk.state() is State.FILLED


@pytest.mark.parametrize("words", ["no shorts today", "no shorts today."])
def test_b29_a_fallback_refused_for_good_says_why_in_a_sentence_of_its_own(words: str) -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).cancelling().says(L, "canceled", 40)
    desk.post_leaves(M).post_refused(M, words)
    assert desk.order.alarm == (
        "The fallback was refused: no shorts today. 60 are left; decide yourself."
    )


def test_b29_held_shares_are_not_waited_for_without_end() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).cancelling().says(L, "canceled", 40)
    for _ in range(20):
        if desk.order.final:
            break
        name = desk.fallback.client_id
        desk.wait(0.1).post_leaves(name).post_refused(name, "available 0", shares_reserved=True)
    assert desk.outcome == (State.CANCELED, 40)
    assert "available 0" in desk.order.alarm
    assert len(set(desk.posts())) == len(desk.posts())


def test_b29_nor_beyond_the_window() -> None:
    desk = ReducerHarness(grace=1).working().cancelling().says(L, "canceled", 0)
    desk.post_leaves(M).wait(2).post_refused(M, "available 0", shares_reserved=True)
    assert desk.state() is State.CANCELED
    assert desk.posts() == [L, M]


def test_b30_the_same_intent_twice_is_one_order() -> None:
    desk = ReducerHarness()
    before = desk.order
    desk.apply(accepted())
    assert desk.order == before
    assert desk.posts() == [L]


# ---- the POST kept back ------------------------------------------------------------------------


def test_a_fallback_kept_back_for_a_reason_ends_the_order_and_says_why() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).cancelling().says(L, "canceled", 40)
    desk.post_leaves(M).post_withheld(M, "The disk is full.")
    assert desk.outcome == (State.CANCELED, 40)
    assert "The disk is full." in desk.order.alarm
    assert desk.posts() == [L, M]
    assert not desk.order.fell_back


def test_e63_a_limit_kept_back_for_a_reason_ends_the_order_and_says_why() -> None:
    desk = ReducerHarness().post_leaves().post_withheld(L, "The disk is full.")
    assert desk.state() is State.REJECTED
    assert "The disk is full." in desk.order.reason


def test_a_limit_kept_back_because_time_ran_out_goes_to_the_fallback() -> None:
    desk = ReducerHarness().post_leaves().deadline()
    assert not may_post(desk.order, L)
    desk.post_withheld(L)
    assert desk.replacement == (ChildKind.MARKET, 100)


def test_a_second_post_kept_back_leaves_the_first_one_watched() -> None:
    desk = miss(ReducerHarness().post_leaves().post_unanswered(), L, 4).post_leaves().cancel()
    desk.post_withheld(L)
    assert isinstance(desk.step[0], Read)
    assert not desk.limit.dead


def test_a_fallback_about_to_leave_is_kept_back_when_the_limit_fills_more() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).cancelling().says(L, "canceled", 40)
    desk.post_leaves(M).fills(L, 25, 65)
    assert not may_post(desk.order, M)
    desk.post_withheld(M).read(L, "canceled", 65)
    assert desk.replacement == (ChildKind.MARKET, 35)
    assert desk.posts() == [L, M, M2]


def test_a_fallback_about_to_leave_is_kept_back_when_a_person_cancels() -> None:
    desk = ReducerHarness().working().cancelling().says(L, "canceled", 0).post_leaves(M).cancel()
    assert not may_post(desk.order, M)
    assert desk.post_withheld(M).state() is State.CANCELED


def test_a_child_that_the_venue_holds_is_not_posted_again() -> None:
    desk = ReducerHarness().working()
    assert not still_wanted(desk.order, Post(L))
    assert not may_post(desk.order, L)


# ---- C. the stream's content ------------------------------------------------------------------


def test_c31_c32_a_repeated_execution_counts_once() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40, "e1").fills(L, 40, 40, "e1").says(L, "new")
    assert desk.order.filled == 40
    assert desk.limit.explained == 40
    desk.fills(L, 60, 100, "e2").fills(L, 40, 40, "e1").fills(L, 60, 100, "e2")
    assert desk.state() is State.FILLED
    assert desk.limit.explained == 100


def test_c33_one_execution_id_with_two_quantities_is_read_and_not_guessed() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40, "e1").fills(L, 60, 60, "e1")
    assert desk.order.alarm
    assert desk.step == (Read(L),)
    desk.read(L, "partially_filled", 60)
    assert desk.order.filled == 60


def test_c33_the_same_at_the_end_of_the_order() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40, "e1").fills(L, 60, 100, "e1")
    assert not desk.order.final
    assert isinstance(desk.step[0], Read)
    assert desk.read(L, "filled", 100).order.state is State.FILLED
    assert desk.order.alarm


def test_c34_fills_out_of_order_fill_once_with_the_price_of_both() -> None:
    desk = ReducerHarness().working()
    late = Execution("e1", Decimal(40), Decimal("15.25"), START)
    desk.fills(L, 60, 100, "e2")
    assert not desk.order.final
    desk.says(L, "partially_filled", 40, event="partial_fill", execution=late)
    assert desk.outcome == (State.FILLED, 100)
    assert desk.posts() == [L]


def test_c35_c36_a_stale_word_undoes_neither_a_fill_nor_a_cancel_in_flight() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).says(L, "new", 0)
    assert desk.order.filled == 40
    assert desk.limit.status == "partially_filled"
    desk.cancelling().says(L, "accepted", 0).says(L, "new", 0)
    assert desk.limit.liveness is Liveness.CANCEL_SENT
    assert desk.cancels() == [L]


@pytest.mark.parametrize("number", [0, -5, 70])
def test_c39_an_impossible_execution_is_not_applied_but_read(number: int) -> None:
    desk = ReducerHarness().working().fills(L, 40, 40)
    wrong = Execution("odd", Decimal(number), PRICE, START)
    desk.says(L, "partially_filled", 40, event="partial_fill", execution=wrong)
    assert desk.order.filled == 40
    assert desk.limit.explained == 40
    assert desk.step == (Read(L),)
    assert desk.order.alarm


def test_c40_more_than_was_asked_is_recorded_and_ends_with_an_alarm() -> None:
    desk = ReducerHarness().working().says(L, "filled", 105, event="fill").read(L, "filled", 105)
    assert desk.outcome == (State.ATTENTION, 105)
    assert desk.posts() == [L]


def test_c41_a_bust_is_recorded_read_and_left_to_a_person() -> None:
    desk = ReducerHarness().working().fills(L, 60, 60).fills(L, 40, 100)
    desk.says(L, "filled", 60, event="trade_bust")
    assert desk.outcome == (State.ATTENTION, 60)
    assert desk.reads()[-1] == L
    desk.read(L, "filled", 60)
    assert desk.limit.dead
    assert desk.posts() == [L]


def test_c41_after_a_bust_an_unanswered_fallback_is_not_sent_again() -> None:
    desk = ReducerHarness().working().fills(L, 60, 60).cancelling().says(L, "canceled", 60)
    desk.post_leaves(M).post_unanswered(M).says(L, "canceled", 20, event="trade_bust")
    desk.read(L, "canceled", 20)
    for _ in range(8):
        desk.not_found(M)
    assert desk.posts() == [L, M]
    assert desk.outcome == (State.ATTENTION, 20)


def test_c41_after_a_bust_a_fallback_that_waits_is_dropped() -> None:
    desk = ReducerHarness().working().fills(L, 60, 60).cancelling().says(L, "canceled", 60)
    desk.post_barred(M, "UVXY is halted.", 1.0).says(L, "canceled", 20, event="trade_bust")
    desk.read(L, "canceled", 20)
    assert not desk.wants(Post(M))
    assert desk.outcome == (State.ATTENTION, 20)


def test_c41_a_bust_of_a_live_order_forbids_its_fallback() -> None:
    desk = (
        ReducerHarness()
        .working()
        .fills(L, 60, 60)
        .says(L, "partially_filled", 0, event="trade_bust")
    )
    assert desk.order.filled == 0
    desk.cancelling().says(L, "canceled", 0).read(L, "canceled", 0)
    assert desk.state() is State.ATTENTION
    assert desk.posts() == [L]


def test_c41_a_bust_repeated_late_is_put_right_by_two_reads_that_agree() -> None:
    desk = (
        ReducerHarness()
        .working()
        .fills(L, 60, 60)
        .says(L, "partially_filled", 0, event="trade_bust")
    )
    desk.fills(L, 100, 100, "e9").read(L, "filled", 100)
    desk.says(L, "partially_filled", 0, event="trade_bust")
    desk.read(L, "filled", 100)
    assert not desk.limit.dead  # the read may be older than the bust
    desk.read(L, "filled", 100)
    assert desk.order.filled == 100
    assert desk.limit.dead


def test_c41_a_filled_order_read_with_less_than_its_quantity_has_lost_a_fill() -> None:
    desk = ReducerHarness().working().deadline().delete_leaves().delete_refused().read(L, "new", 0)
    desk.delete_leaves().delete_failed().read(L, "filled", 50)
    assert desk.outcome == (State.ATTENTION, 50)
    assert desk.posts() == [L]


def test_c41_after_a_bust_frames_out_of_order_do_not_prove_the_end() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40)
    desk.says(L, "partially_filled", 20, event="trade_bust").fills(L, 60, 100)
    assert not desk.limit.dead
    assert desk.reads()[-1] == L
    desk.read(L, "filled", 100)
    assert desk.state() is State.ATTENTION


def test_c41_a_read_older_than_the_bust_does_not_bring_the_fill_back() -> None:
    desk = ReducerHarness().working().fills(L, 60, 60).cancelling().says(L, "canceled", 60)
    desk.says(L, "canceled", 20, event="trade_bust").read(L, "canceled", 20)
    desk.read(L, "canceled", 60)
    assert desk.next_read(L) == 0
    for _ in range(4):
        desk.read(L, "canceled", 20)
    assert desk.outcome == (State.ATTENTION, 20)
    assert desk.limit.dead


def test_c41_nor_does_a_read_that_was_under_way_when_the_bust_came() -> None:
    desk = ReducerHarness().working().fills(L, 60, 60).cancelling().says(L, "canceled", 60)
    desk.says(L, "canceled", 20, event="trade_correct").read(L, "canceled", 60)
    assert not desk.limit.dead
    for _ in range(4):
        desk.read(L, "canceled", 20)
    assert desk.outcome == (State.ATTENTION, 20)


def test_c41_a_bust_that_nobody_told_is_believed_after_repeated_reads() -> None:
    desk = ReducerHarness().working().fills(L, 60, 60).cancelling().says(L, "canceled", 20)
    for _ in range(3):
        desk.wait(1).read(L, "canceled", 20)
        assert not desk.limit.dead
    desk.wait(1).read(L, "canceled", 20)
    assert desk.outcome == (State.ATTENTION, 20)
    assert desk.posts() == [L]


def test_c42_a_lost_frame_is_found_at_the_deadline_before_the_rest_is_computed() -> None:
    desk = ReducerHarness().working().cancelling().says(L, "canceled", 40)
    assert desk.posts() == [L]
    assert desk.read(L, "canceled", 40).fallback.qty == 60


def test_c43_the_cumulative_number_counts_and_executions_only_explain_it() -> None:
    desk = ReducerHarness().working().read(L, "partially_filled", 40).fills(L, 40, 40, "e1")
    assert desk.order.filled == 40
    assert desk.limit.explained == 40


# ---- D. the connection, as far as facts tell --------------------------------------------------


def test_d48_reads_that_fail_change_nothing_but_are_repeated() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40)
    for _ in range(60):
        desk.wait(10).read_failed()
        assert isinstance(desk.step[0], Read)
    assert desk.outcome == (State.WORKING, 40)


def test_d53_an_older_snapshot_is_ignored() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).read(L, "new", 0)
    assert desk.order.filled == 40
    assert desk.limit.status == "partially_filled"


# ---- E. crash and restart -----------------------------------------------------------------------


def test_e55_an_order_that_never_left_is_not_sent_by_a_later_run() -> None:
    desk = ReducerHarness().wait(1).resume()
    assert desk.reads() == [L]
    desk.not_found()
    assert desk.state() is State.CANCELED
    assert "never sent" in desk.order.reason
    assert desk.posts() == [L], "only the first run's wish, which died with it"


def test_e56_an_order_that_left_is_adopted_and_its_time_goes_on() -> None:
    desk = ReducerHarness().post_leaves().wait(4).resume().read(L, "new", 0)
    assert desk.state() is State.WORKING
    assert timer_ns(desk.order) == START + 10 * NS


@pytest.mark.parametrize("journaled", [False, True])
def test_e57_e58_a_fill_around_a_crash_counts_once(journaled: bool) -> None:
    desk = ReducerHarness().working()
    if journaled:
        desk.fills(L, 40, 40, "e1")
    desk.resume().read(L, "partially_filled", 40).fills(L, 40, 40, "e1")
    assert desk.order.filled == 40
    assert desk.limit.explained == 40


def test_e59_a_crash_between_cancel_and_proof_finds_the_proof() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).deadline().delete_leaves().wait(5).resume()
    assert desk.read(L, "canceled", 40).fallback.qty == 60


def test_e59_a_crash_between_cancel_and_proof_cancels_again_if_still_live() -> None:
    desk = ReducerHarness().working().deadline().delete_leaves().wait(5).resume().read(L, "new", 0)
    assert desk.cancels() == [L, L]


def test_e60_a_fallback_that_never_left_may_be_sent_under_the_same_id() -> None:
    desk = ReducerHarness().working().cancelling().says(L, "canceled", 0).wait(5).resume()
    assert desk.order.live_children[0].client_id == M
    desk.not_found(M)
    assert desk.posts() == [L, M, M]
    assert len(desk.order.children) == 2


def test_e60_a_later_run_keeps_the_window_that_the_trader_set() -> None:
    desk = ReducerHarness(grace=5).working().cancelling().wait(20).resume(grace=60)
    desk.read(L, "canceled", 0)
    assert desk.state() is State.CANCELED
    assert desk.posts() == [L]


def test_e60_but_not_after_the_window() -> None:
    desk = (
        ReducerHarness()
        .working()
        .cancelling()
        .says(L, "canceled", 0)
        .wait(500)
        .resume()
        .not_found(M)
    )
    assert desk.state() is State.CANCELED
    assert desk.posts() == [L, M]


def test_e61_a_fallback_that_left_is_adopted() -> None:
    desk = ReducerHarness().working().cancelling().says(L, "canceled", 0).post_leaves(M).resume()
    desk.read(M, "filled", 100)
    assert desk.state() is State.FILLED
    assert len(desk.order.children) == 2


def test_e64_after_a_run_that_could_not_record_its_end_a_live_limit_is_cancelled() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).resume(unrecorded=True)
    assert desk.state() is State.CANCELING
    desk.delete_leaves().delete_taken().read(L, "canceled", 40)
    assert desk.outcome == (State.CANCELED, 40)
    assert "60 are left; decide about the rest yourself" in desk.order.alarm
    assert desk.posts() == [L]


def test_e64_a_fallback_that_never_left_in_such_a_run_is_never_sent() -> None:
    desk = ReducerHarness().working().cancelling().read(L, "canceled", 40)
    assert desk.resume(unrecorded=True).outcome == (State.CANCELED, 40)
    assert desk.resume().outcome == (State.CANCELED, 40)
    assert not may_post(desk.order, M)


def test_e64_a_fallback_that_may_have_left_in_such_a_run_is_read_and_not_sent_again() -> None:
    desk = ReducerHarness().working().cancelling().read(L, "canceled", 40).post_leaves(M)
    desk.resume(unrecorded=True)
    for _ in range(6):
        desk.not_found(M)
    assert desk.posts() == [L, M]
    assert desk.outcome == (State.ATTENTION, 40)


def test_e64_a_cancel_that_was_recorded_is_still_yours_after_such_a_run() -> None:
    desk = ReducerHarness().working().cancel().delete_leaves().resume(unrecorded=True)
    assert desk.read(L, "canceled").order.reason == "You cancelled it."


def test_e65_a_day_order_found_expired_next_morning_is_not_replaced() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).wait(60_000).resume().read(L, "expired", 40)
    assert desk.outcome == (State.EXPIRED, 40)
    assert desk.posts() == [L]


def test_e67_a_crash_during_recovery_gives_the_same_end() -> None:
    once = ReducerHarness().working().fills(L, 40, 40).wait(20).resume().recover()
    many = ReducerHarness().working().fills(L, 40, 40).wait(20).resume().resume().resume().recover()
    assert once.order.filled == many.order.filled
    assert once.order.state is many.order.state
    assert once.fallback.qty == many.fallback.qty == 60


def test_e68_a_deadline_long_past_ends_without_fallback_and_says_so() -> None:
    desk = ReducerHarness().working().wait(7_200).resume()
    assert desk.state() is State.CANCELING
    desk.read(L, "new", 0).delete_leaves().says(L, "canceled", 0)
    assert desk.state() is State.CANCELED
    assert "deadline passed" in desk.order.reason
    assert desk.posts() == [L]


def test_the_journal_alone_gives_the_state() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).cancelling().says(L, "canceled", 40)
    desk.fallback_live().fills(M, 60, 60)
    assert replayed(desk.journal) == desk.order


# ---- F. the broker's side ---------------------------------------------------------------------


def test_f69_a_cancel_at_the_brokers_page_is_not_followed_by_a_fallback() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).says(L, "canceled", 40)
    assert desk.outcome == (State.CANCELED, 40)
    assert "not by Touchline" in desk.order.reason
    assert desk.posts() == [L]


def test_f69_nor_when_our_delete_came_too_late() -> None:
    desk = ReducerHarness().working().deadline().delete_leaves().delete_refused().read(L, "new", 0)
    desk.delete_leaves().delete_refused().read(L, "canceled", 0)
    assert desk.state() is State.CANCELED
    assert "not by Touchline" in desk.order.reason


def test_f70_a_replacement_is_followed_and_filled_is_the_sum_of_the_chain() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).says(L, "replaced", 40, replaced_by="b2")
    assert desk.reads() == ["b2"]
    desk.says("b2", "new", 0, source=Source.READ, qty=Decimal(60), broker_id="b2")
    assert desk.state() is State.WORKING
    one = Execution("x1", Decimal(60), PRICE, START)
    desk.says("b2", "filled", 60, event="fill", execution=one, broker_id="b2")
    assert desk.outcome == (State.FILLED, 100)


def test_f70_a_smaller_replacement_that_filled_ends_the_order_with_less() -> None:
    desk = ReducerHarness().working().says(L, "replaced", 0, replaced_by="b2")
    desk.says("b2", "new", 0, source=Source.READ, qty=Decimal(30), broker_id="b2")
    desk.deadline().delete_leaves("b2").delete_refused("b2")
    desk.says("b2", "filled", 30, source=Source.READ, broker_id="b2")
    assert desk.outcome == (State.CANCELED, 30)
    assert "replaced it" in desk.order.reason
    assert desk.posts() == [L]


def test_f70_a_replacement_is_cancelled_at_the_deadline() -> None:
    desk = ReducerHarness().working().says(L, "replaced", 0, replaced_by="b2")
    desk.says("b2", "new", 0, source=Source.READ, qty=Decimal(100), broker_id="b2")
    desk.deadline().delete_leaves("b2").says("b2", "canceled", 0, broker_id="b2")
    assert desk.fallback.qty == 100
    assert desk.fallback.client_id.startswith("tl-o1-")


def test_f70_a_replacement_survives_a_fill_frame_that_was_lost() -> None:
    desk = ReducerHarness().working().says(L, "replaced", 40, replaced_by="b2")
    desk.says("b2", "new", 0, source=Source.READ, qty=Decimal(60), broker_id="b2")
    assert desk.cancels() == []
    desk.read(L, "replaced", 40)
    assert desk.state() is State.WORKING
    assert desk.cancels() == []


def test_f70_a_replacement_without_its_successors_name_is_read() -> None:
    desk = ReducerHarness().working().says(L, "replaced", 0)
    assert not desk.order.final
    assert desk.reads() == [L]
    desk.says(L, "replaced", 0, source=Source.READ, replaced_by="b2")
    assert desk.reads() == [L, "b2"]


def test_f70_a_replacement_not_yet_carried_out_is_not_counted_twice() -> None:
    desk = ReducerHarness().working().says(L, "pending_replace", 0, replaced_by="b2")
    assert desk.cancels() == []
    assert desk.order.exposure == 100


def test_f73_a_replacement_refused_because_filled_leaves_the_fill() -> None:
    desk = ReducerHarness().working().says(L, "pending_replace", 0).fills(L, 100, 100)
    assert desk.state() is State.FILLED


@pytest.mark.parametrize("ends", ["expired", "done_for_day"])
def test_f74_an_order_that_ends_with_the_day_has_no_fallback(ends: str) -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).says(L, ends, 40)
    assert desk.posts() == [L]
    assert desk.order.final is (ends == "expired")


@pytest.mark.parametrize("word", ["suspended", "stopped", "held", "calculated", "never heard of"])
def test_f75_an_unknown_word_ends_nothing(word: str) -> None:
    desk = ReducerHarness().working().says(L, word, 0)
    assert desk.state() is State.WORKING
    assert desk.deadline().cancels() == [L]


def test_f77_a_fallback_the_venue_refuses_ends_with_what_filled_and_an_alarm() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).cancelling().says(L, "canceled", 40)
    desk.post_leaves(M).post_refused(M, "position too small")
    assert desk.outcome == (State.CANCELED, 40)
    assert "position too small" in desk.order.alarm


def test_g84_a_fallback_barred_for_now_waits_and_is_tried_again_under_its_id() -> None:
    desk = (
        ReducerHarness()
        .working()
        .cancelling()
        .says(L, "canceled", 0)
        .post_barred(M, "Halted.", 1.0)
    )
    assert desk.step == (Post(M, NS),)
    assert desk.fallback.error == "Halted."
    desk.wait(1).fallback_live()
    assert desk.posts() == [L, M, M]
    assert desk.fallback.posts == 1


def test_g84_a_fallback_barred_beyond_the_window_is_left_to_the_person() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).cancelling().says(L, "canceled", 40)
    desk.wait(59.5).post_barred(M, "Halted.", 1.0)
    assert desk.outcome == (State.CANCELED, 40)
    assert "Halted. 60 are left" in desk.order.alarm


def test_g85_a_fallback_barred_for_good_is_left_to_the_person_at_once() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).cancelling().says(L, "canceled", 40)
    desk.post_barred(M, "Closed.")
    assert desk.outcome == (State.CANCELED, 40)
    assert "Closed." in desk.order.alarm


def test_g84_a_bar_says_nothing_of_a_post_that_may_have_landed() -> None:
    desk = ReducerHarness().working().cancelling().says(L, "canceled", 0)
    miss(desk.post_leaves(M).post_unanswered(M), M, 4).post_barred(M, "Closed.")
    assert isinstance(desk.step[0], Read)
    assert not desk.fallback.dead
    desk.read(M, "filled", 100)
    assert desk.post_barred(M, "Closed.").outcome == (State.FILLED, 100)


def test_a_fallback_barred_in_the_last_moment_has_not_left() -> None:
    desk = ReducerHarness().working().cancelling().says(L, "canceled", 0).post_leaves(M)
    desk.post_barred(M, "Halted.", 1.0)
    assert (desk.fallback.liveness, desk.fallback.posts) == (Liveness.UNSENT, 0)
    assert desk.step == (Post(M, NS),)
    assert desk.wait(1).fallback_live().read(M, "filled", 100).outcome == (State.FILLED, 100)


def test_a_fallback_that_the_venue_will_not_let_meet_another_order_waits_under_its_id() -> None:
    desk = ReducerHarness().working().cancelling().says(L, "canceled", 0).post_leaves(M)
    desk.post_refused(M, "potential wash trade detected", opposed=True)
    assert desk.step == (Post(M, 2 * NS),)
    assert desk.fallback.liveness is Liveness.UNSENT
    for _ in range(6):  # however often: the venue's word is definite each time
        desk.wait(2).post_leaves(M).post_refused(M, "potential wash trade", opposed=True)
    assert desk.wait(2).fallback_live().read(M, "filled", 100).outcome == (State.FILLED, 100)


def test_a_fallback_refused_beside_another_order_is_left_to_the_person_after_its_window() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).cancelling().says(L, "canceled", 40)
    desk.wait(59).post_leaves(M).post_refused(M, "potential wash trade detected", opposed=True)
    assert desk.outcome == (State.CANCELED, 40)
    assert "potential wash trade detected. 60 are left" in desk.order.alarm


def test_a_limit_that_would_meet_another_order_is_refused_and_not_repeated() -> None:
    desk = (
        ReducerHarness()
        .post_leaves(L)
        .post_refused(L, "potential wash trade detected", opposed=True)
    )
    assert desk.outcome == (State.REJECTED, 0)


def test_a_cancel_ends_the_wait_for_another_order() -> None:
    desk = ReducerHarness().working().cancelling().says(L, "canceled", 0).post_leaves(M).cancel()
    desk.post_refused(M, "potential wash trade detected", opposed=True)
    assert desk.outcome == (State.CANCELED, 0)
    assert desk.posts() == [L, M]


def test_the_time_of_a_collar_does_not_run_while_it_is_kept_back() -> None:
    desk = ReducerHarness(fallback=Fallback.COLLAR).working().cancelling().says(L, "canceled", 0)
    desk.price("15.20")
    kept = desk.wait(5).post_barred(M, "Your own buy is open.", 1.0)
    assert kept.order.collar_until_ns == kept.now + 11 * NS
    desk.wait(1).post_leaves(M).post_refused(M, "potential wash trade detected", opposed=True)
    assert desk.order.collar_until_ns == desk.now + 12 * NS


def test_an_embedded_exchange_that_ended_ends_its_orders() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40)
    desk.apply(VenueGone(order_id="o1", at=desk.now))
    assert desk.outcome == (State.CANCELED, 40)


def test_an_exchange_that_ended_gets_no_fallback_whatever_was_under_way() -> None:
    desk = (
        ReducerHarness()
        .working()
        .fills(L, 40, 40)
        .cancelling()
        .says(L, "canceled", 40)
        .fills(L, 25, 65)
    )
    desk.apply(VenueGone(order_id="o1", at=desk.now))
    assert desk.state() is State.CANCELED
    assert desk.posts() == [L, M]


# ---- the collared fallback, market now, the deadline -------------------------------------------


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


def test_a_collar_priced_after_the_window_is_not_sent() -> None:
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


def test_market_now_cancels_the_limit_and_waits_for_the_proof() -> None:
    desk = ReducerHarness(fallback=Fallback.NONE).working().market_now()
    assert desk.posts() == [L]
    desk.delete_leaves().says(L, "canceled", 0)
    assert desk.replacement == (ChildKind.MARKET, 100)


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


def test_market_now_on_a_held_order_works() -> None:
    desk = ReducerHarness().working().move(None).wait(500).market_now().delete_leaves()
    assert desk.says(L, "canceled", 0).fallback.qty == 100


def test_no_fallback_was_asked_for_and_none_is_sent() -> None:
    desk = ReducerHarness(fallback=Fallback.NONE).working().cancelling().says(L, "canceled", 0)
    assert desk.state() is State.CANCELED
    assert desk.posts() == [L]


def test_f86_fractions_of_shares_add_up_exactly() -> None:
    desk = (
        ReducerHarness(1)
        .working()
        .fills(L, "0.1", "0.1")
        .fills(L, "0.2", "0.3")
        .fills(L, "0.7", "1.0")
    )
    assert desk.state() is State.FILLED
    assert desk.order.rest == 0


def test_g89_a_moved_deadline_counts_instead_of_the_old_one() -> None:
    desk = ReducerHarness().working().wait(8).move(START + 30 * NS).wait(2).timer()
    assert desk.cancels() == []
    assert timer_ns(desk.order) == START + 30 * NS
    assert desk.deadline().cancels() == [L]


# ---- what comes when it no longer matters, or out of turn ----------------------------------------


def test_a_collars_price_is_wanted_until_a_person_cancels() -> None:
    desk = ReducerHarness(fallback=Fallback.COLLAR).working().cancelling().says(L, "canceled", 0)
    assert desk.wants(PriceFallback())
    assert not desk.cancel().wants(PriceFallback())


def test_a_collars_price_is_not_wanted_once_the_order_has_ended() -> None:
    desk = ReducerHarness(fallback=Fallback.COLLAR).working().cancelling().says(L, "canceled", 0)
    assert not desk.price(None, "The quote is stale.").wants(PriceFallback())


def test_no_deadline_is_moved_once_it_has_passed_or_the_order_has_ended() -> None:
    late = ReducerHarness().working().deadline().move(START + 99 * NS)
    assert late.order.deadline_ns == START + 10 * NS
    ended = ReducerHarness().working().fills(L, 100, 100)
    before = ended.order
    assert ended.move(START + 99 * NS).order == before


def test_a_later_run_reads_an_ended_order_only_where_a_child_is_not_proven_dead() -> None:
    desk = ReducerHarness().working().fills(L, 100, 100).resume()
    assert (desk.step, desk.state()) == ((), State.FILLED)
    shown = miss(ReducerHarness().post_leaves().post_unanswered().cancel(), L, 6).says(L, "new", 0)
    assert shown.resume().step[0] == Read(L)
    assert not shown.order.resumed


def test_an_exchange_that_ended_changes_nothing_about_an_order_that_had_ended_before() -> None:
    desk = ReducerHarness().working().fills(L, 100, 100)
    before = desk.order
    desk.apply(VenueGone(order_id="o1", at=desk.now))
    assert (desk.order, desk.step) == (before, ())


def test_b21_a_refusal_after_the_stream_has_shown_the_order_is_passed_over() -> None:
    desk = ReducerHarness().post_leaves().says(L, "new", 0)
    before = desk.order
    assert desk.post_refused(L, "rate limit", retry_after=1.0).order == before
    assert desk.step == ()


def test_b24_too_many_requests_are_not_waited_for_after_a_cancel() -> None:
    desk = ReducerHarness().post_leaves().cancel().post_refused(L, "rate limit", retry_after=1.0)
    assert desk.outcome == (State.CANCELED, 0)
    assert desk.posts() == [L]


def test_b24_an_id_leaves_four_times_at_most() -> None:
    desk = ReducerHarness()
    for _ in range(3):
        desk.post_leaves().post_refused(L, "rate limit", retry_after=1.0)
        assert desk.step == (Post(L, NS),)
    desk.post_leaves().post_refused(L, "rate limit", retry_after=1.0)
    assert (desk.state(), desk.step) == (State.REJECTED, ())


def test_a_denial_while_the_terminal_record_is_being_checked_does_not_end_the_checking() -> None:
    desk = (
        ReducerHarness().working().fills(L, 40, 40).cancelling().says(L, "canceled", 65).not_found()
    )
    assert desk.limit.liveness is Liveness.CHECKING
    assert "denies" in desk.order.alarm
    assert isinstance(desk.step[0], Read)


def test_a_cancel_that_the_stream_says_was_rejected_is_read_before_it_is_repeated() -> None:
    desk = ReducerHarness().working().cancelling().says(L, "new", 0, event="order_cancel_rejected")
    assert desk.step == (Read(L),)
    assert desk.read(L, "new", 0).cancels() == [L, L]


def test_a_read_that_knows_more_than_the_proof_did_corrects_the_fallback_at_once() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).cancelling().says(L, "canceled", 40)
    desk.read(L, "canceled", 65)
    assert desk.limit.dead
    assert not desk.wants(Post(M))
    assert desk.replacement == (ChildKind.MARKET, 35)


def test_f70_a_replacement_whose_successor_nobody_names_is_left_to_the_person() -> None:
    desk = ReducerHarness().working().says(L, "replaced", 0).read(L, "replaced", 0)
    assert desk.outcome == (State.ATTENTION, 0)
    assert desk.posts() == [L]


def test_e56_an_order_that_left_and_is_nowhere_is_not_sent_again_by_a_later_run() -> None:
    desk = miss(ReducerHarness().post_leaves().wait(1).resume(), L, 6)
    assert desk.outcome == (State.CANCELED, 0)
    assert desk.posts() == [L]


# ---- exactly when and exactly what ----------------------------------------------------------


def test_a_fallback_that_is_taken_is_read_when_five_seconds_brought_no_fill() -> None:
    desk = ReducerHarness().working().cancelling().says(L, "canceled", 0).post_leaves(M)
    assert desk.says(M, "new", 0, source=Source.POST).next_read(M) == 5 * NS


def test_a_proof_that_its_fills_do_not_explain_yet_is_read_after_a_seventh_of_a_second() -> None:
    desk = ReducerHarness().working().cancelling().says(L, "canceled", 40)
    assert desk.next_read(L) == 150_000_000


def test_an_order_is_looked_for_six_times_before_it_is_given_up() -> None:
    desk = miss(ReducerHarness().post_leaves().post_unanswered().cancel(), L, 5)
    assert desk.state() is State.UNCERTAIN
    assert desk.not_found().order.final


def test_nothing_is_wanted_of_a_child_that_there_is_not() -> None:
    desk = ReducerHarness().working()
    assert not may_post(desk.order, M)
    assert not desk.wants(Read(M))


def test_what_is_on_its_way_is_not_sent_a_second_time_meanwhile() -> None:
    assert ReducerHarness().wants(Post(L))
    assert not ReducerHarness().post_leaves().wants(Post(L))


def test_a_live_child_may_be_read_at_any_time_and_cancelled_only_once_that_was_decided() -> None:
    desk = ReducerHarness().working()
    assert desk.wants(Read(L))
    assert not desk.wants(Cancel(L))
    assert desk.deadline().wants(Cancel(L))
    assert desk.wants(Read(L))


def test_a_collars_price_is_not_wanted_after_a_cancel_that_waits_for_a_late_fills_proof() -> None:
    desk = ReducerHarness(fallback=Fallback.COLLAR).working().cancelling().says(L, "canceled", 0)
    desk.fills(L, 25, 25).cancel()
    assert not desk.order.final
    assert not desk.wants(PriceFallback())


def test_a_fallback_of_unknown_fate_is_not_repeated_when_the_limit_filled_more() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).cancelling().says(L, "canceled", 40)
    desk.post_leaves(M).post_unanswered(M).fills(L, 25, 65)
    assert not may_post(desk.order, M)
    desk.read(L, "canceled", 65)
    assert desk.limit.dead
    assert not may_post(desk.order, M), "65 and 60 are more than 100"
    assert miss(desk, M, 5).posts() == [L, M]


def test_a_fallback_is_too_late_after_its_window_and_a_limit_never() -> None:
    desk = ReducerHarness().working().cancelling().says(L, "canceled", 0)
    end = START + 70 * NS
    assert not too_late(desk.order, desk.fallback, end)
    assert too_late(desk.order, desk.fallback, end + 1)
    assert not too_late(desk.order, desk.limit, end + 1)


def test_no_timer_runs_once_the_deadline_came_or_the_order_ended() -> None:
    assert timer_ns(ReducerHarness().working().deadline().order) is None
    assert timer_ns(ReducerHarness().working().cancel().order) is None
    assert timer_ns(ReducerHarness().working().fills(L, 100, 100).order) is None


def collared(limit: str | None = None) -> ReducerHarness:
    """An order whose collared fallback is live."""
    plan = Plan(
        Decimal("0.85"),
        Decimal(10),
        Fallback.COLLAR,
        Decimal(60),
        limit=None if limit is None else Decimal(limit),
    )
    desk = ReducerHarness(plan=plan).working().cancelling().says(L, "canceled", 0)
    return desk.price("15.20").fallback_live(M)


def test_a_collar_ends_by_its_own_timer_and_not_before() -> None:
    desk = collared()
    due = timer_ns(desk.order)
    assert due is not None
    desk.now = due - 1
    assert desk.timer().cancels() == [L]
    desk.now = due
    assert desk.timer().cancels() == [L, M]
    assert timer_ns(desk.order) is None


def test_a_collars_timer_stops_at_market_now_unless_the_trader_set_a_limit() -> None:
    assert timer_ns(collared().market_now().order) is None
    limited = collared("15.10")
    due = timer_ns(limited.order)
    assert due is not None
    assert timer_ns(limited.market_now().order) == due
    assert timer_ns(limited.cancel().order) is None


def test_market_now_is_the_deadline_and_a_later_timer_does_not_change_why() -> None:
    desk = ReducerHarness(fallback=Fallback.NONE).working().wait(3).market_now()
    assert desk.order.deadline_ns == START + 3 * NS
    desk.wait(30).timer()
    assert desk.order.cause is Cause.MARKET_NOW


def test_a_persons_cancel_stays_the_cause_whatever_follows() -> None:
    desk = ReducerHarness().working().cancel().market_now().wait(20).timer()
    assert desk.order.cause is Cause.PERSON
    assert desk.wait(7_200).resume().order.cause is Cause.PERSON


def test_neither_a_cancel_nor_market_now_changes_an_ended_order() -> None:
    desk = ReducerHarness().working().fills(L, 100, 100)
    before = desk.order
    assert desk.cancel().order == before
    assert desk.market_now().order == before
    assert desk.asked == [Post(L)]


def test_e68_the_window_is_over_only_after_its_last_moment() -> None:
    def resumed(seconds: float) -> Cause:
        return ReducerHarness().working().wait(seconds).resume().order.cause

    assert resumed(9.999) is Cause.NONE
    assert resumed(10) is Cause.TIMEOUT
    assert resumed(70) is Cause.TIMEOUT
    assert resumed(70.001) is Cause.GRACE


def test_a_held_order_is_still_held_after_a_restart() -> None:
    desk = ReducerHarness().working().move(None).wait(500).resume().read(L, "new", 0)
    assert desk.state() is State.WORKING
    assert timer_ns(desk.order) is None


def test_market_now_is_remembered_by_a_later_run() -> None:
    desk = ReducerHarness(fallback=Fallback.NONE).working().market_now().wait(20).resume()
    assert desk.order.cause is Cause.MARKET_NOW


def test_e60_a_later_run_with_a_shorter_window_keeps_to_that() -> None:
    desk = ReducerHarness(grace=60).working().cancelling().wait(20).resume(grace=5)
    desk.read(L, "canceled", 0)
    assert desk.state() is State.CANCELED
    assert desk.posts() == [L]


def test_e61_a_restart_does_not_forget_that_a_post_went_unanswered() -> None:
    desk = (
        ReducerHarness()
        .working()
        .cancelling()
        .says(L, "canceled", 0)
        .post_leaves(M)
        .post_unanswered(M)
    )
    miss(desk.resume(), M, 4).post_leaves(M).post_refused(M, "not allowed")
    assert desk.state() is State.UNCERTAIN
    assert not desk.fallback.dead


def test_a_later_run_doubts_nothing_that_is_proven() -> None:
    desk = ReducerHarness().working().cancelling().says(L, "canceled", 0)
    proven = desk.limit
    assert desk.resume().limit == proven
    assert desk.fallback.unread


def test_an_exchange_that_ended_leaves_what_was_proven_before() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).cancelling().says(L, "canceled", 40)
    proven = desk.limit
    desk.fallback_live().apply(VenueGone(order_id="o1", at=desk.now))
    assert desk.limit == proven
    assert desk.fallback.dead


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


def test_b19_an_id_sent_again_stays_uncertain_until_something_is_heard() -> None:
    desk = miss(ReducerHarness().post_leaves().post_unanswered(), L, 4).post_leaves()
    assert desk.state() is State.UNCERTAIN
    assert desk.limit.misses == 0


def test_a_short_sale_is_known_as_one_from_the_start() -> None:
    assert reduce(None, replace(accepted(), short=True))[0].short
    assert not reduce(None, accepted())[0].short


def test_a_post_kept_back_counts_as_none_that_left() -> None:
    assert ReducerHarness().post_leaves().post_withheld(L).limit.posts == 0
    assert ReducerHarness().post_withheld(L).limit.posts == 0
    desk = (
        miss(ReducerHarness().post_leaves().post_unanswered(), L, 4).post_leaves().post_withheld(L)
    )
    assert desk.limit.posts == 1
    assert desk.limit.liveness is Liveness.UNKNOWN
    assert desk.next_read(L) == NS // 4


def test_an_answer_about_a_post_changes_nothing_once_the_stream_has_shown_the_order() -> None:
    desk = ReducerHarness().post_leaves().says(L, "new", 0)
    before = desk.order
    assert desk.post_withheld(L, "The disk is full.").order == before
    assert desk.post_barred(L, "Halted.", 1.0).order == before
    assert desk.step == ()


def test_an_answer_about_a_post_changes_nothing_once_the_child_is_dropped() -> None:
    desk = ReducerHarness().working().cancelling().says(L, "canceled", 0).fills(L, 25, 25)
    assert desk.fallback.dead
    before = desk.order
    assert desk.post_withheld(M, "The disk is full.").order == before
    assert desk.post_barred(M, "Halted.", 1.0).order == before
    assert desk.post_refused(M, "rate limit", retry_after=1.0).order == before
    assert desk.asked.count(Post(M)) == 1


def test_a_bar_after_a_lost_post_is_kept_in_mind_and_read_as_late_as_the_misses_say() -> None:
    desk = ReducerHarness().working().cancelling().says(L, "canceled", 0)
    miss(desk.post_leaves(M).post_unanswered(M), M, 4).post_barred(M, "Closed.")
    assert desk.next_read(M) == 4 * NS
    assert (desk.fallback.error, desk.fallback.as_of) == ("Closed.", desk.now)


def test_a_refusal_says_who_said_it_and_when() -> None:
    desk = ReducerHarness().post_leaves().wait(1).post_refused(L, "rate limit", retry_after=1.0)
    assert (desk.limit.source, desk.limit.as_of) == (Source.POST, START + NS)
    doubted = miss(ReducerHarness().post_leaves().post_unanswered(), L, 4).post_leaves()
    assert doubted.post_refused(L, "not enough").next_read(L) == NS // 4
    assert doubted.limit.error == "not enough"
    assert doubted.limit.liveness is Liveness.UNKNOWN


def test_b24_a_wait_that_ends_with_the_deadline_is_too_long_and_a_held_order_waits_any_time() -> (
    None
):
    assert ReducerHarness().post_leaves().post_refused(L, "rate", retry_after=10.0).step == ()
    held = ReducerHarness().post_leaves().move(None).post_refused(L, "rate", retry_after=20.0)
    assert held.step == (Post(L, 20 * NS),)


def test_b25_no_answer_to_a_post_that_the_stream_has_shown_is_no_uncertainty() -> None:
    desk = ReducerHarness().post_leaves().says(L, "new", 0).post_unanswered()
    assert (desk.state(), desk.step) == (State.WORKING, ())
    assert desk.limit.doubt


def test_b18_no_answer_says_since_when_nothing_is_known_and_why() -> None:
    desk = ReducerHarness().post_leaves().wait(3).post_unanswered()
    assert (desk.limit.as_of, desk.limit.error) == (START + 3 * NS, "timeout")
    assert desk.next_read(L) == NS // 4


def test_the_first_delete_is_the_one_whose_time_is_kept() -> None:
    desk = ReducerHarness().working().deadline().delete_leaves()
    desk.delete_refused().read(L, "new", 0).wait(3).delete_leaves()
    assert desk.limit.cancel_sent_at == START + 10 * NS
    assert desk.limit.cancels == 2


def test_a_cancel_that_is_taken_is_read_when_two_seconds_brought_no_proof() -> None:
    assert ReducerHarness().working().cancelling().next_read(L) == 2 * NS


def test_a_delete_refused_after_the_proof_is_nothing_new() -> None:
    desk = ReducerHarness().working().deadline().delete_leaves().says(L, "canceled", 0)
    before = desk.order
    assert desk.delete_refused().order == before
    assert desk.step == ()


def test_what_the_venue_said_to_a_delete_is_kept() -> None:
    desk = ReducerHarness().working().deadline().delete_leaves().delete_refused()
    assert desk.limit.error == "not cancelable"
    assert desk.delete_failed().limit.error == "timeout"


def test_d48_reads_that_fail_come_later_and_later() -> None:
    desk = ReducerHarness().working()
    delays = [desk.read_failed().next_read(L) for _ in range(7)]
    assert delays == [n * NS // 4 for n in (2, 4, 8, 16, 32, 40, 40)]
    assert desk.deadline().read_failed().limit.reads == 8


def test_b19_reads_that_find_nothing_come_later_and_later_until_the_id_is_sent_again() -> None:
    desk = ReducerHarness().post_leaves().post_unanswered()
    assert [desk.not_found().next_read(L) for _ in range(3)] == [NS // 2, NS, 2 * NS]
    assert desk.not_found().step == (Post(L),)
    assert desk.limit.reads == 4


def test_reads_of_an_order_that_never_left_are_counted() -> None:
    assert ReducerHarness().not_found().limit.reads == 1
    desk = ReducerHarness().working().cancelling().says(L, "canceled", 0).resume().not_found(M)
    assert (desk.fallback.reads, desk.step) == (1, (Post(M),))


def test_a_read_that_finds_nothing_of_what_is_proven_dead_changes_only_the_count() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).cancelling().says(L, "canceled", 40)
    proven = desk.limit
    assert desk.not_found().step == ()
    assert desk.limit == replace(proven, reads=proven.reads + 1, misses=1)


def test_e56_an_order_that_left_and_is_not_found_at_once_is_uncertain() -> None:
    desk = ReducerHarness().post_leaves().resume().not_found()
    assert desk.state() is State.UNCERTAIN


def test_a10_a_denial_is_said_by_name_and_read_later_and_later() -> None:
    desk = ReducerHarness().working()
    assert [desk.not_found().next_read(L) for _ in range(3)] == [NS // 2, NS, 2 * NS]
    assert desk.order.alarm == f"The venue denies an order it had accepted ({L}); it is read again."


def test_b28_a_fallback_that_is_never_found_leaves_four_times_at_most() -> None:
    desk = ReducerHarness().working().cancelling().says(L, "canceled", 0)
    for _ in range(60):
        if desk.order.final:
            break
        if may_post(desk.order, M) and Post(M) in desk.step:
            desk.post_leaves(M).post_unanswered(M)
        desk.not_found(M)
    assert desk.state() is State.ATTENTION
    assert desk.fallback.posts == 4


def test_b19_no_limit_is_sent_again_after_its_deadline_but_a_held_one_is() -> None:
    late = ReducerHarness().post_leaves().post_unanswered().wait(10)
    for _ in range(5):
        late.not_found()
    assert late.posts() == [L]
    held = ReducerHarness().post_leaves().post_unanswered().move(None).wait(500)
    assert miss(held, L, 4).posts() == [L, L]


def test_a_fallback_that_fills_at_once_is_not_read() -> None:
    desk = ReducerHarness().working().cancelling().says(L, "canceled", 0).post_leaves(M)
    assert desk.fills(M, 100, 100).step == ()
    assert desk.state() is State.FILLED


def test_a_fallback_that_does_not_fill_is_read_again_and_again_but_not_for_each_frame() -> None:
    desk = ReducerHarness().working().cancelling().says(L, "canceled", 0).fallback_live()
    assert desk.step == ()
    assert [desk.read(M, "new", 0).next_read(M) for _ in range(3)] == [4 * NS, 8 * NS, 10 * NS]
    assert desk.says(M, "accepted", 0).step == ()


def test_a_limit_that_is_live_is_not_read_for_what_it_says() -> None:
    assert ReducerHarness().working().step == ()
    assert ReducerHarness().working().read(L, "new", 0).step == ()


def test_a_contradiction_in_a_frame_is_read_and_one_in_a_read_is_only_told() -> None:
    desk = ReducerHarness().working().says(L, "new", 0, source=Source.READ, broker_id="b-other")
    assert "two orders" in desk.order.alarm
    assert desk.step == ()
    assert desk.says(L, "new", 0, broker_id="b-other").step == (Read(L),)


def test_c41_a_bust_of_a_live_order_is_read_at_once() -> None:
    desk = (
        ReducerHarness()
        .working()
        .fills(L, 60, 60)
        .says(L, "partially_filled", 0, event="trade_bust")
    )
    assert desk.step == (Read(L),)


def test_while_a_terminal_record_is_checked_one_read_follows_the_other() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).cancelling().says(L, "canceled", 20)
    assert desk.next_read(L) == 0, "it contradicts what was known"
    assert desk.says(L, "new", 0).step == ()
    assert [desk.read(L, "canceled", 20).next_read(L) for _ in range(2)] == [NS // 2, NS]


def test_a_delete_is_repeated_at_once_when_none_left_and_later_and_later_after_that() -> None:
    desk = ReducerHarness().working().deadline().read(L, "new", 0)
    assert desk.step == (Cancel(L),)
    for delay in (NS // 2, NS, 2 * NS):
        assert desk.delete_leaves().delete_failed().read(L, "new", 0).step == (Cancel(L, delay),)
