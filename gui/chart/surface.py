"""The drawing surface of the spread chart: what is told to it, and when it paints anew.

A plain QWidget over a `ChartViewModel`, painted by a `ChartPicture`. Owns no timer: `advance`
is called by the window's one animation clock.
"""

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.market.time import NS
from core.orders.state import ParentOrder
from gui.chart.model.crosshair import Reading
from gui.chart.model.frame import ChartFrame
from gui.chart.model.price_drag import Proposal
from gui.chart.model.series import SpreadSeries
from gui.chart.model.view_model import ChartViewModel, Ghost
from gui.chart.painting.picture import ChartPicture
from gui.style.palette import Palette

BEAT_NS = NS // 10  # how time moves when nothing else does
LEAST_NS = NS // 33  # between two pictures


class ChartSurface(QWidget):
    """Draws a `SpreadSeries`, orders and ghosts around now."""

    span_changed = Signal(float)  # seconds of past shown
    follow_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("chartCanvas")
        self.setAccessibleName("Spread chart")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.model = ChartViewModel()
        self.picture = ChartPicture(self.model, self.font)
        self._frame: ChartFrame | None = None
        self._news = True  # something was added since the last picture
        self.focus_shown = False  # the focus came by keyboard
        self.frames = 0  # painted

    # What is shown -----------------------------------------------------------------------

    def set_colors(self, palette: Palette) -> None:
        """Draw with these colours."""
        self.picture.set_colors(palette)
        self._changed()

    def set_series(self, series: SpreadSeries) -> None:
        """Show another symbol's data."""
        self.model.set_series(series)
        self.picture.forget_labels()
        self.picture.forget_past()
        self._changed()

    def set_orders(self, orders: tuple[ParentOrder, ...]) -> None:
        """Draw these orders, all of the symbol shown."""
        if orders != self.model.orders:
            self.model.set_orders(orders)
            self.picture.forget_labels()
            self._changed()

    def set_ghosts(self, ghosts: tuple[Ghost, ...]) -> None:
        """Draw these dotted lines right of now."""
        if ghosts != self.model.ghosts:
            self.model.ghosts = ghosts
            self._news = True

    def choose(self, order_id: str) -> None:
        """Draw this order as the one in hand; empty for none."""
        if order_id != self.model.chosen:
            self.model.chosen = order_id
            self._changed()

    def propose(self, proposal: Proposal | None) -> None:
        """Draw a price being chosen; None when none is any more."""
        if proposal != self.model.proposal:
            self.model.proposal = proposal
            self._changed()

    def point(self, at: QPointF | None) -> None:
        """Read the chart at this place, logical pixels; None for nowhere."""
        place = None if at is None else (at.x(), at.y())
        if place != self.model.pointed:
            self.model.pointed = place
            self.update()

    def reading(self) -> Reading | None:
        """What stands at the place pointed at; None outside the plot."""
        return self.model.reading(self.frame())

    def set_trades(self, shown: bool) -> None:
        """Show or hide prints."""
        self.model.trades = shown
        self._changed()

    @property
    def span_ns(self) -> int:
        """How much of the past is shown."""
        return self.model.viewport.span_ns

    @property
    def follow(self) -> bool:
        """Whether now is kept in place."""
        return self.model.viewport.follow

    def set_span(self, span_ns: int, share: float = 0.5) -> None:
        """Show so much of the past; not following, keep what lies at `share` of the width."""
        self.model.viewport.set_span(span_ns, share)
        self.span_changed.emit(self.span_ns / NS)
        self._changed()

    def set_follow(self, follow: bool) -> None:
        """Keep now in place, or leave the view where it is."""
        if follow == self.follow:
            return
        if follow:
            self.model.viewport.rejoin()
        else:
            self.model.viewport.leave(self.frame().view)
        self.follow_changed.emit(follow)
        self._changed()

    # When it paints ----------------------------------------------------------------------

    def touched(self, at_ns: int) -> None:
        """Something was added at this time: if it is already in the picture, paint anew."""
        if self._frame is not None and self.picture.shows(self._frame, at_ns):
            self.picture.forget_past()
        self._news = True

    def advance(self, now_ns: int) -> None:
        """Let time move on; repaints only what changed since the last picture.

        Without news time moves in tenths of a second, which is what the words show.
        """
        model = self.model
        news = self._news and now_ns - model.now_ns >= LEAST_NS
        if not news and now_ns // BEAT_NS == model.now_ns // BEAT_NS:
            return
        model.now_ns = now_ns
        if not self.isVisible():
            return
        old, self._frame = self._frame, self._compose()
        self._news = False
        pointing = model.proposal is not None or model.pointed is not None
        if old != self._frame or pointing:
            self.update()
        else:
            self.update(self._live_part(self._frame))

    def _live_part(self, frame: ChartFrame) -> QRect:
        """Where a picture differs from the one before while the view stands still."""
        left = int(self.picture.first_live_x(frame)) - 1
        if not 0 <= left <= self.width():
            return self.rect()  # nothing of this view is painted yet
        return QRect(left, 0, self.width() - left, self.height())

    def _changed(self) -> None:
        self._frame = None
        self.update()

    def frame(self) -> ChartFrame:
        """What the next picture shows."""
        if self._frame is None:
            self._frame = self._compose()
        return self._frame

    def _compose(self) -> ChartFrame:
        return self.model.frame(self.picture.measures(self._size(), self.devicePixelRatioF()))

    def _size(self) -> QSizeF:
        return QSizeF(self.size())

    # Qt ----------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Copy the past, draw what is live over it."""
        frame = self.frame()
        self.frames += 1
        painter = QPainter(self)
        moved = self.picture.paint(painter, frame, self._size())
        if self.focus_shown and self.hasFocus():
            painter.setPen(QPen(self.picture.pens.faint, 1.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()
        if moved and event.rect() != self.rect():
            self.update()  # a label moved, and its old place may lie outside what was repainted

    def sizeHint(self) -> QSize:
        """As in a window of 1600 by 1000."""
        return QSize(900, 460)

    def minimumSizeHint(self) -> QSize:
        """Small enough for a docked corner."""
        return QSize(280, 160)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out anew."""
        super().resizeEvent(event)
        self.model.viewport.forget_future()
        self._changed()

    def changeEvent(self, event: QEvent) -> None:
        """Follow a new font."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange:
            self._restyle()

    def event(self, event: QEvent) -> bool:
        """Follow a new device pixel ratio."""
        if event.type() is QEvent.Type.DevicePixelRatioChange:
            self._restyle()
        return super().event(event)

    def _restyle(self) -> None:
        self.picture.restyle()
        self._changed()
