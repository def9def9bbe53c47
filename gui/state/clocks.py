"""The run's time in the window, and one clock for everything that moves by itself there.

It only draws: countdowns, ages, the chart's now. Deadlines are the engine's; a stalled window
delays none of them.
"""

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from core.runtime.clock import Clock

TICK_MS = 33
SLOW_EVERY = 6  # ages are read, not watched: five times a second is enough


class RunClock:
    """The window's time: a clock of its own until the engine's is known."""

    def __init__(self) -> None:
        self._clock = Clock()

    def follow(self, clock: Clock) -> None:
        """Read the engine's clock from now on."""
        self._clock = clock

    def now_ns(self) -> int:
        """The run's time in nanoseconds."""
        return self._clock.now_ns()


class AnimationClock(QObject):
    """`tick` about 30 times and `slow_tick` about 5 times a second, with the run's time in ns.

    While nobody can see the window both come 5 times.
    """

    tick = Signal(object)
    slow_tick = Signal(object)

    def __init__(
        self,
        now_ns: Callable[[], int],
        parent: QObject | None = None,
        seen: Callable[[], bool] = lambda: True,
    ) -> None:
        super().__init__(parent)
        self.now_ns = now_ns
        self._seen = seen
        self._count = 0
        self._timer = QTimer(self, timerType=Qt.TimerType.PreciseTimer, interval=TICK_MS)
        self._timer.timeout.connect(self._on_timeout)

    def start(self) -> None:
        """Begin to tick."""
        self._timer.start()

    def stop(self) -> None:
        """Stop ticking."""
        self._timer.stop()

    def hurry(self) -> None:
        """There is news: draw it now, in one picture, unless the last one was just now."""
        if self._timer.isActive() and self._timer.remainingTime() <= TICK_MS // 2:
            self._timer.start()
            self._on_timeout()

    def _on_timeout(self) -> None:
        now = self.now_ns()
        self._count += 1
        slow = self._count % SLOW_EVERY == 0
        if slow or self._seen():
            self.tick.emit(now)
        if slow:
            self.slow_tick.emit(now)
