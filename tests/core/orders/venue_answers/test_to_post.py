"""A POST: sent, withheld, barred, refused, unanswered."""

import pytest

from core.market.time import NS
from core.orders.commands import Post, Read
from core.orders.facts import Source
from core.orders.permissions import may_post
from core.orders.state import ChildKind, Liveness, State
from tests.core.orders.reducer_harness import (
    M2,
    START,
    L,
    M,
    ReducerHarness,
    miss,
)


def test_b18_a_post_that_timed_out_is_read_and_adopted() -> None:
    desk = ReducerHarness().post_leaves().post_unanswered()
    assert desk.state() is State.UNCERTAIN
    assert isinstance(desk.step[0], Read)
    desk.read(L, "new", 0)
    assert desk.state() is State.WORKING
    assert desk.posts() == [L]


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


def test_b24_waiting_longer_than_the_deadline_is_not_waiting() -> None:
    desk = ReducerHarness().post_leaves().post_refused(L, "rate limit", retry_after=20.0)
    assert desk.state() is State.REJECTED


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


@pytest.mark.parametrize(("after", "waits"), [(9.0, True), (11.0, False)])
def test_g84_the_wait_that_the_venue_asks_of_a_fallback_counts_against_its_grace(
    after: float, waits: bool
) -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).cancelling().says(L, "canceled", 40)
    desk.wait(50).post_leaves(M).post_refused(M, "rate limit", retry_after=after)
    assert desk.wants(Post(M, int(after * NS))) is waits
    if not waits:
        assert desk.outcome == (State.CANCELED, 40)
        assert "60 are left" in desk.order.alarm


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


def test_b21_a_post_sent_again_is_in_doubt_so_that_its_refusal_proves_nothing() -> None:
    desk = miss(ReducerHarness().post_leaves(), L, 4)
    assert desk.wants(Post(L))
    desk.post_leaves().post_refused(L, "insufficient qty available for order")
    assert desk.state() is State.UNCERTAIN
    assert desk.wants(Read(L, 250_000_000))


def test_b21_what_was_uncertain_before_a_crash_is_in_doubt_after_it() -> None:
    desk = ReducerHarness().post_leaves().not_found().resume()
    assert desk.limit.doubt
    desk = ReducerHarness().post_leaves().post_refused(L, "rate limit", retry_after=2.0).resume()
    assert not desk.limit.doubt, "that one was refused, and waits"
