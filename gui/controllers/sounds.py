"""Plays short sounds on a thread of its own, so that no player ever holds the window up.

One at a time: of what comes while one plays, only the most urgent follows it.
"""

import threading
from collections.abc import Callable
from enum import StrEnum
from importlib.resources import as_file, files
from pathlib import Path
from time import monotonic, sleep

from PySide6.QtCore import QObject, Signal

PATIENCE_S = 5.0  # the longest sound takes half a second
_LOOK_S = 0.02


class AlertKind(StrEnum):
    """What happened, in the order of urgency; the value is the name of its sound."""

    FILL = "fill"
    END = "end"
    ALARM = "alarm"


_URGENCY = tuple(AlertKind)


def play_file(path: Path, patience_s: float = PATIENCE_S) -> None:
    """Play `path` to its end. Raises whatever the player fails with."""
    from playsound3 import playsound  # looks for a player when imported

    sound, until = playsound(path, block=False), monotonic() + patience_s
    while sound.is_alive():
        if monotonic() > until:
            sound.stop()
            sound.wait()
            raise TimeoutError("the player did not come to an end")
        sleep(_LOOK_S)
    if status := sound.subprocess.wait():
        raise OSError(f"the player ended with status {status}")


class Sounds(QObject):
    """Plays the sound of a kind. `failed` says why one cannot be played, once; none follows."""

    failed = Signal(str)

    def __init__(self, play: Callable[[Path], None] = play_file) -> None:
        super().__init__()
        self._play_file = play
        self._lock = threading.Lock()
        self._next: AlertKind | None = None
        self._at_work = False
        self._silent = False

    def play(self, kind: AlertKind) -> None:
        """Play it now, or after the one that plays. Returns at once."""
        with self._lock:
            if self._silent:
                return
            self._next = max(kind, self._next or kind, key=_URGENCY.index)
            if self._at_work:
                return
            self._at_work = True
        threading.Thread(target=self._work, name="sounds", daemon=True).start()

    def _work(self) -> None:
        while (kind := self._take()) is not None:
            try:
                with as_file(files("resources") / "sounds" / f"{kind.value}.wav") as path:
                    self._play_file(path)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is said and ends nothing
                self._give_up()
                self.failed.emit(str(error) or type(error).__name__)

    def _take(self) -> AlertKind | None:
        with self._lock:
            kind, self._next = self._next, None
            self._at_work = kind is not None
            return kind

    def _give_up(self) -> None:
        with self._lock:
            self._next, self._silent = None, True
