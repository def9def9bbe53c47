"""The menu behind one quiet button of the safety strip, made from the action table."""

from collections.abc import Callable, Iterable

from PySide6.QtCore import QPoint
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from gui.actions.action_table import ACTIONS, ActionId, Menu, WindowAction, in_menu
from gui.actions.shortcuts import ShortcutTable


class MenuButton(QPushButton):
    """Opens the menu; F10 does too. A bar of menus would cost the height of two orders."""

    def __init__(self, keys: ShortcutTable, parent: QWidget | None = None) -> None:
        super().__init__("\N{TRIGRAM FOR HEAVEN}", parent)
        self.setObjectName("strip-menu")
        self.setAutoDefault(False)
        self.setProperty("role", "menu")
        self.setFixedWidth(34)
        self._keys = keys
        self._entries: dict[ActionId, QAction] = {}
        self.menus: dict[Menu, QMenu] = {}
        self.top = QMenu(self)
        self.top.setObjectName("menu")
        for name in Menu:
            menu = self.top.addMenu(f"&{name.value}")
            menu.setObjectName(f"menu-{name.name.lower()}")
            menu.setToolTipsVisible(True)
            self.menus[name] = menu
        self.clicked.connect(self.open)
        keys.changed.connect(self._show_keys)
        self._show_keys()

    def offer(self, doings: Iterable[ActionId], run: Callable[[ActionId], None]) -> None:
        """List what can be done, each row with its key, in the order of the table."""
        offered = frozenset(doings)
        for name, menu in self.menus.items():
            for action_id in in_menu(name):
                if action_id in offered and action_id != WindowAction.MENU:
                    entry = menu.addAction("")
                    entry.setObjectName(f"menu-{action_id.value}")
                    entry.triggered.connect(lambda _=False, action_id=action_id: run(action_id))
                    self._entries[action_id] = entry
        self._show_keys()

    def open(self) -> None:
        """Show the menu beneath the button, its first row chosen."""
        self.top.popup(self.mapToGlobal(QPoint(0, self.height() + 2)))
        first = next((entry for entry in self.top.actions() if entry.isVisible()), None)
        if first is not None:
            self.top.setActiveAction(first)

    def _show_keys(self) -> None:
        self.setAccessibleName(ACTIONS[WindowAction.MENU].title)
        self.setToolTip(self._keys.spoken(WindowAction.MENU))
        for action_id, entry in self._entries.items():
            key, words = self._keys.text(action_id), ACTIONS[action_id].spoken
            entry.setText(f"{words}\t{key}" if key else words)
        for menu in self.menus.values():
            menu.menuAction().setVisible(not menu.isEmpty())
