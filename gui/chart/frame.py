"""What one picture of the chart shows, and where: its time, its prices, its plot."""

from dataclasses import dataclass

from PySide6.QtCore import QRectF

from gui.chart.model.scales import PriceScale, TimeView
from gui.chart.model.series import Columns


@dataclass(frozen=True, slots=True)
class ChartFrame:
    """What one picture shows. `plot` is logical, the view and the scale device pixels."""

    view: TimeView
    scale: PriceScale
    plot: QRectF
    ratio: float
    tick: int

    @property
    def units_per_pixel(self) -> float:
        """Price units in one logical pixel."""
        return (self.scale.high - self.scale.low) / max(self.plot.height(), 1.0)

    def time(self, x: float) -> int:
        """The time at a logical x."""
        return self.view.start_ns + round((x - self.plot.left()) * self.ratio * self.view.width_ns)

    def units(self, y: float) -> int:
        """The price at a logical y, in units."""
        return round(self.scale.high - (y - self.plot.top()) * self.units_per_pixel)

    def edges(self, width: float, height: float) -> tuple[QRectF, ...]:
        """What lies around the plot, which paints itself, in a widget of this size."""
        plot = self.plot
        return (
            QRectF(0, 0, width, plot.top()),
            QRectF(0, 0, plot.left(), height),
            QRectF(plot.right(), 0, width - plot.right(), height),
            QRectF(0, plot.bottom(), width, height - plot.bottom()),
        )

    def crosses(self, columns: Columns, box: QRectF, now_ns: int) -> bool:
        """Whether the bid's or the ask's line runs through a box of the plot."""
        first = self.view.first + int((box.left() - self.plot.left()) * self.ratio)
        if first > now_ns // self.view.width_ns:
            return False
        last = self.view.first + int((box.right() - self.plot.left()) * self.ratio)
        top = self.scale.high - (box.top() - 2 - self.plot.top()) * self.units_per_pixel
        bottom = self.scale.high - (box.bottom() + 2 - self.plot.top()) * self.units_per_pixel
        return any(
            bottom <= high and low <= top
            for low, high in (columns.extremes(side, first, last) for side in columns.sides)
        )


def plot_area(right: float, bottom: float, line: float, ratio: float) -> QRectF:
    """The plot in logical pixels, its edges on whole device pixels.

    `right` is where the price axis begins, `bottom` the widget's height, `line`
    the height of a line of text: one stands below the plot, half a one above.
    """
    left_px, top_px = round(8 * ratio), round((line / 2 + 2) * ratio)
    right_px, bottom_px = int(right * ratio), int((bottom - line - 8) * ratio)
    return QRectF(
        left_px / ratio,
        top_px / ratio,
        max(right_px - left_px, 1) / ratio,
        max(bottom_px - top_px, 1) / ratio,
    )
