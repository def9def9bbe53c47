"""The past as a picture, painted once per column.

The picture is longer than the chart is wide; as time moves, new columns are
painted at its end and the chart shows another part of it. Device pixels only.
"""

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QPainter, QPixmap

from gui.chart.model.scales import PriceScale, TimeView
from gui.chart.model.series import SpreadSeries
from gui.chart.painting.spread_painter import SpreadPainter


class PastStrip:
    """The picture of the past and which columns it holds."""

    def __init__(self) -> None:
        self._pixmap = QPixmap()
        self._key: object = None
        self.first = self.painted = 0

    def forget(self) -> None:
        """Begin anew at the next `prepare`."""
        self._key = None

    def prepare(
        self,
        key: object,
        item: SpreadPainter,
        series: SpreadSeries,
        view: TimeView,
        stop: int,
        scale: PriceScale,
        grid: range,
        trades: bool,
    ) -> None:
        """Make the picture hold the columns from the view's first up to `stop`.

        Anything that changes what is already painted must be part of `key`.
        """
        room = self._pixmap.width()
        if key != self._key or view.first < self.first or stop > self.first + room:
            self._begin(item, view, scale, grid)
            self._key = key
        if stop <= self.painted:
            return
        start = self.settled(item)
        painter = QPainter(self._pixmap)
        painter.translate(start - self.first, 0)
        item.columns(painter, series, view, start, stop, scale, grid, trades)
        painter.end()
        self.painted = stop

    def settled(self, item: SpreadPainter) -> int:
        """The column up to which nothing that comes can change the picture."""
        return max(self.painted - item.overlap, self.first)

    def _begin(self, item: SpreadPainter, view: TimeView, scale: PriceScale, grid: range) -> None:
        width = view.count + view.count // 4 + 64
        if self._pixmap.width() != width or self._pixmap.height() != scale.height:
            self._pixmap = QPixmap(width, scale.height)
        painter = QPainter(self._pixmap)
        item.ground(painter, 0, width, scale, grid)
        painter.end()
        self.first = self.painted = view.first

    def show(self, painter: QPainter, x: int, y: int, first: int, stop: int) -> None:
        """Copy the columns `first`..`stop` to x, y."""
        if stop > first:
            source = QRect(first - self.first, 0, stop - first, self._pixmap.height())
            painter.drawPixmap(QPoint(x, y), self._pixmap, source)
