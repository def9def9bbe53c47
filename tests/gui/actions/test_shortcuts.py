"""Keys: one table for shortcuts, menus and tooltips; a person's own are checked."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from core.errors import Refusal
from core.wording.next_step import OrderAction
from gui.actions.action_table import ACTIONS, Menu, WindowAction, in_menu
from gui.actions.shortcut_rules import in_force, refusal, usual, why_unusable
from gui.actions.shortcuts import ShortcutTable
from gui.controllers.desk import Desk
from gui.dialogs.price_editor import PriceField
from gui.state.preference_store import PreferenceStore
from tests.gui.window.test_main_window import connect, settle, tell_quote


def test_every_row_has_its_menu_and_a_usual_key_that_may_be_given() -> None:
    assert len({action_id.value for action_id in ACTIONS}) == len(ACTIONS)
    assert sum(len(in_menu(menu)) for menu in Menu) == len(ACTIONS)
    for action_id, key in usual().items():
        assert not refusal(action_id, key, usual()), action_id


@pytest.mark.parametrize(
    ("key", "word"),
    [
        ("A", "types text"),
        ("Shift+7", "types text"),
        ("Space", "types text"),
        ("Ctrl+Alt+Q", "AltGr"),
        ("Tab", "moves about"),
        ("Return", "moves about"),
        ("Ctrl+Left", "moves about"),
        ("Ctrl+V", "copies"),
        ("Ctrl+K, Ctrl+L", "not one key"),
        ("nonsense", "not one key"),
    ],
)
def test_a_key_that_types_or_edits_text_is_given_to_nothing(key: str, word: str) -> None:
    assert word in why_unusable(key)


@pytest.mark.parametrize("key", ["F9", "Ctrl+J", "Alt+S", "Shift+F2", "Esc", "Ctrl+Shift+S", ""])
def test_other_keys_can_be_given_and_so_can_none(key: str) -> None:
    assert not why_unusable(key)


def test_two_keys_can_be_exchanged_but_not_given_twice() -> None:
    exchanged = in_force({"sell": "F3", "buy": "F2"})
    assert (exchanged.keys[WindowAction.SELL], exchanged.keys[WindowAction.BUY]) == ("F3", "F2")
    assert not exchanged.problems
    twice = in_force({"sell": "F3", "pause": "F9", "unheard-of": "F11"})
    assert (twice.keys[WindowAction.SELL], twice.keys[OrderAction.PAUSE]) == ("F2", "F9")
    assert "Sell is the usual one" in twice.problems[0]


def test_giving_a_key_refuses_what_is_taken_and_keeps_the_rest() -> None:
    store = PreferenceStore()
    table = ShortcutTable(store)
    with pytest.raises(Refusal, match="F3 is the key of Buy"):
        table.assign(WindowAction.SELL, "F3")
    table.assign(WindowAction.SELL, "F9")
    assert store.values.keys == {"sell": "F9"}
    assert table.spoken(WindowAction.SELL) == "Send the sell on the ticket (F9)"
    table.assign(WindowAction.SELL, "F2")
    assert store.values.keys == {}


def test_a_changed_key_works_at_once_and_stands_on_buttons_and_menu(
    desk: Desk, qtbot: QtBot
) -> None:
    connect(desk)
    desk.window.keys.assign(WindowAction.ARM, "Ctrl+J")
    desk.window.keys.assign(WindowAction.CANCEL_ALL, "Ctrl+Shift+D")
    desk.window.keys.assign(WindowAction.KILL, "")
    desk.window.activateWindow()
    QTest.keyClick(desk.window, Qt.Key.Key_F8)
    assert desk.window.strip.arm.accessibleName() == "Disarmed"
    QTest.keyClick(desk.window, Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier)
    assert desk.window.strip.arm.accessibleName() == "Armed"
    assert desk.window.strip.cancel_all.text() == "Cancel all  Ctrl+Shift+D"
    assert desk.window.strip.arm.toolTip().endswith("(Ctrl+J)")
    assert "(" not in desk.window.strip.kill.toolTip()
    menus = desk.window.strip.menu.menus
    assert "Arm or disarm the ticket\tCtrl+J" in [e.text() for e in menus[Menu.TICKET].actions()]


def test_a_dangerous_key_ignores_auto_repeat_whatever_key_it_is(desk: Desk) -> None:
    desk.window.keys.assign(WindowAction.SELL, "Ctrl+J")
    for action_id, info in ACTIONS.items():
        if action_id in desk.shortcuts.bound:
            key = desk.window.findChild(QShortcut, f"key-{action_id.value}")
            assert isinstance(key, QShortcut)
            assert key.autoRepeat() is not info.dangerous


def test_a_key_that_is_held_acts_once_though_qt_takes_it_for_presses(desk: Desk) -> None:
    connect(desk)
    arm = desk.window.findChild(QShortcut, "key-arm")
    assert arm is not None

    def comes(kind: QEvent.Type, at: int) -> None:
        event = QKeyEvent(kind, Qt.Key.Key_F8, Qt.KeyboardModifier.NoModifier)
        event.setTimestamp(at)
        QApplication.sendEvent(desk.window, event)

    def pressed(at: int) -> bool:
        comes(QEvent.Type.ShortcutOverride, at)
        arm.activated.emit()
        return desk.window.strip.armed

    assert pressed(1000)
    for at in (1500, 1540, 1580):  # a release and a press of the same millisecond
        comes(QEvent.Type.KeyRelease, at)
        assert pressed(at), "it stays as the one press made it"
    comes(QEvent.Type.KeyRelease, 1600)
    assert not pressed(1680), "the next press is a hand's"


def test_a_key_pressed_in_another_window_is_no_repeat_of_the_last_one_here(desk: Desk) -> None:
    connect(desk)
    for kind in (QEvent.Type.KeyRelease, QEvent.Type.ShortcutOverride):
        event = QKeyEvent(kind, Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier)
        event.setTimestamp(1000)
        QApplication.sendEvent(desk.window, event)
    QApplication.sendEvent(desk.window, QEvent(QEvent.Type.WindowDeactivate))
    arm = desk.window.findChild(QShortcut, "key-arm")
    assert arm is not None
    arm.activated.emit()
    assert desk.window.strip.armed


def test_everything_in_the_table_can_be_done_from_the_menu(desk: Desk, qtbot: QtBot) -> None:
    connect(desk)
    menus = desk.window.strip.menu.menus
    offered = {entry.objectName() for menu in menus.values() for entry in menu.actions()}
    assert {f"menu-{action_id.value}" for action_id in desk.shortcuts.bound} - offered == {
        "menu-menu"
    }
    arm = next(e for e in menus[Menu.TICKET].actions() if e.objectName() == "menu-arm")
    arm.trigger()
    assert desk.window.strip.armed


def test_f10_opens_the_menu_and_arrows_and_enter_do_what_is_chosen(
    desk: Desk, qtbot: QtBot
) -> None:
    connect(desk)
    desk.window.activateWindow()
    desk.window.ticket.qty_field.setFocus()
    QTest.keyClick(desk.window.ticket.qty_field, Qt.Key.Key_F10)
    top = desk.window.strip.menu.top
    qtbot.waitUntil(top.isVisible)
    tell_quote(desk)
    settle(desk)  # quotes go on beneath it
    QTest.keyClick(top, Qt.Key.Key_Right)
    ticket = desk.window.strip.menu.menus[Menu.TICKET]
    qtbot.waitUntil(ticket.isVisible)
    QTest.keyClick(ticket, Qt.Key.Key_Down)
    QTest.keyClick(ticket, Qt.Key.Key_Down)
    QTest.keyClick(ticket, Qt.Key.Key_Return)
    assert desk.window.strip.armed
    assert not top.isVisible()


def test_the_menu_opens_by_mouse_and_shuts_by_esc_without_cancelling(
    desk: Desk, qtbot: QtBot
) -> None:
    button = desk.window.findChild(QPushButton, "strip-menu")
    assert isinstance(button, QPushButton)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    top = desk.window.strip.menu.top
    qtbot.waitUntil(top.isVisible)
    QTest.keyClick(top, Qt.Key.Key_Escape)
    assert not top.isVisible()
    assert not desk.window.notice.words.text()


def test_enter_that_is_held_in_a_price_is_entered_once(qtbot: QtBot) -> None:
    field, entered = PriceField(), list[bool]()
    qtbot.addWidget(field)
    field.entered.connect(lambda: entered.append(True))
    down, up = QEvent.Type.KeyPress, QEvent.Type.KeyRelease
    told = [(down, 1000), (up, 1660), (down, 1660), (up, 1700), (down, 1700), (up, 1750)]
    for kind, at in (*told, (down, 1900)):
        for each in (QEvent.Type.ShortcutOverride, kind) if kind is down else (kind,):
            event = QKeyEvent(each, Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier)
            event.setTimestamp(at)
            QApplication.sendEvent(field, event)
    assert len(entered) == 2
