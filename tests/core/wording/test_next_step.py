"""What will happen to an order next, as it is told."""

from decimal import Decimal

import msgspec
import pytest

from core.market.time import NS
from core.orders import facts as f
from core.orders.plan import Fallback, Plan, stepped
from core.orders.plan_input import parse_steps
from core.orders.state import ChildKind, State
from core.wording.next_step import (
    OrderAction,
    Phase,
    due_step,
    next_step,
    planned_fallback,
    possible,
    then,
)
from tests.support.scripted_orders import ScriptedOrder


def test_a_working_order_counts_down_to_the_cancel_and_names_what_follows() -> None:
    told = ScriptedOrder().working().filled(400, 400)
    step = next_step(told.order, told.at + 4 * NS)
    assert step.words == "cancel in 6.0 s, then 600 to market"
    assert step.phase is Phase.DEADLINE
    assert step.share == 0.6


def test_a_held_order_has_no_countdown() -> None:
    told = ScriptedOrder().working()
    told.take(f.DeadlineMoved(order_id="a1", at=told.at, deadline_ns=None))
    assert next_step(told.order, told.at).phase is Phase.NONE
    assert due_step(told.order) is None


def test_a_cancel_that_was_asked_is_not_yet_a_cancel() -> None:
    told = ScriptedOrder().working().wait(10).timed_out()
    step = next_step(told.order, told.at + 1_100_000_000)
    assert step.phase is Phase.PROOF
    assert step.words == "waiting for proof 1.1 s, then 1,000 to market"


def test_after_a_cancel_by_a_person_nothing_more_follows() -> None:
    told = ScriptedOrder().working().cancel_asked()
    assert next_step(told.order, told.at).words == "waiting for proof 0.0 s"
    assert then(told.order) == "then nothing more"
    assert planned_fallback(told.order) is None


def test_an_ended_order_tells_what_its_fills_gained() -> None:
    told = ScriptedOrder().working().filled(1000, 1000)
    assert told.order.state is State.FILLED
    assert next_step(told.order, told.at).words.endswith("+$10.00 vs the bid at the click")


def test_a_reason_and_a_gain_stand_side_by_side_without_a_full_stop_between_them() -> None:
    order = ScriptedOrder().working().filled(1000, 1000).order
    reasoned = msgspec.structs.replace(order, reason="It filled before the cancel took effect.")
    words = next_step(reasoned, reasoned.started_ns).words
    assert words.startswith("It filled before the cancel took effect · +$")


def test_the_fallback_that_may_follow_is_known_before_it_is_sent() -> None:
    assert planned_fallback(ScriptedOrder().working().order) is ChildKind.MARKET
    collar = Plan(Decimal("0.85"), Decimal(10), Fallback.COLLAR)
    assert planned_fallback(ScriptedOrder(plan=collar).order) is ChildKind.COLLAR
    none = Plan(Decimal("0.85"), Decimal(10), Fallback.NONE)
    told = ScriptedOrder(plan=none).working()
    assert planned_fallback(told.order) is None
    assert next_step(told.order, told.at).words == "cancel in 10.0 s, then nothing more"


def test_only_what_means_something_can_be_asked() -> None:
    told = ScriptedOrder().working()
    working = set(OrderAction) - {OrderAction.ENDED}
    assert {action for action in OrderAction if possible(action, told.order)} == working
    told.take(f.DeadlineMoved(order_id="a1", at=told.at, deadline_ns=None))
    assert not possible(OrderAction.PAUSE, told.order)
    assert possible(OrderAction.MORE_TIME, told.order)
    told.cancel_asked()
    assert not any(possible(action, told.order) for action in OrderAction)


STEPS = stepped(parse_steps(["0.5:3", "0.75:4", "0.85:3"]))


def test_the_next_price_is_told_until_the_last_step() -> None:
    told = ScriptedOrder(plan=STEPS).working()
    assert next_step(told.order, told.at + NS).words == "next price 0.75 of the spread in 2.0 s"
    due = due_step(told.order)
    assert due == (told.at + 3 * NS, "next price: 0.75 of the spread")
    told.wait(7)
    told.take(f.DeadlineReached(order_id="a1", at=told.at))
    told.take(priced(told, "15.28"))
    assert next_step(told.order, told.at).words == "cancel in 3.0 s, then 1,000 to market"


def priced(told: ScriptedOrder, price: str, *, keeps_reservation: bool = False) -> f.StepPriced:
    """The answer about the step in force."""
    return f.StepPriced(
        order_id="a1",
        at=told.at,
        step=told.order.step,
        limit_price=Decimal(price),
        keeps_reservation=keeps_reservation,
    )


def test_what_is_under_way_between_two_prices_is_told() -> None:
    for keeps_reservation, words in (
        (True, "replacing 0.4 s, then 15.25"),
        (False, "waiting for proof 0.4 s, then 0.75 of the spread"),
    ):
        told = ScriptedOrder(plan=STEPS).working().wait(3)
        told.take(f.DeadlineReached(order_id="a1", at=told.at))
        told.take(priced(told, "15.25", keeps_reservation=keeps_reservation))
        if not keeps_reservation:
            told.take(f.CancelSent(order_id="a1", at=told.at, client_id=told.child_id))
        assert next_step(told.order, told.at + 2 * NS // 5).words == words


def test_without_a_quote_for_the_next_limit_nothing_is_live_and_that_is_said() -> None:
    told = ScriptedOrder(plan=STEPS).working().wait(3)
    told.take(f.DeadlineReached(order_id="a1", at=told.at))
    told.take(priced(told, "15.25"))
    told.take(f.CancelSent(order_id="a1", at=told.at, client_id=told.child_id))
    told.reported("canceled")
    waits = "nothing is live: waits for a usable quote, then 0.75 of the spread"
    assert next_step(told.order, told.at).words == waits


def test_a_limit_of_the_traders_is_named_in_what_follows() -> None:
    plan = Plan(Decimal("0.85"), Decimal(10), limit=Decimal("15.1"))
    assert then(ScriptedOrder(plan=plan).order) == "then 1,000 at 15.10 or better"
    assert planned_fallback(ScriptedOrder(plan=plan).order) is ChildKind.COLLAR


def test_an_action_is_known_by_its_former_name() -> None:
    assert OrderAction("hold") is OrderAction.PAUSE
    assert msgspec.json.decode('"hold"', type=OrderAction) is OrderAction.PAUSE
    with pytest.raises(ValueError, match="halt"):
        OrderAction("halt")
