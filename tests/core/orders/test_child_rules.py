"""What facts about a child do: the POST and its answers, kept back or barred, DELETE, reads."""

import pytest
from msgspec.structs import replace

from core.market.prices import Side
from core.market.time import NS
from core.orders.commands import Cancel, Post, Read
from core.orders.facts import Source
from core.orders.permissions import may_post
from core.orders.state import ChildKind, Liveness, State
from tests.core.orders.reducer_harness import (
    M2,
    START,
    L,
    M,
    ReducerHarness,
)


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


def test_a08_a_proof_after_the_grace_leaves_the_rest_to_the_person() -> None:
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


def test_b29_a_fallback_refused_for_reserved_shares_is_tried_again_under_a_new_id() -> None:
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


def test_b29_reserved_shares_are_not_waited_for_without_end() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).cancelling().says(L, "canceled", 40)
    for _ in range(20):
        if desk.order.final:
            break
        name = desk.fallback.client_id
        desk.wait(0.1).post_leaves(name).post_refused(name, "available 0", shares_reserved=True)
    assert desk.outcome == (State.CANCELED, 40)
    assert "available 0" in desk.order.alarm
    assert len(set(desk.posts())) == len(desk.posts())


def test_b29_nor_beyond_the_grace() -> None:
    desk = ReducerHarness(grace=1).working().cancelling().says(L, "canceled", 0)
    desk.post_leaves(M).wait(2).post_refused(M, "available 0", shares_reserved=True)
    assert desk.state() is State.CANCELED
    assert desk.posts() == [L, M]


def test_a_fallback_kept_back_for_a_reason_ends_the_order_and_says_why() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).cancelling().says(L, "canceled", 40)
    desk.post_leaves(M).post_withheld(M, "The disk is full.")
    assert desk.outcome == (State.CANCELED, 40)
    assert "The disk is full." in desk.order.alarm
    assert desk.posts() == [L, M]
    assert not desk.order.fell_back


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


def test_g84_a_fallback_barred_beyond_the_grace_is_left_to_the_person() -> None:
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


def test_a_later_run_reads_an_ended_order_only_where_a_child_is_not_proven_dead() -> None:
    desk = ReducerHarness().working().fills(L, 100, 100).resume()
    assert (desk.step, desk.state()) == ((), State.FILLED)
    shown = miss(ReducerHarness().post_leaves().post_unanswered().cancel(), L, 6).says(L, "new", 0)
    assert shown.resume().step[0] == Read(L)
    assert not shown.order.resumed


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


def test_b19_an_id_sent_again_stays_uncertain_until_something_is_heard() -> None:
    desk = miss(ReducerHarness().post_leaves().post_unanswered(), L, 4).post_leaves()
    assert desk.state() is State.UNCERTAIN
    assert desk.limit.misses == 0


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


def test_b24_a_wait_that_ends_with_the_deadline_is_too_long_and_a_paused_order_waits_any_time() -> (
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


def test_b19_no_limit_is_sent_again_after_its_deadline_but_a_paused_one_is() -> None:
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
