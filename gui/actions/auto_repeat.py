"""Tells a key that is held from one pressed again, where Qt does not.

X11 tells of a held key as releases and presses of the same millisecond. Qt puts them together
only when both lie in its queue at once, else it takes each for a press of its own.
"""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

_SAME_MS = 4  # a hand takes longer to let a key go and press it again


class AutoRepeat(QObject):
    """Watches the keys of one window. `repeating` after a press that no hand made."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.repeating = False
        self._let_go: dict[int, int] = {}  # by key, the millisecond of its last release
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A shortcut is announced to the window before it is carried out."""
        if isinstance(event, QKeyEvent):
            if event.type() is QEvent.Type.KeyRelease:
                self._let_go[event.key()] = event.timestamp()
            elif event.type() is QEvent.Type.ShortcutOverride:
                before = self._let_go.get(event.key(), 0)
                self.repeating = before > 0 and event.timestamp() - before <= _SAME_MS
        elif event.type() is QEvent.Type.WindowDeactivate:
            self.repeating = False  # keys in another window are not seen from here
        return super().eventFilter(watched, event)
