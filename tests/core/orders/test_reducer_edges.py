"""The reducer at the edges of its rules: what was asked before a restart, and prices set by hand.

The number in a test's name is the scenario's. L is the first limit, M what follows it.
"""

import pytest
from msgspec.structs import replace

from core.market.time import NS
from core.orders.commands import PriceStep
from core.orders.reducer import reduce
from core.orders.state import Cause, State
from tests.core.orders.reducer_harness import L, M, ReducerHarness, accepted


def test_an_order_for_extended_hours_is_known_as_one_from_the_start() -> None:
    assert reduce(None, replace(accepted(), extended=True))[0].extended
    assert not reduce(None, accepted())[0].extended


# ---- a later run ----------------------------------------------------------------------------


def test_e64_market_now_is_given_up_after_a_run_that_could_not_record_its_end() -> None:
    desk = ReducerHarness().working().market_now().resume(unrecorded=True)
    assert desk.order.cause is Cause.UNRECORDED
    desk.delete_leaves().delete_taken().read(L, "canceled")
    assert desk.state() is State.CANCELED
    assert desk.posts() == [L]


def test_e64_why_nothing_more_is_sent_stays_what_it_was() -> None:
    cancelled = ReducerHarness().working().cancel().resume(unrecorded=True)
    assert cancelled.order.cause is Cause.PERSON
    late = ReducerHarness().working().wait(100).resume().resume(unrecorded=True)
    assert late.order.cause is Cause.GRACE


def moved_twice() -> ReducerHarness:
    """A paused order whose next limit waits for a price; its last one died 70 s after the first."""
    desk = (
        ReducerHarness().working().move(None).set_price("15.26").price_step("15.26").delete_leaves()
    )
    desk.says(L, "canceled").price_step("15.26").post_leaves(M).says(M, "new")
    desk.wait(70).set_price("15.28").price_step("15.28").delete_leaves(M)
    return desk.says(M, "canceled").price_step(None)


@pytest.mark.parametrize(("seconds", "cause"), [(60, Cause.NONE), (60.001, Cause.GRACE)])
def test_a_paused_order_was_left_alone_since_the_last_word_about_any_of_its_orders(
    seconds: float, cause: Cause
) -> None:
    assert moved_twice().wait(seconds).resume().order.cause is cause


# ---- a price set by hand --------------------------------------------------------------------


def test_prices_set_by_hand_are_counted() -> None:
    desk = ReducerHarness().working()
    counts = [desk.set_price(price).order.times_set for price in ("15.26", "15.28", "15.26")]
    assert counts == [1, 2, 3]


def test_a_price_set_by_hand_does_not_wait_as_long_as_the_one_before_had_to() -> None:
    desk = ReducerHarness().working().set_price("15.26").price_step(None)
    assert desk.step == (PriceStep(NS // 2),)
    assert desk.set_price("15.28").step == (PriceStep(),)
