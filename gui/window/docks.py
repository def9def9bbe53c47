"""The parts of the window as docks: what stands where, floating to another screen, put back.

Qt's own docks: they float, nest, tab and save themselves. The libraries that do more
bind to one exact release of Qt, which would fix ours for the sake of parts that slide away.
"""

from PySide6.QtCore import QByteArray, QEvent, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QMenu, QWidget

from gui.style.text_scale import px
from gui.widgets.layout_barrier import LayoutBarrier
from gui.window.layout_store import DockLayout, box_of, on_screen, screens_now

STATE_VERSION = 1  # of the places; another one is not restored
_LEFT, _RIGHT = 356, 300
_NARROW_LEFT, _NARROW_RIGHT = 328, 240
_NARROW_BELOW = 1440
_SETTLED_MS = 1500
_CHART_SHARE = 0.59
_BENCHMARK_HEIGHT = 215
_ACROSS, _DOWN = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
_AREA = Qt.DockWidgetArea.LeftDockWidgetArea  # the only one: all others split it

WATCH, TICKET, CHART, BLOTTER, DETAIL, BENCHMARK = (
    "watch",
    "ticket",
    "chart",
    "blotter",
    "detail",
    "so-far",
)
TITLES = {
    WATCH: "Watch and positions",
    TICKET: "Ticket",
    CHART: "Spread chart",
    BLOTTER: "Orders",
    DETAIL: "Order detail",
    BENCHMARK: "So far",
}
_SMALLEST = {
    WATCH: (236, 62),  # one symbol beneath the headings
    TICKET: (318, 0),  # its height is what its two buttons need
    CHART: (360, 160),
    BLOTTER: (360, 120),
    DETAIL: (200, 100),
    BENCHMARK: (200, 60),
}


