"""Says what the window waits for, once that has taken long enough to wonder about."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLabel

from gui.widgets.panel import set_text

SHOWN_AFTER_S = 0.3
_RENEW_MS = 100


@dataclass(eq=False, slots=True)
class _Wait:
    words: str
    since: float


class BusyLabel(QLabel):
    """The wait that has lasted longest, with its seconds; empty while nothing takes long."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("status-busy")
        self.setAccessibleName("What Touchline waits for")
        self._waits: list[_Wait] = []
        self._timer = QTimer(self)
        self._timer.setInterval(_RENEW_MS)
        self._timer.timeout.connect(self._renew)

    @contextmanager
    def during(self, words: str) -> Iterator[None]:
        """Something that may take long: `words` stand here if it does, and go when it ends."""
        wait = _Wait(words, monotonic())
        self._waits.append(wait)
        self._timer.start()
        try:
            yield
        finally:
            self._waits.remove(wait)
            self._renew()

    def _renew(self) -> None:
        if not self._waits:
            self._timer.stop()
            set_text(self, "")
            return
        oldest = self._waits[0]
        passed = monotonic() - oldest.since
        if passed < SHOWN_AFTER_S:
            set_text(self, "")
        else:
            set_text(self, f"{oldest.words} \N{HORIZONTAL ELLIPSIS} {passed:.1f} s")
