"""Review, press-and-hold, one click: what it takes to send, and what is kept of what was seen."""

from decimal import Decimal

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.market.prices import Side
from gui.state.preference_store import PreferenceStore
from gui.state.preferences import SendMode
from gui.ticket.send_rules import HOLD_S
from gui.ticket.ticket_model import Unit
from tests.gui.ticket.ticket_harness import TicketHarness

D = Decimal
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def trial(qtbot: QtBot) -> TicketHarness:
    return TicketHarness(qtbot)


@pytest.fixture
def held(qtbot: QtBot) -> TicketHarness:
    """A ticket whose buttons have to be held."""
    preferences = PreferenceStore()
    preferences.change(send_mode=SendMode.HOLD)
    return TicketHarness(qtbot, preferences)


@pytest.fixture
def reviewed(qtbot: QtBot) -> TicketHarness:
    """A ticket that shows a review first."""
    preferences = PreferenceStore()
    preferences.change(send_mode=SendMode.REVIEW)
    return TicketHarness(qtbot, preferences)


def let_go(key: Qt.Key, *, repeat: bool = False) -> None:
    """A key comes up somewhere in the program."""
    none = Qt.KeyboardModifier.NoModifier
    event = QKeyEvent(QEvent.Type.KeyRelease, key, none, "", repeat)
    application = QApplication.instance()
    assert application is not None
    QApplication.sendEvent(application, event)


# -- one click ---------------------------------------------------------------------------------


def test_all_that_was_shown_goes_with_the_order(trial: TicketHarness) -> None:
    view = trial.ticket.outlook(Side.SELL)
    trial.click("ticket-sell")
    shown = trial.sent[0].preview
    assert shown == view.shown
    assert shown is not None
    assert shown.lines[0] == "SELL 100 UVXY @ 15.24"
    assert shown.lines[1:] == view.lines
    assert (shown.gain, shown.position_after, shown.moved_ticks) == (D("0.01"), D(4500), 2)


def test_what_was_on_the_screen_is_kept_when_the_market_moved_unseen(trial: TicketHarness) -> None:
    trial.market.bid, trial.market.ask = D("15.13"), D("15.22")
    trial.click("ticket-sell")  # no frame has come between
    shown = trial.sent[0].preview
    assert shown is not None
    assert shown.limit_price == D("15.24")


def test_an_order_asked_about_is_shown_again_as_it_would_be_priced_now(
    trial: TicketHarness,
) -> None:
    trial.click("ticket-sell")
    trial.market.bid, trial.market.ask = D("15.13"), D("15.22")
    again = trial.ticket.shown_again(trial.sent[0])
    assert again.preview is not None
    assert again.preview.limit_price == D("15.14")
    assert (again.id, again.qty, again.plan) == (
        trial.sent[0].id,
        trial.sent[0].qty,
        trial.sent[0].plan,
    )


def test_a_click_on_what_refuses_never_sends_though_it_would_not_refuse_any_more(
    trial: TicketHarness,
) -> None:
    trial.market.armed = False
    trial.ticket.refresh()
    trial.market.armed = True  # no frame has come since
    trial.click("ticket-sell")
    assert not trial.sent
    assert trial.refused == ["Disarmed: nothing is sent until you arm."]


# -- held --------------------------------------------------------------------------------------


def test_a_button_held_for_400_ms_sends_once_and_shows_how_far_it_is(held: TicketHarness) -> None:
    button = held.ticket.blocks[Side.SELL].button
    QTest.mousePress(button, LEFT)
    held.clock.now += HOLD_S / 2
    button.check_hold()
    assert button.progress == pytest.approx(0.5)
    assert not held.sent
    held.clock.now += HOLD_S / 2 + 0.001
    button.check_hold()
    assert len(held.sent) == 1
    assert button.progress == 0
    QTest.mouseRelease(button, LEFT)
    assert len(held.sent) == 1
    assert not held.refused


def test_a_button_released_early_sends_nothing_and_says_so(held: TicketHarness) -> None:
    button = held.ticket.blocks[Side.SELL].button
    QTest.mousePress(button, LEFT)
    held.clock.now += HOLD_S - 0.001
    QTest.mouseRelease(button, LEFT)
    held.clock.now += 1
    button.check_hold()
    assert not held.sent
    assert held.refused == ["Released before its time: nothing was sent."]


def test_a_button_that_is_only_clicked_sends_nothing_where_it_is_to_be_held(
    held: TicketHarness,
) -> None:
    held.click("ticket-sell")
    assert not held.sent


