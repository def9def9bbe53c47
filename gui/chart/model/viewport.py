"""Which time and which prices the chart shows, and how that changes. Pure: no Qt, no clock."""

from core.market.time import NS
from gui.chart.model.scales import (
    PriceScale,
    TimeView,
    follow_view,
    future_ns,
    needed_range,
    settle_range,
    tick_units,
)
from gui.chart.model.series import Columns

SHORTEST_NS, LONGEST_NS = 5 * NS, 3600 * NS
MOST_WORDS = 0.4  # of the width, kept free right of a deadline
FEWEST_TICKS = 4  # on the price axis
WIDEST = 2  # the price axis shows at most so many times the price itself
UNKNOWN_TICK = 100  # a cent, until a price is known


class Viewport:
    """Follows now with `span_ns` of past, or stays where it was left; holds the price range."""

    def __init__(self) -> None:
        self.span_ns = 40 * NS
        self.follow = True
        self._start_ns = self._length_ns = 0  # while not following
        self._future_ns = 0
        self._range: tuple[int, int] | None = None
        self.prices_fixed = False  # as a person left them, or while a price is being chosen

    @property
    def shown(self) -> tuple[int, int]:
        """Lowest and highest price shown, units."""
        return self._range or (0, 100 * UNKNOWN_TICK)

    def set_span(self, span_ns: int, share: float = 0.5) -> None:
        """Show so much of the past; not following, keep what lies at `share` of the width."""
        before, self.span_ns = self.span_ns, min(max(span_ns, SHORTEST_NS), LONGEST_NS)
        self._future_ns = 0
        if not self.follow:
            grown = round(self._length_ns * (self.span_ns / before - 1))
            self._length_ns += grown
            self._start_ns -= round(grown * share)

    def leave(self, view: TimeView) -> None:
        """Stop following and stay at `view`."""
        self.follow = False
        self._start_ns, self._length_ns = view.start_ns, view.count * view.width_ns

    def rejoin(self) -> None:
        """Follow now again."""
        self.follow = True

    def move_to(self, start_ns: int) -> None:
        """Put the left edge at this time; only while not following."""
        self._start_ns = start_ns

    def forget_future(self) -> None:
        """Let the future be measured anew."""
        self._future_ns = 0

    def forget_prices(self) -> None:
        """Let the price range be measured anew, as for another symbol."""
        self._range = None
        self.prices_fixed = False

    def zoom_prices(self, factor: float, about: int, tick: int) -> None:
        """Show `factor` times as many prices and keep `about` in its place, until it is reset."""
        low, high = self.shown
        factor = max(factor, FEWEST_TICKS * tick / max(high - low, 1))
        top, bottom = about + round((high - about) * factor), about - round((about - low) * factor)
        if top - bottom <= WIDEST * max(about, tick):
            self._range, self.prices_fixed = (max(bottom, 0), top), True

    def shift_prices(self, units: int) -> None:
        """Move the fixed prices up by so much."""
        low, high = self.shown
        if self.prices_fixed and low + units >= 0:
            self._range = low + units, high + units

    def time(self, now_ns: int, pixels: int, deadlines_left: list[int], words: float) -> TimeView:
        """The time to show on `pixels` columns; `words` is how wide an order's words are."""
        if not self.follow:
            width = max(1, self._length_ns // pixels)
            return TimeView(width, self._start_ns // width, pixels)
        share = min(words / pixels, MOST_WORDS)
        self._future_ns = future_ns(self.span_ns, deadlines_left, share, self._future_ns)
        return follow_view(now_ns, self.span_ns, self._future_ns, pixels)

    def prices(
        self, columns: Columns, view: TimeView, others: list[int], height: int
    ) -> tuple[PriceScale, int]:
        """The prices to show on `height` pixels, and the legal step there."""
        need = needed_range(columns, view, others)
        tick = UNKNOWN_TICK if need is None else tick_units(need[0])
        if need is not None and not (self.prices_fixed and self._range):
            self._range = settle_range(self._range, need, tick)
        return PriceScale(*self.shown, max(height, 1)), tick
