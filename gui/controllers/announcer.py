"""Tells what must not be missed beyond the window: a sound, the desktop, a screen reader.

Sound and desktop are off until a person wants them. Nothing here takes the focus.
"""

from collections.abc import Callable

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from gui.controllers.sounds import AlertKind, Sounds
from gui.state.preference_store import PreferenceStore

_TITLES = {
    AlertKind.FILL: "Filled",
    AlertKind.END: "Order ended",
    AlertKind.ALARM: "Touchline needs you",
}


class Announcer(QObject):
    """Announces for one window. `refuse` hears why a sound cannot be played, once."""

    def __init__(
        self,
        window: QWidget,
        preferences: PreferenceStore,
        refuse: Callable[[str], None],
        sounds: Sounds | None = None,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._preferences = preferences
        self._refuse = refuse
        self._sounds = sounds or Sounds()
        self._sounds.failed.connect(self._cannot_play)
        self._tray: QSystemTrayIcon | None = None

    def announce(self, kind: AlertKind, sentence: str) -> None:
        """Say it wherever a person wants to hear it."""
        if QAccessible.isActive():
            event = QAccessibleAnnouncementEvent(self._window, sentence)
            if kind is AlertKind.ALARM:
                event.setPoliteness(QAccessible.AnnouncementPoliteness.Assertive)
            QAccessible.updateAccessibility(event)
        values = self._preferences.values
        if values.sounds:
            self._sounds.play(kind)
        if values.desktop_notifications and QApplication.activeWindow() is None:
            self._notify(kind, sentence)

    @Slot(str)
    def _cannot_play(self, why: str) -> None:
        self._refuse(f"This system plays no sound ({why}); notices stay on the screen.")

    def _notify(self, kind: AlertKind, sentence: str) -> None:
        if not QSystemTrayIcon.isSystemTrayAvailable():
            return
        if self._tray is None:
            self._tray = QSystemTrayIcon(self._window.windowIcon(), self)
            self._tray.show()
        icon = QSystemTrayIcon.MessageIcon.Information
        if kind is AlertKind.ALARM:
            icon = QSystemTrayIcon.MessageIcon.Critical
        self._tray.showMessage(_TITLES[kind], sentence, icon)
