"""Orders of earlier days, read from the journal a page at a time, off the window's thread.

A page comes when a person scrolls to the end of what is there; all of them, when a filter
or another order would otherwise speak of a part only.
"""

import asyncio
from pathlib import Path

from PySide6.QtCore import QObject

from core.errors import Refusal
from core.journal import history
from core.runtime import garbage
from core.runtime.tasks import Tasks
from gui.blotter.blotter import Blotter
from gui.controllers.order_display import OrderPresenter
from gui.order_detail.story import StoryPage, story_pages
from gui.widgets.busy_label import BusyLabel

PAGE = 100
_TRIES, _JOURNAL_S = 5, 0.1  # what an engine has told is in its journal a moment later
_PAUSE_S = 0.02  # between two pages: whoever else wants the processor comes first


class PastOrderController(QObject):
    """Fills the tables with them, and tells the story of one that is chosen."""

    def __init__(
        self, blotter: Blotter, busy: BusyLabel, display: OrderPresenter, tasks: Tasks
    ) -> None:
        super().__init__(blotter)
        self._blotter = blotter
        self._busy = busy
        self._display = display
        self._tasks = tasks
        self._path: Path | None = None
        self._before: int | None = None
        self._reading = self._all = False
        self._loading: set[str] = set()
        self._model = blotter.all_orders.orders_model
        self._model.more_wanted.connect(self._read_more)
        self._model.ranked.connect(self._read_more)
        blotter.order_chosen.connect(self._choose)

    def begin(self, path: Path) -> None:
        """The journal to read; its first page comes at once."""
        self._path = path
        self._before = None
        self._model.has_more = True
        self._read_more()
        if self._display.chosen_id:
            self._choose(self._display.chosen_id)

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
            with self._busy.during("reading earlier orders"):
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
        self._blotter.show_past(fresh)
        garbage.settle()  # what has ended long ago never becomes garbage

    # -- one of them ----------------------------------------------------------------

    def _choose(self, order_id: str) -> None:
        """Read what the window did not hear itself of the order that is shown in full."""
        stories = self._display.stories
        if self._path is None or stories.story(order_id).whole or order_id in self._loading:
            return
        self._loading.add(order_id)
        self._tasks.spawn(self._load_story(self._path, order_id), "past order")

    async def _load_story(self, path: Path, order_id: str) -> None:
        try:
            for _ in range(_TRIES):
                pages = await asyncio.to_thread(_story, path, order_id)
                if self._display.show_past(order_id, pages):
                    break
                await asyncio.sleep(_JOURNAL_S)
        except Refusal as refusal:
            self._display.show_trouble(order_id, refusal.sentence)
            raise
        finally:
            self._loading.discard(order_id)


def _story(path: Path, order_id: str) -> tuple[StoryPage, ...]:
    return story_pages(fact for _, fact in history.facts(path, order_id))