class Dock(QDockWidget):
    """One part, its own header the bar it is moved by. The header's menu floats and hides it."""

    def __init__(self, name: str, header: QWidget, body: QWidget, parent: QWidget) -> None:
        super().__init__(TITLES[name], parent)
        self.setObjectName(f"dock-{name}")
        self.setAccessibleName(TITLES[name])
        self.setWidget(LayoutBarrier(body))
        self.set_header(header)
        width, height = _SMALLEST[name]
        body.setMinimumWidth(width)  # words that grow never push the other parts about
        if height:
            body.setMinimumHeight(height)
        self.float_action = QAction(f"{TITLES[name]} floats", self, checkable=True)
        self.float_action.setObjectName(f"float-{name}")
        self.float_action.triggered.connect(lambda floats: self.setFloating(floats))
        self.topLevelChanged.connect(self.float_action.setChecked)
        self.topLevelChanged.connect(self._ask_for_place, Qt.ConnectionType.QueuedConnection)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._on_menu)

    def _ask_for_place(self) -> None:
        """Back from floating: Qt takes it for placed already, so ask for its place once more."""
        if not self.isFloating():
            self.updateGeometry()

    def set_header(self, header: QWidget) -> None:
        """What it is moved by from now on."""
        self.setTitleBarWidget(LayoutBarrier(header))

    def _on_menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setObjectName("dock-menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.float_action)
        hide = menu.addAction(f"Hide {self.windowTitle()}")
        hide.triggered.connect(self.toggleViewAction().trigger)
        menu.popup(self.mapToGlobal(at))


class Docks(QMainWindow):
    """Holds the docks. `rearranged` a moment after anything moved, `buttons_moved` at once.

    As long as nobody rearranged them they keep their usual sizes whatever the window's is.
    """

    rearranged = Signal()
    buttons_moved = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Widget)
        self.setObjectName("docks")
        self.setAccessibleName("Panels")
        self.setWindowTitle("Panels")
        self.setDockNestingEnabled(True)
        self.setAnimated(False)
        self.docks: dict[str, Dock] = {}
        self.arranged = False
        self._restoring = False
        self._settled = QTimer(self, singleShot=True, interval=_SETTLED_MS)
        self._settled.timeout.connect(self.rearranged)

    def add(self, name: str, header: QWidget, body: QWidget) -> None:
        """One more part; `place_as_usual` puts them all in their places."""
        dock = self.docks[name] = Dock(name, header, body, self)
        dock.installEventFilter(self)
        for told in (
            dock.topLevelChanged,
            dock.dockLocationChanged,
            dock.toggleViewAction().triggered,
        ):
            told.connect(self._on_arranged)

    def place_as_usual(self) -> None:
        """Three columns of two."""
        docks = self.docks
        self._restoring = True
        self.addDockWidget(_AREA, docks[WATCH])
        self.splitDockWidget(docks[WATCH], docks[CHART], _ACROSS)
        self.splitDockWidget(docks[CHART], docks[DETAIL], _ACROSS)
        self.splitDockWidget(docks[WATCH], docks[TICKET], _DOWN)
        self.splitDockWidget(docks[CHART], docks[BLOTTER], _DOWN)
        self.splitDockWidget(docks[DETAIL], docks[BENCHMARK], _DOWN)
        self._usual = self.place()
        self._restoring = False

    def reset(self) -> None:
        """Everything where it was at first."""
        self.restore(self._usual)
        self.arranged = False
        self._fit_usual()

    def place(self) -> DockLayout:
        """Where everything stands."""
        state = bytes(self.saveState(STATE_VERSION).toBase64().data()).decode("ascii")
        return DockLayout(tuple(self.docks), state)

    def restore(self, place: DockLayout) -> bool:
        """Put everything where it stood; False when that cannot be read, and nothing moved."""
        self._restoring = True
        try:
            state = QByteArray.fromBase64(place.state.encode("ascii", "replace"))
            if not self.restoreState(state, STATE_VERSION):
                return False
            for name in self.docks.keys() - set(place.docks):  # parts of a later version
                self.addDockWidget(_AREA, self.docks[name])
            self.arranged = True
            self.bring_back_floating()
            return True
        finally:
            self._restoring = False

    def bring_back_floating(self) -> None:
        """Bring floating parts back that stand on no screen."""
        screens = screens_now()
        for dock in self.docks.values():
            if dock.isFloating():
                dock.setGeometry(*on_screen(box_of(dock.geometry()), screens))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Usual sizes stay usual."""
        super().resizeEvent(event)
        if not self.arranged:
            self._fit_usual()

    def restyle(self) -> None:
        """Usual sizes follow the text."""
        if not self.arranged:
            self._fit_usual()

    def showEvent(self, event: QShowEvent) -> None:
        """Only what is shown can have a size."""
        super().showEvent(event)
        if not self.arranged:
            self._fit_usual()

    def _fit_usual(self) -> None:
        docks, width, height = self.docks, self.width(), self.height()
        left, right = (
            (_NARROW_LEFT, _NARROW_RIGHT) if width < px(_NARROW_BELOW) else (_LEFT, _RIGHT)
        )
        columns = [docks[WATCH], docks[CHART], docks[DETAIL]]
        left, right = px(left), px(right)
        middle = max(width - left - right, 1)
        self.resizeDocks(columns, [left, middle, right], _ACROSS)
        ticket = docks[TICKET].sizeHint().height()
        chart = round(height * _CHART_SHARE)
        for top, bottom, size in (
            (WATCH, TICKET, height - ticket),
            (CHART, BLOTTER, chart),
            (DETAIL, BENCHMARK, height - px(_BENCHMARK_HEIGHT)),
        ):
            sizes = [max(size, 1), max(height - size, 1)]
            self.resizeDocks([docks[top], docks[bottom]], sizes, _DOWN)

    def _on_arranged(self) -> None:
        if not self._restoring:
            self.arranged = True
            self._settled.start()

    def event(self, event: QEvent) -> bool:
        """A button let go here was a border that was dragged."""
        if event.type() is QEvent.Type.MouseButtonRelease:
            self.arranged = True
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note that a part moved."""
        if event.type() in (QEvent.Type.Move, QEvent.Type.Resize):
            self._settled.start()
            if watched is self.docks.get(TICKET):
                self.buttons_moved.emit()
        return super().eventFilter(watched, event)
