"""One timer for each order, at the time the reducer wants to be woken."""

import asyncio
from collections.abc import Callable

from core.market.time import NS
from core.orders.facts import AnyFact, DeadlineReached
from core.orders.permissions import timer_ns
from core.orders.state import ParentOrder
from core.runtime.clock import Clock


class Deadlines:
    """The timers of all orders. A deadline that is reached becomes a fact, never early.

    A loop may round its timers down: then the timer is set again for what is missing.
    """

    def __init__(self, clock: Clock, apply: Callable[[AnyFact], None]) -> None:
        self._clock = clock
        self._apply = apply
        self._timers: dict[str, tuple[int, asyncio.TimerHandle]] = {}

    def sync(self, order: ParentOrder) -> None:
        """Have the timer that `order` wants now, or none."""
        due = timer_ns(order)
        held = self._timers.get(order.id)
        if held is not None:
            if held[0] == due:
                return
            held[1].cancel()
            del self._timers[order.id]
        if due is not None:
            self._arm(order.id, due)

    def stop(self) -> None:
        """Wake nobody any more."""
        for _, timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _arm(self, order_id: str, due: int) -> None:
        delay = max(due - self._clock.now_ns(), 0) / NS
        timer = asyncio.get_running_loop().call_later(delay, self._ring, order_id, due)
        self._timers[order_id] = (due, timer)

    def _ring(self, order_id: str, due: int) -> None:
        now = self._clock.now_ns()
        if now < due:
            self._arm(order_id, due)
            return
        del self._timers[order_id]
        self._reached(order_id, now)

    def _reached(self, order_id: str, now_ns: int) -> None:
        self._apply(DeadlineReached(order_id=order_id, at=now_ns))
