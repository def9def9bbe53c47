"""Paints one picture of the chart, layer by layer, from its view model.

The past is a picture of its own (`gui.chart.painting.past_strip`); each picture of the chart
copies it and paints only the last quarter of a second, the orders and the axes anew.
"""

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QPainter

from gui.chart.model.frame import ChartFrame
from gui.chart.model.view_model import ChartViewModel, Measures, PriceTag, TagKind
from gui.chart.painting import axes, backdrop, crosshair_painting, order_painting
from gui.chart.painting.past_strip import PastStrip
from gui.chart.painting.pens import ChartPens
from gui.chart.painting.plot_layout import LabelPlace, PlotLayout, plot_box
from gui.chart.painting.spread_painter import SpreadPainter
from gui.style.palette import DARK, Palette


class ChartPicture:
    """Keeps what pictures have in common: pens, the past, and where each label lay."""

    def __init__(self, model: ChartViewModel, font: Callable[[], QFont]) -> None:
        self._model = model
        self._font = font
        self._palette = DARK
        self._pens: ChartPens | None = None
        self._spread: SpreadPainter | None = None
        self._strip = PastStrip()
        self._label_places: dict[str, LabelPlace] = {}
        self.boxes: dict[str, QRectF] = {}  # where the words lie, logical pixels, by label

    # What it keeps -----------------------------------------------------------------------

    def set_colors(self, palette: Palette) -> None:
        """Paint with these colours."""
        self._palette = palette
        self.restyle()

    def restyle(self) -> None:
        """Another font, another device pixel ratio: nothing that was painted holds."""
        self._pens = self._spread = None
        self._strip.forget()

    def forget_past(self) -> None:
        """Paint the past anew."""
        self._strip.forget()

    def forget_labels(self) -> None:
        """Let every label find its best place."""
        self._label_places.clear()

    @property
    def pens(self) -> ChartPens:
        """Colours and fonts as they are now."""
        if self._pens is None:
            self._pens = ChartPens(self._palette, self._font())
        return self._pens

    def _spread_painter(self, ratio: float) -> SpreadPainter:
        if self._spread is None:
            self._spread = SpreadPainter(self._palette, ratio)
        return self._spread

    def measures(self, size: QSizeF, ratio: float) -> Measures:
        """How large a chart of that size and its words are."""
        pens = self.pens
        return Measures(
            width=size.width(),
            height=size.height(),
            ratio=ratio,
            line_height=pens.metrics.height(),
            deadline_words=pens.words_width,
            tag_width=lambda text: pens.width(text, strong=True),
        )

    def shows(self, frame: ChartFrame, at_ns: int) -> bool:
        """Whether this time is already in the picture of the past."""
        return at_ns // frame.view.width_ns < self._strip.painted

    def first_live_x(self, frame: ChartFrame) -> float:
        """The logical x from which on a picture differs from the last while the view stands."""
        live = self._strip.settled(self._spread_painter(frame.ratio)) - frame.view.first
        return frame.plot.left + live / frame.ratio

    # Painting ----------------------------------------------------------------------------

    def paint(self, painter: QPainter, frame: ChartFrame, size: QSizeF) -> bool:
        """Paint everything; returns whether a label moved."""
        pens, model = self.pens, self._model
        _paint_edges(painter, frame, size, pens.panel)
        layout = self._plot_layout(frame)
        before = dict(self._label_places)
        grid = model.price_grid(frame, pens.metrics.height())
        painter.save()
        painter.setClipRect(layout.plot, Qt.ClipOperation.IntersectClip)
        self._paint_past(painter, frame, grid)
        backdrop.paint_gaps(painter, pens, layout, model.series.gaps)
        backdrop.paint_now(painter, pens, layout)
        self._paint_orders(painter, layout)
        self._paint_pointed(painter, frame, layout)
        painter.restore()
        axes.paint_prices(painter, pens, layout, grid, self._coloured(model.tags()))
        times = model.time_labels(frame, pens.width("00:00:00"))
        axes.paint_times(painter, pens, layout, times)
        self.boxes = layout.boxes
        for gone in self._label_places.keys() - layout.boxes.keys():
            del self._label_places[gone]
        return before != self._label_places

    def _plot_layout(self, frame: ChartFrame) -> PlotLayout:
        view, now_ns = frame.view, self._model.now_ns
        columns = self._model.series.columns(view.width_ns, view.start_ns, view.stop_ns)

        def crossed(box: QRectF) -> bool:
            across, down = (box.left(), box.right()), (box.top(), box.bottom())
            return frame.crosses(columns, now_ns, across, down)

        return PlotLayout(
            plot=plot_box(frame.plot),
            view=view,
            scale=frame.scale,
            ratio=frame.ratio,
            now_ns=now_ns,
            crossed=crossed,
            memory=self._label_places,
        )

    def _paint_past(self, painter: QPainter, frame: ChartFrame, grid: range) -> None:
        """Everything up to now, in device pixels, and the ground of the future."""
        spread, model = self._spread_painter(frame.ratio), self._model
        view, scale, trades = frame.view, frame.scale, model.trades
        stop, now = view.first + view.count, model.now_column(view)
        settled = model.settled_column(view)
        key = (view.width_ns, view.count, scale, trades, model.series.revision)
        self._strip.prepare(key, spread, model.series, view, settled, scale, grid, trades)
        live = min(max(self._strip.settled(spread), view.first), now)
        painter.save()
        painter.scale(1 / frame.ratio, 1 / frame.ratio)
        left, top = frame.plot.left * frame.ratio, frame.plot.top * frame.ratio
        painter.translate(round(left), round(top))
        painter.fillRect(now - view.first, 0, stop - now, scale.height, self.pens.future)
        spread.lines(painter, now - view.first, stop - now, scale, grid)
        self._strip.show(painter, 0, 0, view.first, live)
        if live < now:
            painter.translate(live - view.first, 0)
            spread.columns(painter, model.series, view, live, now, scale, grid, trades)
        painter.restore()

    def _paint_orders(self, painter: QPainter, layout: PlotLayout) -> None:
        pens, model = self.pens, self._model
        if model.proposal is not None:  # words keep clear of the line that will be drawn
            y = layout.y(model.proposal.move.units)
            layout.lines.append(QRectF(layout.plot.left(), y - 2, layout.plot.width(), 4))
        for ghost in model.ghosts:
            backdrop.paint_ghost(painter, pens, layout, ghost)
        shown = model.orders_in_view(layout.view)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for drawing, _ in reversed(shown):
            chosen = drawing.id == model.chosen
            order_painting.paint_shapes(painter, pens, layout, drawing, chosen=chosen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for drawing, text in shown:
            order_painting.paint_words(painter, pens, layout, drawing, text)

    def _paint_pointed(self, painter: QPainter, frame: ChartFrame, layout: PlotLayout) -> None:
        """What a person points at. While a price is being chosen nothing else is read."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._model.proposal is not None:
            crosshair_painting.paint_proposal(painter, self.pens, layout, self._model.proposal)
        elif (reading := self._model.reading(frame)) is not None:
            crosshair_painting.paint_cross(painter, self.pens, layout, reading)

    def _coloured(self, tags: list[PriceTag]) -> list[tuple[PriceTag, QColor]]:
        """Each tag with its colour, a price once a colour."""
        pens = self.pens
        colours = {
            TagKind.BID: pens.bid,
            TagKind.ASK: pens.ask,
            TagKind.SELL: pens.sell,
            TagKind.BUY: pens.buy,
            TagKind.PROPOSAL: pens.text,
        }
        found = [(tag, colours[tag.kind]) for tag in tags]
        return list({(tag.units, color.name()): (tag, color) for tag, color in found}.values())


def _paint_edges(painter: QPainter, frame: ChartFrame, size: QSizeF, color: QColor) -> None:
    """What lies around the plot, which paints itself."""
    plot, width, height = frame.plot, size.width(), size.height()
    for edge in (
        QRectF(0, 0, width, plot.top),
        QRectF(0, 0, plot.left, height),
        QRectF(plot.right, 0, width - plot.right, height),
        QRectF(0, plot.bottom, width, height - plot.bottom),
    ):
        painter.fillRect(edge, color)
