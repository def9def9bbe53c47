"""The ticket in the whole window: what disarms it, what asks, and its keys."""

from collections.abc import Awaitable, Callable
from decimal import Decimal

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from core.engine.events import AccountChanged, LinkChanged, OrderChanged
from core.errors import Confirmation
from core.market.links import Link, LinkName, LinkState
from core.market.prices import Side
from core.orders.plan import Instruction
from gui.actions.action_table import WindowAction
from gui.controllers.desk import Desk
from gui.state.fill_history import FEW
from gui.state.inbox import Frame
from gui.state.preferences import SendMode
from gui.ticket.ticket_model import Unit
from tests.core.analysis.test_fill_history import fell_back, filled, many
from tests.gui.waiting import until
from tests.gui.window.test_main_window import connect, settle

D = Decimal
Play = Callable[[Callable[[Desk], Awaitable[None]]], None]


def armed(desk: Desk) -> bool:
    return desk.window.strip.armed


def test_another_account_disarms_and_says_so(desk: Desk) -> None:
    connect(desk)
    account = desk.known.account
    assert account is not None
    desk.ticket.arm(True)
    desk.bridge.publish(AccountChanged(account, ()))
    settle(desk)
    assert armed(desk)  # the same one, read again
    desk.bridge.publish(AccountChanged(msgspec.structs.replace(account, number="OTHER"), ()))
    settle(desk)
    assert not armed(desk)
    assert desk.window.notice.words.text() == "Disarmed: the account is OTHER now."


@pytest.mark.parametrize("name", [LinkName.ORDERS, LinkName.QUOTES])
def test_a_lost_stream_disarms_and_its_return_does_not_arm_again(
    desk: Desk, name: LinkName
) -> None:
    connect(desk)
    desk.ticket.arm(True)
    now = desk.clock.now_ns()
    desk.bridge.publish(LinkChanged(Link(name, LinkState.RECONNECTING, now)))
    settle(desk)
    assert not armed(desk)
    assert desk.window.notice.words.text().startswith("Disarmed. ")
    desk.bridge.publish(LinkChanged(Link(name, LinkState.UP, now)))
    settle(desk)
    assert not armed(desk)


def test_what_was_said_of_lost_streams_is_taken_back_when_they_come_again(desk: Desk) -> None:
    connect(desk)
    desk.ticket.arm(True)
    now = desk.clock.now_ns()
    for name in (LinkName.QUOTES, LinkName.ORDERS):
        desk.bridge.publish(LinkChanged(Link(name, LinkState.RECONNECTING, now)))
        settle(desk)
        assert desk.window.notice.words.text().startswith("Disarmed. "), name
    told = []
    for name in (LinkName.QUOTES, LinkName.ORDERS):
        desk.bridge.publish(LinkChanged(Link(name, LinkState.UP, now)))
        settle(desk)
        told.append(desk.window.notice.words.text())
    assert told == [
        "Quotes come again.",
        "The order stream is back; open orders are read for what was missed. "
        "The ticket stays disarmed until you arm it.",
    ]


def test_a_ticket_cannot_be_armed_for_an_account_that_is_not_known_yet(desk: Desk) -> None:
    desk.shortcuts.run(WindowAction.ARM)
    assert not armed(desk)
    told = "Not connected yet: there is no account to arm the ticket for."
    assert desk.window.notice.words.text() == told
    connect(desk)
    assert not armed(desk)


def test_a_first_connection_is_nothing_that_is_back(desk: Desk) -> None:
    connect(desk)
    assert not desk.window.notice.words.text()


def test_an_account_that_is_cut_off_may_be_opened_anew(play: Play) -> None:
    async def story(desk: Desk) -> None:
        again = desk.accounts.dialog.findChild(QPushButton, "accounts-connect")
        assert again is not None
        desk.shortcuts.run(WindowAction.ACCOUNTS)
        assert not again.isEnabled()
        desk.accounts.dialog.reject()
        for name in LinkName:
            desk.bridge.publish(LinkChanged(Link(name, LinkState.DOWN, desk.clock.now_ns())))
        desk.bridge.catch_up()
        desk.shortcuts.run(WindowAction.ACCOUNTS)
        assert again.isEnabled()
        desk.accounts.dialog.reject()

    play(story)


def test_the_keys_set_quantity_and_price_even_while_a_field_has_the_focus(desk: Desk) -> None:
    connect(desk)
    ticket = desk.window.ticket
    ticket.symbol_field.setFocus()
    desk.shortcuts.run(WindowAction.QTY_50)
    assert ticket.blocks[Side.SELL].button.text() == "SELL 250 UVXY @ 15.24"
    desk.shortcuts.run(WindowAction.QTY_UP)
    desk.shortcuts.run(WindowAction.PRICE_UP)
    assert ticket.blocks[Side.SELL].button.text() == "SELL 300 UVXY @ 15.25"
    desk.shortcuts.run(WindowAction.OTHER_SIDE)
    desk.shortcuts.run(WindowAction.PRICE_DOWN)
    assert ticket.blocks[Side.BUY].button.text() == "BUY 300 UVXY @ 15.29"


