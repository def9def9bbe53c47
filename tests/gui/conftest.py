"""A window as the program builds it: bare, or at work with a real engine and exchange."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.app.session import SessionOptions
from core.engine.engine import Engine
from gui.app import qasync_loop
from gui.app.app import build
from gui.app.core_start import opened
from gui.controllers.desk import Desk
from gui.style import style
from gui.style.palette import DARK
from tests.gui.leaks import alive, left_since
from tests.gui.waiting import until
from tests.support.far_exchange import SYMBOL, FarExchange, far_exchange

Story = Callable[[Desk], Awaitable[None]]


def venue_environment(port: int) -> dict[str, str]:
    """Where a session finds the exchange at `port`."""
    http, ws = f"http://127.0.0.1:{port}", f"ws://127.0.0.1:{port}"
    return {
        "TOUCHLINE_TRADING_URL": http,
        "TOUCHLINE_DATA_URL": http,
        "TOUCHLINE_TRADING_STREAM_URL": f"{ws}/stream",
        "TOUCHLINE_DATA_STREAM_URL": f"{ws}/v2/sip",
    }


@pytest.fixture(autouse=True)
def nothing_left(qapp: QApplication) -> Iterator[None]:
    """A test that leaves a thread, a running timer or a window behind fails."""
    before = alive()
    yield
    left = left_since(before)
    assert not left, f"left behind: {', '.join(left)}"


@pytest.fixture(scope="session")
def dressed(qapp: QApplication) -> QApplication:
    """Qt with our fonts, colours and style sheet."""
    style.apply(qapp, DARK)
    return qapp


@pytest.fixture
def desk(dressed: QApplication, qtbot: QtBot) -> Iterator[Desk]:
    """A window without an engine, fed by publishing events to its bridge."""
    desk = build(DARK)
    desk.window.show()
    yield desk
    desk.animation.stop()
    end(desk)


@pytest.fixture(scope="session")
def far() -> Iterator[FarExchange]:
    """An exchange in another process whose market stands still at 15.23 / 15.32."""
    with far_exchange() as running:
        yield running


@pytest.fixture
def play(dressed: QApplication, far: FarExchange, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs a story in a window at work: real engine, thread, journal, sockets and exchange."""
    for name, value in venue_environment(far.port).items():
        monkeypatch.setenv(name, value)

    def run(story: Story) -> None:
        assert qasync_loop.run(dressed, _play(story)) == 0

    return run


async def _play(story: Story) -> int:
    desk = build(DARK)
    desk.window.show()
    try:
        async with opened(desk, SessionOptions(), SYMBOL):
            await until(lambda: SYMBOL in desk.known.board.quotes)
            await until(lambda: desk.window.guard.open)
            await story(desk)
    finally:
        end(desk)
    return 0


def engine_of(desk: Desk) -> Engine:
    """The engine at work. The window never has it; a test looks at it across the threads."""
    return desk.bridge._engine


def end(desk: Desk) -> None:
    """Close the window and delete it now, not at some later loop."""
    desk.window.close_for_good()
    desk.window.deleteLater()
    QCoreApplication.sendPostedEvents(desk.window, QEvent.Type.DeferredDelete.value)
