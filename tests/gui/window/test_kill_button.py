"""The kill switch of the window, and that it kills from elsewhere while the window hangs."""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from core.market.prices import Side
from core.market.time import NS
from core.orders.state import State
from core.risk.limits import Limits
from core.wording.numbers import qty
from gui.actions.action_table import WindowAction
from gui.actions.click_guard import ClickGuard
from gui.actions.shortcuts import ShortcutTable
from gui.controllers.desk import Desk
from gui.dialogs.confirmation import ConfirmationDialog
from gui.window.kill_button import KillButton
from tests.gui.conftest import engine_of, venue_environment
from tests.gui.waiting import until
from tests.gui.window.test_at_work import Play, arm, click, order, send
from tests.gui.window.test_blocked import hang
from tests.support.commands import CAP, ROOT
from tests.support.far_exchange import far_exchange


async def working(desk: Desk) -> str:
    """Send a sell that works for a minute; its id."""
    desk.window.ticket.choose_wait(desk.window.ticket.plan(Side.SELL).timeout * 6)
    await arm(desk)
    order_id = await send(desk, Side.SELL)
    await until(lambda: order(desk, order_id).state is State.WORKING)
    return order_id


def test_two_presses_kill_disarm_and_tell_and_arming_takes_orders_again(play: Play) -> None:
    async def story(desk: Desk) -> None:
        order_id = await working(desk)
        strip = desk.window.strip
        click(desk, "strip-kill")
        assert strip.kill.text() == "Kill?"
        assert not order(desk, order_id).cancel_asked
        await until(lambda: strip.kill.isEnabled())
        await asyncio.sleep(0.45)  # a second press that comes sooner belongs to a double click
        click(desk, "strip-kill")
        await until(lambda: order(desk, order_id).state is State.CANCELED)
        await until(lambda: "proves" in desk.window.notice.words.text())
        assert not strip.armed
        assert "Killed" in strip.arm.text()
        assert "Killed by the window" in desk.window.ticket.outlook(Side.SELL).refusal
        click(desk, "strip-arm")
        await until(lambda: strip.armed)
        await until(lambda: desk.window.ticket.outlook(Side.SELL).ready)

    play(story)


def killed_while_hanging(play: Play, kill: Callable[[], None]) -> None:
    async def story(desk: Desk) -> None:
        order_id = await working(desk)
        began = desk.clock.now_ns()
        kill()
        hang(1.5)
        engine_s_order = engine_of(desk).orders[order_id]
        assert order(desk, order_id).state is State.WORKING  # the window has seen nothing yet
        assert engine_s_order.state is State.CANCELED
        assert engine_s_order.ended_ns is not None
        assert engine_s_order.ended_ns - began < 1.5 * NS
        await until(lambda: order(desk, order_id).state is State.CANCELED)
        await until(lambda: not desk.window.strip.armed)

    play(story)


def test_a_file_kills_while_the_window_hangs(play: Play, home: Path) -> None:
    killed_while_hanging(play, (home / "KILL").touch)


def test_the_command_line_kills_while_the_window_hangs(play: Play) -> None:
    def kill() -> None:
        """Runs on the window's thread, which waits for the answer and so does nothing else."""
        argv = (sys.executable, "-m", "core.cli", "kill", "--json")
        done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=CAP)
        assert done.returncode == 0, done.stderr
        assert '"unproven": []' in done.stdout

    async def story(desk: Desk) -> None:
        order_id = await working(desk)
        kill()
        assert order(desk, order_id).state is State.WORKING  # the window has seen nothing yet
        assert engine_of(desk).orders[order_id].state is State.CANCELED

    play(story)


