"""What may still be done to an order, and when its clock rings."""

from decimal import Decimal

from core.market.time import NS
from core.orders.commands import Cancel, Post, PriceFallback, Read
from core.orders.permissions import may_post, still_wanted, timer_ns, too_late
from core.orders.plan import Fallback, Plan
from core.orders.state import Cause, ChildKind, State
from tests.core.orders.reducer_harness import (
    M2,
    START,
    L,
    M,
    ReducerHarness,
)


def test_paused_orders_have_no_timer() -> None:
    desk = ReducerHarness().working().move(None)
    assert timer_ns(desk.order) is None
    assert desk.wait(999).timer().cancels() == []


def test_a13_a_second_timer_sends_nothing_more() -> None:
    desk = ReducerHarness().working().deadline().timer().delete_leaves().timer()
    assert desk.cancels() == [L]
    desk.delete_taken().says(L, "canceled", 0).timer().timer()
    assert desk.posts() == [L, M]


def test_a13_a_timer_that_fires_early_does_nothing() -> None:
    desk = ReducerHarness().working().wait(9).timer()
    assert desk.state() is State.WORKING
    assert desk.cancels() == []


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


def test_a_collars_price_is_wanted_until_a_person_cancels() -> None:
    desk = ReducerHarness(fallback=Fallback.COLLAR).working().cancelling().says(L, "canceled", 0)
    assert desk.wants(PriceFallback())
    assert not desk.cancel().wants(PriceFallback())


def test_a_collars_price_is_not_wanted_once_the_order_has_ended() -> None:
    desk = ReducerHarness(fallback=Fallback.COLLAR).working().cancelling().says(L, "canceled", 0)
    assert not desk.price(None, "The quote is stale.").wants(PriceFallback())


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


def test_a_fallback_is_too_late_after_its_grace_and_a_limit_never() -> None:
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