def test_every_part_of_the_ticket_is_reached_by_tab(desk: Desk) -> None:
    connect(desk)
    desk.window.ticket.amount.set_unit(Unit.RISK)
    desk.window.activateWindow()
    ticket = desk.window.ticket
    ticket.symbol_field.setFocus()
    seen: list[str] = []
    for _ in range(60):
        focus = QApplication.focusWidget()
        assert focus is not None
        if focus.objectName() in seen:
            break
        seen.append(focus.objectName())
        QTest.keyClick(focus, Qt.Key.Key_Tab)
    order = [name for name in seen if name.startswith("ticket-")]
    assert order[0] == "ticket-symbol"
    for name in ("unit", "quantity-25", "quantity", "stop", "price", "steps", "limit"):
        assert f"ticket-{name}" in order
    assert order.index("ticket-quantity") < order.index("ticket-price")
    assert order.index("ticket-price") < order.index("ticket-sell") < order.index("ticket-buy")


def test_the_sell_of_a_menu_is_reviewed_where_the_key_is_to_be_held(desk: Desk) -> None:
    connect(desk)
    desk.window.ticket.modes.choose(SendMode.HOLD)
    desk.window.strip.menu._entries[WindowAction.SELL].trigger()
    assert desk.window.ticket.review.isVisible()
    desk.window.ticket.review.reject()


def test_orders_that_ended_are_counted_as_they_end(desk: Desk) -> None:
    connect(desk)
    desk.known.venue = "embedded"
    for order in many(filled, 3, "f"):
        desk.bridge.publish(OrderChanged(order, None))
    settle(desk)
    assert "(n = 3)" in desk.window.ticket.blocks[Side.SELL].words.toolTip()
    assert "(n = 0)" in desk.window.ticket.blocks[Side.BUY].words.toolTip()


def test_many_earlier_orders_are_counted_beside_the_window(play: Play) -> None:
    async def story(desk: Desk) -> None:
        before = desk.known.fill_history
        orders = [*many(filled, FEW, "f"), *many(fell_back, FEW, "m")]
        desk.fill_history.on_frame(Frame(orders=tuple(OrderChanged(o, None) for o in orders)))
        assert desk.known.fill_history is before  # not in this turn of the loop
        await until(lambda: desk.known.fill_history is not before)
        desk.window.ticket.refresh()
        told = desk.window.ticket.blocks[Side.SELL].words.toolTip()
        assert f"of {2 * FEW} like it" in told
        assert "typical \N{MINUS SIGN}$3.00" in told

    play(story)


def test_a_price_that_moved_since_it_was_shown_is_asked_about_and_then_sent_at_the_new_one(
    play: Play,
) -> None:
    async def story(desk: Desk) -> None:
        desk.ticket.arm(True)
        await until(lambda: desk.window.ticket.outlook(Side.SELL).ready)
        view = desk.window.ticket.outlook(Side.SELL)
        assert view.shown is not None
        stale = msgspec.structs.replace(view.shown, limit_price=D("15.30"))
        desk.ticket.send(Instruction("moved", "UVXY", Side.SELL, D(10), view.plan, stale))
        await until(desk.ticket.confirming.isVisible)
        assert not desk.known.orders
        words = desk.ticket.confirming._words.text()
        assert words.startswith("SELL 10 UVXY at 15.24 was not sent. ")
        assert "If not in 10 s: market for the rest" in words
        assert "The price moved 6 ticks since the click, from 15.30 to 15.24." in words
        await until(lambda: desk.ticket.confirming.guard.open)
        send = desk.ticket.confirming.findChild(QPushButton, "confirming-send")
        assert isinstance(send, QPushButton)
        QTest.mouseClick(send, Qt.MouseButton.LeftButton)
        await until(lambda: len(desk.known.orders) == 1)
        (order,) = desk.known.orders.values()
        shown = order.instruction.preview
        assert shown is not None
        assert shown.limit_price == order.limit_price == D("15.24")
        assert shown.lines[0] == "SELL 10 UVXY @ 15.24"
        await desk.bridge.cancel_all()
        await until(lambda: order.id in desk.known.orders and not desk.known.working())

    play(story)


def test_a_question_in_the_place_of_another_says_that_the_first_order_was_not_sent(
    desk: Desk,
) -> None:
    view = desk.window.ticket.outlook(Side.SELL)
    asks = Confirmation(("large",), "This is a large order.")
    for shares in (10, 20):
        order = Instruction(f"{shares}", "UVXY", Side.SELL, D(shares), view.plan)
        desk.ticket.confirming.ask(order, ("large",), asks)
    assert desk.window.notice.words.text().startswith("SELL 10 UVXY: not sent.")
    assert "SELL 20 UVXY was not sent." in desk.ticket.confirming._words.text()
    desk.ticket.confirming.close()


def test_a_key_of_the_keyboard_holds_the_button_and_letting_it_go_sends_nothing(
    desk: Desk,
) -> None:
    connect(desk)
    desk.ticket.arm(True)
    ticket = desk.window.ticket
    ticket.modes.choose(SendMode.HOLD)
    sent: list[object] = []
    ticket.send.disconnect(desk.ticket.send)
    ticket.send.connect(sent.append)
    desk.window.setFocus()
    handle = desk.window.windowHandle()
    button = ticket.blocks[Side.SELL].button
    begun: list[None] = []
    button.hold_began.connect(lambda: begun.append(None))
    QTest.keyPress(handle, Qt.Key.Key_F2)
    assert len(begun) == 1
    QTest.keyRelease(handle, Qt.Key.Key_F2)
    assert desk.window.notice.words.text() == "Released before its time: nothing was sent."
    assert button.progress == 0
    assert not sent
