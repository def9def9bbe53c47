"""How far a journal got, in a small file beside it.

SQLite drops, without a word, whatever follows the first damaged frame of its log. This
mark, written after each durable write, is how a loss at the end shows. It is a witness
only: without it, or with it damaged, the journal is read by its own checksums.

It also says where a journal stopped recording while its program ran on. A full disk has room
for that: the file is there, and overwritten in place.
"""

import contextlib
import os
import struct
import zlib
from pathlib import Path
from typing import NamedTuple

from core.errors import Refusal

_LAYOUT = struct.Struct(">4sQI")
_MAGIC = b"TLM1"
_STOPPED = b"TLS1"
_SIZE = _LAYOUT.size + 4


class HighWaterMark(NamedTuple):
    """The last durable record: its number and its checksum.

    `stopped`: whatever came after it, while the program ran on, could not be recorded.
    """

    seq: int
    crc: int
    stopped: bool = False


def mark_path(journal: Path) -> Path:
    """Where the mark of that journal stands."""
    return journal.with_name(f"{journal.name}-mark")


def refuse_lost(journal: Path, mark: HighWaterMark | None) -> None:
    """Raise Refusal where the mark knows of records and the journal itself is not there."""
    if mark is not None and mark.seq:
        raise Refusal(
            "journal",
            f"The journal {journal} is gone, and had {mark.seq} records: orders of it may be open "
            "that Touchline knows nothing of. Check open orders at the broker, then move "
            f"{mark_path(journal).name} away, too.",
            str(journal),
        )


class HighWaterMarkFile:
    """The mark on disk; without a path there is none.

    It never fails: one that cannot be written only witnesses less.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._descriptor: int | None = None

    def read(self) -> HighWaterMark | None:
        """The mark; None when there is none that can be trusted."""
        try:
            data = self._path.read_bytes() if self._path is not None else b""
        except OSError:
            return None
        if len(data) != _SIZE or zlib.crc32(data[:-4]) != int.from_bytes(data[-4:], "big"):
            return None
        magic, seq, crc = _LAYOUT.unpack_from(data)
        return HighWaterMark(seq, crc, magic == _STOPPED) if magic in (_MAGIC, _STOPPED) else None

    def write(self, mark: HighWaterMark) -> bool:
        """Say that the record of `mark` is durable; whether that could be written.

        No fsync: the journal has had its own, save where it stopped.
        """
        if self._path is None:
            return False
        data = _LAYOUT.pack(_STOPPED if mark.stopped else _MAGIC, mark.seq, mark.crc)
        data += zlib.crc32(data).to_bytes(4, "big")
        with contextlib.suppress(OSError):
            if self._descriptor is None:
                self._descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600)
            os.lseek(self._descriptor, 0, os.SEEK_SET)
            written = os.write(self._descriptor, data)
            if mark.stopped:
                os.fsync(self._descriptor)
            return written == len(data)
        return False

    def close(self) -> None:
        """Close the file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
