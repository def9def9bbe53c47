"""What one picture of the chart shows, and where: its time, its prices, its plot."""

from dataclasses import dataclass

from gui.chart.model.scales import PriceScale, TimeView
from gui.chart.model.series import Columns


@dataclass(frozen=True, slots=True)
class PlotRect:
    """The plot inside the chart's widget, logical pixels."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Where the price axis begins."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Where the time axis begins."""
        return self.top + self.height

    def contains(self, x: float, y: float) -> bool:
        """Whether a place lies in the plot or on its edge."""
        return self.left <= x <= self.right and self.top <= y <= self.bottom

    def nearest(self, x: float, y: float) -> tuple[float, float]:
        """The place itself, or the one in the plot next to it."""
        right, bottom = self.right - 1, self.bottom - 1
        return min(max(x, self.left), right), min(max(y, self.top), bottom)


@dataclass(frozen=True, slots=True)
class ChartFrame:
    """What one picture shows. `plot` is logical, the view and the scale device pixels.

    `ratio` is device pixels in a logical one, `tick` the legal step of these prices in units.
    """

    view: TimeView
    scale: PriceScale
    plot: PlotRect
    ratio: float
    tick: int

    @property
    def units_per_pixel(self) -> float:
        """Price units in one logical pixel."""
        return (self.scale.high - self.scale.low) / max(self.plot.height, 1.0)

    def time(self, x: float) -> int:
        """The time at a logical x."""
        return self.view.start_ns + round((x - self.plot.left) * self.ratio * self.view.width_ns)

    def units(self, y: float) -> int:
        """The price at a logical y, in units."""
        return round(self.scale.high - (y - self.plot.top) * self.units_per_pixel)

    def x(self, at_ns: int) -> float:
        """The logical x of a time."""
        return self.plot.left + self.view.x(at_ns) / self.ratio

    def y(self, units: int) -> float:
        """The logical y of a price."""
        return self.plot.top + self.scale.at(units) / self.ratio

    def crosses(
        self, columns: Columns, now_ns: int, across: tuple[float, float], down: tuple[float, float]
    ) -> bool:
        """Whether the bid's or the ask's line runs through a box from left to right, top to bottom.

        Both are logical pixels of the plot.
        """
        first = self.view.first + int((across[0] - self.plot.left) * self.ratio)
        if first > now_ns // self.view.width_ns:
            return False
        last = self.view.first + int((across[1] - self.plot.left) * self.ratio)
        top = self.scale.high - (down[0] - 2 - self.plot.top) * self.units_per_pixel
        bottom = self.scale.high - (down[1] + 2 - self.plot.top) * self.units_per_pixel
        return any(
            bottom <= high and low <= top
            for low, high in (columns.extremes(side, first, last) for side in columns.sides)
        )


def plot_area(right: float, bottom: float, line: float, ratio: float) -> PlotRect:
    """The plot in logical pixels, its edges on whole device pixels.

    `right` is where the price axis begins, `bottom` the widget's height, `line`
    the height of a line of text: one stands below the plot, half a one above.
    """
    left_px, top_px = round(8 * ratio), round((line / 2 + 2) * ratio)
    right_px, bottom_px = int(right * ratio), int((bottom - line - 8) * ratio)
    return PlotRect(
        left_px / ratio,
        top_px / ratio,
        max(right_px - left_px, 1) / ratio,
        max(bottom_px - top_px, 1) / ratio,
    )
