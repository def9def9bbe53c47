"""Dialogs stand beside the window: whatever is open, the keys that always work do."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QPushButton

from gui.actions.action_table import WindowAction
from gui.blotter.blotter import Tab
from gui.controllers.desk import Desk
from tests.support.scripted_orders import ScriptedOrder

OPEN: dict[str, Callable[[Desk], object]] = {
    "accounts": lambda desk: desk.accounts.dialog.bring_up(),
    "closing": lambda desk: desk.closing.ask((ScriptedOrder().working().order,)),
    "confirming": lambda desk: desk.ticket.confirming.put(None, (), "Sure?"),
    "key-map": lambda desk: desk.shortcuts.run(WindowAction.KEY_MAP),
    "key-map-file": lambda desk: save_keys(desk),
    "layout-name-dialog": lambda desk: desk.shortcuts.run(WindowAction.SAVE_LAYOUT),
    "lights": lambda desk: desk.shortcuts.run(WindowAction.LIGHTS),
    "price-editor": lambda desk: desk.orders.pricing.edit(ScriptedOrder().working().order),
    "save-csv": lambda desk: save_rows(desk),
    "settings": lambda desk: desk.shortcuts.run(WindowAction.SETTINGS),
}


def press(desk: Desk, name: str) -> None:
    found = desk.window.findChild(QPushButton, name)
    assert isinstance(found, QPushButton)
    found.click()


def save_keys(desk: Desk) -> None:
    desk.shortcuts.run(WindowAction.KEY_MAP)
    press(desk, "key-map-save")


def save_rows(desk: Desk) -> None:
    desk.window.blotter.show_orders([ScriptedOrder().working().filled(1000, 1000).order])
    desk.window.blotter.show_tab(Tab.ALL)
    press(desk, "blotter-csv")


@pytest.mark.parametrize("name", OPEN)
def test_cancel_all_works_by_its_key_while_a_dialog_is_open(desk: Desk, name: str) -> None:
    OPEN[name](desk)
    dialog = desk.window.findChild(QDialog, name)
    assert isinstance(dialog, QDialog)
    assert dialog.isVisible()
    dialog.activateWindow()
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(dialog, Qt.Key.Key_X, keys)
    assert "there is nothing to cancel" in desk.window.notice.words.text()
    dialog.close()
