"""What a test of the window must not leave behind: threads, running timers, windows."""

import gc
import threading
from dataclasses import dataclass

import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtWidgets import QApplication, QWidget

# Kept by their loop or by Qt for whoever comes next.
_POOLS = ("asyncio_", "uvloop_", "Dummy-", "QThread")
_PATIENCE_S = 5.0


@dataclass(frozen=True)
class Alive:
    """Everything of those kinds that is there."""

    threads: frozenset[threading.Thread]
    timers: frozenset[int]
    windows: frozenset[int]


def alive() -> Alive:
    """What is there now."""
    return Alive(
        frozenset(t for t in threading.enumerate() if not t.name.startswith(_POOLS)),
        frozenset(id(timer) for timer in _timers()),
        frozenset(id(window) for window in _windows()),
    )


def left_since(before: Alive) -> list[str]:
    """What came since and is still there, each in a few words."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    for thread in set(threading.enumerate()) - before.threads:
        if not thread.name.startswith(_POOLS) and not thread.daemon:
            thread.join(_PATIENCE_S)
    now = alive()
    left = [f"the thread {thread.name}" for thread in now.threads - before.threads]
    left += [
        f"a running timer of {timer.parent()}"
        for timer in _timers()
        if id(timer) not in before.timers
    ]
    left += [f"the window {window}" for window in _windows() if id(window) not in before.windows]
    return left


def _timers() -> list[QTimer]:
    found = [thing for thing in gc.get_objects() if type(thing) is QTimer]
    return [timer for timer in found if shiboken6.isValid(timer) and timer.isActive()]


def _windows() -> list[QWidget]:
    return QApplication.topLevelWidgets() if QApplication.instance() is not None else []
