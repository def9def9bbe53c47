"""The ticket: what a person can choose, what they see, and what never sends."""

from dataclasses import replace
from decimal import Decimal

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.market.prices import Side
from core.orders.plan import DEFAULTS, Fallback, stepped
from core.orders.plan_input import parse_steps
from tests.gui.ticket.ticket_harness import TicketHarness

D = Decimal


@pytest.fixture
def trial(qtbot: QtBot) -> TicketHarness:
    return TicketHarness(qtbot)


def test_a_click_on_sell_sends_what_stands_on_the_button(trial: TicketHarness) -> None:
    button = trial.ticket.blocks[Side.SELL].button
    assert button.text() == "SELL 100 UVXY @ 15.24"
    assert button.accessibleName() == "SELL 100 UVXY @ 15.24"
    trial.click("ticket-sell")
    (sent,) = trial.sent
    assert (sent.side, sent.symbol, sent.qty) == (Side.SELL, "UVXY", D(100))
    assert sent.plan.fraction == D("0.85")
    assert sent.plan.timeout == 10
    assert sent.preview is not None
    assert sent.preview.limit_price == D("15.24")


def test_a_double_click_sends_once(trial: TicketHarness) -> None:
    button = trial.ticket.blocks[Side.SELL].button
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    QTest.mouseDClick(button, Qt.MouseButton.LeftButton)
    assert len(trial.sent) == 1


def test_hammering_on_a_button_or_its_key_sends_once(trial: TicketHarness) -> None:
    button = trial.ticket.blocks[Side.SELL].button
    for _ in range(4):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        trial.clock.now += 0.15
        QTest.mouseDClick(button, Qt.MouseButton.LeftButton)
        trial.clock.now += 0.15
        trial.ticket.press(Side.SELL)
        trial.clock.now += 0.3
    assert len(trial.sent) == 1
    assert set(trial.refused) == {"Pressed again within 0.4 s: that press sent nothing."}
    trial.clock.now += 0.4
    trial.click("ticket-sell")
    assert len(trial.sent) == 2


def test_the_two_sides_may_be_pressed_one_right_after_the_other(trial: TicketHarness) -> None:
    trial.click("ticket-sell")
    trial.click("ticket-buy")
    assert [sent.side for sent in trial.sent] == [Side.SELL, Side.BUY]


def test_every_click_is_an_intent_of_its_own(trial: TicketHarness) -> None:
    trial.click("ticket-sell")
    trial.clock.now += 0.5
    trial.click("ticket-sell")
    assert len({sent.id for sent in trial.sent}) == 2


def test_a_click_within_250_ms_of_a_change_of_layout_sends_nothing(trial: TicketHarness) -> None:
    trial.ticket.show_symbol("IBM")
    trial.clock.now += 0.249
    trial.click("ticket-sell")
    assert not trial.sent
    assert trial.refused == ["The window changed just before the click: nothing was sent."]
    trial.clock.now += 0.01
    trial.click("ticket-sell")
    assert len(trial.sent) == 1


def test_enter_in_a_field_never_sends(trial: TicketHarness) -> None:
    for field in (trial.ticket.qty_field, trial.ticket.symbol_field, trial.ticket.rows.wait_field):
        QTest.keyClick(field, Qt.Key.Key_Return)
        QTest.keyClick(field, Qt.Key.Key_Enter)
    assert not trial.sent


@pytest.mark.parametrize(("share", "shares"), [(25, "1,000"), (50, "2,000"), (100, "4,000")])
def test_the_quantity_buttons_take_a_share_of_what_is_available(
    trial: TicketHarness, share: int, shares: str
) -> None:
    trial.click(f"ticket-quantity-{share}")
    assert trial.ticket.qty_field.text() == shares
    assert "4,000 of 4,600 available · 600 reserved" in trial.ticket.amount._words.text()


@pytest.mark.parametrize("typed", ["0", "-5", "many", "1e400", "", "nan"])
def test_what_is_no_quantity_marks_the_field_and_sends_nothing(
    trial: TicketHarness, typed: str
) -> None:
    trial.ticket.qty_field.selectAll()
    QTest.keyClick(trial.ticket.qty_field, Qt.Key.Key_Delete)
    QTest.keyClicks(trial.ticket.qty_field, typed)
    trial.click("ticket-sell")
    assert not trial.sent
    assert "quantity" in trial.refused[-1]
    assert trial.ticket.qty_field.property("wrong") == "true" or not typed


