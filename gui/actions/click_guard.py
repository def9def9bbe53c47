"""Keeps a dangerous control from a click that was not meant: a late one, or one too many. No Qt."""

from collections.abc import Callable
from time import monotonic

from core.market.prices import Side

GUARD_S = 0.25
AGAIN_S = 0.4  # the usual time of a double click


class ClickGuard:
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


class PressDebounce:
    """Tells a press from one that belongs to the press before: a double click, a bouncing key."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._last: dict[Side, float] = {}

    def is_repeat(self, side: Side) -> bool:
        """Whether this press came within 0.4 s of that side's last one, and so belongs to it."""
        now = self._clock()
        before = self._last.get(side, float("-inf"))
        self._last[side] = now
        return now - before < AGAIN_S
