"""The rules between a press and an order, without a button: presses in, outcomes out."""

from dataclasses import replace
from decimal import Decimal

import pytest

from core.analysis.preview import Outlook
from core.market.prices import Side
from core.orders.plan import DEFAULTS, Instruction
from gui.actions.click_guard import ClickGuard, PressDebounce
from gui.state.preferences import SendMode
from gui.ticket.send_rules import HOLD_S, Outcome, PressAndHold, Review, SendRules
from tests.gui.ticket.ticket_harness import Clock

D = Decimal
DISARMED = "Disarmed: nothing is sent until you arm."


def outlook(side: Side = Side.SELL, qty: int | None = 100, refusal: str = "") -> Outlook:
    quantity = None if qty is None else D(qty)
    return Outlook(side, "UVXY", quantity, DEFAULTS[side], refusal)


class Rules:
    """The rules, a clock that a test turns, and the outlooks as they are by now."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.guard = ClickGuard(self.clock)
        self.now = {side: outlook(side) for side in Side}
        self.rules = SendRules(self.guard, PressDebounce(self.clock), self.now.__getitem__)

    def click(self, side: Side = Side.SELL) -> Outcome:
        return self.rules.press(self.now[side], SendMode.ONE_CLICK)


@pytest.fixture
def sending() -> Rules:
    return Rules()


def test_one_click_sends_what_was_seen(sending: Rules) -> None:
    seen = outlook(qty=70)
    order = sending.rules.press(seen, SendMode.ONE_CLICK)
    assert isinstance(order, Instruction)
    assert (order.symbol, order.side, order.qty, order.plan) == (
        seen.symbol,
        seen.side,
        seen.qty,
        seen.plan,
    )
    assert order.preview == seen.shown


def test_every_order_is_an_intent_of_its_own(sending: Rules) -> None:
    first, second = sending.click(Side.SELL), sending.click(Side.BUY)
    assert isinstance(first, Instruction)
    assert isinstance(second, Instruction)
    assert first.id != second.id


def test_a_press_just_after_the_window_moved_sends_nothing(sending: Rules) -> None:
    sending.guard.moved()
    sending.clock.now += 0.249
    assert sending.click() == "The window changed just before the click: nothing was sent."
    sending.clock.now += 0.001
    assert isinstance(sending.click(), Instruction)


def test_a_press_too_soon_after_the_last_of_its_side_belongs_to_that_one(sending: Rules) -> None:
    sending.click(Side.SELL)
    sending.clock.now += 0.3
    assert sending.click(Side.SELL) == "Pressed again within 0.4 s: that press sent nothing."
    assert isinstance(sending.click(Side.BUY), Instruction)
    sending.clock.now += 0.4
    assert isinstance(sending.click(Side.SELL), Instruction)


def test_what_refused_as_it_was_seen_never_sends(sending: Rules) -> None:
    assert sending.rules.send(outlook(refusal=DISARMED)) == DISARMED


def test_what_refuses_by_now_is_not_sent(sending: Rules) -> None:
    seen = sending.now[Side.SELL]
    sending.now[Side.SELL] = outlook(refusal=DISARMED)
    assert sending.rules.send(seen) == DISARMED


def test_a_press_that_was_refused_does_not_count_as_one(sending: Rules) -> None:
    sending.rules.send(outlook(refusal=DISARMED))
    assert isinstance(sending.click(), Instruction)


def test_without_a_quantity_nothing_is_sent(sending: Rules) -> None:
    assert sending.rules.send(outlook(qty=None)) == ""


# -- reviewed ----------------------------------------------------------------------------------


def test_a_press_opens_a_review_of_the_order_as_it_is_now(sending: Rules) -> None:
    sending.now[Side.BUY] = replace(outlook(Side.BUY), qty=D(7))
    outcome = sending.rules.press(outlook(Side.BUY), SendMode.REVIEW)
    assert outcome == Review(sending.now[Side.BUY])


# -- held down ---------------------------------------------------------------------------------


def test_a_button_held_long_enough_sends_what_stood_there_as_it_was_pressed(
    sending: Rules,
) -> None:
    sending.rules.begin_hold(outlook(qty=65))
    order = sending.rules.press(outlook(qty=64), SendMode.HOLD)
    assert isinstance(order, Instruction)
    assert order.qty == 65
    assert not sending.rules.held


def test_a_button_that_would_have_refused_was_never_held_and_says_why(sending: Rules) -> None:
    assert sending.rules.press(outlook(refusal=DISARMED), SendMode.HOLD) == DISARMED


def test_a_button_that_was_not_held_sends_nothing(sending: Rules) -> None:
    assert sending.rules.press(outlook(), SendMode.HOLD) == ""


def test_a_release_before_its_time_sends_nothing(sending: Rules) -> None:
    sending.rules.begin_hold(outlook())
    assert sending.rules.release(Side.SELL) == "Released before its time: nothing was sent."
    assert sending.rules.press(outlook(), SendMode.HOLD) == ""


def test_another_order_on_the_button_ends_the_hold_of_the_one_before(sending: Rules) -> None:
    sending.rules.begin_hold(outlook(Side.SELL))
    sending.rules.begin_hold(outlook(Side.BUY))
    told = sending.rules.drop_hold(Side.SELL)
    assert told == "The ticket changed while it was held: nothing was sent."
    assert set(sending.rules.held) == {Side.BUY}


def test_holding_counts_from_the_press_until_it_ends() -> None:
    clock = Clock()
    hold = PressAndHold(clock)
    assert (hold.under_way, hold.progress, hold.long_enough) == (False, 0, False)
    hold.begin()
    clock.now += HOLD_S / 2
    assert hold.progress == pytest.approx(0.5)
    assert not hold.long_enough
    clock.now += HOLD_S
    assert (hold.under_way, hold.progress, hold.long_enough) == (True, 1, True)
    hold.end()
    assert (hold.under_way, hold.progress, hold.long_enough) == (False, 0, False)
