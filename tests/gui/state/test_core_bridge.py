"""What crosses between the core's thread and the window, and how often."""

import threading
from collections.abc import Iterator
from decimal import Decimal

import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from core.engine.events import QuoteChanged
from core.market.quotes import Quote
from gui.state.core_bridge import CoreBridge
from gui.state.inbox import Frame
from tests.support.scripted_orders import ScriptedOrder


def quote(number: int, symbol: str = "UVXY") -> QuoteChanged:
    price = Decimal(number) / 100
    return QuoteChanged(Quote(symbol, price, price, 1, 1, number, number))


@pytest.fixture
def frames(qtbot: QtBot) -> Iterator[tuple[CoreBridge, list[Frame]]]:
    bridge = CoreBridge()
    seen: list[Frame] = []
    bridge.frame.connect(seen.append)
    yield bridge, seen
    bridge.catch_up()  # what still waits for its frame


def test_quotes_are_latest_wins_and_come_as_one_frame(
    frames: tuple[CoreBridge, list[Frame]], qtbot: QtBot
) -> None:
    bridge, seen = frames

    def publish() -> None:
        for number in range(1, 501):
            bridge.publish(quote(number))

    thread = threading.Thread(target=publish)
    thread.start()
    thread.join()
    assert not seen
    qtbot.waitUntil(lambda: bool(seen))
    assert len(seen) == 1
    assert [q.exchange_ns for q in seen[0].quotes] == [500]
    assert bridge.quotes_seen == 500


@pytest.mark.scenario(93)
def test_no_order_fact_is_dropped_and_their_order_is_kept(
    frames: tuple[CoreBridge, list[Frame]], qtbot: QtBot
) -> None:
    bridge, seen = frames
    told = ScriptedOrder(qty=5000).working()
    for total in range(1, 2001):
        told.filled(1, total)

    def publish() -> None:
        for change in told.changes:
            bridge.publish(quote(1))
            bridge.publish(change)

    thread = threading.Thread(target=publish)
    thread.start()
    qtbot.waitUntil(lambda: sum(len(frame.orders) for frame in seen) == len(told.changes))
    thread.join()
    assert [change for frame in seen for change in frame.orders] == told.changes


def test_a_fact_overtakes_the_wait_for_the_next_frame_of_quotes(
    frames: tuple[CoreBridge, list[Frame]], qtbot: QtBot
) -> None:
    bridge, seen = frames
    bridge.publish(quote(1))
    QCoreApplication.processEvents()
    assert len(seen) == 1
    bridge.publish(quote(2))
    QCoreApplication.processEvents()
    assert len(seen) == 1  # waits for its frame
    bridge.publish(ScriptedOrder().changes[0])
    QCoreApplication.processEvents()
    assert len(seen) == 2
    assert seen[1].quotes
    assert seen[1].orders
    qtbot.wait(40)
    assert len(seen) == 2  # the frame that waited has nothing left to bring
