"""One timer for each order, at the time the reducer wants to be woken."""

import asyncio
from collections.abc import Callable

from core.market.time import NS
from core.orders.permissions import timer_ns
from core.orders.state import ParentOrder


class Deadlines:
    """The timers of all orders. `reached` is called with the order's id and the time, never early.

    A loop may round its timers down: then the timer is set again for what is missing.
    """

    def __init__(self, now_ns: Callable[[], int], reached: Callable[[str, int], None]) -> None:
        self._now_ns = now_ns
        self._reached = reached
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
        delay = max(due - self._now_ns(), 0) / NS
        timer = asyncio.get_running_loop().call_later(delay, self._ring, order_id, due)
        self._timers[order_id] = (due, timer)

    def _ring(self, order_id: str, due: int) -> None:
        now = self._now_ns()
        if now < due:
            self._arm(order_id, due)
            return
        del self._timers[order_id]
        self._reached(order_id, now)
