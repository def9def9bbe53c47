"""The drawing surface of the spread chart: what is in view, what is drawn, when to repaint.

A plain QWidget. The past is a picture kept by `gui.chart.painting.past_strip`; each frame
copies it and draws only the last quarter of a second, the orders and the axes.
Owns no timer: `advance` is called by the window's one animation clock.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.market.prices import Side
from core.market.time import NS
from core.orders.state import ParentOrder
from core.wording import times
from gui.chart.frame import ChartFrame, plot_area
from gui.chart.model.crosshair import Reading, read
from gui.chart.model.order_scene import OrderDrawing, draw_order, waiting
from gui.chart.model.price_drag import Proposal, snapped
from gui.chart.model.scales import (
    TimeView,
    price_grid,
    price_text,
    time_ticks,
)
from gui.chart.model.series import SpreadSeries, to_units
from gui.chart.model.viewport import Viewport
from gui.chart.painting import axes, backdrop, crosshair_painting, order_painting
from gui.chart.painting.axes import tag_text
from gui.chart.painting.past_strip import PastStrip
from gui.chart.painting.pens import ChartPens
from gui.chart.painting.plot_layout import LabelPlace, PlotLayout
from gui.chart.painting.spread_painter import SpreadPainter
from gui.style.palette import DARK, Palette

SETTLE_NS = NS // 4  # the newest quotes are drawn live, so that one a little late still counts
BEAT_NS = NS // 10  # how time moves when nothing else does
LEAST_NS = NS // 33  # between two pictures
NEAR = 9.0  # logical pixels from the pointer at which something is meant by it
GRID_GAP = 1.8  # lines of text between two grid lines
TIME_GAP = 1.7  # widths of a time between two times


@dataclass(frozen=True, slots=True)
class Ghost:
    """Where an order of `side` would be priced now, in units, and how that is worded."""

    side: Side
    units: int
    text: str


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
        self.series = SpreadSeries()
        self.now_ns = 0
        self._viewport = Viewport()
        self.trades = True
        self._orders: tuple[ParentOrder, ...] = ()
        self._drawings: tuple[OrderDrawing, ...] = ()
        self._ghosts: tuple[Ghost, ...] = ()
        self._palette_colors = DARK
        self._pens: ChartPens | None = None
        self._item: SpreadPainter | None = None
        self._strip = PastStrip()
        self._frame: ChartFrame | None = None
        self._dirty = True  # something was added since the last picture
        self._label_places: dict[str, LabelPlace] = {}
        self._boxes: dict[str, QRectF] = {}
        self.ringed = False  # the focus came by keyboard
        self._proposal: Proposal | None = None
        self._pointed: QPointF | None = None
        self._chosen = ""
        self.frames = 0

    # What is shown -----------------------------------------------------------------------

    def set_colors(self, palette: Palette) -> None:
        """Draw with these colours."""
        self._palette_colors = palette
        self._restyle()

    def set_series(self, series: SpreadSeries) -> None:
        """Show another symbol's data."""
        self.series = series
        self._viewport.forget_prices()
        self._label_places.clear()
        self._strip.forget()
        self._changed()

    def set_orders(self, orders: tuple[ParentOrder, ...]) -> None:
        """Draw these orders, all of the symbol shown."""
        if orders != self._orders:
            self._orders = orders
            self._drawings = tuple(draw_order(order) for order in orders)
            self._label_places.clear()
            self._changed()

    @property
    def drawings(self) -> tuple[OrderDrawing, ...]:
        """The orders as they are drawn."""
        return self._drawings

    @property
    def ghosts(self) -> tuple[Ghost, ...]:
        """The dotted lines that are drawn."""
        return self._ghosts

    def set_ghosts(self, ghosts: tuple[Ghost, ...]) -> None:
        """Draw these dotted lines right of now."""
        if ghosts != self._ghosts:
            self._ghosts = ghosts
            self._dirty = True

    def choose(self, order_id: str) -> None:
        """Draw this order as the one in hand; empty for none."""
        if order_id != self._chosen:
            self._chosen = order_id
            self._changed()

    def propose(self, proposal: Proposal | None) -> None:
        """Draw a price being chosen; None when none is any more."""
        if proposal != self._proposal:
            self._proposal = proposal
            self._changed()

    def point(self, at: QPointF | None) -> None:
        """Read the chart at this place, logical pixels; None for nowhere."""
        if at != self._pointed:
            self._pointed = at
            self.update()

    @property
    def pointed(self) -> QPointF | None:
        """The place that is read."""
        return self._pointed

    def reading(self) -> Reading | None:
        """What stands at the place pointed at; None outside the plot."""
        frame, at = self.frame(), self._pointed
        if at is None or not frame.plot.contains(at):
            return None
        units = to_units(snapped(frame.units(at.y())))
        near_x = round(NEAR * frame.ratio * frame.view.width_ns)
        near_y = max(round(NEAR * frame.units_per_pixel), frame.tick // 2)
        where = frame.time(at.x()), units
        return read(self.series, self._drawings, where, (near_x, near_y), self.now_ns)

    def set_trades(self, shown: bool) -> None:
        """Show or hide prints."""
        self.trades = shown
        self._changed()

    @property
    def span_ns(self) -> int:
        """How much of the past is shown."""
        return self._viewport.span_ns

    @property
    def follow(self) -> bool:
        """Whether now is kept in place."""
        return self._viewport.follow

    def set_span(self, span_ns: int, share: float = 0.5) -> None:
        """Show so much of the past; not following, keep what lies at `share` of the width."""
        self._viewport.set_span(span_ns, share)
        self.span_changed.emit(self.span_ns / NS)
        self._changed()

    def set_follow(self, follow: bool) -> None:
        """Keep now in place, or leave the view where it is."""
        if follow == self.follow:
            return
        if follow:
            self._viewport.rejoin()
        else:
            self._viewport.leave(self.frame().view)
        self.follow_changed.emit(follow)
        self._changed()

    def touched(self, at_ns: int) -> None:
        """Something was added at this time: if it is already in the picture, paint anew."""
        frame = self._frame
        if frame is not None and at_ns // frame.view.width_ns < self._strip.painted:
            self._strip.forget()
        self._dirty = True

    def advance(self, now_ns: int) -> None:
        """Let time move on; repaints only what changed since the last picture.

        Without news time moves in tenths of a second, which is what the words show.
        """
        news = self._dirty and now_ns - self.now_ns >= LEAST_NS
        if not news and now_ns // BEAT_NS == self.now_ns // BEAT_NS:
            return
        self.now_ns = now_ns
        if not self.isVisible():
            return
        old, self._frame = self._frame, self._compose()
        self._dirty = False
        pointing = self._proposal is not None or self._pointed is not None
        if old != self._frame or pointing:
            self.update()
        else:
            self.update(self._live_part(self._frame))

    def _said(self) -> tuple[tuple[str, str], ...]:
        return tuple(waiting(order, self.now_ns) for order in self._orders)

    def _live_part(self, frame: ChartFrame) -> QRect:
        """Where a picture differs from the one before while the view stands still."""
        live = self._strip.settled(self._spread(frame.ratio)) - frame.view.first
        left = int(frame.plot.left() + live / frame.ratio) - 1
        if not 0 <= left <= self.width():
            return self.rect()  # nothing of this view is painted yet
        return QRect(left, 0, self.width() - left, self.height())

    def _changed(self) -> None:
        self._frame = None
        self.update()

    def label_boxes(self) -> dict[str, QRectF]:
        """Where the words of the last picture lie, logical pixels, by the label's name."""
        return dict(self._boxes)

    # What is in view ---------------------------------------------------------------------

    def frame(self) -> ChartFrame:
        """What the next picture shows."""
        if self._frame is None:
            self._frame = self._compose()
        return self._frame

    def _compose(self) -> ChartFrame:
        axis = self._axis()
        frame = self._composed(axis)
        wider = self._axis()  # now that the prices to be shown are known
        return frame if wider == axis else self._composed(wider)

    def _axis(self) -> float:
        """Width of the price axis, wide enough for each of its prices and tags."""
        pens, (low, high) = self._look(), self._viewport.shown
        texts = [price_text(high), *(tag_text(units, low, high) for units, _ in self._tags(pens))]
        return max(pens.width(text, strong=True) for text in texts) + 22

    def _composed(self, axis: float) -> ChartFrame:
        pens, ratio = self._look(), self.devicePixelRatioF()
        plot = plot_area(self.width() - axis, self.height(), pens.metrics.height(), ratio)
        pixels, height = round(plot.width() * ratio), round(plot.height() * ratio)
        room = pens.words_width * ratio
        view = self._viewport.time(self.now_ns, max(pixels, 1), self._left(), room)
        columns = self.series.columns(view.width_ns, view.start_ns, view.stop_ns)
        scale, tick = self._viewport.prices(columns, view, self._prices(view), height)
        return ChartFrame(view, scale, plot, ratio, tick)

    def _left(self) -> list[int]:
        """Time left to the end of each step that counts down."""
        return [due.at_ns - self.now_ns for drawing in self._drawings for due in drawing.dues]

    def _prices(self, view: TimeView) -> list[int]:
        """Prices of orders in view. A ghost lies between bid and ask, which are in view anyway."""
        return [
            units
            for drawing in self._drawings
            if drawing.start_ns < view.stop_ns
            and (drawing.end_ns is None or drawing.end_ns > view.start_ns)
            for units in drawing.prices
        ]

    # Painting ----------------------------------------------------------------------------

    def _look(self) -> ChartPens:
        if self._pens is None:
            self._pens = ChartPens(self._palette_colors, self.font())
        return self._pens

    def _spread(self, ratio: float) -> SpreadPainter:
        if self._item is None:
            self._item = SpreadPainter(self._palette_colors, ratio)
        return self._item

    def _restyle(self) -> None:
        self._pens = self._item = None
        self._strip.forget()
        self._changed()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Copy the past, draw what is live over it."""
        frame, pens = self.frame(), self._look()
        self.frames += 1
        painter = QPainter(self)
        for edge in frame.edges(self.width(), self.height()):
            painter.fillRect(edge, pens.panel)
        layout = self._plot_layout(frame)
        chosen = dict(self._label_places)
        grid = self._grid(frame, pens)
        painter.save()
        painter.setClipRect(frame.plot, Qt.ClipOperation.IntersectClip)
        self._paint_past(painter, frame, grid, pens)
        backdrop.paint_gaps(painter, pens, layout, self.series.gaps)
        backdrop.paint_future(painter, pens, layout)
        self._paint_orders(painter, pens, layout)
        self._paint_over(painter, pens, layout)
        painter.restore()
        axes.paint_prices(painter, pens, layout, grid, self._tags(pens))
        axes.paint_times(painter, pens, layout, self._times(frame, pens))
        if self.ringed and self.hasFocus():
            painter.setPen(QPen(pens.faint, 1.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()
        self._boxes = layout.boxes
        for gone in self._label_places.keys() - layout.boxes.keys():
            del self._label_places[gone]
        if chosen != self._label_places and event.rect() != self.rect():
            self.update()  # a label moved, and its old place may lie outside what was repainted

    def _plot_layout(self, frame: ChartFrame) -> PlotLayout:
        view = frame.view
        columns = self.series.columns(view.width_ns, view.start_ns, view.stop_ns)
        return PlotLayout(
            plot=frame.plot,
            view=view,
            scale=frame.scale,
            ratio=frame.ratio,
            now_ns=self.now_ns,
            crossed=lambda box: frame.crosses(columns, box, self.now_ns),
            memory=self._label_places,
        )

    def _paint_past(
        self, painter: QPainter, frame: ChartFrame, grid: range, pens: ChartPens
    ) -> None:
        """Everything up to now, in device pixels, and the ground of the future."""
        item, view, scale = self._spread(frame.ratio), frame.view, frame.scale
        stop = view.first + view.count
        now = min(max(self.now_ns // view.width_ns + 1, view.first), stop)
        settled = min((self.now_ns - SETTLE_NS) // view.width_ns, stop)
        key = (view.width_ns, view.count, scale, self.trades, self.series.revision)
        self._strip.prepare(key, item, self.series, view, settled, scale, grid, self.trades)
        live = min(max(self._strip.settled(item), view.first), now)
        painter.save()
        painter.scale(1 / frame.ratio, 1 / frame.ratio)
        left, top = frame.plot.left() * frame.ratio, frame.plot.top() * frame.ratio
        painter.translate(round(left), round(top))
        painter.fillRect(now - view.first, 0, stop - now, scale.height, pens.future)
        item.lines(painter, now - view.first, stop - now, scale, grid)
        self._strip.show(painter, 0, 0, view.first, live)
        if live < now:
            painter.translate(live - view.first, 0)
            item.columns(painter, self.series, view, live, now, scale, grid, self.trades)
        painter.restore()

    def _paint_orders(self, painter: QPainter, pens: ChartPens, layout: PlotLayout) -> None:
        if self._proposal is not None:  # words keep clear of the line that will be drawn
            y = layout.y(self._proposal.move.units)
            layout.lines.append(QRectF(layout.plot.left(), y - 2, layout.plot.width(), 4))
        for ghost in self._ghosts:
            backdrop.paint_ghost(painter, pens, layout, ghost.side, ghost.units, ghost.text)
        # Working orders first: their words get the best places.
        shown = sorted(
            (
                (drawing, text)
                for drawing, text in zip(self._drawings, self._said(), strict=True)
                if self._in_view(drawing, layout.view)
            ),
            key=lambda pair: pair[0].final,
        )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for drawing, _ in reversed(shown):
            chosen = drawing.id == self._chosen
            order_painting.paint_shapes(painter, pens, layout, drawing, chosen=chosen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for drawing, text in shown:
            order_painting.paint_words(painter, pens, layout, drawing, text)

    def _paint_over(self, painter: QPainter, pens: ChartPens, layout: PlotLayout) -> None:
        """What a person points at. While a price is being chosen nothing else is read."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._proposal is not None:
            crosshair_painting.paint_proposal(painter, pens, layout, self._proposal)
        elif (reading := self.reading()) is not None:
            crosshair_painting.paint_cross(painter, pens, layout, reading)

    def _in_view(self, drawing: OrderDrawing, view: TimeView) -> bool:
        end = drawing.end_ns if drawing.final and drawing.end_ns is not None else self.now_ns
        return end >= view.start_ns and drawing.start_ns < view.stop_ns

    def _grid(self, frame: ChartFrame, pens: ChartPens) -> range:
        room = frame.plot.height() / (pens.metrics.height() * GRID_GAP)
        return price_grid(frame.scale.low, frame.scale.high, frame.tick, room)

    def _tags(self, pens: ChartPens) -> list[tuple[int, QColor]]:
        """Bid, ask and the limits that may still fill, each price once a colour."""
        wanted: list[tuple[int, QColor]] = []
        if self.series.quotes.shape[1]:
            _at, bid, ask = (int(v) for v in self.series.quotes[:, -1])
            sides = ((ask, pens.ask), (bid, pens.bid))
            low, high = self._viewport.shown
            held = self._viewport.prices_held  # then an arrow says where the market is
            wanted += [(u, color) for u, color in sides if low <= u <= high or (held and u)]
        wanted += [(line.units, pens.side(d.side)) for d in self._drawings for line in d.live]
        if self._proposal is not None:
            wanted.append((self._proposal.move.units, pens.text))
        return list({(units, color.name()): (units, color) for units, color in wanted}.values())

    def _times(self, frame: ChartFrame, pens: ChartPens) -> list[tuple[int, str]]:
        """Times of the market's own zone."""
        at = datetime.fromtimestamp(frame.view.start_ns / NS, times.MARKET_ZONE)
        offset = int((at.utcoffset() or timedelta()).total_seconds()) * NS
        apart = pens.width("00:00:00") * TIME_GAP * frame.ratio
        ticks = time_ticks(frame.view, apart, offset)
        return [(t, times.clock_time(t, millis=False)) for t in ticks]

    # Qt ----------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """As in a window of 1600 by 1000."""
        return QSize(900, 460)

    def minimumSizeHint(self) -> QSize:
        """Small enough for a docked corner."""
        return QSize(280, 160)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out anew."""
        super().resizeEvent(event)
        self._viewport.forget_future()
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
