"""What the chart remembers of one symbol: quotes, trades, gaps, and their columns.

Whole numbers only: times are nanoseconds on the run's clock, prices are units
of a hundredth of a cent, 0 meaning no price on that side. No Qt, no drawing.
Memory is bounded: beyond the capacity the oldest rows fall out.
"""

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

UNITS = 10_000  # price units in a dollar: the finest legal increment
NO_PRICE = 0
MAX_GAPS = 256
MAX_COLUMNS = 16_384  # more than a screen is wide
COLUMN_MARGIN = 1024  # columns before the view, so that a small step back costs nothing
_NONE_LOW = int(np.iinfo(np.int64).max)

Ints = NDArray[np.int64]


def to_units(price: Decimal) -> int:
    """`price` in dollars as whole units, to the nearest; NO_PRICE unless positive and finite."""
    if not price.is_finite() or price <= 0:
        return NO_PRICE
    return round(price * UNITS)


def to_price(units: int) -> Decimal:
    """`units` as dollars."""
    return Decimal(units) / UNITS


class Ring:
    """Rows of whole numbers in time order, in contiguous memory that never exceeds a bound."""

    def __init__(self, fields: int, capacity: int) -> None:
        self.capacity = capacity
        self._data: Ints = np.zeros((fields, min(256, 2 * capacity)), np.int64)
        self._start = self._end = 0
        self.dropped = 0  # rows that fell out since the beginning

    def __len__(self) -> int:
        return self._end - self._start

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return self._data.nbytes

    @property
    def rows(self) -> Ints:
        """A view of what is held, one line a field, oldest first."""
        return self._data[:, self._start : self._end]

    def append(self, row: tuple[int, ...]) -> None:
        """Add the newest row."""
        self._room(1)
        self._data[:, self._end] = row
        self._end += 1

    def extend(self, rows: Ints) -> None:
        """Add many rows, one line a field."""
        self.dropped += max(rows.shape[1] - self.capacity, 0)
        rows = rows[:, -self.capacity :]
        count = rows.shape[1]
        self._room(count)
        self._data[:, self._end : self._end + count] = rows
        self._end += count

    def insert(self, place: int, row: tuple[int, ...]) -> None:
        """Put a row before the one at `place`, counted from the oldest held."""
        rows = self.rows.copy()
        column = np.array(row, np.int64)[:, None]
        self._end = self._start
        self.extend(np.hstack((rows[:, :place], column, rows[:, place:])))

    def _room(self, count: int) -> None:
        over = len(self) + count - self.capacity
        if over > 0:
            self._start += over
            self.dropped += over
        size = self._data.shape[1]
        if self._end + count <= size:
            return
        count_before = len(self)
        while count_before + count > size // 2 and size < 2 * self.capacity:
            size = min(size * 2, 2 * self.capacity)
        fresh = np.zeros((self._data.shape[0], size), np.int64)
        fresh[:, :count_before] = self.rows
        self._data, self._start, self._end = fresh, 0, count_before