def test_what_a_control_asks_is_asked_in_the_window_and_sent_when_confirmed(play: Play) -> None:
    async def story(desk: Desk) -> None:
        small = Limits(large_notional=Decimal(1))
        engine_of(desk).risk_inputs.settings = desk.known.settings = small
        await arm(desk)
        assert "This is a large order" in desk.window.ticket.outlook(Side.SELL).question
        click_sell(desk)
        await until(desk.ticket.confirming.isVisible)
        assert desk.known.orders == {}
        press(desk, "confirming-keep")
        assert not desk.ticket.confirming.isVisible()
        await asyncio.sleep(0.45)
        click_sell(desk)
        await until(desk.ticket.confirming.isVisible)
        await until(lambda: desk.ticket.confirming.guard.open)
        press(desk, "confirming-send")
        await until(lambda: len(desk.known.orders) == 1)
        await desk.bridge.cancel_all()  # its shares would be reserved in the tests that follow
        await until(lambda: not desk.known.working())

    play(story)


def test_a_click_meant_for_one_question_does_not_answer_the_next(qtbot: QtBot) -> None:
    now, answered = [100.0], list[object]()
    window = QWidget()
    qtbot.addWidget(window)
    dialog = ConfirmationDialog(window, guard=ClickGuard(lambda: now[0]))
    dialog.confirmed.connect(lambda about, _: answered.append(about))
    send = dialog.findChild(QPushButton, "confirming-send")
    assert send is not None
    dialog.put("first", (), "The first?")
    now[0] += 1
    dialog.put("second", (), "The second?")
    now[0] += 0.1
    send.click()
    assert not answered
    assert dialog.isVisible()
    now[0] += 0.2
    send.click()
    assert answered == ["second"]


def click_sell(desk: Desk) -> None:
    QTest.mouseClick(desk.window.ticket.blocks[Side.SELL].button, Qt.MouseButton.LeftButton)


def press(desk: Desk, name: str) -> None:
    found = desk.ticket.confirming.findChild(QPushButton, name)
    assert isinstance(found, QPushButton)
    QTest.mouseClick(found, Qt.MouseButton.LeftButton)


def test_a_double_click_or_a_late_second_press_does_not_kill(qtbot: QtBot) -> None:
    now = [100.0]
    kill = KillButton(ShortcutTable(), lambda: now[0])
    qtbot.addWidget(kill)
    pulled: list[bool] = []
    kill.pulled.connect(lambda: pulled.append(True))
    for at, expected in ((100.0, 0), (100.2, 0), (103.1, 0), (103.6, 1), (110.0, 1), (112.9, 2)):
        now[0] = at
        kill.press()
        assert len(pulled) == expected, at
    assert "Press twice within 3 s" in kill.toolTip()


@pytest.fixture
def alone(play: Play, monkeypatch: pytest.MonkeyPatch) -> Iterator[Play]:
    """As `play`, on an exchange that no other test trades at."""
    with far_exchange() as running:
        for name, value in venue_environment(running.port).items():
            monkeypatch.setenv(name, value)
        yield play


def test_flatten_asks_first_and_sells_what_is_held_also_after_a_kill(alone: Play) -> None:
    async def story(desk: Desk) -> None:
        desk.orders.kill()
        await until(lambda: bool(desk.known.killed))
        await until(lambda: desk.symbols.symbol in desk.known.positions)
        held = desk.known.positions[desk.symbols.symbol].qty
        assert held > 0
        desk.shortcuts.run(WindowAction.FLATTEN)
        await until(desk.orders.flattening.isVisible)
        words = desk.orders.flattening.findChild(QLabel, "flattening-words")
        assert words is not None
        assert f"{qty(held)} {desk.symbols.symbol} are sold at market, about $" in words.text()
        find(desk, "flattening-keep").click()
        assert desk.known.working() == ()
        desk.shortcuts.run(WindowAction.FLATTEN)
        await until(desk.orders.flattening.isVisible)
        await until(lambda: desk.orders.flattening.guard.open)
        find(desk, "flattening-send").click()
        await until(lambda: any(o.at_market and o.final for o in desk.known.orders.values()))
        (order,) = [o for o in desk.known.orders.values() if o.at_market]
        assert (order.state, order.filled) == (State.FILLED, held)

    alone(story)


def find(desk: Desk, name: str) -> QPushButton:
    found = desk.orders.flattening.findChild(QPushButton, name)
    assert isinstance(found, QPushButton)
    return found
