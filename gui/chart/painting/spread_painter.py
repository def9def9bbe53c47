"""Paints columns of the spread: fill, lines, prints and grid of one symbol. Device pixels only."""

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap

from gui.chart.model.scales import PriceScale, TimeView, spread_shapes
from gui.chart.model.series import SpreadSeries
from gui.chart.painting.pyqtgraph_adapter import DotBatch, RectBatch
from gui.style.palette import Palette

SIZES = (0, 400, 2000)  # prints of at least so many shares are drawn with the next larger dot
DOTS_POINTS = (3.6, 5.2, 7.4)  # their diameters, logical pixels
CROSSED_ALPHA = 70
DOT_ALPHA = 165


class SpreadPainter:
    """Paints columns of the spread: the one custom item of the chart."""

    def __init__(self, palette: Palette, ratio: float) -> None:
        self._rects = RectBatch()
        self._dots = DotBatch()
        self._fill = QColor(palette.spread)
        self._crossed = QColor(palette.bad)
        self._crossed.setAlpha(CROSSED_ALPHA)
        self._bid = QColor(palette.bid)
        self._ask = QColor(palette.ask)
        self._panel = QColor(palette.panel)
        self._grid = QColor(palette.grid)
        self.line = max(1, round(1.5 * ratio))
        self.hair = max(1, round(ratio))
        self._dot = tuple(_dot(QColor(palette.trade), d * ratio) for d in DOTS_POINTS)
        self.reach = self._dot[-1].width()  # how far a print reaches over its column
        self.overlap = self.reach + self.line  # columns that what comes next may still touch

    def ground(self, painter: QPainter, x: int, width: int, scale: PriceScale, grid: range) -> None:
        """Panel and grid lines."""
        painter.fillRect(x, 0, width, scale.height, self._panel)
        self.lines(painter, x, width, scale, grid)

    def lines(self, painter: QPainter, x: int, width: int, scale: PriceScale, grid: range) -> None:
        """Grid lines at legal prices."""
        if width > 0:
            rects = np.empty((len(grid), 4))
            rects[:] = (x, 0, width, self.hair)
            rects[:, 1] = np.round(scale.y(np.arange(grid.start, grid.stop, grid.step)))
            self._rects.draw(painter, rects, self._grid)

    def columns(
        self,
        painter: QPainter,
        series: SpreadSeries,
        view: TimeView,
        first: int,
        stop: int,
        scale: PriceScale,
        grid: range,
        trades: bool,
    ) -> None:
        """The columns `first`..`stop`, the first at x = 0, and nothing outside them."""
        painter.setClipRect(0, 0, stop - first, scale.height, Qt.ClipOperation.IntersectClip)
        painter.fillRect(0, 0, stop - first, scale.height, self._panel)
        columns = series.columns(view.width_ns, view.start_ns, view.stop_ns)
        shapes = spread_shapes(columns, first, stop, scale, self.line)
        self._rects.draw(painter, shapes.fill, self._fill)
        self._rects.draw(painter, shapes.crossed, self._crossed)
        self.lines(painter, 0, stop - first, scale, grid)
        self._rects.draw(painter, shapes.bid, self._bid)
        self._rects.draw(painter, shapes.ask, self._ask)
        if trades:
            self._prints(painter, series, view.width_ns, first, stop, scale)

    def _prints(
        self,
        painter: QPainter,
        series: SpreadSeries,
        width_ns: int,
        first: int,
        stop: int,
        scale: PriceScale,
    ) -> None:
        times, prices, sizes = series.trades
        reach = first - self.reach
        a, b = np.searchsorted(times, (reach * width_ns, stop * width_ns), "left")
        if a == b:
            return
        x = times[a:b] // width_ns - reach
        y = scale.y(prices[a:b]).round().astype(np.int64)
        seen = (y >= 0) & (y < scale.height)
        pixel = x * scale.height + y
        classes = np.searchsorted(SIZES, sizes[a:b], "right") - 1
        for size, dot in enumerate(self._dot):
            chosen = seen & (classes == size)
            if chosen.any():
                x, y = np.divmod(np.unique(pixel[chosen]), scale.height)
                places = np.column_stack((x + (reach - first), y)).astype(np.float64)
                self._dots.draw(painter, places, dot)


def _dot(color: QColor, diameter: float) -> QPixmap:
    side = int(diameter) + 2
    dot = QPixmap(side, side)
    dot.fill(Qt.GlobalColor.transparent)
    painter = QPainter(dot)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    color.setAlpha(DOT_ALPHA)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    inset = (side - diameter) / 2
    painter.drawEllipse(QRectF(inset, inset, diameter, diameter))
    painter.end()
    return dot
