"""Opens what the window itself offers: the settings, the map of keys, the layouts."""

from PySide6.QtCore import QObject

from core.runtime.tasks import Tasks
from gui.controllers.notifier import Notifier
from gui.dialogs.shortcut_sheet import ShortcutSheet
from gui.settings.dialog import SettingsDialog
from gui.settings.sources import LimitSource, PreferenceSource
from gui.state.view_state import ViewState
from gui.style.text_scale import refit
from gui.window.layout_menu import LayoutMenu
from gui.window.main_window import MainWindow


class SettingsController(QObject):
    """Dialogs are built when they are first asked for."""

    def __init__(self, window: MainWindow, known: ViewState, tell: Notifier, tasks: Tasks) -> None:
        super().__init__(window)
        self._window = window
        self._tell = tell
        self.limits = LimitSource(known, tasks, self)
        self.limits.changed.connect(window.ticket.refresh)
        self.preferences = PreferenceSource(window.preferences, self)
        self.layouts = LayoutMenu(window.docks, window.layouts, window)
        self.layouts.refused.connect(tell.warn)
        self.dialog: SettingsDialog | None = None
        self.key_map: ShortcutSheet | None = None

    def show_settings(self) -> None:
        """Open the settings."""
        if self.dialog is None:
            sources = (self.preferences, self.limits)
            self.dialog = SettingsDialog(sources, self._window.keys, self._window)
            refit(self.dialog, 1.0)
        self.dialog.show_settings()

    def show_keys(self) -> None:
        """Open the map of keys."""
        if self.key_map is None:
            self.key_map = ShortcutSheet(self._window.keys, self._window)
            self.key_map.refused.connect(self._tell.warn)
            self.key_map.told.connect(self._tell.say)
        self.key_map.show_page()