def test_a_quantity_is_refused_in_the_words_of_the_rule_it_breaks(trial: TicketHarness) -> None:
    trial.ticket.qty_field.setText("1.0000000001")
    trial.click("ticket-sell")
    assert "at most 9 decimals" in trial.refused[-1]


def test_nothing_is_sent_while_the_field_says_another_symbol_than_the_button(
    trial: TicketHarness,
) -> None:
    trial.ticket.symbol_field.setFocus()
    trial.ticket.symbol_field.selectAll()
    QTest.keyClicks(trial.ticket.symbol_field, "ibm")
    trial.click("ticket-sell")  # half typed
    QTest.keyClick(trial.ticket.symbol_field, Qt.Key.Key_Return)
    trial.click("ticket-sell")  # being looked up
    trial.ticket.reject_symbol()
    trial.click("ticket-sell")  # refused
    assert not trial.sent
    assert set(trial.refused) == {
        "The symbol field says ibm: choose it, or press Esc in it.",
    }
    trial.ticket.restore_symbol()
    trial.click("ticket-sell")
    assert [sent.symbol for sent in trial.sent] == ["UVXY"]


def test_a_long_warning_is_read_in_full_and_what_it_makes_idle_goes(trial: TicketHarness) -> None:
    block = trial.ticket.blocks[Side.SELL]
    usual = trial.ticket.outlook(Side.SELL)
    assert "position after" in block.words.text()
    for length in (40, 80, 120):
        refusal = ("It is so for a reason. " * 9)[:length]
        block.show_outlook(replace(usual, refusal=refusal))
        assert refusal.strip() in block.words.text()
        assert block.words.heightForWidth(block.words.width()) <= block.words.height()


@pytest.mark.parametrize("typed", ["nosuch", "not a symbol!"])
def test_enter_stays_in_the_symbol_field_until_it_is_chosen_so_that_esc_is_its_own(
    trial: TicketHarness, typed: str
) -> None:
    cancelled: list[str] = []
    key = QShortcut(QKeySequence("Esc"), trial.ticket)
    key.activated.connect(lambda: cancelled.append("cancelled"))
    field = trial.ticket.symbol_field
    trial.ticket.activateWindow()
    trial.type_into(field, typed)
    QTest.keyClick(field, Qt.Key.Key_Return)
    trial.ticket.reject_symbol()  # as the venue does, of what it does not know
    assert field.hasFocus()
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == "UVXY"
    assert not cancelled
    assert not field.hasFocus()


def test_a_symbol_that_is_chosen_leaves_its_field(trial: TicketHarness) -> None:
    field = trial.ticket.symbol_field
    trial.ticket.activateWindow()
    trial.type_into(field, "ibm")
    QTest.keyClick(field, Qt.Key.Key_Return)
    trial.ticket.show_symbol("IBM")
    assert not field.hasFocus()


def test_typing_on_gives_up_the_symbol_that_is_being_looked_up(trial: TicketHarness) -> None:
    field = trial.ticket.symbol_field
    trial.type_into(field, "ibm")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert trial.ticket.awaits("IBM")
    QTest.keyClicks(field, "x")
    assert not trial.ticket.awaits("IBM")


def test_enter_with_the_completions_open_looks_up_what_is_typed(trial: TicketHarness) -> None:
    typed: list[str] = []
    trial.ticket.symbol_typed.connect(typed.append)
    field = trial.ticket.symbol_field
    trial.ticket.activateWindow()
    field.setFocus()
    field.setText("ibm")
    enter = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier, "\r")
    field.event(enter)  # as the completer hands it on, past the event filters
    assert typed == ["IBM"]
    trial.ticket.show_symbol("IBM")
    assert not field.hasFocus()


def test_wait_and_fallback_go_into_the_plan(trial: TicketHarness) -> None:
    trial.click("ticket-wait-4")
    trial.click("ticket-fallback-2")
    trial.click("ticket-buy")
    assert trial.sent[0].plan.timeout == 30
    assert trial.sent[0].plan.fallback is Fallback.NONE
    trial.click("ticket-wait-0")
    trial.clock.now += 0.5
    trial.click("ticket-buy")
    assert trial.sent[1].plan.timeout == 15


