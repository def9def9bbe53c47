"""The preferences in force, and their file: whoever shows one is told when it changes."""

from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, Signal

from core.runtime.atomic_files import kept_aside
from core.runtime.private_files import MAX_SETTINGS_BYTES, read_regular, write_private
from gui.state.preferences import Preferences, Read, checked, parse


class PreferenceStore(QObject):
    """The preferences in force. `changed` when any of them changed, for everybody to look again.

    `path` None keeps nothing. `problem` says what of the file could not be used, for the
    notice line; empty when all is well.
    """

    changed = Signal()

    def __init__(self, path: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = path
        self._read = Read()
        self.problem = ""
        if path is not None:
            self._load(path)

    @property
    def values(self) -> Preferences:
        """The preferences as they are now."""
        return self._read.values

    def change(self, **fields: object) -> None:
        """Set these preferences, tell everybody, and write the file whole or not at all.

        Raises Refusal for a value that cannot be, which changes nothing; and for a file
        that cannot be written: then the change holds until the program ends.
        """
        values = checked(msgspec.structs.replace(self.values, **fields))
        if values == self.values:
            return
        self._read = Read(values, self._read.unknown)
        self.changed.emit()
        self._save()

    def _save(self) -> None:
        if self._path is None:
            return
        record = {**self._read.unknown, **msgspec.to_builtins(self.values)}
        body = msgspec.json.format(msgspec.json.encode(record), indent=2)
        write_private(self._path, body.decode() + "\n")

    def _load(self, path: Path) -> None:
        try:
            self._read = parse(read_regular(path, MAX_SETTINGS_BYTES))
        except FileNotFoundError:
            return
        except OSError as error:
            why = error.strerror or type(error).__name__
            self.problem = f"The preferences in {path} cannot be read ({why}): the usual ones hold."
            return
        if self._read.bad:
            what = ", ".join(self._read.bad)
            self.problem = f"Of the preferences, {what} could not be used: the usual holds instead."
            self.problem += kept_aside(path)
