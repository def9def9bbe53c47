"""Binds the keys of the action table to what they do."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from gui.actions import Action


class Keys:
    """Shortcuts of one window. A dangerous key ignores auto-repeat, and text fields."""

    def __init__(self, window: QWidget, refuse: Callable[[str], None]) -> None:
        self._window = window
        self._refuse = refuse

    def bind(self, info: Action, work: Callable[[], None]) -> None:
        """Do `work` on the key of `info`."""
        key = QShortcut(QKeySequence(info.keys), self._window)
        way_out = info.dangerous and info.in_fields  # works while a question has the focus, too
        everywhere, here = Qt.ShortcutContext.ApplicationShortcut, Qt.ShortcutContext.WindowShortcut
        key.setContext(everywhere if way_out else here)
        key.setAutoRepeat(not info.dangerous)
        key.activated.connect(lambda: self._on_key(info, work))

    def _on_key(self, info: Action, work: Callable[[], None]) -> None:
        if not info.in_fields and isinstance(QApplication.focusWidget(), QLineEdit):
            self._refuse(f"{info.keys} does nothing while you type: press Enter first.")
            return
        work()
