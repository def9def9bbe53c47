"""Keeps what became of earlier orders up to date; many at once are counted on another thread."""

import asyncio

from core.orders.state import ParentOrder
from core.runtime.tasks import Tasks
from gui.state.inbox import Frame
from gui.state.view_state import ViewState

FEW = 50  # counted within a tenth of a frame


class FillHistoryCount:
    """Gathers ended orders, and puts the evidence they add up to into what is known."""

    def __init__(self, known: ViewState, tasks: Tasks) -> None:
        self._known = known
        self._tasks = tasks
        self._earlier: tuple[ParentOrder, ...] = ()
        self._waiting: dict[str, ParentOrder] = {}
        self._counting = False

    def begin(self, earlier: tuple[ParentOrder, ...]) -> None:
        """Count orders that had ended before there was a window."""
        self._earlier = earlier
        if earlier and not self._counting:
            self._start()

    def on_frame(self, frame: Frame) -> None:
        """Count the orders that have ended; one that changes after its end is counted anew."""
        for change in frame.orders:
            if change.order.final:
                self._waiting[change.order.id] = change.order
        if not self._waiting or self._counting:
            return
        if len(self._waiting) <= FEW:
            self._known.fill_history = self._known.fill_history.with_orders(self._waiting.values())
            self._waiting = {}
        else:
            self._start()

    def _start(self) -> None:
        self._counting = True
        self._tasks.spawn(self._count(), "evidence")

    async def _count(self) -> None:
        try:
            while self._earlier or self._waiting:
                orders = (*self._earlier, *self._waiting.values())
                self._earlier, self._waiting = (), {}
                count = self._known.fill_history.with_orders
                self._known.fill_history = await asyncio.to_thread(count, orders)
        finally:
            self._counting = False
