"""One time scale for a run: nanoseconds since 1970, advanced by a monotonic clock.

The wall clock is read once, at construction. After that a jump of the wall
clock moves no deadline and no age. Time is passed in, never imported elsewhere.
"""

import time
from collections.abc import Callable

from core.market.time import NS


class Clock:
    """`now_ns()` is wall time at construction plus monotonic time since then."""

    def __init__(
        self,
        monotonic: Callable[[], float] = time.monotonic,
        wall_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self._monotonic = monotonic
        self._origin = monotonic()
        self._epoch_ns = wall_ns()

    def now_ns(self) -> int:
        """Nanoseconds since 1970 on this run's own scale; never steps back."""
        return self._epoch_ns + round((self._monotonic() - self._origin) * NS)