def test_the_key_is_held_like_the_button(held: TicketHarness) -> None:
    button = held.ticket.blocks[Side.BUY].button
    held.ticket.press(Side.BUY)
    let_go(Qt.Key.Key_F3, repeat=True)  # auto-repeat lets nothing go
    held.clock.now += HOLD_S + 0.001
    button.check_hold()
    assert [sent.side for sent in held.sent] == [Side.BUY]
    let_go(Qt.Key.Key_F3)
    assert not held.refused


def test_the_key_let_go_early_sends_nothing(held: TicketHarness) -> None:
    held.ticket.press(Side.BUY)
    held.clock.now += HOLD_S / 2
    let_go(Qt.Key.Key_F3)
    held.clock.now += 1
    held.ticket.blocks[Side.BUY].button.check_hold()
    assert not held.sent
    assert held.refused == ["Released before its time: nothing was sent."]


def test_another_window_ends_a_hold(held: TicketHarness) -> None:
    held.ticket.press(Side.BUY)
    QApplication.sendEvent(held.ticket, QEvent(QEvent.Type.WindowDeactivate))
    held.clock.now += 1
    held.ticket.blocks[Side.BUY].button.check_hold()
    assert not held.sent


def test_the_space_bar_is_held_like_the_mouse(held: TicketHarness) -> None:
    button = held.ticket.blocks[Side.SELL].button
    QTest.keyPress(button, Qt.Key.Key_Space)
    held.clock.now += HOLD_S + 0.001
    button.check_hold()
    QTest.keyRelease(button, Qt.Key.Key_Space)
    assert len(held.sent) == 1


def test_a_hold_keeps_what_stood_there_as_it_began(held: TicketHarness) -> None:
    button = held.ticket.blocks[Side.SELL].button
    QTest.mousePress(button, LEFT)
    held.market.bid, held.market.ask = D("15.13"), D("15.22")
    held.ticket.refresh()
    held.clock.now += HOLD_S + 0.001
    button.check_hold()
    shown = held.sent[0].preview
    assert shown is not None
    assert shown.limit_price == D("15.24")  # so the engine asks: it moved ten ticks


def test_a_button_that_would_refuse_says_why_at_once(held: TicketHarness) -> None:
    held.market.armed = False
    held.ticket.refresh()
    QTest.mousePress(held.ticket.blocks[Side.SELL].button, LEFT)
    assert held.refused == ["Disarmed: nothing is sent until you arm."]
    assert held.ticket.blocks[Side.SELL].button.progress == 0


def test_disarming_while_it_is_held_sends_nothing(held: TicketHarness) -> None:
    button = held.ticket.blocks[Side.SELL].button
    QTest.mousePress(button, LEFT)
    held.market.armed = False
    held.clock.now += HOLD_S + 0.001
    button.check_hold()
    assert not held.sent
    assert held.refused == ["Disarmed: nothing is sent until you arm."]


def test_another_symbol_ends_a_hold_and_sends_neither(held: TicketHarness) -> None:
    held.ticket.press(Side.SELL)
    held.ticket.show_symbol("IBM")
    held.clock.now += HOLD_S + 0.001
    held.ticket.blocks[Side.SELL].button.check_hold()
    assert not held.sent
    assert held.refused == ["The ticket changed while it was held: nothing was sent."]


@pytest.mark.parametrize("chip", ["ticket-quantity-100", "ticket-steps-usual"])
def test_a_ticket_changed_while_its_key_is_held_sends_nothing(
    held: TicketHarness, chip: str
) -> None:
    held.ticket.press(Side.SELL)
    held.click(chip)
    held.clock.now += HOLD_S + 0.001
    held.ticket.blocks[Side.SELL].button.check_hold()
    assert not held.sent
    assert held.refused == ["The ticket changed while it was held: nothing was sent."]


def test_a_handle_moved_while_a_key_is_held_sends_nothing(held: TicketHarness) -> None:
    held.ticket.press(Side.SELL)
    held.ticket.slider.nudge(1)
    held.clock.now += HOLD_S + 0.001
    held.ticket.blocks[Side.SELL].button.check_hold()
    assert not held.sent
    assert held.refused == ["The ticket changed while it was held: nothing was sent."]


def test_a_hold_in_dollars_sends_the_shares_that_stood_on_the_button(held: TicketHarness) -> None:
    held.ticket.amount.set_unit(Unit.DOLLARS)
    held.type_into(held.ticket.qty_field, "1000")
    button = held.ticket.blocks[Side.SELL].button
    assert button.text().startswith("SELL 65 UVXY")
    QTest.mousePress(button, LEFT)
    held.market.bid, held.market.ask = D("15.43"), D("15.52")
    held.ticket.refresh()
    assert button.text().startswith("SELL 64 UVXY")
    held.clock.now += HOLD_S + 0.001
    button.check_hold()
    assert held.sent[0].qty == 65
    assert held.sent[0].preview is not None
    assert held.sent[0].preview.lines[0] == "SELL 65 UVXY @ 15.24"


