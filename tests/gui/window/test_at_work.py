"""The window with the real engine: what a trader clicks, and what follows."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from core.engine.events import AccountChanged
from core.market.account import Position
from core.market.prices import Side
from core.orders.state import ParentOrder, State
from core.wording.next_step import OrderAction
from core.wording.numbers import price
from gui.blotter.order_lines import FILLED
from gui.controllers.desk import Desk
from gui.ticket.side_button import SideButton
from tests.gui.waiting import until
from tests.support.far_exchange import OTHER

Play = Callable[[Any], None]


def button(desk: Desk, side: Side) -> SideButton:
    return desk.window.ticket.blocks[side].button


def click(desk: Desk, name: str) -> None:
    found = desk.window.findChild(QPushButton, name)
    assert isinstance(found, QPushButton)
    QTest.mouseClick(found, Qt.MouseButton.LeftButton)


async def arm(desk: Desk) -> None:
    click(desk, "strip-arm")
    await until(lambda: desk.window.guard.open)
    assert desk.window.ticket.outlook(Side.SELL).ready


async def send(desk: Desk, side: Side) -> str:
    before = set(desk.known.orders)
    QTest.mouseClick(button(desk, side), Qt.MouseButton.LeftButton)
    await until(lambda: bool(set(desk.known.orders) - before))
    return (set(desk.known.orders) - before).pop()


def order(desk: Desk, order_id: str) -> ParentOrder:
    return desk.known.orders[order_id]


def choose_price(desk: Desk, side: Side, fraction: str) -> None:
    slider = desk.window.ticket.slider
    slider.set_fraction(side, Decimal(fraction))
    slider.fraction_chosen.emit(side, Decimal(fraction))


def test_arm_and_sell_at_the_touch_fills_and_the_blotter_shows_it(play: Play) -> None:
    async def story(desk: Desk) -> None:
        choose_price(desk, Side.SELL, "1")
        await arm(desk)
        order_id = await send(desk, Side.SELL)
        await until(lambda: order(desk, order_id).state is State.FILLED)
        model = desk.window.blotter.working.orders_model
        row = model.index_of(order_id)
        assert row.siblingAtColumn(FILLED).data() == "100"
        assert desk.window.blotter.fills.fills.rowCount() == 1
        assert order(desk, order_id).children[0].posts == 1
        await until(lambda: "p99" in desk.window.status.latency.text())

    play(story)


def test_time_runs_out_and_the_proven_rest_goes_to_market(play: Play) -> None:
    async def story(desk: Desk) -> None:
        desk.window.ticket.rows.wait_field.setText("1")
        desk.window.ticket.rows.wait_field.textEdited.emit("1")
        await arm(desk)
        order_id = await send(desk, Side.SELL)
        await until(lambda: order(desk, order_id).state is State.WORKING)
        await until(lambda: order(desk, order_id).state is State.FILLED)
        assert order(desk, order_id).fell_back
        told = [entry.sentence for entry in desk.order_display.stories.of(order_id)]
        assert "time is up" in told
        assert any("cancelled, proven" in sentence for sentence in told)

    play(story)


@pytest.mark.parametrize("way", ["button", "key", "all"])
def test_a_cancel_by_the_person_ends_the_order_without_fallback(play: Play, way: str) -> None:
    async def story(desk: Desk) -> None:
        await arm(desk)
        order_id = await send(desk, Side.SELL)
        await until(lambda: order(desk, order_id).state is State.WORKING)
        await until(lambda: desk.window.blotter._guard.open)
        if way == "button":
            click(desk, "row-cancel")
        elif way == "key":
            desk.window.activateWindow()
            QTest.keyClick(desk.window, Qt.Key.Key_Escape)
        else:
            click(desk, "strip-cancel-all")
        await until(lambda: order(desk, order_id).final)
        assert order(desk, order_id).state is State.CANCELED
        assert not order(desk, order_id).fell_back

    play(story)


def test_market_now_hold_and_more_time_reach_the_engine(play: Play) -> None:
    async def story(desk: Desk) -> None:
        await arm(desk)
        order_id = await send(desk, Side.BUY)
        await until(lambda: order(desk, order_id).state is State.WORKING)
        deadline = order(desk, order_id).deadline_ns
        assert deadline is not None
        desk.orders.act(OrderAction.MORE_TIME, order_id)
        await until(lambda: order(desk, order_id).deadline_ns == deadline + 10_000_000_000)
        desk.orders.act(OrderAction.PAUSE, order_id)
        await until(lambda: order(desk, order_id).deadline_ns is None)
        desk.orders.act(OrderAction.MARKET_NOW, order_id)
        await until(lambda: order(desk, order_id).final)
        assert order(desk, order_id).fell_back

    play(story)


def test_a_click_while_disarmed_sends_nothing_and_says_why(play: Play) -> None:
    async def story(desk: Desk) -> None:
        QTest.mouseClick(button(desk, Side.SELL), Qt.MouseButton.LeftButton)
        assert desk.window.notice.words.text() == "Disarmed: nothing is sent until you arm."
        assert not desk.known.orders

    play(story)


def test_an_unknown_symbol_is_refused_and_the_one_in_hand_stays(play: Play) -> None:
    async def story(desk: Desk) -> None:
        field = desk.window.ticket.symbol_field
        field.clear()
        QTest.keyClicks(field, "nosuch")
        QTest.keyClick(field, Qt.Key.Key_Return)
        await until(lambda: "NOSUCH" in desk.window.notice.words.text())
        assert desk.symbols.symbol == "UVXY"
        assert "NOSUCH" not in desk.window.watch.model.symbols

    play(story)


@pytest.mark.scenario(87)
def test_closing_with_a_working_order_asks_and_cancel_waits_for_the_proof(play: Play) -> None:
    async def story(desk: Desk) -> None:
        gone: list[bool] = []
        desk.closed.connect(lambda: gone.append(True))
        await arm(desk)
        order_id = await send(desk, Side.SELL)
        await until(lambda: order(desk, order_id).state is State.WORKING)
        desk.window.close()
        assert desk.closing.isVisible()
        assert desk.window.isVisible()
        assert not gone
        click_dialog = desk.closing.findChild(QPushButton, "closing-cancel")
        assert isinstance(click_dialog, QPushButton)
        QTest.mouseClick(click_dialog, Qt.MouseButton.LeftButton)
        await until(lambda: bool(gone))
        assert order(desk, order_id).state is State.CANCELED

    play(story)


def test_what_is_bought_elsewhere_is_watched_and_has_quotes(play: Play) -> None:
    async def story(desk: Desk) -> None:
        known = desk.known
        assert known.account is not None
        bought = Position(OTHER, Decimal(50), Decimal(50), Decimal(74))
        held = (*known.positions.values(), bought)
        desk.bridge.publish(AccountChanged(known.account, held))
        await until(lambda: OTHER in known.board.quotes)

    play(story)


def test_closing_without_orders_goes_at_once(play: Play) -> None:
    async def story(desk: Desk) -> None:
        gone: list[bool] = []
        desk.closed.connect(lambda: gone.append(True))
        desk.window.close()
        assert gone

    play(story)


def closing_button(desk: Desk, name: str) -> QPushButton:
    found = desk.closing.findChild(QPushButton, name)
    assert isinstance(found, QPushButton)
    return found


async def close_with_an_order(desk: Desk) -> str:
    """Arm, sell, and close the window as soon as the order works."""
    await arm(desk)
    order_id = await send(desk, Side.SELL)
    await until(lambda: order(desk, order_id).state is State.WORKING)
    desk.window.close()
    assert desk.closing.isVisible()
    return order_id


def test_closing_right_behind_the_click_that_sends_asks_about_that_order(play: Play) -> None:
    async def story(desk: Desk) -> None:
        gone: list[bool] = []
        desk.closed.connect(lambda: gone.append(True))
        await arm(desk)
        QTest.mouseClick(button(desk, Side.SELL), Qt.MouseButton.LeftButton)
        desk.window.close()
        await until(lambda: bool(gone) or desk.closing.isVisible())
        assert not gone
        QTest.mouseClick(closing_button(desk, "closing-cancel"), Qt.MouseButton.LeftButton)
        await until(lambda: bool(gone))

    play(story)


def test_closing_again_while_the_cancels_are_awaited_goes_on_waiting(play: Play) -> None:
    async def story(desk: Desk) -> None:
        gone: list[bool] = []
        desk.closed.connect(lambda: gone.append(True))
        await close_with_an_order(desk)
        QTest.mouseClick(closing_button(desk, "closing-cancel"), Qt.MouseButton.LeftButton)
        desk.window.close()
        assert desk.closing.waiting
        await until(lambda: bool(gone))

    play(story)


def test_waiting_to_close_disarms_so_that_no_order_joins(play: Play) -> None:
    async def story(desk: Desk) -> None:
        gone: list[bool] = []
        desk.closed.connect(lambda: gone.append(True))
        await close_with_an_order(desk)
        QTest.mouseClick(closing_button(desk, "closing-cancel"), Qt.MouseButton.LeftButton)
        assert not desk.window.strip.armed
        await until(lambda: bool(gone))

    play(story)


def test_an_order_that_ends_while_it_is_asked_about_gives_the_other_account_up(play: Play) -> None:
    async def story(desk: Desk) -> None:
        gone: list[bool] = []
        desk.closed.connect(lambda: gone.append(True))
        await arm(desk)
        order_id = await send(desk, Side.SELL)
        await until(lambda: order(desk, order_id).state is State.WORKING)
        desk.accounts.chosen.emit("paper", "")
        assert desk.closing.isVisible()
        desk.orders.act(OrderAction.CANCEL, order_id)
        await until(lambda: not desk.closing.isVisible())
        assert not gone
        assert desk.next_account is None
        said = desk.window.notice.words.text()
        assert said == "No order is working any more. Nothing was closed: ask again."

    play(story)


def test_closing_the_window_opens_no_account_that_was_asked_for_before(play: Play) -> None:
    async def story(desk: Desk) -> None:
        gone: list[bool] = []
        desk.closed.connect(lambda: gone.append(True))
        await arm(desk)
        order_id = await send(desk, Side.SELL)
        await until(lambda: order(desk, order_id).state is State.WORKING)
        desk.accounts.chosen.emit("paper", "")
        desk.window.close()
        assert desk.next_account is None
        QTest.mouseClick(closing_button(desk, "closing-cancel"), Qt.MouseButton.LeftButton)
        await until(lambda: bool(gone))

    play(story)


def test_another_price_is_stepped_in_and_sent_with_enter(play: Play) -> None:
    async def story(desk: Desk) -> None:
        await arm(desk)
        order_id = await send(desk, Side.SELL)
        await until(lambda: order(desk, order_id).state is State.WORKING)
        before = order(desk, order_id).present_limit
        desk.orders.act(OrderAction.REPRICE, order_id)
        editor = desk.orders.pricing
        assert editor.isVisible()
        assert editor.field.text() == price(before)
        assert not editor._send.isEnabled(), "it is its price already"
        for _ in range(2):
            QTest.keyClick(editor.field, Qt.Key.Key_Up)
        assert editor.words.text().endswith(f"replaces {price(before)}")
        QTest.keyClick(editor.field, Qt.Key.Key_Return)
        assert not editor.isVisible()
        wanted = before + Decimal("0.02")
        await until(lambda: order(desk, order_id).present_limit == wanted)
        await until(lambda: order(desk, order_id).state is State.WORKING)
        desk.orders.act(OrderAction.CANCEL, order_id)
        await until(lambda: order(desk, order_id).final)

    play(story)


def test_a_price_that_would_fill_at_once_is_asked_about_and_escape_leaves_it(play: Play) -> None:
    async def story(desk: Desk) -> None:
        await arm(desk)
        order_id = await send(desk, Side.SELL)
        await until(lambda: order(desk, order_id).state is State.WORKING)
        desk.orders.act(OrderAction.PAUSE, order_id)
        desk.orders.act(OrderAction.REPRICE, order_id)
        editor = desk.orders.pricing
        bid = desk.known.board.quotes[order(desk, order_id).symbol].bid
        editor.field.setText(price(bid))
        QTest.keyClick(editor.field, Qt.Key.Key_Return)
        assert editor.isVisible()
        assert editor.remark.text().endswith("Enter once more sends it.")
        QTest.keyClick(editor.field, Qt.Key.Key_Escape)
        assert not editor.isVisible()
        assert order(desk, order_id).own_price is None
        editor.edit(order(desk, order_id))
        for text, words in (("x", "must be a number"), ("0.001", "past the bid")):
            editor.field.setText(text)
            editor.refresh()
            assert words in editor.remark.text()
            assert not editor._send.isEnabled()
        desk.orders.act(OrderAction.CANCEL, order_id)
        await until(lambda: order(desk, order_id).final)
        editor.refresh()
        assert editor.remark.text() == "No price can be set: it has ended."

    play(story)
