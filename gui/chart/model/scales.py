"""Where time and price lie on the chart: scales, ticks, ranges, shapes of the spread, labels.

Pure numbers in device pixels; no Qt. Times are nanoseconds, prices units of
`gui.chart.model.series`. Only pixels are floats.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.market.prices import increment
from core.market.time import NS
from core.wording import numbers
from gui.chart.model.series import NO_PRICE, UNITS, Columns, Ints, SideColumns, to_price

Floats = NDArray[np.float64]

TIME_STEPS = tuple(s * NS for s in (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600))
GRID_STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
MARGIN_TICKS = 4  # room kept above the ask and below the bid
FAR = 20  # a quote further than 1/FAR of the middle away does not stretch the chart
BLOCK = 32  # columns whose fill is joined
STRETCH = 2  # an order may stretch it to so many of its own heights
LOOSE = 1.8  # how much taller than needed the range may get before it tightens


def tick_units(price: int) -> int:
    """The legal step at `price`, in units."""
    return int(increment(to_price(price)) * UNITS)


def price_text(units: int) -> str:
    """A price as people write it."""
    return numbers.price(to_price(units))


@dataclass(frozen=True, slots=True)
class TimeView:
    """What part of time is shown: `count` columns of `width_ns` from column `first` on."""

    width_ns: int
    first: int
    count: int

    @property
    def start_ns(self) -> int:
        """Time at the left edge."""
        return self.first * self.width_ns

    @property
    def stop_ns(self) -> int:
        """Time at the right edge."""
        return (self.first + self.count) * self.width_ns

    def x(self, at_ns: int) -> float:
        """Device pixels from the left edge."""
        return (at_ns - self.start_ns) / self.width_ns

    def column(self, at_ns: int) -> int:
        """The column that holds this time."""
        return at_ns // self.width_ns


def follow_view(now_ns: int, past_ns: int, future_ns: int, pixels: int) -> TimeView:
    """The view that keeps `now` at its place, moving in steps of about 1/400 of its past.

    A step is a second at most, or a single column where that is longer.
    """
    width = max(1, (past_ns + future_ns) // max(pixels, 1))
    step = max(1, min(past_ns // 400, NS) // width)
    stop = -(-(now_ns + future_ns) // width)
    return TimeView(width, -(-stop // step) * step - pixels, pixels)


def future_ns(span_ns: int, deadlines_left: list[int], share: float, shown_ns: int) -> int:
    """How much future to show: a quarter of the view, and room for every deadline and its words.

    `share` is the part of the view's width that the words right of a deadline
    need; `shown_ns` what is shown now: it grows at once and stays while anything
    counts down, so that the picture does not creep. At most as much as `span_ns`;
    a deadline beyond that is an arrow at the edge and asks for no room.
    """
    near = [left for left in deadlines_left if left <= span_ns]
    step = max(1, span_ns // 6)
    wanted = max([span_ns // 3, *(int((t + share * span_ns) / (1 - share)) for t in near)])
    wanted = min(-(-wanted // step) * step, span_ns)
    return min(max(wanted, shown_ns), span_ns) if near else wanted


@dataclass(frozen=True, slots=True)
class PriceScale:
    """Prices `low`..`high` on `height` device pixels, high on top."""

    low: int
    high: int
    height: int

    def y(self, units: int | Floats | Ints) -> Floats:
        """Device pixels from the top edge, at most one height outside it."""
        y = (self.high - np.asarray(units, np.float64)) * (self.height / (self.high - self.low))
        return np.clip(y, -self.height, 2.0 * self.height)

    def at(self, units: int) -> float:
        """Device pixels from the top edge for one price."""
        return (self.high - units) * self.height / (self.high - self.low)


def needed_range(columns: Columns, view: TimeView, others: list[int]) -> tuple[int, int] | None:
    """Lowest and highest price that must be seen, without the odd far quote; None: nothing known.

    `others` are prices of orders, which count unless they are far away.
    """
    first = max(int(np.searchsorted(columns.index, view.first, "left")) - 1, 0)
    bids, asks = columns.bid.high[first:], columns.ask.low[first:]
    closes = (columns.bid.close[first:], columns.ask.close[first:])
    seen = np.concatenate((bids, asks, *closes))
    seen = seen[(seen > NO_PRICE) & (seen < np.iinfo(np.int64).max)]
    if not len(seen):
        return (min(others), max(others)) if others else None
    middle = int(np.median(seen))
    seen = seen[np.abs(seen - middle) <= middle // FAR + 1]
    low, high = int(seen.min()), int(seen.max())
    near = max(STRETCH * (high - low), 4 * MARGIN_TICKS * tick_units(low))
    kept = [price for price in others if low - near <= price <= high + near]
    return min([low, *kept]), max([high, *kept])


def settle_range(
    shown: tuple[int, int] | None, need: tuple[int, int], tick: int
) -> tuple[int, int]:
    """The range to show: the one shown while it still suits, so that the chart does not jitter."""
    room = MARGIN_TICKS * tick
    low, high = need[0] - room, need[1] + room
    if shown is not None:
        # Half the margin may be used up before the range moves.
        covers = shown[0] <= low + room // 2 and shown[1] >= high - room // 2
        if covers and shown[1] - shown[0] <= LOOSE * (high - low):
            return shown
    slack = (high - low) // 8
    low, high = max(low - slack, 0), high + slack
    return low // tick * tick, -(-high // tick) * tick


def price_grid(low: int, high: int, tick: int, room: float) -> range:
    """Legal prices for grid lines, so many that at most `room` of them fit."""
    ticks = (high - low) / tick
    step = next((s for s in GRID_STEPS if ticks / s <= room), GRID_STEPS[-1]) * tick
    return range(-(-low // step) * step, high + 1, step)


def time_ticks(view: TimeView, pixels: float, offset_ns: int = 0) -> range:
    """Round times (in a zone `offset_ns` ahead) in view, at least `pixels` device pixels apart."""
    least = pixels * view.width_ns
    step = next((s for s in TIME_STEPS if s >= least), TIME_STEPS[-1])
    start = -(-(view.start_ns + offset_ns) // step) * step - offset_ns
    return range(start, view.stop_ns, step)


@dataclass(frozen=True, slots=True)
class SpreadShapes:
    """Rectangles x, y, width, height in device pixels: fill, fill where crossed, both lines."""

    fill: Floats
    crossed: Floats
    bid: Floats
    ask: Floats


def spread_shapes(
    columns: Columns, first: int, stop: int, scale: PriceScale, line: int
) -> SpreadShapes:
    """Shapes of the columns `first`..`stop`, x from `first`; lines are `line` pixels thick.

    A level is carried to the next column in which something was heard, never
    over a break.
    """
    a, b = np.searchsorted(columns.index, (first, stop), "left")
    a, b = max(int(a) - 1, 0), int(b)
    x = np.maximum(columns.index[a:b] - first, 0).astype(np.float64)
    ends = np.append(x[1:], float(stop - first))
    runs = ends - x
    inside = columns.index[a:b] >= first
    bid, ask = columns.bid.close[a:b], columns.ask.close[a:b]
    both = (bid > NO_PRICE) & (ask > NO_PRICE) & (runs > 0)
    top, bottom = np.round(scale.y(ask)), np.round(scale.y(bid))
    fill = np.column_stack((x, top, runs, bottom - top))[both & (bid <= ask)]
    crossed = np.column_stack((x, bottom, runs, top - bottom))[both & (bid > ask)]
    return SpreadShapes(
        _core(fill),
        crossed,
        _line(columns.bid, slice(a, b), x, runs, inside, scale, line),
        _line(columns.ask, slice(a, b), x, runs, inside, scale, line),
    )


def _core(fill: Floats) -> Floats:
    """The same area from fewer tall pieces: what neighbours share becomes one wide rectangle.

    Tall rectangles one column wide are what costs most when the picture is
    painted anew. Neighbours that do not touch are never joined.
    """
    if len(fill) < 2 * BLOCK:
        return fill
    x, top, width, height = fill.T
    bottom, right = top + height, x + width
    apart = np.append(True, x[1:] != right[:-1])
    starts = np.flatnonzero(apart | (np.arange(len(fill)) % BLOCK == 0))
    stops = np.append(starts[1:], len(fill)) - 1
    core_top = np.maximum.reduceat(top, starts)
    core_bottom = np.maximum(np.minimum.reduceat(bottom, starts), core_top)
    cores = np.column_stack((x[starts], core_top, right[stops] - x[starts], core_bottom - core_top))
    counts = stops - starts + 1
    inner_top = np.clip(np.repeat(core_top, counts), top, bottom)
    inner_bottom = np.clip(np.repeat(core_bottom, counts), top, bottom)
    above = np.column_stack((x, top, width, inner_top - top))
    below = np.column_stack((x, inner_bottom, width, bottom - inner_bottom))
    pieces = np.vstack((cores, above, below))
    return pieces[pieces[:, 3] > 0]


def _line(
    side: SideColumns,
    part: slice,
    x: Floats,
    runs: Floats,
    inside: NDArray[np.bool_],
    scale: PriceScale,
    line: int,
) -> Floats:
    """Level runs, and in each column an upright from its lowest to its highest price."""
    low, high, close = side.low[part], side.high[part], side.close[part]
    before = np.append(close[:1] * 0, close[:-1])
    joined = (before > NO_PRICE) & (side.cut[part] == 0)
    low = np.where(joined, np.minimum(low, before), low)
    high = np.where(joined, np.maximum(high, before), high)
    half = line // 2
    level = np.round(scale.y(close)) - half
    shown = (close > NO_PRICE) & (runs > 0)
    flat = np.column_stack((x, level, runs, np.full(len(x), float(line))))[shown]
    top, bottom = np.round(scale.y(high)) - half, np.round(scale.y(low)) - half + line
    # Uprights reach to the left, so that the column painted next does not cover them.
    upright = np.column_stack((x - (line - 1), top, np.full(len(x), float(line)), bottom - top))
    return np.vstack((flat, upright[inside & (side.high[part] > NO_PRICE) & (low < high)]))


def stack(wanted: list[tuple[float, float]], top: float, bottom: float) -> list[float]:
    """Tops for boxes given as (wanted centre, height), so that none overlap, in the same order.

    Boxes that would overlap share the shift; all stay within `top`..`bottom` if they fit.
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i][0])
    groups: list[tuple[float, float, list[int]]] = []  # top, height, members
    for i in order:
        total, members = wanted[i][1], [i]
        start = _clamped(wanted[i][0] - total / 2, total, top, bottom)
        while groups and groups[-1][0] + groups[-1][1] > start:
            _start, over_total, over_members = groups.pop()
            members = over_members + members
            total += over_total
            middle = sum(wanted[m][0] for m in members) / len(members)
            start = _clamped(middle - total / 2, total, top, bottom)
        groups.append((start, total, members))
    tops = [0.0] * len(wanted)
    for start, _total, members in groups:
        for i in members:
            tops[i] = start
            start += wanted[i][1]
    return tops


def _clamped(start: float, height: float, top: float, bottom: float) -> float:
    return max(min(start, bottom - height), top)
