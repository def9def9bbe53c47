"""Files and folders that are one user's alone: made so, tightened, and read without surprises."""

import contextlib
import errno
import os
import stat
import sys
from pathlib import Path
from typing import TypeVar

import msgspec

from core.errors import Refusal
from core.runtime.atomic_files import drafted

PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600
MAX_SETTINGS_BYTES = 1 << 20  # far more than any file of settings needs
MOST_NOTE = 1 << 16  # bytes of a note that one Touchline leaves for another

_T = TypeVar("_T")


def unwritable(path: Path, error: Exception) -> Refusal:
    """The refusal for a folder that cannot be used, in the system's words."""
    why = getattr(error, "strerror", None) or str(error)
    return Refusal("home", f"The data folder {path} cannot be used: {why}.", str(path))


def make_folder(path: Path) -> None:
    """Make the folder, and make it ours alone. Raises Refusal with why it cannot be."""
    try:
        path.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        if sys.platform != "win32" and path.stat().st_uid == os.getuid():
            _tighten(path, PRIVATE_FOLDER)
    except OSError as error:
        raise unwritable(path, error) from error
    if why := open_to_others(path):
        raise Refusal("home", f"The data folder {path} cannot be used: {why}.", str(path))


def open_to_others(path: Path) -> str:
    """Why the folder is not ours alone; empty when it is."""
    if sys.platform == "win32":
        return ""  # the folders of a Windows profile are its user's
    stands = path.stat()
    if stands.st_uid not in (os.getuid(), 0):
        return f"it belongs to {owner(stands.st_uid)}, who could change what is in it"
    writable = stands.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return "others may write into it, and it could not be made private" if writable else ""


def owner(uid: int) -> str:
    """A user by name, by number where nobody has that."""
    if sys.platform != "win32":
        import pwd

        with contextlib.suppress(KeyError):
            return pwd.getpwuid(uid).pw_name
    return f"user {uid}"


def make_file(path: Path) -> None:
    """Make an empty file for us alone if there is none, and tighten one that there is."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE_FILE))
    _tighten(path, PRIVATE_FILE)


def opener(path: str, flags: int) -> int:
    """For `open`: what is made is for us alone."""
    return os.open(path, flags, PRIVATE_FILE)


def _tighten(path: Path, mode: int) -> None:
    if sys.platform != "win32" and path.stat().st_mode & 0o077:
        with contextlib.suppress(PermissionError):  # a file of another user's
            path.chmod(mode)


def read_regular(path: Path, most: int) -> bytes:
    """At most `most` bytes and one more. Raises OSError, also for what is no regular file.

    A pipe or a device would be waited for without end.
    """
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "it is no regular file")
        return file.read(most + 1)


def write_private(path: Path, text: str) -> None:
    """Write `text` whole or not at all, readable by this user only. Raises Refusal."""
    try:
        with drafted(path) as draft:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
    except OSError as error:
        raise unwritable(path.parent, error) from error


def read_note(path: Path, kind: type[_T]) -> _T:
    """What another Touchline left at `path`. Raises OSError, or ValueError when it is no `kind`."""
    data = read_regular(path, MOST_NOTE)
    if len(data) > MOST_NOTE:
        raise ValueError("it is far too long")
    try:
        return msgspec.json.decode(data, type=kind)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
