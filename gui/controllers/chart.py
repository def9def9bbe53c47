"""The chart's data and actions, what it asks of orders, and what a person prefers of it."""

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QWidget

from core.errors import Refusal
from core.runtime.tasks import Tasks
from gui.actions.action_table import ActionId, WindowAction
from gui.blotter.blotter import Blotter
from gui.chart.updates import ChartUpdates
from gui.controllers.notifier import Notifier
from gui.controllers.order_actions import OrderController
from gui.controllers.symbols import SymbolController
from gui.state.clocks import RunClock
from gui.state.inbox import Frame
from gui.state.preference_store import PreferenceStore
from gui.state.view_state import ViewState
from gui.style.palette import Palette
from gui.ticket.ticket import Ticket
from gui.widgets.busy_label import BusyLabel

if TYPE_CHECKING:
    from gui.chart.chart import SpreadChart
    from gui.controllers.chart_image import (
        ChartImageController,  # numpy and pyqtgraph come after the first paint
    )

ZOOM = 1.5


class ChartController(QObject):
    """Joins the chart to the window. Commands do nothing until it is there."""

    def __init__(
        self,
        window: QWidget,
        ticket: Ticket,
        blotter: Blotter,
        busy: BusyLabel,
        palette: Palette,
        preferences: PreferenceStore,
        known: ViewState,
        clock: RunClock,
        orders: OrderController,
        symbols: SymbolController,
        notifier: Notifier,
        tasks: Tasks,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._ticket = ticket
        self._blotter = blotter
        self._busy = busy
        self._palette = palette
        self._preferences = preferences
        self._clock = clock
        self._orders = orders
        self._notifier = notifier
        self._tasks = tasks
        self._updates = ChartUpdates(known)
        self._chart: SpreadChart | None = None
        self._images: ChartImageController | None = None
        self._preferred = preferences.values
        self._span_before = 0.0
        ticket.outlooks_changed.connect(self._updates.show_outlooks)
        symbols.chosen.connect(self._updates.show_symbol)
        blotter.order_chosen.connect(self._choose)
        preferences.changed.connect(self._on_preferences)

    def put_chart(self, chart: "SpreadChart") -> None:
        """Feed `chart` from now on, beginning with what is known."""
        from gui.controllers.chart_image import ChartImageController

        self._updates.put_chart(chart)
        self._chart = chart
        self._images = ChartImageController(
            self._window, self._palette, self._busy, self._notifier, self._tasks
        )
        canvas = chart.canvas
        canvas.price_drag.judge = self._orders.judge_price
        canvas.price_chosen.connect(self._set_price)
        canvas.refused.connect(self._notifier.warn)
        chart.table.order_chosen.connect(self._blotter.working.choose)
        chart.follow_chosen.connect(lambda on: self._prefer(chart_follow=on))
        chart.trades_changed.connect(lambda on: self._prefer(chart_trades=on))
        self._span_before = chart.span
        self._ticket.refresh()

    def _set_price(self, order_id: str, limit: Decimal) -> None:
        self._orders.set_price(order_id, limit)

    def _choose(self, order_id: str) -> None:
        if self._chart is not None:
            self._chart.choose(order_id)

    def actions(self) -> dict[ActionId, Callable[[], None]]:
        """What each of the chart's actions does."""
        return {
            WindowAction.CHART: self._do(lambda chart: chart.canvas.setFocus(_BY_KEY)),
            WindowAction.CHART_LINES: self._do(lambda chart: chart.toggle_table()),
            WindowAction.CHART_CROSS: self._do(lambda chart: chart.canvas.toggle_cross()),
            WindowAction.TIME_IN: self._do(lambda chart: chart.canvas.zoom(1 / ZOOM)),
            WindowAction.TIME_OUT: self._do(lambda chart: chart.canvas.zoom(ZOOM)),
            WindowAction.PRICES_IN: self._do(lambda chart: chart.canvas.zoom_prices(1 / ZOOM)),
            WindowAction.PRICES_OUT: self._do(lambda chart: chart.canvas.zoom_prices(ZOOM)),
            WindowAction.CHART_RESET: self._do(lambda chart: chart.canvas.reset()),
            WindowAction.FOLLOW: self._do(lambda chart: chart.toggle_follow()),
            WindowAction.TRADES: self._do(lambda chart: chart.toggle_trades()),
            WindowAction.CHART_COPY: self._do(self._copy),
            WindowAction.CHART_SAVE: self._do(self._save),
        }

    def _do(self, work: "Callable[[SpreadChart], None]") -> Callable[[], None]:
        def doing() -> None:
            if self._chart is not None:
                work(self._chart)

        return doing

    def _copy(self, chart: "SpreadChart") -> None:
        if self._images is not None:
            self._images.copy(chart)

    def _save(self, chart: "SpreadChart") -> None:
        if self._images is not None:
            self._images.ask_where(chart)

    # -- what becomes known ---------------------------------------------------

    def before_frame(self, frame: Frame) -> None:
        """Begin or end a gap where quotes were lost or are back."""
        for link in frame.links:
            self._updates.on_link(link, self._clock.now_ns())

    def on_frame(self, frame: Frame) -> None:
        """Keep it for the next picture."""
        self._updates.add(frame)

    def tick(self, now_ns: int) -> None:
        """Draw what came since the last picture."""
        self._updates.tick(now_ns)

    # -- what is preferred ----------------------------------------------------

    def slow_tick(self, now_ns: int) -> None:
        """Show the quote's age, and keep a span once it is left alone: a wheel makes many."""
        self._updates.slow_tick(now_ns)
        if self._chart is None:
            return
        settled = self._chart.span == self._span_before
        self._span_before = self._chart.span
        if settled and round(self._chart.span) != self._preferred.chart_seconds:
            self._prefer(chart_seconds=round(self._chart.span))

    def _prefer(self, **fields: object) -> None:
        try:
            self._preferences.change(**fields)
        except Refusal as refusal:
            self._notifier.warn(refusal.sentence)

    def _on_preferences(self) -> None:
        """What was changed in the settings holds at once."""
        before, self._preferred = self._preferred, self._preferences.values
        now, chart = self._preferred, self._chart
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
