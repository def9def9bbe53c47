"""Measures orders for the quality tab: off the window's thread, and while it is in front."""

import asyncio

from PySide6.QtCore import QObject, QTimer

from core.analysis.scorecard import scores
from core.runtime.tasks import Tasks
from gui.blotter.blotter import Blotter, Tab
from gui.controllers.past_orders import PastOrderController
from gui.widgets.busy_label import BusyLabel

_SETTLED_MS = 500  # changes come in swarms


class ScorecardController(QObject):
    """Measures anew when the tab opens, when other groups are wanted and when an order ends."""

    def __init__(
        self, blotter: Blotter, busy: BusyLabel, past: PastOrderController, tasks: Tasks
    ) -> None:
        super().__init__(blotter)
        self._blotter = blotter
        self._busy = busy
        self._past = past
        self._tasks = tasks
        self._measuring = False
        self._measure_again = False
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_SETTLED_MS)
        self._later.timeout.connect(self._measure)
        blotter.tab_shown.connect(self._on_tab)
        blotter.quality.scores_needed.connect(self._measure)
        model = blotter.all_orders.orders_model
        model.rowsInserted.connect(self._on_change)
        model.dataChanged.connect(self._on_change)

    def _on_tab(self, tab: Tab) -> None:
        if tab is Tab.QUALITY:
            self._past.read_all()
            self._measure()

    def _on_change(self) -> None:
        if self._blotter.tab is Tab.QUALITY and not self._later.isActive():
            self._later.start()

    def _measure(self) -> None:
        self._measure_again = self._measuring
        if not self._measuring:
            self._measuring = True
            self._tasks.spawn(self._measure_all(), "quality")

    async def _measure_all(self) -> None:
        blotter = self._blotter
        view = blotter.quality
        label = view.label
        try:
            orders, counts = blotter.all_orders.orders_model.orders(), view.counts
            with self._busy.during(f"measuring {len(orders):,} orders"):
                found = await asyncio.to_thread(lambda: scores(filter(counts, orders), label))
            view.show_scores(found)
        finally:
            self._measuring = False
        if self._measure_again:
            self._measure()
