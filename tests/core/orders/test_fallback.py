"""Whether, when and for how many shares a fallback follows."""

from core.market.time import NS
from core.orders.permissions import may_post, timer_ns
from core.orders.plan import Fallback
from core.orders.state import ChildKind, State
from tests.core.orders.reducer_harness import (
    L,
    M,
    ReducerHarness,
)


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
