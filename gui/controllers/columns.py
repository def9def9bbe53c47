"""Keeps in the preferences which columns a person chose for each table, and in which order."""

from PySide6.QtCore import QObject

from core.errors import Refusal
from gui.controllers.notifier import Notifier
from gui.window.main_window import MainWindow


class ColumnController(QObject):
    """Between the blotter's tables and the preferences, both ways."""

    def __init__(self, window: MainWindow, tell: Notifier) -> None:
        super().__init__(window)
        self._blotter = window.blotter
        self._preferences = window.preferences
        self._tell = tell
        self._shown: dict[str, tuple[str, ...]] = {}
        self._show()
        self._blotter.columns_changed.connect(self._keep)
        self._preferences.changed.connect(self._show)

    def _keep(self, table: str, keys: tuple[str, ...]) -> None:
        self._shown[table] = keys
        kept = {**self._preferences.values.columns, table: keys}
        try:
            self._preferences.change(columns={name: k for name, k in kept.items() if k})
        except Refusal as refusal:
            self._tell.warn(refusal.sentence)

    def _show(self) -> None:
        for page in self._blotter.tables.values():
            keys = self._preferences.values.columns.get(page.sheet_name, ())
            if self._shown.get(page.sheet_name, ()) != keys:
                self._shown[page.sheet_name] = keys
                page.show_columns(keys)