@dataclass(frozen=True, slots=True)
class SideColumns:
    """One side of the market by column: extremes seen in it, the last price, and breaks.

    `high` 0 means no price in that column; `close` 0 that the side ends there
    without a price; `cut` that it was without one at some time within.
    """

    low: Ints
    high: Ints
    close: Ints
    cut: Ints


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns of time in which something was heard; `index` counts them from time zero."""

    index: Ints
    bid: SideColumns
    ask: SideColumns

    @property
    def sides(self) -> tuple[SideColumns, SideColumns]:
        """Bid and ask."""
        return self.bid, self.ask

    def extremes(self, side: SideColumns, first: int, last: int) -> tuple[int, int]:
        """Lowest and highest price `side` had in columns `first`..`last`; (1, 0) if none."""
        a, b = np.searchsorted(self.index, (first, last + 1), "left")
        low, high = _NONE_LOW, NO_PRICE
        if a < b:
            low, high = int(side.low[a:b].min()), int(side.high[a:b].max())
        carried = int(side.close[a - 1]) if a > 0 else NO_PRICE
        if carried > NO_PRICE:
            low, high = min(low, carried), max(high, carried)
        return (low, high) if high > NO_PRICE else (1, 0)

    @staticmethod
    def of(rows: Ints) -> "Columns":
        """Name the lines of a nine-line array."""
        return Columns(rows[0], SideColumns(*rows[1:5]), SideColumns(*rows[5:9]))


def fold(times: Ints, bids: Ints, asks: Ints, width_ns: int) -> Ints:
    """Columns of `width_ns` for rows in time order, as the nine lines of `Columns.of`."""
    if not len(times):
        return np.zeros((9, 0), np.int64)
    index = times // width_ns
    first = np.flatnonzero(np.diff(index, prepend=index[0] - 1))
    last = np.append(first[1:], len(index)) - 1
    return np.vstack((index[first], *_fold_side(bids, first, last), *_fold_side(asks, first, last)))


def _fold_side(prices: Ints, first: Ints, last: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    low = np.minimum.reduceat(np.where(prices > NO_PRICE, prices, _NONE_LOW), first)
    high = np.maximum.reduceat(prices, first)
    cut = np.maximum.reduceat((prices == NO_PRICE).astype(np.int64), first)
    return low, high, prices[last], cut


@dataclass(frozen=True, slots=True)
class Gap:
    """Data were lost from `start_ns` to `end_ns`; None: still are."""

    start_ns: int
    end_ns: int | None


class SpreadSeries:
    """Quotes, trades and gaps of one symbol, and columns that grow with them.

    `revision` changes when something already drawn may look different.
    """

    def __init__(self, capacity: int = 131_072, trade_capacity: int = 65_536) -> None:
        self._quotes = Ring(3, capacity)
        self._trades = Ring(3, trade_capacity)
        self._columns = Ring(9, MAX_COLUMNS)
        self._width_ns = 0
        self._base_ns = 0
        self._folded = 0  # rows folded into columns, counted since the beginning
        self.gaps: list[Gap] = []
        self.revision = 0

    @property
    def nbytes(self) -> int:
        """Bytes held in arrays."""
        return self._quotes.nbytes + self._trades.nbytes + self._columns.nbytes

    @property
    def quotes(self) -> Ints:
        """Lines: time, bid, ask."""
        return self._quotes.rows

    @property
    def trades(self) -> Ints:
        """Lines: time, price, whole shares."""
        return self._trades.rows

    def add_quote(self, at_ns: int, bid: int, ask: int) -> int:
        """Add the newest quote, units; it is never drawn before the one it follows.

        Returns the time at which it stands.
        """
        at_ns = max(at_ns, self._last_ns())
        if self.gaps and self.gaps[-1].end_ns is None:
            self.gaps[-1] = Gap(self.gaps[-1].start_ns, at_ns)
        self._quotes.append((at_ns, bid, ask))
        return at_ns

    def add_trade(self, at_ns: int, price: int, size: int) -> int:
        """Add the newest print, units and shares; returns the time at which it stands."""
        if len(self._trades):
            at_ns = max(at_ns, int(self._trades.rows[0, -1]))
        self._trades.append((at_ns, price, size))
        return at_ns

    def mark_gap(self, start_ns: int, end_ns: int | None) -> None:
        """Data were lost between these times. An open gap ends at its end or the next quote.

        What begins while one is open belongs to that one.
        """
        if self.gaps and self.gaps[-1].end_ns is None and start_ns > self.gaps[-1].start_ns:
            start_ns = self.gaps[-1].start_ns
        for place, gap in enumerate(self.gaps):
            if gap.start_ns == start_ns:
                if gap.end_ns is None and end_ns is not None:
                    self.gaps[place] = Gap(start_ns, end_ns)
                return
        self.gaps = [*self.gaps, Gap(start_ns, end_ns)][-MAX_GAPS:]
        self._break(start_ns)
        if end_ns is not None and self._last_ns() > start_ns:
            self._break(end_ns)  # what came within is true, but not up to the end

    def columns(self, width_ns: int, first_ns: int, stop_ns: int) -> Columns:
        """Quotes by columns of `width_ns`, from the one that holds before `first_ns` on.

        Columns grow with the newest quotes, so a view that follows folds only
        what is new; a view of the past is folded from its own quotes.
        """
        if stop_ns <= self._last_ns():
            return self._past_columns(width_ns, first_ns, stop_ns)
        if width_ns != self._width_ns or first_ns < self._base_ns:
            self._begin(width_ns, first_ns - width_ns * COLUMN_MARGIN)
        self._fold_new()
        return Columns.of(self._columns.rows)

    def _past_columns(self, width_ns: int, first_ns: int, stop_ns: int) -> Columns:
        rows = self._quotes.rows
        first, stop = np.searchsorted(rows[0], (first_ns, stop_ns), "left")
        rows = rows[:, max(int(first) - 1, 0) : int(stop)]
        return Columns.of(fold(rows[0], rows[1], rows[2], width_ns))

    def _begin(self, width_ns: int, base_ns: int) -> None:
        self._columns = Ring(9, MAX_COLUMNS)
        self._width_ns = width_ns
        self._base_ns = base_ns
        start = int(np.searchsorted(self._quotes.rows[0], base_ns, "left"))
        self._folded = self._quotes.dropped + max(start - 1, 0)

    def _fold_new(self) -> None:
        fresh = self._quotes.dropped + len(self._quotes) - self._folded
        if fresh > 0:
            rows = self._quotes.rows[:, -min(fresh, len(self._quotes)) :]
            self._grow(fold(rows[0], rows[1], rows[2], self._width_ns))
            self._folded += fresh

    def _grow(self, new: Ints) -> None:
        columns = self._columns.rows
        if columns.shape[1] and columns[0, -1] == new[0, 0]:
            last, head = columns[:, -1], new[:, 0]
            for low, high, close, cut in ((1, 2, 3, 4), (5, 6, 7, 8)):
                last[low] = min(last[low], head[low])
                last[high] = max(last[high], head[high])
                last[close] = head[close]
                last[cut] |= head[cut]
            new = new[:, 1:]
        self._columns.extend(new)

    def _last_ns(self) -> int:
        return int(self._quotes.rows[0, -1]) if len(self._quotes) else 0

    def _break(self, at_ns: int) -> None:
        row = (at_ns, NO_PRICE, NO_PRICE)
        if at_ns >= self._last_ns():
            self._quotes.append(row)
            return
        self._quotes.insert(int(np.searchsorted(self._quotes.rows[0], at_ns, "left")), row)
        self._width_ns = 0  # the columns no longer hold
        self.revision += 1
