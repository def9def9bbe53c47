"""The state of one chart, and what follows from it: what is in view, what is said, what is meant.

Knows sizes of words only as numbers that it is given; who paints and who points stands outside.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from core.market.prices import Side
from core.market.time import NS
from core.orders.state import ParentOrder
from core.wording import times
from gui.chart.model.crosshair import Reading, quote_at, read
from gui.chart.model.frame import ChartFrame, plot_area
from gui.chart.model.order_scene import OrderDrawing, draw_order, waiting
from gui.chart.model.price_drag import Proposal, snapped
from gui.chart.model.scales import TimeView, price_grid, price_text, time_ticks
from gui.chart.model.series import SpreadSeries, to_units
from gui.chart.model.viewport import Viewport

SETTLE_NS = NS // 4  # the newest quotes are drawn live, so that one a little late still counts
NEAR = 9.0  # logical pixels from the pointer at which something is meant by it
GRAB = 6.0  # how near to a line the pointer must be to take it
CROSSHAIR_STEPS = 50  # of a key, over the plot's width
GRID_GAP = 1.8  # lines of text between two grid lines
TIME_GAP = 1.7  # widths of a time between two times
TAG_EDGES = 22  # logical pixels beside the words of a price tag


@dataclass(frozen=True, slots=True)
class Ghost:
    """Where an order of `side` would be priced now, in units, and how that is worded."""

    side: Side
    units: int
    text: str


class TagKind(StrEnum):
    """Whose price a tag on the axis shows; its colour says which."""

    BID = "bid"
    ASK = "ask"
    SELL = "sell"
    BUY = "buy"
    PROPOSAL = "proposal"


_OF_SIDE = {Side.SELL: TagKind.SELL, Side.BUY: TagKind.BUY}


@dataclass(frozen=True, slots=True)
class PriceTag:
    """One price on the axis."""

    units: int
    kind: TagKind

    def text(self, low: int, high: int) -> str:
        """Its words, with an arrow if the price lies outside `low`..`high`."""
        arrow = "↑" if self.units > high else "↓" if self.units < low else ""
        return price_text(self.units) + arrow


@dataclass(frozen=True, slots=True)
class Measures:
    """How large the chart and its words are, logical pixels; `ratio` device pixels in one.

    `deadline_words` is the room kept right of a deadline, `tag_width` tells that of a price.
    """

    width: float
    height: float
    ratio: float
    line_height: float
    deadline_words: float
    tag_width: Callable[[str], float]


class ChartViewModel:
    """One symbol's quotes and orders, and how they are looked at. `pointed` is logical pixels."""

    def __init__(self) -> None:
        self.series = SpreadSeries()
        self.viewport = Viewport()
        self.now_ns = 0
        self.trades = True  # prints are shown
        self.orders: tuple[ParentOrder, ...] = ()
        self.drawings: tuple[OrderDrawing, ...] = ()
        self.ghosts: tuple[Ghost, ...] = ()
        self.chosen = ""  # the order in hand
        self.proposal: Proposal | None = None
        self.pointed: tuple[float, float] | None = None

    def set_series(self, series: SpreadSeries) -> None:
        """Show another symbol's data."""
        self.series = series
        self.viewport.forget_prices()

    def set_orders(self, orders: tuple[ParentOrder, ...]) -> None:
        """Show these orders, all of the symbol shown."""
        self.orders = orders
        self.drawings = tuple(draw_order(order) for order in orders)

    # What is in view ---------------------------------------------------------------------

    def frame(self, measures: Measures) -> ChartFrame:
        """What a picture of that size shows now."""
        axis = self._axis_width(measures)
        frame = self._frame(measures, axis)
        wider = self._axis_width(measures)  # now that the prices to be shown are known
        return frame if wider == axis else self._frame(measures, wider)

    def _axis_width(self, measures: Measures) -> float:
        """Wide enough for each of its prices and tags."""
        low, high = self.viewport.shown
        texts = [price_text(high), *(tag.text(low, high) for tag in self.tags())]
        return max(measures.tag_width(text) for text in texts) + TAG_EDGES

    def _frame(self, measures: Measures, axis: float) -> ChartFrame:
        ratio = measures.ratio
        plot = plot_area(measures.width - axis, measures.height, measures.line_height, ratio)
        pixels, height = round(plot.width * ratio), round(plot.height * ratio)
        words = measures.deadline_words * ratio
        view = self.viewport.time(self.now_ns, max(pixels, 1), self._time_left(), words)
        columns = self.series.columns(view.width_ns, view.start_ns, view.stop_ns)
        scale, tick = self.viewport.prices(columns, view, self._prices(view), height)
        return ChartFrame(view, scale, plot, ratio, tick)

    def _time_left(self) -> list[int]:
        """Time left to the end of each step that counts down."""
        return [end.at_ns - self.now_ns for order in self.drawings for end in order.step_ends]

    def _prices(self, view: TimeView) -> list[int]:
        """Prices of orders in view. A ghost lies between bid and ask, which are in view anyway."""
        return [
            units
            for drawing in self.drawings
            if drawing.start_ns < view.stop_ns
            and (drawing.end_ns is None or drawing.end_ns > view.start_ns)
            for units in drawing.prices
        ]

    def orders_in_view(self, view: TimeView) -> list[tuple[OrderDrawing, tuple[str, str]]]:
        """Drawings and what each waits for; working ones first: their words get the best places."""
        shown = [
            (drawing, waiting(order, self.now_ns))
            for drawing, order in zip(self.drawings, self.orders, strict=True)
            if self._in_view(drawing, view)
        ]
        return sorted(shown, key=lambda pair: pair[0].final)

    def _in_view(self, drawing: OrderDrawing, view: TimeView) -> bool:
        end = drawing.end_ns if drawing.final and drawing.end_ns is not None else self.now_ns
        return end >= view.start_ns and drawing.start_ns < view.stop_ns

    def now_column(self, view: TimeView) -> int:
        """The first column that lies in the future, at least the view's first."""
        return min(max(self.now_ns // view.width_ns + 1, view.first), view.first + view.count)

    def settled_column(self, view: TimeView) -> int:
        """The column up to which no late quote is waited for any more."""
        return min((self.now_ns - SETTLE_NS) // view.width_ns, view.first + view.count)

    # The axes ----------------------------------------------------------------------------

    def tags(self) -> list[PriceTag]:
        """Bid, ask, the limits that may still fill, and a price being chosen."""
        tags: list[PriceTag] = []
        if self.series.quotes.shape[1]:
            _at, bid, ask = (int(value) for value in self.series.quotes[:, -1])
            low, high = self.viewport.shown
            fixed = self.viewport.prices_fixed  # then an arrow says where the market is
            for units, kind in ((ask, TagKind.ASK), (bid, TagKind.BID)):
                if low <= units <= high or (fixed and units):
                    tags.append(PriceTag(units, kind))
        for drawing in self.drawings:
            tags += [PriceTag(line.units, _OF_SIDE[drawing.side]) for line in drawing.live]
        if self.proposal is not None:
            tags.append(PriceTag(self.proposal.move.units, TagKind.PROPOSAL))
        return tags

    def price_grid(self, frame: ChartFrame, line_height: float) -> range:
        """The legal prices of the grid lines."""
        most = frame.plot.height / (line_height * GRID_GAP)
        return price_grid(frame.scale.low, frame.scale.high, frame.tick, most)

    def time_labels(self, frame: ChartFrame, width: float) -> list[tuple[int, str]]:
        """Times of the market's own zone, of which each is `width` logical pixels wide."""
        at = datetime.fromtimestamp(frame.view.start_ns / NS, times.MARKET_ZONE)
        offset = int((at.utcoffset() or timedelta()).total_seconds()) * NS
        ticks = time_ticks(frame.view, width * TIME_GAP * frame.ratio, offset)
        return [(t, times.clock_time(t, millis=False)) for t in ticks]

    # What is pointed at ------------------------------------------------------------------

    def reading(self, frame: ChartFrame) -> Reading | None:
        """What stands at the place pointed at; None outside the plot."""
        if self.pointed is None or not frame.plot.contains(*self.pointed):
            return None
        x, y = self.pointed
        near_x = round(NEAR * frame.ratio * frame.view.width_ns)
        near_y = max(round(NEAR * frame.units_per_pixel), frame.tick // 2)
        where = frame.time(x), to_units(snapped(frame.units(y)))
        return read(self.series, self.drawings, where, (near_x, near_y), self.now_ns)

    def crosshair_moved(self, frame: ChartFrame, right: int, up: int) -> tuple[float, float]:
        """The place so many steps of the width and ticks further; it begins at now."""
        x, y = self.pointed or self._now_in_the_middle(frame)
        x += right * frame.plot.width / CROSSHAIR_STEPS
        y -= up * frame.tick / frame.units_per_pixel
        return frame.plot.nearest(x, y)

    def _now_in_the_middle(self, frame: ChartFrame) -> tuple[float, float]:
        bid, ask = quote_at(self.series, self.now_ns)
        units = (bid + ask) // 2 if bid and ask else (frame.scale.low + frame.scale.high) // 2
        return frame.x(self.now_ns), frame.y(units)

    def line_at(self, frame: ChartFrame, x: float, y: float) -> OrderDrawing | None:
        """The order whose line, or the bar after it, lies under a place; the nearest of several."""
        near = []
        for drawing in self.drawings:
            end = max([self.now_ns, *(end.at_ns for end in drawing.step_ends)])
            right = min(frame.x(end) + 2 * GRAB, frame.plot.right)
            for line in drawing.live:
                apart = abs(frame.y(line.units) - y)
                if frame.x(line.start_ns) - GRAB <= x <= right and apart <= GRAB:
                    near.append((apart, drawing))
        return min(near, key=lambda pair: pair[0])[1] if near else None

    def order_in_hand(self) -> OrderDrawing | None:
        """The order that keys are about: the one chosen, else the newest at work."""
        live = [drawing for drawing in self.drawings if drawing.live and not drawing.final]
        chosen = [drawing for drawing in live if drawing.id == self.chosen]
        return next(iter(chosen or live[::-1]), None)
