"""Sound, desktop and screen reader: only when wanted, and never in the way."""

import subprocess
import sys
import threading
import wave
from importlib.resources import files
from pathlib import Path

import pytest
from playsound3.playsound3 import PopenLike, SoundBackend
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from core.engine.events import Level, LinkChanged, Notice, OrderChanged
from core.market.links import Link, LinkName, LinkState
from core.market.time import NS
from gui.controllers.announcer import Announcer
from gui.controllers.desk import Desk
from gui.controllers.sounds import AlertKind, Sounds, play_file
from gui.state.preference_store import PreferenceStore
from tests.gui.window.test_main_window import connect, settle
from tests.support.scripted_orders import ScriptedOrder


@pytest.mark.parametrize("kind", AlertKind)
def test_each_kind_has_a_short_sound(kind: AlertKind) -> None:
    with (
        files("resources").joinpath("sounds", f"{kind.value}.wav").open("rb") as file,
        wave.open(file) as sound,
    ):
        assert 0.05 < sound.getnframes() / sound.getframerate() < 0.6


class Player:
    """Notes what it is asked to play. While `gate` is closed it does not come to an end."""

    def __init__(self, error: Exception | None = None) -> None:
        self.played: list[tuple[str, int]] = []
        self.gate = threading.Event()
        self.gate.set()
        self._error = error

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.played]

    def play(self, path: Path) -> None:
        self.played.append((path.stem, threading.get_ident()))
        assert path.stat().st_size
        self.gate.wait(5)
        if self._error is not None:
            raise self._error


class Heard:
    """An announcer with that player, and what it refused."""

    def __init__(self, qtbot: QtBot, player: Player) -> None:
        self.window, self.refused = QWidget(), list[str]()
        qtbot.addWidget(self.window)
        self.preferences = PreferenceStore()
        self.announcer = Announcer(
            self.window, self.preferences, self.refused.append, Sounds(player.play)
        )

    def announce(self, kind: AlertKind) -> None:
        self.announcer.announce(kind, "SELL 100 UVXY: filled")


def idle() -> bool:
    return not any(thread.name == "sounds" for thread in threading.enumerate())


def test_nothing_sounds_until_a_person_wants_it(qtbot: QtBot) -> None:
    player = Player()
    heard = Heard(qtbot, player)
    heard.announce(AlertKind.FILL)
    assert idle()
    heard.preferences.change(sounds=True)
    heard.announce(AlertKind.FILL)
    qtbot.waitUntil(idle)
    heard.announce(AlertKind.END)
    qtbot.waitUntil(idle)
    assert player.names == ["fill", "end"]
    assert not heard.refused


def test_the_window_never_waits_for_a_sound_and_the_most_urgent_comes_next(qtbot: QtBot) -> None:
    player = Player()
    heard = Heard(qtbot, player)
    heard.preferences.change(sounds=True)
    player.gate.clear()
    for kind in (AlertKind.FILL, AlertKind.FILL):
        heard.announce(kind)
        qtbot.waitUntil(lambda: player.names == ["fill"])
    for kind in (AlertKind.ALARM, AlertKind.FILL, AlertKind.END):
        heard.announce(kind)
    player.gate.set()
    qtbot.waitUntil(idle)
    assert player.names == ["fill", "alarm"]
    assert threading.get_ident() not in {thread for _, thread in player.played}


@pytest.mark.parametrize("error", [OSError("no device"), ValueError("no device")])
def test_that_nothing_can_be_played_is_said_once(qtbot: QtBot, error: Exception) -> None:
    player = Player(error)
    heard = Heard(qtbot, player)
    heard.preferences.change(sounds=True)
    heard.announce(AlertKind.FILL)
    qtbot.waitUntil(lambda: bool(heard.refused))
    qtbot.waitUntil(idle)
    heard.announce(AlertKind.ALARM)
    assert idle()
    assert heard.refused == ["This system plays no sound (no device); notices stay on the screen."]
    assert player.names == ["fill"]


class Program(SoundBackend):
    """A player that is a program of Python's."""

    def __init__(self, text: str) -> None:
        self._text = text

    def check(self) -> bool:
        return True

    def play(self, sound: str) -> PopenLike:
        return subprocess.Popen([sys.executable, "-c", self._text, sound])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("raise SystemExit(3)", "ended with status 3"),
        ("import time; time.sleep(60)", "did not come to an end"),
    ],
)
def test_a_player_that_fails_is_noticed(
    monkeypatch: pytest.MonkeyPatch, text: str, why: str
) -> None:
    monkeypatch.setattr("playsound3.playsound3.DEFAULT_BACKEND", Program(text))
    with pytest.raises(OSError, match=why):
        play_file(Path(__file__), patience_s=0.2)


def test_a_player_that_plays_is_waited_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    mark = tmp_path / "played"
    text = f"import sys, pathlib; pathlib.Path({str(mark)!r}).write_text(sys.argv[1])"
    monkeypatch.setattr("playsound3.playsound3.DEFAULT_BACKEND", Program(text))
    play_file(Path(__file__))
    assert mark.read_text() == Path(__file__).as_posix()


def test_a_screen_reader_is_told_fills_and_alarms(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    QAccessible.setActive(True)
    try:
        Announcer(window, PreferenceStore(), pytest.fail).announce(AlertKind.ALARM, "Look.")
    finally:
        QAccessible.setActive(False)


def test_a_lost_order_stream_disarms_and_says_what_still_happens(desk: Desk, qtbot: QtBot) -> None:
    connect(desk)
    desk.ticket.arm(True)
    desk.bridge.publish(LinkChanged(Link(LinkName.ORDERS, LinkState.RECONNECTING, NS)))
    qtbot.waitUntil(lambda: not desk.window.strip.armed)
    told = desk.window.notice.words.text()
    assert told.startswith("Disarmed. The order stream is lost")
    desk.window.strip.refresh("", 2 * NS)
    light = desk.window.strip.lights[LinkName.ORDERS]
    assert "fills cannot be seen" in light.toolTip()


def test_an_alarm_stands_on_the_notice_line(desk: Desk, qtbot: QtBot) -> None:
    desk.notifier.show_notice(Notice(Level.ALARM, "The disk is full.", NS))
    assert desk.window.notice.words.text() == "The disk is full."


def test_the_end_of_an_order_is_told_once(desk: Desk) -> None:
    connect(desk)
    told = ScriptedOrder(at=desk.clock.now_ns()).working().cancel_asked().reported("canceled")
    assert told.order.final
    for change in told.changes:
        desk.bridge.publish(change)
    settle(desk)
    assert desk.window.notice.words.text() == "SELL 1,000 UVXY: You cancelled it."
    desk.notifier.say("Something else.")
    desk.bridge.publish(told.wait(1).reported("canceled").changes[-1])
    settle(desk)
    assert desk.window.notice.words.text() == "Something else."


def test_an_order_that_had_ended_before_the_window_began_is_not_told_to_end(desk: Desk) -> None:
    connect(desk)
    told = ScriptedOrder(at=desk.clock.now_ns()).working().cancel_asked().reported("canceled")
    desk.bridge.publish(OrderChanged(told.order, None))
    desk.bridge.publish(told.wait(1).reported("canceled").changes[-1])
    settle(desk)
    assert desk.window.notice.words.text() == ""
