"""The chart's commands, what it asks of orders, and what a person prefers of it."""

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from core.errors import Refusal
from core.runtime.tasks import Tasks
from gui.actions.actions import Command, Doing
from gui.controllers.notifier import Notifier
from gui.controllers.orders import OrderController
from gui.window.main_window import MainWindow

if TYPE_CHECKING:
    from gui.chart.chart import SpreadChart
    from gui.controllers.chart_image import (
        ChartImageController,  # numpy and pyqtgraph come after the first paint
    )

ZOOM = 1.5


class ChartController(QObject):
    """Joins the chart to the window. Commands do nothing until it is there."""

    def __init__(
        self, window: MainWindow, ask: OrderController, tell: Notifier, tasks: Tasks
    ) -> None:
        super().__init__(window)
        self._window = window
        self._ask = ask
        self._tell = tell
        self._tasks = tasks
        self._chart: SpreadChart | None = None
        self._pictures: ChartImageController | None = None
        self._wished = window.preferences.values
        self._span_before = 0.0
        window.blotter.order_chosen.connect(self._choose)
        window.preferences.changed.connect(self._on_preferred)

    def put_chart(self, chart: "SpreadChart") -> None:
        """This is the chart from now on."""
        from gui.controllers.chart_image import ChartImageController

        self._chart = chart
        self._pictures = ChartImageController(self._window, self._tell, self._tasks)
        chart.canvas.price_drag.judge = self._ask.judge_price
        chart.canvas.price_chosen.connect(self._set_price)
        chart.canvas.refused.connect(self._tell.warn)
        chart.table.order_chosen.connect(self._window.blotter.working.choose)
        chart.follow_chosen.connect(lambda on: self._prefer(chart_follow=on))
        chart.trades_changed.connect(lambda on: self._prefer(chart_trades=on))
        self._span_before = chart.span

    def _set_price(self, order_id: str, limit: Decimal) -> None:
        self._ask.set_price(order_id, limit)

    def _choose(self, order_id: str) -> None:
        if self._chart is not None:
            self._chart.choose(order_id)

    def works(self) -> dict[Doing, Callable[[], None]]:
        """What each of the chart's commands does."""
        return {
            Command.CHART: self._do(lambda chart: chart.canvas.setFocus(_BY_KEY)),
            Command.CHART_LINES: self._do(lambda chart: chart.toggle_table()),
            Command.CHART_CROSS: self._do(lambda chart: chart.canvas.toggle_cross()),
            Command.TIME_IN: self._do(lambda chart: chart.canvas.zoom(1 / ZOOM)),
            Command.TIME_OUT: self._do(lambda chart: chart.canvas.zoom(ZOOM)),
            Command.PRICES_IN: self._do(lambda chart: chart.canvas.zoom_prices(1 / ZOOM)),
            Command.PRICES_OUT: self._do(lambda chart: chart.canvas.zoom_prices(ZOOM)),
            Command.CHART_RESET: self._do(lambda chart: chart.canvas.reset()),
            Command.FOLLOW: self._do(lambda chart: chart.toggle_follow()),
            Command.TRADES: self._do(lambda chart: chart.toggle_trades()),
            Command.CHART_COPY: self._do(self._copy),
            Command.CHART_SAVE: self._do(self._save),
        }

    def _do(self, work: "Callable[[SpreadChart], None]") -> Callable[[], None]:
        def doing() -> None:
            if self._chart is not None:
                work(self._chart)

        return doing

    def _copy(self, chart: "SpreadChart") -> None:
        if self._pictures is not None:
            self._pictures.copy(chart)

    def _save(self, chart: "SpreadChart") -> None:
        if self._pictures is not None:
            self._pictures.ask_where(chart)

    # What is preferred -------------------------------------------------------------------

    def slow_tick(self) -> None:
        """Keep a span once it is left alone: a wheel makes many."""
        if self._chart is None:
            return
        settled = self._chart.span == self._span_before
        self._span_before = self._chart.span
        if settled and round(self._chart.span) != self._wished.chart_seconds:
            self._prefer(chart_seconds=round(self._chart.span))

    def _prefer(self, **fields: object) -> None:
        try:
            self._window.preferences.change(**fields)
        except Refusal as refusal:
            self._tell.warn(refusal.sentence)

    def _on_preferred(self) -> None:
        """What was changed in the settings holds at once."""
        before, self._wished = self._wished, self._window.preferences.values
        now, chart = self._wished, self._chart
        if chart is None:
            return
        if now.chart_seconds not in (before.chart_seconds, round(chart.span)):
            chart.set_span(now.chart_seconds)
            self._span_before = chart.span
        if now.chart_follow != before.chart_follow:
            chart.set_follow(now.chart_follow)
        if now.chart_trades != before.chart_trades:
            chart.set_trades(now.chart_trades)


_BY_KEY = Qt.FocusReason.ShortcutFocusReason
