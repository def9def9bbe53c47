"""Orders of earlier days, read from the journal a page at a time, off the window's thread.

A page comes when a person scrolls to the end of what is there; all of them, when a filter
or another order would otherwise speak of a part only.
"""

import asyncio
import gc
from pathlib import Path

from PySide6.QtCore import QObject

from core import history
from core.errors import Refusal
from core.events import OrderChanged
from core.order_state import ParentOrder
from core.orders import reduce
from core.tasks import Tasks
from gui.orders_shown import OrdersShown
from gui.telling import Teller
from gui.window import MainWindow

PAGE = 100
_PAUSE_S = 0.02  # between two pages: whoever else wants the processor comes first


class PastOrders(QObject):
    """Fills the tables with them, and tells the story of one that is chosen."""

    def __init__(self, window: MainWindow, shown: OrdersShown, tell: Teller, tasks: Tasks) -> None:
        super().__init__(window)
        self._window = window
        self._shown = shown
        self._tell = tell
        self._tasks = tasks
        self._path: Path | None = None
        self._before: int | None = None
        self._reading = self._all = False
        self._model = window.blotter.all_orders.orders_model
        self._model.more_wanted.connect(self._read_more)
        self._model.ranked.connect(self._read_more)
        window.blotter.order_chosen.connect(self._choose)

    def begin(self, path: Path) -> None:
        """The journal to read; its first page comes at once."""
        self._path = path
        self._before = None
        self._model.has_more = True
        self._read_more()

    def read_all(self) -> None:
        """Read on until there is no more."""
        self._all = True
        self._read_more()

    def _read_more(self) -> None:
        if self._path is not None and self._model.has_more and not self._reading:
            self._reading = True
            self._tasks.spawn(self._read(self._path), "past orders")

    async def _read(self, path: Path) -> None:
        try:
            with self._window.status.busy.doing("reading earlier orders"):
                await self._page(path)
                while self._model.has_more and (self._all or not self._model.usual):
                    await asyncio.sleep(_PAUSE_S)
                    await self._page(path)
        except Refusal:
            self._model.has_more = False
            raise
        finally:
            self._reading = False

    async def _page(self, path: Path) -> None:
        page = await asyncio.to_thread(history.ended, path, self._before, PAGE)
        fresh = [order for order in page.orders if not self._model.holds(order.id)]
        self._before = page.before
        self._model.has_more = page.before is not None
        self._window.blotter.show_past(fresh)
        gc.freeze()  # what has ended long ago never becomes garbage: let no collection walk it

    # -- one of them ----------------------------------------------------------------

    def _choose(self, order_id: str) -> None:
        order = self._window.blotter.past_order(order_id)
        if order is not None and self._path is not None and not self._shown.knows(order_id):
            self._tasks.spawn(self._tell_story(self._path, order), "past order")

    async def _tell_story(self, path: Path, order: ParentOrder) -> None:
        changes = await asyncio.to_thread(_story, path, order.id)
        self._shown.show_past(changes)


def _story(path: Path, order_id: str) -> tuple[OrderChanged, ...]:
    """Every fact of an order with its state after it."""
    order: ParentOrder | None = None
    changes = []
    for _, fact in history.facts(path, order_id):
        order = reduce(order, fact)[0]
        changes.append(OrderChanged(order, fact))
    return tuple(changes)
