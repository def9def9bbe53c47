"""Whose thread a session is on: the window makes its coroutines there, and reads nothing of it."""

import inspect
import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from core.app.session import Session, SessionOptions
from core.engine.account_state import AccountState
from core.engine.engine import Engine
from core.engine.listeners import Listeners
from core.market.links import LinkName
from core.market.prices import Side
from core.orders.state import State
from core.runtime.core_thread import CoreThread
from core.wording.next_step import OrderAction
from gui.app import qasync_loop
from gui.controllers.desk import Desk
from gui.state.core_bridge import CoreBridge
from gui.state.view_state import ViewState
from tests.gui.conftest import engine_of, venue_environment
from tests.gui.waiting import until
from tests.gui.window.test_at_work import arm, order, send
from tests.support.far_exchange import FarExchange

Play = Callable[[Any], None]

LIVING = (Session, Engine, AccountState, Listeners)  # on the core's thread


def watched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Fills with what the window's thread reads of them, coroutines aside."""
    touched: list[str] = []

    def read(self: object, name: str) -> Any:
        if threading.current_thread() is threading.main_thread() and not name.startswith("__"):
            found = inspect.getattr_static(type(self), name, None)
            if not inspect.iscoroutinefunction(found):
                touched.append(f"{type(self).__name__}.{name}")
        return object.__getattribute__(self, name)

    for living in LIVING:
        monkeypatch.setattr(living, "__getattribute__", read)
    return touched


def test_the_window_reads_no_object_that_lives_on_the_core_s_thread(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    touched = watched(monkeypatch)

    async def story(desk: Desk) -> None:
        desk.window.ticket.choose_wait(Decimal(60))
        await arm(desk)
        order_id = await send(desk, Side.SELL)
        await until(lambda: order(desk, order_id).state is State.WORKING)
        desk.orders.act(OrderAction.PAUSE, order_id)
        desk.orders.act(OrderAction.CANCEL, order_id)
        await until(lambda: order(desk, order_id).final)
        await until(lambda: "orders posted" in desk.window.status.orders.text())
        await desk.bridge.change_limits(desk.known.settings)
        desk.orders.kill()
        await until(lambda: bool(desk.known.killed))
        desk.ticket.arm(True)
        await until(lambda: desk.window.strip.armed)

    play(story)
    assert touched == []


def test_that_is_noticed_when_it_happens(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    touched = watched(monkeypatch)

    async def story(desk: Desk) -> None:
        assert engine_of(desk).orders == {}

    play(story)
    assert "Engine.orders" in touched


def test_what_a_session_knows_at_its_opening_is_handed_out_before_that_is_over(
    dressed: QApplication, far: FarExchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in venue_environment(far.port).items():
        monkeypatch.setenv(name, value)

    async def story() -> int:
        bridge, core, known = CoreBridge(), CoreThread(), ViewState()
        bridge.frame.connect(lambda frame: known.take(frame, 0))
        bridge.connect_core(core)
        core.start()
        try:
            opened = await bridge.open(SessionOptions())
            assert known.account is not None
            assert known.account.number == opened.account
            assert known.market is not None
            assert set(known.links) == set(LinkName)
        finally:
            await bridge.close()
            core.stop()
        return 0

    assert qasync_loop.run(dressed, story()) == 0


def test_what_is_counted_crosses_as_a_copy(play: Play) -> None:
    async def story(desk: Desk) -> None:
        counted = await desk.bridge.counters()
        counters = engine_of(desk).counters
        assert counted is not counters
        facts = counted.facts
        counters.facts += 1
        assert counted.facts == facts

    play(story)
