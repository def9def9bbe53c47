"""Keeps a dangerous control from taking a click that was meant for what stood there before."""

from collections.abc import Callable
from time import monotonic

GUARD_S = 0.25


class Guard:
    """Closed for 250 ms after anything moved or was re-labelled by a layout change."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._moved = float("-inf")

    def moved(self) -> None:
        """Something changed place or meaning just now."""
        self._moved = self._clock()

    @property
    def open(self) -> bool:
        """Whether a click may count."""
        return self._clock() - self._moved >= GUARD_S