def test_a_menu_cannot_be_held_so_there_it_is_reviewed(held: TicketHarness) -> None:
    held.ticket.press_in_menu(Side.SELL)
    assert held.ticket.review.isVisible()
    assert not held.sent
    held.ticket.review.reject()


# -- reviewed ----------------------------------------------------------------------------------


def test_a_click_opens_a_review_with_everything_and_a_second_one_sends(
    reviewed: TicketHarness,
) -> None:
    reviewed.click("ticket-sell")
    review = reviewed.ticket.review
    assert review.isVisible()
    assert not reviewed.sent
    for line in ("SELL 100 UVXY @ 15.24", *reviewed.ticket.outlook(Side.SELL).lines):
        assert line in review._words.text()
    assert review._account.text() == "embedded, account n"
    assert review.send.text() == "Send SELL 100 UVXY @ 15.24"
    reviewed.clock.now += 0.3
    QTest.mouseClick(review.send, LEFT)
    assert len(reviewed.sent) == 1
    assert not review.isVisible()


def test_a_second_click_that_comes_too_soon_was_not_meant_for_the_review(
    reviewed: TicketHarness,
) -> None:
    reviewed.click("ticket-sell")
    reviewed.clock.now += 0.249
    QTest.mouseClick(reviewed.ticket.review.send, LEFT)
    assert not reviewed.sent
    assert reviewed.ticket.review.isVisible()


def test_a_review_follows_the_market_and_sends_what_it_shows(reviewed: TicketHarness) -> None:
    reviewed.click("ticket-buy")
    reviewed.market.bid, reviewed.market.ask = D("15.33"), D("15.42")
    reviewed.ticket.refresh()
    assert reviewed.ticket.review.send.text() == "Send BUY 100 UVXY @ 15.40"
    reviewed.clock.now += 0.3
    QTest.mouseClick(reviewed.ticket.review.send, LEFT)
    shown = reviewed.sent[0].preview
    assert shown is not None
    assert shown.limit_price == D("15.40")


def test_a_review_given_up_sends_nothing(reviewed: TicketHarness) -> None:
    reviewed.click("ticket-sell")
    reviewed.clock.now += 0.3
    QTest.keyClick(reviewed.ticket.review, Qt.Key.Key_Escape)
    assert not reviewed.ticket.review.isVisible()
    reviewed.click("ticket-sell")
    QTest.mouseClick(reviewed.ticket.review.keep, LEFT)
    assert not reviewed.sent


def test_enter_in_a_review_does_not_send(reviewed: TicketHarness) -> None:
    reviewed.click("ticket-sell")
    reviewed.clock.now += 0.3
    QTest.keyClick(reviewed.ticket.review, Qt.Key.Key_Return)
    assert not reviewed.sent


def test_another_symbol_closes_the_review_of_the_last_one(reviewed: TicketHarness) -> None:
    reviewed.click("ticket-sell")
    reviewed.ticket.show_symbol("IBM")
    assert not reviewed.ticket.review.isVisible()


def test_a_review_of_what_cannot_be_sent_says_why_and_cannot_send(reviewed: TicketHarness) -> None:
    reviewed.click("ticket-sell")
    reviewed.market.armed = False
    reviewed.ticket.refresh()
    assert "Disarmed" in reviewed.ticket.review._warning.text()
    assert not reviewed.ticket.review.send.isEnabled()


# -- the choice --------------------------------------------------------------------------------


def test_the_mode_is_chosen_in_the_ticket_and_kept(trial: TicketHarness) -> None:
    assert trial.ticket.modes.button.text().startswith("one click")
    trial.ticket.modes.button.menu_shown.actions()[1].trigger()
    assert trial.preferences.values.send_mode is SendMode.HOLD
    assert trial.ticket.modes.button.text().startswith("hold")
    trial.clock.now += 0.3
    trial.click("ticket-sell")
    assert not trial.sent


def test_a_mode_chosen_in_the_settings_holds_in_the_ticket_at_once(trial: TicketHarness) -> None:
    trial.preferences.change(send_mode=SendMode.REVIEW)
    assert trial.ticket.modes.button.text().startswith("review")
    trial.clock.now += 0.3
    trial.click("ticket-sell")
    assert not trial.sent
    assert trial.ticket.review.isVisible()


def test_a_press_that_would_have_refused_never_sends_though_it_would_not_any_more(
    held: TicketHarness,
) -> None:
    held.market.armed = False
    held.ticket.refresh()
    held.market.armed = True  # no frame has come since
    QTest.mousePress(held.ticket.blocks[Side.SELL].button, LEFT)
    assert not held.sent
    assert held.refused == ["Disarmed: nothing is sent until you arm."]
