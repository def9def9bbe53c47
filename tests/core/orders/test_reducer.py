"""The reducer as a whole: the ordinary path, what a person asks, timers, starts, the venue's end.

Scenario numbers of the fault list stand in the names; so they do in the tests of its rules.
"""

import pytest
from msgspec.structs import replace

from core.market.time import NS
from core.orders.commands import Post, Read
from core.orders.facts import CancelAsked, VenueGone
from core.orders.ids import client_id, parent_of
from core.orders.permissions import may_post, timer_ns
from core.orders.plan import Fallback
from core.orders.reducer import reduce
from core.orders.state import Cause, ChildKind, State
from tests.core.orders.reducer_harness import (
    START,
    L,
    M,
    ReducerHarness,
    accepted,
    replayed,
)


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


def miss(desk: ReducerHarness, name: str, times: int) -> ReducerHarness:
    """Reads answer 404 after short waits."""
    for _ in range(times):
        desk.wait(0.2).not_found(name)
    return desk


def test_b30_the_same_intent_twice_is_one_order() -> None:
    desk = ReducerHarness()
    before = desk.order
    desk.apply(accepted())
    assert desk.order == before
    assert desk.posts() == [L]


def test_e63_a_limit_kept_back_for_a_reason_ends_the_order_and_says_why() -> None:
    desk = ReducerHarness().post_leaves().post_withheld(L, "The disk is full.")
    assert desk.state() is State.REJECTED
    assert "The disk is full." in desk.order.reason


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


def test_e60_a_later_run_keeps_the_grace_that_the_trader_set() -> None:
    desk = ReducerHarness(grace=5).working().cancelling().wait(20).resume(grace=60)
    desk.read(L, "canceled", 0)
    assert desk.state() is State.CANCELED
    assert desk.posts() == [L]


def test_e60_but_not_after_the_grace() -> None:
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


def test_market_now_cancels_the_limit_and_waits_for_the_proof() -> None:
    desk = ReducerHarness(fallback=Fallback.NONE).working().market_now()
    assert desk.posts() == [L]
    desk.delete_leaves().says(L, "canceled", 0)
    assert desk.replacement == (ChildKind.MARKET, 100)


def test_market_now_on_a_paused_order_works() -> None:
    desk = ReducerHarness().working().move(None).wait(500).market_now().delete_leaves()
    assert desk.says(L, "canceled", 0).fallback.qty == 100


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


def test_no_deadline_is_moved_once_it_has_passed_or_the_order_has_ended() -> None:
    late = ReducerHarness().working().deadline().move(START + 99 * NS)
    assert late.order.deadline_ns == START + 10 * NS
    ended = ReducerHarness().working().fills(L, 100, 100)
    before = ended.order
    assert ended.move(START + 99 * NS).order == before


def test_an_exchange_that_ended_changes_nothing_about_an_order_that_had_ended_before() -> None:
    desk = ReducerHarness().working().fills(L, 100, 100)
    before = desk.order
    desk.apply(VenueGone(order_id="o1", at=desk.now))
    assert (desk.order, desk.step) == (before, ())


def test_e56_an_order_that_left_and_is_nowhere_is_not_sent_again_by_a_later_run() -> None:
    desk = miss(ReducerHarness().post_leaves().wait(1).resume(), L, 6)
    assert desk.outcome == (State.ATTENTION, 0)
    assert not desk.order.done, "it may yet appear"
    assert desk.posts() == [L]


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


def test_e68_the_grace_is_over_only_after_its_last_moment() -> None:
    def resumed(seconds: float) -> Cause:
        return ReducerHarness().working().wait(seconds).resume().order.cause

    assert resumed(9.999) is Cause.NONE
    assert resumed(10) is Cause.TIMEOUT
    assert resumed(70) is Cause.TIMEOUT
    assert resumed(70.001) is Cause.GRACE


def test_a_paused_order_is_still_paused_after_a_restart() -> None:
    desk = ReducerHarness().working().move(None).wait(500).resume().read(L, "new", 0)
    assert desk.state() is State.WORKING
    assert timer_ns(desk.order) is None


def test_market_now_is_remembered_by_a_later_run() -> None:
    desk = ReducerHarness(fallback=Fallback.NONE).working().market_now().wait(20).resume()
    assert desk.order.cause is Cause.MARKET_NOW


def test_e60_a_later_run_with_a_shorter_grace_keeps_to_that() -> None:
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


def test_a_short_sale_is_known_as_one_from_the_start() -> None:
    assert reduce(None, replace(accepted(), short=True))[0].short
    assert not reduce(None, accepted())[0].short


def test_e56_an_order_that_left_and_is_not_found_at_once_is_uncertain() -> None:
    desk = ReducerHarness().post_leaves().resume().not_found()
    assert desk.state() is State.UNCERTAIN


def test_a_cancel_looks_at_once_for_what_it_cannot_name_yet() -> None:
    desk = ReducerHarness().post_leaves().post_unanswered().cancel()
    assert desk.wants(Read(L))
    desk = ReducerHarness().post_leaves().cancel()
    assert desk.wants(Read(L, NS // 2)), "its POST may answer in that time"


def test_a_cancel_of_what_the_venue_denies_leaves_without_a_read() -> None:
    desk = ReducerHarness().working().not_found()
    assert desk.state() is State.UNCERTAIN
    assert desk.cancel().cancels() == [L]


def test_an_unproven_order_ends_by_the_venue_s_proof() -> None:
    desk = miss(ReducerHarness().post_leaves().post_unanswered().cancel(), L, 6)
    assert desk.order.live_children == (desk.limit,)
    desk.says(L, "canceled", 0)
    assert desk.order.done
    assert desk.order.reason.startswith("Nobody could tell at first")


@pytest.mark.parametrize("filled", [0, 40])
def test_an_unproven_order_ends_by_a_person_s_word_and_the_venue_s_still_counts(
    filled: int,
) -> None:
    desk = miss(ReducerHarness().post_leaves().post_unanswered().cancel(), L, 6)
    desk.end_seen(L, filled)
    assert desk.order.done
    assert desk.order.filled == filled
    assert desk.order.reason.startswith("Nobody could tell at first")
    desk.says(L, "new", filled)
    assert desk.cancels() == [L], "it lives after all"


def test_a_person_s_word_takes_back_no_proven_fill_and_ends_nothing_that_works() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40)
    before = desk.order
    desk.end_seen(L, 40)
    assert desk.order == before
    desk = ReducerHarness().working().fills(L, 100, 100)
    before = desk.order
    desk.end_seen(L, 0)
    assert desk.order == before


def test_a_day_order_that_nobody_ever_found_is_dead_once_its_day_is_over_for_certain() -> None:
    desk = miss(ReducerHarness().post_leaves().post_unanswered(), L, 6)
    desk.wait(8 * 24 * 3600).resume().not_found()
    assert desk.order.done
    desk = ReducerHarness().post_leaves().wait(8 * 24 * 3600).resume()
    miss(desk, L, 6)
    assert desk.order.done
    assert "is over" in desk.order.reason


def test_an_ended_record_read_with_less_is_read_until_four_reads_agree() -> None:
    desk = ReducerHarness().working().fills(L, 100, 100)
    assert desk.state() is State.FILLED
    desk.read(L, "filled", 80)
    assert desk.wants(Read(L))
    assert desk.order.filled == 100
    desk.read(L, "filled", 80).read(L, "filled", 80).read(L, "filled", 80)
    assert desk.state() is State.ATTENTION
    assert desk.order.filled == 80
