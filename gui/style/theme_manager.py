"""Dresses the application as the preferences say, again whenever they or the system change."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from gui.state.preference_store import PreferenceStore
from gui.state.preferences import SideColours, ThemeChoice
from gui.style import style
from gui.style.palette import Palette, palette_of
from gui.style.text_scale import SMALLEST

_FRAME = (16, 48)  # what a desktop may draw around a window
FORCED_THEME = "TOUCHLINE_THEME"  # dark or light for one run, whatever is preferred


class ThemeManager(QObject):
    """Owns the one palette of the window. `changed` when it has other colours or sizes."""

    changed = Signal()

    def __init__(self, app: QApplication, preferences: PreferenceStore) -> None:
        super().__init__()
        self._app = app
        self.preferences = preferences
        self._dark = app.styleHints().colorScheme() is Qt.ColorScheme.Dark
        self._applied = self._wished()
        self.palette = self._palette()
        style.apply(app, self.palette)
        preferences.changed.connect(self._renew)
        app.styleHints().colorSchemeChanged.connect(self._on_system)

    def _wished(self) -> tuple[ThemeChoice, SideColours, int]:
        now = self.preferences.values
        forced = os.environ.get(FORCED_THEME, "")
        theme = ThemeChoice(forced) if forced in list(ThemeChoice) else now.theme
        dark = self._dark if theme is ThemeChoice.SYSTEM else theme is ThemeChoice.DARK
        theme = ThemeChoice.DARK if dark else ThemeChoice.LIGHT
        return theme, now.side_colours, min(now.font_scale, largest_text())

    def _palette(self) -> Palette:
        theme, sides, _ = self._applied
        return palette_of(theme, sides)

    def _on_system(self, scheme: Qt.ColorScheme) -> None:
        self._dark = scheme is Qt.ColorScheme.Dark
        self._renew()

    def _renew(self) -> None:
        wanted = self._wished()
        if wanted == self._applied:
            return
        self._applied = wanted
        self.palette.take_colours(self._palette())
        style.apply(self._app, self.palette, self._applied[2])
        self.changed.emit()

    @contextmanager
    def building(self) -> Iterator[None]:
        """Build a window within: at the usual text size, which `changed` then makes the set one."""
        style.apply(self._app, self.palette)
        yield
        style.apply(self._app, self.palette, self._applied[2])


def largest_text() -> int:
    """The percentage at which the smallest window still fits the first screen, usual at least."""
    screen = QGuiApplication.primaryScreen().availableGeometry()
    width, height = screen.width() - _FRAME[0], screen.height() - _FRAME[1]
    share = min(width / SMALLEST[0], height / SMALLEST[1])
    return max(int(100 * share), 100)
