"""What stood at one time and price of the chart, in words: quote, ticks, fills, marks. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.market.prices import ticks_between
from core.wording.numbers import price, spread, ticks
from core.wording.times import clock_time
from gui.chart.model.order_scene import OrderDrawing
from gui.chart.model.series import NO_PRICE, SpreadSeries, to_price


@dataclass(frozen=True, slots=True)
class Reading:
    """The time and the legal price pointed at, and what there is to say of them."""

    at_ns: int
    units: int
    lines: tuple[str, ...]


def quote_at(series: SpreadSeries, at_ns: int) -> tuple[int, int]:
    """Bid and ask that stood at a time, units; no prices in a gap and before the first quote."""
    times, bids, asks = series.quotes
    row = int(np.searchsorted(times, at_ns, "right")) - 1
    return (int(bids[row]), int(asks[row])) if row >= 0 else (NO_PRICE, NO_PRICE)


def read(
    series: SpreadSeries,
    drawings: Sequence[OrderDrawing],
    at: tuple[int, int],
    reach: tuple[int, int],
    now_ns: int,
) -> Reading:
    """What stood at a time and a price; after now the quote of now.

    `reach`, of time and of price, is how near a fill or a mark must be to be meant.
    """
    at_ns, units = at
    bid, ask = quote_at(series, min(at_ns, now_ns))
    head = f"{clock_time(at_ns)}  {price(to_price(units))}"
    lines = [head, _quote_words(bid, ask, now=at_ns >= now_ns), *_from_touches(units, bid, ask)]
    return Reading(at_ns, units, (*lines, *_happened(drawings, at, reach)))


def _quote_words(bid: int, ask: int, *, now: bool) -> str:
    if NO_PRICE in (bid, ask):
        one = f"bid {price(to_price(bid))}" if bid else f"ask {price(to_price(ask))}"
        return f"{one} only" if bid or ask else "no quotes"
    low, high = to_price(bid), to_price(ask)
    gap = spread(low, high)
    named = gap if bid > ask else f"spread {gap}"
    return f"{'now ' if now else ''}{price(low)} / {price(high)}, {named}"


def _from_touches(units: int, bid: int, ask: int) -> list[str]:
    """Whole ticks from each touch that there was."""
    return [
        f"{_apart(touch, units)} from the {name}"
        for name, touch in (("bid", bid), ("ask", ask))
        if touch != NO_PRICE
    ]


def _apart(touch: int, units: int) -> str:
    low, high = to_price(min(touch, units)), to_price(max(touch, units))
    count = ticks_between(low, high)
    return ticks(count if units >= touch else -count)


def _happened(
    drawings: Sequence[OrderDrawing], at: tuple[int, int], reach: tuple[int, int]
) -> list[str]:
    """Fills and marks near the point, the nearest in time first, each with its order."""
    found: list[tuple[int, str]] = []
    for drawing in drawings:
        told = [
            (fill.at_ns, fill.units, f"filled {fill.words} @ {price(to_price(fill.units))}")
            for fill in drawing.fills
        ]
        told += [(mark.at_ns, mark.units, str(mark.kind)) for mark in drawing.marks]
        for when, units, words in told:
            far = abs(when - at[0])
            if far <= reach[0] and abs(units - at[1]) <= reach[1]:
                found.append((far, f"{clock_time(when)} {words}: {drawing.title}"))
    return [words for _, words in sorted(found)[:3]]