def test_a_wait_of_ones_own_is_taken_and_a_wrong_one_sends_nothing(trial: TicketHarness) -> None:
    QTest.keyClicks(trial.ticket.rows.wait_field, "7.5")
    trial.click("ticket-sell")
    assert trial.sent[0].plan.timeout == D("7.5")
    QTest.keyClicks(trial.ticket.rows.wait_field, "x")
    trial.click("ticket-sell")
    assert len(trial.sent) == 1
    assert "timeout" in trial.refused[-1]


def test_the_slider_moves_over_legal_prices_only(trial: TicketHarness) -> None:
    slider = trial.ticket.slider
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_Right)
    assert trial.ticket.blocks[Side.SELL].button.text() == "SELL 100 UVXY @ 15.25"
    for _ in range(20):
        QTest.keyClick(slider, Qt.Key.Key_Right)
    assert trial.ticket.blocks[Side.SELL].button.text() == "SELL 100 UVXY @ 15.32"
    for _ in range(20):
        QTest.keyClick(slider, Qt.Key.Key_Left)
    assert trial.ticket.blocks[Side.SELL].button.text() == "SELL 100 UVXY @ 15.23"
    assert "fills at once" in trial.ticket.blocks[Side.SELL].words.text()


def test_a_handle_is_dragged_to_the_legal_price_under_the_pointer(trial: TicketHarness) -> None:
    slider = trial.ticket.slider
    start = QPoint(round(slider._x(D("15.30"))), 15)
    end = QPoint(round(slider._x(D("15.27"))) + 3, 15)
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(slider, end)
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=end)
    assert trial.ticket.blocks[Side.BUY].button.text() == "BUY 100 UVXY @ 15.27"
    assert trial.ticket.blocks[Side.SELL].button.text() == "SELL 100 UVXY @ 15.24"


def test_the_chosen_fraction_stays_when_the_quote_moves(trial: TicketHarness) -> None:
    trial.market.bid, trial.market.ask = D("15.40"), D("15.60")
    trial.ticket.refresh()
    assert trial.ticket.blocks[Side.SELL].button.text() == "SELL 100 UVXY @ 15.43"


def test_nothing_on_the_ticket_moves_when_its_words_change(trial: TicketHarness) -> None:
    def places() -> list[tuple[int, int]]:
        return [
            (block.mapTo(trial.ticket, QPoint(0, 0)).y(), block.height())
            for block in trial.ticket.blocks.values()
        ]

    before = places()
    trial.market.armed = False
    trial.ticket.refresh()
    trial.market.available = D(1)
    trial.ticket.refresh()
    trial.market.bid, trial.market.ask = D("0"), D("0")
    trial.ticket.refresh()
    assert places() == before


def test_the_first_quantity_is_what_there_is_when_that_is_less_than_a_hundred(
    trial: TicketHarness,
) -> None:
    trial.market.available = D(40)
    trial.ticket.show_symbol("IBM")
    assert trial.ticket.qty_field.text() == "40"


def test_the_handles_stand_where_the_first_step_would_be_priced(trial: TicketHarness) -> None:
    trial.ticket.rows.choose_steps("0.50:3 0.85:3")
    first = trial.ticket.slider.limit(Side.SELL)
    assert first is not None
    assert first.price == D("15.28")
    trial.ticket.rows.choose_steps("")
    one = trial.ticket.slider.limit(Side.SELL)
    assert one is not None
    assert one.price == D("15.24")


def test_the_steps_button_works_the_order_in_steps_and_gives_the_single_price_back(
    trial: TicketHarness,
) -> None:
    trial.click("ticket-steps-usual")
    assert trial.ticket.rows.steps_field.text() == "0.50:3 0.75:4 0.85:3"
    assert trial.ticket.rows.waits.index == -1
    trial.click("ticket-sell")
    assert trial.sent[-1].plan == stepped(parse_steps(["0.5:3", "0.75:4", "0.85:3"]))
    trial.click("ticket-steps-usual")
    assert trial.ticket.rows.steps_field.text() == ""
    assert trial.ticket.rows.waits.index == 0
    assert trial.ticket.plan(Side.SELL) == DEFAULTS[Side.SELL]


def test_steps_that_mean_nothing_mark_the_field_and_send_nothing(trial: TicketHarness) -> None:
    QTest.keyClicks(trial.ticket.rows.steps_field, "0.5:3 0.75")
    trial.click("ticket-sell")
    assert not trial.sent
    assert "'0.75'" in trial.refused[-1]
