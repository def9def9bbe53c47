"""The guide to a first order, the page of lights, and what an empty list says."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace
from PySide6.QtWidgets import QTextBrowser
from pytestqt.qtbot import QtBot

from core.market.prices import Side
from core.orders.state import State
from gui.actions.action_table import WindowAction
from gui.controllers.desk import Desk
from gui.dialogs.guide import Step, step_of
from gui.dialogs.help_pages import LIGHTS, lights_page
from gui.style.palette import DARK, LIGHT, Palette
from gui.widgets.empty_hint import EmptyHint
from tests.gui.conftest import Story
from tests.gui.waiting import until
from tests.support.scripted_orders import ScriptedOrder

Play = Callable[[Story], None]


def test_the_guide_leads_from_arming_to_the_first_filled_order(play: Play) -> None:
    async def story(desk: Desk) -> None:
        desk.help.begin("embedded")
        guide = desk.help.guide
        arm = desk.window.strip.arm
        sell = desk.window.ticket.blocks[Side.SELL].button
        assert guide.isVisible()
        assert guide.title == "A first order · Step 1 of 3"
        assert arm.property("guided") == "true"
        arm.click()
        await until(lambda: sell.property("guided") == "true")
        assert arm.property("guided") == "false"
        assert "(F2)" in guide.words
        await until(lambda: desk.window.guard.open)
        sell.click()
        await until(lambda: guide.title.endswith("Step 3 of 3"))
        assert sell.property("guided") == "false"
        await until(lambda: bool(desk.known.working()))
        (order,) = desk.known.working()
        await desk.bridge.cancel(order.id)
        await until(lambda: guide.title.endswith("Done"))
        assert guide.words.startswith("SELL 100 ")
        guide.end_button.click()
        assert not guide.isVisible()
        assert not desk.window.preferences.values.guide

    play(story)


def test_a_guide_that_is_done_makes_way_for_the_next_order(desk: Desk) -> None:
    desk.window.strip.show_venue("embedded")
    desk.help.begin("embedded")
    guide, first, second = desk.help.guide, ScriptedOrder().working(), ScriptedOrder().working()
    orders = {"first": replace(first.order, state=State.CANCELED)}
    guide.look(orders, armed=True)
    assert guide.title.endswith("Done")
    guide.look(orders | {"second": second.order}, armed=True)
    assert not guide.isVisible()
    assert not desk.window.preferences.values.guide


def test_the_guide_comes_once_by_itself_and_again_when_asked(desk: Desk) -> None:
    desk.window.strip.show_venue("embedded")
    desk.help.begin("embedded")
    desk.help.guide.end_button.click()
    desk.help.begin("embedded")
    assert not desk.help.guide.isVisible()
    desk.shortcuts.run(WindowAction.GUIDE)
    assert desk.help.guide.isVisible()


def test_no_guide_sends_an_order_on_a_real_account(desk: Desk) -> None:
    desk.window.strip.show_venue("paper")
    desk.help.begin("paper")
    desk.shortcuts.run(WindowAction.GUIDE)
    assert not desk.help.guide.isVisible()
    assert "embedded exchange" in desk.window.notice.words.text()


def test_the_guide_stays_in_its_corner_when_the_window_changes(desk: Desk, qtbot: QtBot) -> None:
    desk.window.strip.show_venue("embedded")
    desk.help.begin("embedded")
    guide, blotter = desk.help.guide, desk.window.blotter
    for size in ((1600, 1000), (1120, 720)):
        desk.window.resize(*size)
        qtbot.waitUntil(lambda: blotter.rect().contains(guide.geometry()))


def test_a_step_follows_from_what_is_armed_and_sent() -> None:
    assert step_of(None, armed=False) is Step.ARM
    assert step_of(None, armed=True) is Step.SEND


def test_an_empty_list_of_orders_says_how_one_comes_there(desk: Desk) -> None:
    hint = desk.window.blotter.working.findChild(EmptyHint)
    assert hint is not None
    text = hint.text()
    assert text.startswith("No order is working. Arm the ticket (F8) and press SELL (F2)")
    assert text.count(". ") == 2  # three sentences


@pytest.mark.parametrize("palette", [DARK, LIGHT], ids=lambda palette: palette.name)
def test_the_page_of_lights_shows_every_mark_in_its_colour(palette: Palette) -> None:
    page = lights_page(palette)
    for line in LIGHTS:
        assert f"color:{getattr(palette, line.colour)}" in page
        assert line.mark in page


def test_the_page_of_lights_opens_beside_the_window(desk: Desk) -> None:
    desk.shortcuts.run(WindowAction.LIGHTS)
    page = desk.window.findChild(QTextBrowser, "lights-page")
    assert page is not None
    assert page.isVisible()
    assert "order stream" in page.toPlainText()
