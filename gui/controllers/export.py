"""Rows on their way out: to the clipboard and into CSV files; many are written off the thread."""

import asyncio
from functools import partial
from pathlib import Path

from PySide6.QtCore import QDir, QObject

from core.runtime.tasks import Tasks
from gui.controllers.notifier import Notifier
from gui.tables import csv_export
from gui.tables.csv_export import Sheet
from gui.widgets import clipboard
from gui.widgets.dialog import ask_where
from gui.window.main_window import MainWindow

AT_ONCE = 2_000  # rows that are copied within a frame


class ExportController(QObject):
    """Asks where a file is to go, and says what became of it."""

    def __init__(self, window: MainWindow, tell: Notifier, tasks: Tasks) -> None:
        super().__init__(window)
        self._window = window
        self._tell = tell
        self._tasks = tasks
        self._folder = Path(QDir.homePath())
        window.blotter.copy_asked.connect(self.copy)
        window.blotter.save_asked.connect(self.ask_where)

    def copy(self, sheet: Sheet) -> None:
        """Put rows on the clipboard, with their titles."""
        if len(sheet.rows) <= AT_ONCE:
            self._put(sheet, csv_export.tab_separated(sheet))
        else:
            self._tasks.spawn(self._copy(sheet), "copy")

    async def _copy(self, sheet: Sheet) -> None:
        with self._window.status.busy.during(f"copying {len(sheet.rows):,} rows"):
            text = await asyncio.to_thread(csv_export.tab_separated, sheet)
        self._put(sheet, text)

    def _put(self, sheet: Sheet, text: str) -> None:
        clipboard.copy(text, _rows(sheet), self._tell.say)

    def ask_where(self, sheet: Sheet) -> None:
        """Open the dialog; nothing waits for it."""
        if not sheet.rows:
            self._tell.warn("There is no row to save.")
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
        with self._window.status.busy.during(f"saving {_rows(sheet)}"):
            await asyncio.to_thread(csv_export.save, path, sheet)
        self._tell.say(f"{_rows(sheet)} saved as {path}.")


def _rows(sheet: Sheet) -> str:
    return f"{len(sheet.rows):,} row{'' if len(sheet.rows) == 1 else 's'} of {sheet.name}"
