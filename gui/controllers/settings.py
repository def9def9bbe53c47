"""Opens what the window itself offers: the settings, the map of keys, the layouts."""

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu, QWidget

from core.runtime.tasks import Tasks
from gui.actions.action_table import ActionId, WindowAction
from gui.actions.shortcuts import ShortcutTable
from gui.controllers.notifier import Notifier
from gui.dialogs.shortcut_sheet import ShortcutSheet
from gui.settings.dialog import SettingsDialog
from gui.settings.sources import LimitSource, PreferenceSource
from gui.state.core_bridge import CoreBridge
from gui.state.preference_store import PreferenceStore
from gui.state.view_state import ViewState
from gui.style.text_scale import refit
from gui.ticket.ticket import Ticket
from gui.window.docks import Docks
from gui.window.layout_menu import LayoutMenu
from gui.window.layout_store import LayoutStore


class SettingsController(QObject):
    """Dialogs are built when they are first asked for."""

    def __init__(
        self,
        window: QWidget,
        ticket: Ticket,
        docks: Docks,
        keys: ShortcutTable,
        preferences: PreferenceStore,
        layouts: LayoutStore,
        bridge: CoreBridge,
        known: ViewState,
        notifier: Notifier,
        tasks: Tasks,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._docks = docks
        self._keys = keys
        self._bridge = bridge
        self._notifier = notifier
        self.limits = LimitSource(known, tasks, self)
        self.limits.changed.connect(ticket.refresh)
        self.preferences = PreferenceSource(preferences, self)
        self.layouts = LayoutMenu(docks, layouts, window)
        self.layouts.refused.connect(notifier.warn)
        self.dialog: SettingsDialog | None = None
        self.key_map: ShortcutSheet | None = None

    def begin(self) -> None:
        """A session is open: limits can be set from now on."""
        self.limits.connect_core(self._bridge.change_limits)

    def actions(self) -> dict[ActionId, Callable[[], None]]:
        """What the keys about the window itself do."""
        return {
            WindowAction.KEY_MAP: self.show_keys,
            WindowAction.SETTINGS: self.show_settings,
            WindowAction.SAVE_LAYOUT: self.layouts.ask_name,
            WindowAction.RESET_LAYOUT: self._docks.reset,
        }

    def fill_menu(self, menu: QMenu) -> None:
        """Offer the parts of the window and the layouts there."""
        self.layouts.fill(menu)

    def show_settings(self) -> None:
        """Open the settings."""
        if self.dialog is None:
            sources = (self.preferences, self.limits)
            self.dialog = SettingsDialog(sources, self._keys, self._window)
            refit(self.dialog, 1.0)
        self.dialog.show_settings()

    def show_keys(self) -> None:
        """Open the map of keys."""
        if self.key_map is None:
            self.key_map = ShortcutSheet(self._keys, self._window)
            self.key_map.refused.connect(self._notifier.warn)
            self.key_map.told.connect(self._notifier.say)
        self.key_map.show_page()
