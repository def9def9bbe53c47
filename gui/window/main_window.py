"""The one window: what stands where. Wires nothing to the engine; `gui.controllers.desk` does."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtGui import (
    QCloseEvent,
    QColor,
    QGuiApplication,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QMainWindow, QVBoxLayout, QWidget

from core.errors import Refusal
from core.market.venues import VenueColour, profile_of
from gui.actions.click_guard import ClickGuard
from gui.actions.shortcuts import ShortcutTable
from gui.blotter.blotter import Blotter
from gui.order_detail.benchmark_panel import BenchmarkPanel
from gui.order_detail.detail import Detail
from gui.state.preference_store import PreferenceStore
from gui.state.view_state import ViewState
from gui.style import style
from gui.style.palette import Palette
from gui.style.text_scale import SMALLEST, at_least, refit
from gui.ticket.ticket import Ticket
from gui.widgets.panel import Panel
from gui.window.docks import BENCHMARK, BLOTTER, CHART, DETAIL, TICKET, WATCH, Docks
from gui.window.layout_at_start import layout_now, open_as_left
from gui.window.layout_store import LayoutStore, box_of, on_screen, screens_now
from gui.window.safety_strip import SafetyStrip
from gui.window.status_line import NoticeLine, StatusLine
from gui.window.watch_list import WatchList

DEFAULT_SIZE = (1600, 1000)
# Pixels around the window of an account at a broker.
_EDGES = {VenueColour.LIVE: 4, VenueColour.PAPER: 2}


class MainWindow(QMainWindow):
    """Safety strip, docks in three columns, notice line, status line."""

    close_asked = Signal()
    first_painted = Signal()
    refused = Signal(str)
    restyled = Signal()  # for what is not the window's own

    def __init__(
        self,
        palette: Palette,
        known: ViewState,
        now_ns: Callable[[], int],
        preferences: PreferenceStore,
        layouts: LayoutStore,
    ) -> None:
        super().__init__()
        self.setObjectName("touchline")
        self.setWindowTitle("Touchline")
        self.setMinimumSize(*SMALLEST)
        self.resize(*DEFAULT_SIZE)
        self.palette_table = palette
        self.preferences = preferences
        self.layouts = layouts
        self.guard = ClickGuard()
        self._painted = False
        self._scale = style.text_scale()  # that everything was built or fitted at
        self._venue = ""
        self._edge = 0
        self._may_close = False
        self.keys = ShortcutTable(preferences, self)
        self.strip = SafetyStrip(palette, known, self.keys)
        self.watch = WatchList(palette, known)
        self.ticket = Ticket(
            palette,
            lambda symbol: known.pre_trade_context(symbol, now_ns(), armed=self.strip.armed),
            self.guard,
            keys=self.keys,
            preferences=preferences,
            background=lambda: known.background(preferences.values.moved_ticks),
        )
        self.chart_place = Panel("chart", "Spread chart")
        self.blotter = Blotter(palette, now_ns, self.keys)
        self.detail = Detail(palette)
        self.benchmark = BenchmarkPanel()
        self.notice = NoticeLine(palette)
        self.status = StatusLine(palette)
        self.docks = Docks()
        self._lay_out()
        app = QGuiApplication.instance()
        assert isinstance(app, QGuiApplication)
        app.screenRemoved.connect(self.screen_gone)

    def _lay_out(self) -> None:
        for name, panel in (
            (WATCH, self.watch),
            (TICKET, self.ticket),
            (CHART, self.chart_place),
            (BLOTTER, self.blotter),
            (DETAIL, self.detail),
            (BENCHMARK, self.benchmark),
        ):
            self.docks.add(name, panel.header, panel)
        self.docks.place_as_usual()
        self.docks.buttons_moved.connect(self.guard.moved)
        self.docks.rearranged.connect(self.keep_layout)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.strip)
        body = QVBoxLayout()
        body.setContentsMargins(8, 8, 8, 2)
        body.addWidget(self.docks)
        column.addLayout(body, 1)
        column.addWidget(self.notice)
        column.addWidget(self.status)
        self.setCentralWidget(page)

    def open_fitting(self) -> None:
        """Show as it was left, else at the usual size (`gui.window.layout_at_start`)."""
        why = open_as_left(self, self.docks, self.layouts.saved, DEFAULT_SIZE)
        if why:
            self.refused.emit(why)

    def keep_layout(self) -> None:
        """Remember where everything stands, for the next start."""
        try:
            self.layouts.save(layout_now(self, self.docks, self.layouts.saved))
        except Refusal as refusal:
            self.refused.emit(refusal.sentence)

    def screen_gone(self) -> None:
        """A screen was taken away: what stood on it comes back to one that is there."""
        here = box_of(self.geometry())
        there = on_screen(here, screens_now())
        if there != here and not self.isMaximized():
            self.setGeometry(*there)
        self.docks.bring_back_floating()

    def restyle(self) -> None:
        """Take on what the themes changed: the palette has other colours, text another size."""
        scale = style.text_scale()
        if scale != self._scale:
            refit(self, self._scale)
            self._scale = scale
            self.setMinimumSize(*(at_least(side) for side in SMALLEST))
        parts = (self.docks, self.strip, self.ticket, self.blotter, self.detail)
        for part in (*parts, self.notice, self.status):
            part.restyle()
        self.restyled.emit()

    def show_venue(self, name: str, account: str) -> None:
        """The account in words, colour and border, and in the title that a task bar shows."""
        self.strip.show_venue(name)
        profile = profile_of(name)
        number = f" {account}" if account and profile.lasting_account else ""
        self.setWindowTitle(f"Touchline \N{EM DASH} {name.upper()}{number}")
        self._venue = name
        edge = self._edge = _EDGES.get(profile.colour, 0)
        self.setContentsMargins(edge, edge, edge, edge)
        self.update()

    def put_chart(self, chart: QWidget, header: QWidget) -> None:
        """Place the chart, which is loaded after the first paint, and its header for a title."""
        self.chart_place.body.addWidget(chart)
        self.docks.docks[CHART].set_header(header)
        self.chart_place.header.deleteLater()

    def close_for_good(self) -> None:
        """Close without asking again."""
        if self.isVisible():
            self.keep_layout()
        self._may_close = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """The window asks; whether it closes is decided elsewhere."""
        if self._may_close:
            event.accept()
            return
        event.ignore()
        self.close_asked.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Everything moved: no click counts for a moment."""
        super().resizeEvent(event)
        self.guard.moved()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Say once that the window is on the screen."""
        super().paintEvent(event)
        if self._edge:
            painter = QPainter(self)
            colour = QColor(style.venue_colour(self.palette_table, self._venue))
            painter.setPen(QPen(colour, 2 * self._edge))  # half of it lies outside
            painter.drawRect(self.rect())
        if not self._painted:
            self._painted = True
            self.first_painted.emit()
