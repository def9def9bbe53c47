"""A clock for the exchange that moves only when told."""

import heapq
from collections.abc import Callable

from core.exchange.timing import Handle
from core.market.time import NS


class _Call:
    """One scheduled call in virtual time."""

    __slots__ = ("due", "fn", "order")

    def __init__(self, due: int, order: int, fn: Callable[[], None] | None) -> None:
        self.due = due
        self.order = order
        self.fn = fn

    def __lt__(self, other: "_Call") -> bool:
        return (self.due, self.order) < (other.due, other.order)

    def cancel(self) -> None:
        self.fn = None


class VirtualTime:
    """A clock that moves only when told, and makes scheduled calls in order on the way."""

    def __init__(self, start_ns: int = 1_700_000_000 * NS) -> None:
        self._now = start_ns
        self._made = 0
        self._calls: list[_Call] = []

    def now_ns(self) -> int:
        """Nanoseconds since 1970."""
        return self._now

    def call_later(self, delay: float, fn: Callable[[], None]) -> Handle:
        """Call `fn` after `delay` seconds; calls due together run in the order they were made."""
        self._made += 1
        call = _Call(self._now + max(0, round(delay * NS)), self._made, fn)
        heapq.heappush(self._calls, call)
        return call

    def run_for(self, seconds: float) -> None:
        """Make every call that is due within `seconds`, then stand at that time."""
        end = self._now + round(seconds * NS)
        while self._calls and self._calls[0].due <= end:
            self._step()
        self._now = end

    def _step(self) -> None:
        call = heapq.heappop(self._calls)
        self._now = max(self._now, call.due)
        if call.fn is not None:
            call.fn()
