"""Where Touchline keeps its files, and that only one of it works on them."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import msgspec
from filelock import FileLock, Timeout
from platformdirs import user_data_path

from core.errors import Refusal
from core.runtime.atomic_files import drafted

MAX_SETTINGS_BYTES = 1 << 20  # far more than any file of settings needs
MOST_NOTE = 1 << 16  # bytes of a note that one Touchline leaves for another

_T = TypeVar("_T")


class DataFolder:
    """The folder of one user's journals. `TOUCHLINE_HOME` overrides the platform's place.

    Raises Refusal when the folder cannot be made.
    """

    def __init__(self, env: Mapping[str, str]) -> None:
        self.path = folder(env)
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(self.path, error) from error

    def journal(self, venue: str) -> Path:
        """The journal of one venue; accounts, and so real and paper money, are never mixed."""
        return self.path / f"journal-{venue}.sqlite"

    def settings(self) -> Path:
        """What the person set, for every venue."""
        return self.path / "settings.json"

    def kill_file(self) -> Path:
        """While a file of this name is there, no order is taken on any venue."""
        return self.path / "KILL"

    def control(self, venue: str) -> Path:
        """Where a running Touchline says how to reach it."""
        return self.path / f"control-{venue}.json"

    def exchange_note(self, venue: str) -> Path:
        """Where the exchange of our own that runs for this venue is named."""
        return self.path / f"{venue}.json"

    def exchange_log(self, venue: str) -> Path:
        """What that exchange says when it cannot start."""
        return self.path / f"{venue}.log"

    def lock(self, venue: str) -> FileLock:
        """The lock that the one Touchline on this venue's journal holds."""
        return FileLock(self.path / f"journal-{venue}.lock")

    def take(self, venue: str) -> FileLock:
        """Take the lock, or raise Refusal because another Touchline has it."""
        lock = self.lock(venue)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise Refusal(
                "instance",
                f"Another Touchline is already working on the {venue} account. Use that one, or "
                f"'touchline cancel' to cancel its orders; this one sent nothing.",
                venue,
            ) from None
        except (OSError, NotImplementedError) as error:
            raise _unwritable(self.path, error) from error
        return lock

    def taken(self, venue: str) -> bool:
        """Whether a Touchline works on this venue's journal now."""
        try:
            self.take(venue).release()
        except Refusal as refusal:
            if refusal.rule == "instance":
                return True
            raise
        return False


def _unwritable(path: Path, error: Exception) -> Refusal:
    why = getattr(error, "strerror", None) or str(error)
    return Refusal("home", f"The data folder {path} cannot be used: {why}.", str(path))


def folder(env: Mapping[str, str]) -> Path:
    """The data folder, which may not exist yet."""
    given = env.get("TOUCHLINE_HOME")
    return Path(given).expanduser() if given else user_data_path("touchline", "touchline")


def write_private(path: Path, text: str) -> None:
    """Write `text` whole or not at all, readable by this user only. Raises Refusal."""
    try:
        with drafted(path) as draft:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
    except OSError as error:
        raise _unwritable(path.parent, error) from error


def read_note(path: Path, kind: type[_T]) -> _T:
    """What another Touchline left at `path`. Raises OSError, or ValueError when it is no `kind`."""
    with path.open("rb") as file:
        data = file.read(MOST_NOTE + 1)
    if len(data) > MOST_NOTE:
        raise ValueError("it is far too long")
    try:
        return msgspec.json.decode(data, type=kind)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
