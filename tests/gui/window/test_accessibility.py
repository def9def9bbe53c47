"""The window for people who do not use a mouse, or do not see: names, roles, and the Tab key."""

from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QWidget,
)

from core.market.prices import Side
from core.orders.plan import DEFAULTS, Instruction
from gui.actions.action_table import WindowAction
from gui.blotter.blotter import Tab
from gui.controllers.desk import Desk
from tests.gui.conftest import Story
from tests.gui.waiting import until

Play = Callable[[Story], None]

Role = QAccessible.Role
ASKED_FOR = frozenset(
    {
        Role.Button,
        Role.PushButton,
        Role.CheckBox,
        Role.RadioButton,
        Role.ComboBox,
        Role.EditableText,
        Role.Slider,
        Role.SpinBox,
        Role.Table,
        Role.Tree,
        Role.List,
        Role.MenuItem,
        Role.PageTab,
        Role.Link,
        Role.Dialog,
        Role.Window,
    }
)
CONTROLS = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
)


def tree(top: QAccessibleInterface, depth: int = 0) -> Iterator[QAccessibleInterface]:
    """Every node that is shown, itself first."""
    yield top
    assert depth < 30
    for index in range(top.childCount()):
        child = top.child(index)
        if child is not None and child.isValid() and not child.state().invisible:
            yield from tree(child, depth + 1)


def unnamed(window: QWidget) -> list[str]:
    """Controls without a name, by their role and where they stand."""
    top = QAccessible.queryAccessibleInterface(window)
    found = []
    for node in tree(top):
        if node.role() in ASKED_FOR and not node.text(QAccessible.Text.Name).strip():
            thing = node.object()
            parent = node.parent()
            inside = parent.object().objectName() if parent and parent.object() else "?"
            name = thing.objectName() if thing else "?"
            found.append(f"{node.role().name} '{name}' in '{inside}'")
    return found


def test_no_control_of_the_window_is_without_a_name(play: Play) -> None:
    async def story(desk: Desk) -> None:
        await desk.bridge.submit(
            Instruction("a", desk.symbols.symbol, Side.SELL, Decimal(100), DEFAULTS[Side.SELL])
        )
        await until(lambda: bool(desk.known.working()))
        for tab in Tab:
            desk.window.blotter.show_tab(tab)
            assert unnamed(desk.window) == [], tab
        desk.orders.cancel_all()
        await until(lambda: not desk.known.working())

    play(story)


@pytest.mark.parametrize(
    "command",
    [WindowAction.SETTINGS, WindowAction.KEY_MAP, WindowAction.ACCOUNTS, WindowAction.LIGHTS],
)
def test_no_dialog_has_a_control_without_a_name(play: Play, command: WindowAction) -> None:
    async def story(desk: Desk) -> None:
        before = set(QApplication.topLevelWidgets())
        shown = {w for w in before if w.isVisible()}
        desk.shortcuts.run(command)
        (dialog,) = {w for w in QApplication.topLevelWidgets() if w.isVisible()} - shown
        assert unnamed(dialog) == []
        assert dialog.accessibleName() or dialog.windowTitle()
        dialog.close()

    play(story)


def test_every_control_is_reached_with_the_tab_key(desk: Desk) -> None:
    window = desk.window
    window.activateWindow()
    window.ticket.symbol_field.setFocus()
    reached = set()
    for _ in range(400):
        focus = QApplication.focusWidget()
        if focus is None or focus in reached:
            break
        reached.add(focus)
        QTest.keyClick(focus, Qt.Key.Key_Tab)
    left = [
        control.objectName() or type(control).__name__
        for control in window.findChildren(QWidget)
        if isinstance(control, CONTROLS)
        and control.isVisible()
        and control.isEnabled()
        and control.focusPolicy() & Qt.FocusPolicy.TabFocus
        and control not in reached
    ]
    assert left == []
    never = [
        control.objectName() or type(control).__name__
        for control in window.findChildren(QAbstractButton)
        if control.isVisible() and control.focusPolicy() == Qt.FocusPolicy.NoFocus
    ]
    assert never == []
