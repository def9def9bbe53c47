"""Dresses the application as the preferences say, again whenever they or the system change."""

import os

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication

from gui import style
from gui.preferences import PreferenceStore, SideColours, ThemeChoice
from gui.theme import Palette, palette_of

FORCED = "TOUCHLINE_THEME"  # dark or light for one run, whatever is preferred


class Wardrobe(QObject):
    """Owns the one palette of the window. `changed` when it has other colours or sizes."""

    changed = Signal()

    def __init__(self, app: QApplication, preferences: PreferenceStore) -> None:
        super().__init__()
        self._app = app
        self.preferences = preferences
        self._dark = app.styleHints().colorScheme() is Qt.ColorScheme.Dark
        self._worn = self._wanted()
        self.palette = self._palette()
        style.apply(app, self.palette, preferences.values.font_scale)
        preferences.changed.connect(self._renew)
        app.styleHints().colorSchemeChanged.connect(self._on_system)

    def _wanted(self) -> tuple[ThemeChoice, SideColours, int]:
        now = self.preferences.values
        forced = os.environ.get(FORCED, "")
        theme = ThemeChoice(forced) if forced in list(ThemeChoice) else now.theme
        dark = self._dark if theme is ThemeChoice.SYSTEM else theme is ThemeChoice.DARK
        return ThemeChoice.DARK if dark else ThemeChoice.LIGHT, now.side_colours, now.font_scale

    def _palette(self) -> Palette:
        theme, sides, _ = self._worn
        return palette_of(theme, sides)

    def _on_system(self, scheme: Qt.ColorScheme) -> None:
        self._dark = scheme is Qt.ColorScheme.Dark
        self._renew()

    def _renew(self) -> None:
        wanted = self._wanted()
        if wanted == self._worn:
            return
        self._worn = wanted
        self.palette.wear(self._palette())
        style.apply(self._app, self.palette, self.preferences.values.font_scale)
        self.changed.emit()
