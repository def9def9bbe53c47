"""Sound, desktop and screen reader: only when wanted, and never in the way."""

import wave
from importlib.resources import files

import pytest
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from core.clock import NS
from core.events import Level, LinkChanged, Notice, OrderChanged
from core.links import Link, LinkName, LinkState
from gui.announcing import Announcer, Kind
from gui.desk import Desk
from gui.preferences import PreferenceStore
from tests.core.told_orders import Told
from tests.gui.test_window import connect, settle


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_has_a_short_sound(kind: Kind) -> None:
    with (
        files("resources").joinpath("sounds", f"{kind.value}.wav").open("rb") as file,
        wave.open(file) as sound,
    ):
        assert 0.05 < sound.getnframes() / sound.getframerate() < 0.6


def test_nothing_sounds_until_a_person_wants_it(qtbot: QtBot) -> None:
    window, refused = QWidget(), list[str]()
    qtbot.addWidget(window)
    preferences = PreferenceStore()
    announcer = Announcer(window, preferences, refused.append)
    announcer.announce(Kind.FILL, "SELL 100 UVXY: filled")
    assert not refused
    assert announcer.played == 0
    preferences.change(sounds=True)
    announcer.announce(Kind.FILL, "SELL 100 UVXY: filled")
    announcer.announce(Kind.FILL, "SELL 100 UVXY: filled")
    assert announcer.played == 2 or len(refused) == 1  # refused once where nothing can play


def test_a_screen_reader_is_told_fills_and_alarms(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    QAccessible.setActive(True)
    try:
        Announcer(window, PreferenceStore(), pytest.fail).announce(Kind.ALARM, "Look.")
    finally:
        QAccessible.setActive(False)


def test_a_lost_order_stream_disarms_and_says_what_still_happens(desk: Desk, qtbot: QtBot) -> None:
    connect(desk)
    desk.ask.arm(True)
    desk.bridge.publish(LinkChanged(Link(LinkName.ORDERS, LinkState.RECONNECTING, NS)))
    qtbot.waitUntil(lambda: not desk.window.strip.armed)
    told = desk.window.notice.words.text()
    assert told.startswith("Disarmed. The order stream is lost")
    desk.window.strip.refresh("", 2 * NS)
    light = desk.window.strip.lights[LinkName.ORDERS]
    assert "fills cannot be seen" in light.toolTip()


def test_an_alarm_stands_on_the_notice_line(desk: Desk, qtbot: QtBot) -> None:
    desk.tell.show_notice(Notice(Level.ALARM, "The disk is full.", NS))
    assert desk.window.notice.words.text() == "The disk is full."


def test_the_end_of_an_order_is_told_once(desk: Desk) -> None:
    connect(desk)
    told = Told(at=desk.clock.now_ns()).working().cancel_asked().reported("canceled")
    assert told.order.final
    for change in told.changes:
        desk.bridge.publish(change)
    settle(desk)
    assert desk.window.notice.words.text() == "SELL 1,000 UVXY: You cancelled it."
    desk.tell.say("Something else.")
    desk.bridge.publish(told.wait(1).reported("canceled").changes[-1])
    settle(desk)
    assert desk.window.notice.words.text() == "Something else."


def test_an_order_that_had_ended_before_the_window_began_is_not_told_to_end(desk: Desk) -> None:
    connect(desk)
    told = Told(at=desk.clock.now_ns()).working().cancel_asked().reported("canceled")
    desk.bridge.publish(OrderChanged(told.order, None))
    desk.bridge.publish(told.wait(1).reported("canceled").changes[-1])
    settle(desk)
    assert desk.window.notice.words.text() == ""
