"""Enter and Esc leave a field of the ticket; neither ever sends or cancels anything."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit

_LEAVE = (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter)


def leaves_by_key(watched: QObject, event: QEvent) -> bool:
    """For an event filter: whether a key has made the focus leave the field.

    While a field has the focus Esc is its own, and no shortcut of the window.
    """
    if not isinstance(event, QKeyEvent) or not isinstance(watched, QLineEdit):
        return False
    if event.key() not in _LEAVE:
        return False
    if event.type() is QEvent.Type.ShortcutOverride:
        event.accept()
        return True
    if event.type() is not QEvent.Type.KeyPress:
        return False
    watched.clearFocus()
    return True
