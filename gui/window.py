"""The one window: what stands where. Wires nothing to the engine; `gui.desk` does."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QMainWindow, QSizePolicy, QSplitter, QVBoxLayout, QWidget

from gui.blotter import Blotter
from gui.detail import Detail, SoFarPanel
from gui.guard import Guard
from gui.keys import KeyTable
from gui.known import Known
from gui.preferences import PreferenceStore
from gui.safety_strip import SafetyStrip
from gui.status_line import NoticeLine, StatusLine
from gui.theme import Palette
from gui.ticket import Ticket
from gui.watch_list import WatchList

DEFAULT_SIZE = (1600, 1000)
SMALLEST = (1120, 720)
_GAP = 7
_LEFT, _RIGHT = 352, 296
_NARROW_LEFT, _NARROW_RIGHT = 324, 236
_NARROW_BELOW = 1440


class MainWindow(QMainWindow):
    """Safety strip, three columns, notice line, status line."""

    close_asked = Signal()
    first_painted = Signal()
    restyled = Signal()  # for what is not the window's own

    def __init__(
        self,
        palette: Palette,
        known: Known,
        now_ns: Callable[[], int],
        preferences: PreferenceStore,
    ) -> None:
        super().__init__()
        self.setObjectName("touchline")
        self.setWindowTitle("Touchline")
        self.setMinimumSize(*SMALLEST)
        self.resize(*DEFAULT_SIZE)
        self.palette_table = palette
        self.preferences = preferences
        self.guard = Guard()
        self._painted = False
        self._may_close = False
        self._narrow: bool | None = None
        self.keys = KeyTable(preferences, self)
        self.strip = SafetyStrip(palette, known, self.keys)
        self.watch = WatchList(palette, known)
        self.ticket = Ticket(
            palette,
            lambda symbol: known.situation(symbol, now_ns(), armed=self.strip.armed),
            self.guard,
            keys=self.keys,
        )
        self.chart_place = QFrame()
        self.chart_place.setObjectName("panel")
        self._chart_box = QVBoxLayout(self.chart_place)
        self._chart_box.setContentsMargins(1, 1, 1, 1)
        self.blotter = Blotter(palette, now_ns, self.keys)
        self.detail = Detail(palette)
        self.so_far = SoFarPanel()
        self.notice = NoticeLine(palette)
        self.status = StatusLine(palette)
        self._lay_out()

    def _lay_out(self) -> None:
        left = _split(Qt.Orientation.Vertical, "split-left", self.watch, self.ticket)
        middle = _split(Qt.Orientation.Vertical, "split-middle", self.chart_place, self.blotter)
        middle.setSizes([520, 360])
        right = _split(Qt.Orientation.Vertical, "split-right", self.detail, self.so_far)
        right.setSizes([640, 250])
        columns = _split(Qt.Orientation.Horizontal, "split-columns", left, middle, right)
        self._columns = columns
        for index, share in enumerate((0, 1, 0)):
            columns.setStretchFactor(index, share)
        for splitter in (left, middle, right, columns):
            splitter.splitterMoved.connect(lambda *_: self.guard.moved())
        self.ticket.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        right.setStretchFactor(0, 1)
        right.setStretchFactor(1, 0)
        middle.setStretchFactor(0, 3)
        middle.setStretchFactor(1, 2)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.strip)
        body = QVBoxLayout()
        body.setContentsMargins(8, 8, 8, 2)
        body.addWidget(columns)
        column.addLayout(body, 1)
        column.addWidget(self.notice)
        column.addWidget(self.status)
        self.setCentralWidget(page)

    def open_fitting(self) -> None:
        """Show at the usual size, or fill a screen that is no larger than that."""
        room = self.screen().availableGeometry()
        fits = room.width() > DEFAULT_SIZE[0] and room.height() > DEFAULT_SIZE[1]
        if fits or QGuiApplication.platformName() == "offscreen":
            self.show()
        else:
            self.showMaximized()

    def restyle(self) -> None:
        """Take on what the wardrobe changed: the palette has other colours, text another size."""
        for part in (self.strip, self.ticket, self.blotter, self.notice, self.status):
            part.restyle()
        self.restyled.emit()

    def put_chart(self, chart: QWidget) -> None:
        """Place the chart, which is loaded after the first paint."""
        self._chart_box.addWidget(chart)

    def close_for_good(self) -> None:
        """Close without asking again."""
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
        narrow = self.width() < _NARROW_BELOW
        if narrow is not self._narrow:
            self._narrow = narrow
            left, right = (_NARROW_LEFT, _NARROW_RIGHT) if narrow else (_LEFT, _RIGHT)
            self._columns.setSizes([left, self.width() - left - right, right])

    def paintEvent(self, event: QPaintEvent) -> None:
        """Say once that the window is on the screen."""
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            self.first_painted.emit()


def _split(orientation: Qt.Orientation, name: str, *parts: QWidget) -> QSplitter:
    splitter = QSplitter(orientation)
    splitter.setObjectName(name)
    splitter.setHandleWidth(_GAP)
    splitter.setChildrenCollapsible(False)
    for part in parts:
        splitter.addWidget(part)
    return splitter
