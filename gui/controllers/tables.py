"""What a person does with the blotter's tables: columns chosen, rows copied, rows saved as CSV.

Many rows are written off the window's thread.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QDir, QObject
from PySide6.QtWidgets import QWidget

from core.errors import Refusal
from core.runtime.tasks import Tasks
from gui.actions.action_table import ActionId, WindowAction
from gui.blotter.blotter import Blotter
from gui.controllers.notifier import Notifier
from gui.state.preference_store import PreferenceStore
from gui.tables import csv_export
from gui.tables.csv_export import Sheet
from gui.widgets import clipboard
from gui.widgets.busy_label import BusyLabel
from gui.widgets.dialog import ask_where

AT_ONCE = 2_000  # rows that are copied within a frame


class TableController(QObject):
    """Asks where a file is to go, says what became of it, and keeps the columns chosen."""

    def __init__(
        self,
        window: QWidget,
        blotter: Blotter,
        busy: BusyLabel,
        preferences: PreferenceStore,
        notifier: Notifier,
        tasks: Tasks,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._blotter = blotter
        self._busy = busy
        self._preferences = preferences
        self._notifier = notifier
        self._tasks = tasks
        self._folder = Path(QDir.homePath())
        self._columns: dict[str, tuple[str, ...]] = {}  # shown, by table
        self._show_columns()
        blotter.copy_asked.connect(self.copy)
        blotter.save_asked.connect(self.ask_where)
        blotter.said.connect(notifier.say)
        blotter.columns_changed.connect(self._keep_columns)
        preferences.changed.connect(self._show_columns)

    def actions(self) -> dict[ActionId, Callable[[], None]]:
        """What the keys about the tables do."""
        return {WindowAction.FIND_ORDER: self._blotter.bar.go_to_search}

    # -- rows -----------------------------------------------------------------

    def copy(self, sheet: Sheet) -> None:
        """Put rows on the clipboard, with their titles."""
        if len(sheet.rows) <= AT_ONCE:
            self._put(sheet, csv_export.tab_separated(sheet))
        else:
            self._tasks.spawn(self._copy(sheet), "copy")

    async def _copy(self, sheet: Sheet) -> None:
        with self._busy.during(f"copying {len(sheet.rows):,} rows"):
            text = await asyncio.to_thread(csv_export.tab_separated, sheet)
        self._put(sheet, text)

    def _put(self, sheet: Sheet, text: str) -> None:
        clipboard.copy(text, _rows(sheet), self._notifier.say)

    def ask_where(self, sheet: Sheet) -> None:
        """Open the dialog; nothing waits for it."""
        if not sheet.rows:
            self._notifier.warn("There is no row to save.")
            return
        start = self._folder / f"touchline-{sheet.name}.csv"
        kinds = "Comma-separated values (*.csv)"
        title = f"Save {_rows(sheet)}"
        ask_where(self._window, "save-csv", title, start, kinds, partial(self.save, sheet))

    def save(self, sheet: Sheet, path: Path) -> None:
        """Write the rows to `path`."""
        self._folder = path.parent
        self._tasks.spawn(self._save(sheet, path), "save")

    async def _save(self, sheet: Sheet, path: Path) -> None:
        with self._busy.during(f"saving {_rows(sheet)}"):
            await asyncio.to_thread(csv_export.save, path, sheet)
        self._notifier.say(f"{_rows(sheet)} saved as {path}.")

    # -- columns --------------------------------------------------------------

    def _keep_columns(self, table: str, keys: tuple[str, ...]) -> None:
        self._columns[table] = keys
        kept = {**self._preferences.values.columns, table: keys}
        try:
            self._preferences.change(columns={name: k for name, k in kept.items() if k})
        except Refusal as refusal:
            self._notifier.warn(refusal.sentence)

    def _show_columns(self) -> None:
        for page in self._blotter.tables.values():
            keys = self._preferences.values.columns.get(page.sheet_name, ())
            if self._columns.get(page.sheet_name, ()) != keys:
                self._columns[page.sheet_name] = keys
                page.show_columns(keys)


def _rows(sheet: Sheet) -> str:
    return f"{len(sheet.rows):,} row{'' if len(sheet.rows) == 1 else 's'} of {sheet.name}"
