"""Tells what must not be missed beyond the window: a sound, the desktop, a screen reader.

Sound and desktop are off until a person wants them. Nothing here takes the focus.
"""

from collections.abc import Callable
from enum import StrEnum
from importlib.resources import as_file, files

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from gui.preferences import PreferenceStore

_TITLES = {"fill": "Filled", "end": "Order ended", "alarm": "Touchline needs you"}


class Kind(StrEnum):
    """What happened; the value is the name of its sound."""

    FILL = "fill"
    END = "end"
    ALARM = "alarm"


class Announcer(QObject):
    """Announces for one window. `refuse` hears why a sound cannot be played, once."""

    def __init__(
        self, window: QWidget, preferences: PreferenceStore, refuse: Callable[[str], None]
    ) -> None:
        super().__init__(window)
        self._window = window
        self._preferences = preferences
        self._refuse = refuse
        self._silent = False
        self.played = 0
        self._tray: QSystemTrayIcon | None = None

    def announce(self, kind: Kind, sentence: str) -> None:
        """Say it wherever a person wants to hear it."""
        if QAccessible.isActive():
            event = QAccessibleAnnouncementEvent(self._window, sentence)
            if kind is Kind.ALARM:
                event.setPoliteness(QAccessible.AnnouncementPoliteness.Assertive)
            QAccessible.updateAccessibility(event)
        values = self._preferences.values
        if values.sounds and not self._silent:
            self._play(kind)
        if values.desktop_notifications and QApplication.activeWindow() is None:
            self._notify(kind, sentence)

    def _play(self, kind: Kind) -> None:
        from playsound3 import PlaysoundException, playsound  # looks for a player when imported

        try:
            with as_file(files("resources") / "sounds" / f"{kind.value}.wav") as path:
                playsound(path, block=False)
            self.played += 1
        except PlaysoundException as error:
            self._silent = True
            self._refuse(f"This system plays no sound ({error}); notices stay on the screen.")

    def _notify(self, kind: Kind, sentence: str) -> None:
        if not QSystemTrayIcon.isSystemTrayAvailable():
            return
        if self._tray is None:
            self._tray = QSystemTrayIcon(self._window.windowIcon(), self)
            self._tray.show()
        icon = QSystemTrayIcon.MessageIcon.Information
        if kind is Kind.ALARM:
            icon = QSystemTrayIcon.MessageIcon.Critical
        self._tray.showMessage(_TITLES[kind.value], sentence, icon)
