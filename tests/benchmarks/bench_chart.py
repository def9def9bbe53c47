"""What a frame of the spread chart costs, and what pyqtgraph's stock items cost on the same data.

`python -m tests.benchmarks.bench_chart` prints the rows that `run` returns.
Offscreen, 1600 x 500, five minutes of quotes, one working order where nothing
else is said; times are CPU milliseconds of this thread.
"""

import os
import time
from collections.abc import Callable
from decimal import Decimal as D
from random import Random
from typing import Any

import numpy as np
from PySide6.QtWidgets import QApplication

from core.market.time import NS
from core.orders.state import ParentOrder
from gui.chart.chart import SpreadChart
from gui.style.palette import DARK
from tests.gui.chart.samples import T0, limit_child, order, quote, trade

SEED = 7
SPAN = 300
POINTS = 30_000
STOCK_POINTS = 6_000
FRAMES = 120
STOCK_FRAMES = 12
FRAME_NS = NS // 60
ORDERS = 10

FRAME = f"chart frame, {POINTS} points"
CROWDED = f"{FRAME}, {ORDERS} orders"
ASKED = "chart frame as the window asks for it"
TARGETS = {
    f"{FRAME}, p10": 4.0,
    f"{FRAME}, p50": 4.0,
    f"{CROWDED}, p10": 4.0,
    f"{ASKED}, {ORDERS} orders, p50": 4.0,
}

Row = tuple[float, float, float]  # time, bid, ask
Result = tuple[str, float, str]


def quotes(count: int, seconds: float, start: float, seed: int = SEED) -> list[Row]:
    """A random walk of bid and ask in cents around 15.23 / 15.32, evenly in time."""
    chance, bid, ask = Random(seed), 1523, 1532
    rows: list[Row] = []
    for n in range(count):
        bid = min(max(bid + chance.choice((-1, 0, 0, 1)), 1518), 1526)
        ask = min(max(ask + chance.choice((-1, 0, 0, 1)), 1529), 1536)
        rows.append((start + n * seconds / count, bid, ask))
    return rows


def feed(chart: SpreadChart, rows: list[Row]) -> None:
    """Give the chart these quotes, and a print with every tenth."""
    for n, (at, bid, ask) in enumerate(rows):
        at_ns = T0 + round(at * NS)
        chart.add_quote(quote(at_ns, D(int(bid)) / 100, D(int(ask)) / 100))
        if n % 10 == 0:
            chart.add_trade(trade(at_ns, D(int(ask)) / 100))


def lines(count: int) -> tuple[ParentOrder, ...]:
    """Orders side by side in time, each with its line, marks, bar and words."""
    made = []
    for n in range(count):
        start, price = T0 - (n * 25 + 10) * NS, f"15.{24 + n % 5}"
        child = limit_child(price=price, acked_at=start + NS // 50)
        made.append(order(child, name=str(n), price=price, started_ns=start))
    return tuple(made)


def timed(frames: int, step: Callable[[int], None]) -> list[float]:
    """CPU milliseconds of each of `frames` calls."""
    costs = []
    for n in range(frames):
        begin = time.thread_time_ns()
        step(n)
        costs.append((time.thread_time_ns() - begin) / 1e6)
    return costs


def p(costs: list[float], percent: int) -> float:
    """A percentile."""
    return float(np.percentile(costs, percent))


def chart_with(points: int, orders: int) -> SpreadChart:
    """A shown chart with five minutes of quotes before T0."""
    chart = SpreadChart()
    chart.resize(1600, 540)
    chart.show_symbol("UVXY")
    chart.set_span(SPAN)
    feed(chart, quotes(points, SPAN, -SPAN))
    chart.set_orders(lines(orders))
    chart.show()
    chart.tick(T0)
    QApplication.processEvents()
    return chart


def streamed(chart: SpreadChart, points: int) -> list[float]:
    """Frames of a sixtieth of a second, each with the quotes of its time, each painted in full."""
    coming = iter(quotes(FRAMES * points // (SPAN * 60), FRAMES / 60, 0.0, SEED + 1))
    ahead = [next(coming)]

    def step(n: int) -> None:
        now = (n + 1) / 60
        while ahead and ahead[0][0] <= now:
            feed(chart, [ahead.pop()])
            ahead.extend(row for row in [next(coming, None)] if row is not None)
        chart.canvas.model.now_ns = 0  # so that not a single frame is skipped
        chart.tick(T0 + round(now * NS))
        chart.canvas.repaint()

    return timed(FRAMES, step)


def live(chart: SpreadChart) -> list[float]:
    """Frames as the window asks for them: only what changed is painted."""

    def step(n: int) -> None:
        now = T0 + 60 * NS + n * FRAME_NS
        chart.add_quote(quote(now, D(1523 + n // 5 % 2) / 100))
        chart.tick(now)
        QApplication.processEvents()

    return timed(FRAMES, step)


def anew(chart: SpreadChart) -> list[float]:
    """The past painted from nothing, as after a resize, a new price range or other colours."""

    def step(_n: int) -> None:
        chart.canvas.set_colors(DARK)
        chart.canvas.repaint()

    return timed(FRAMES // 3, step)


def stock(points: int) -> list[float]:
    """The same data in pyqtgraph's own items: two step curves and a fill between them."""
    import pyqtgraph as pg  # type: ignore[import-untyped,unused-ignore]

    widget: Any = pg.PlotWidget()
    widget.resize(1600, 500)
    bid, ask = widget.plot(stepMode="right", pen="c"), widget.plot(stepMode="right", pen="y")
    widget.addItem(pg.FillBetweenItem(bid, ask, brush=(60, 70, 80)))
    for n in range(ORDERS):
        widget.addItem(pg.InfiniteLine(15.24 + 0.005 * n, angle=0))
    widget.disableAutoRange()
    widget.setYRange(15.1, 15.5)
    widget.show()
    data = np.array(quotes(points, SPAN, 0.0), np.float64)

    def step(n: int) -> None:
        at = data[:, 0] + n * FRAME_NS / NS
        bid.setData(at, data[:, 1] / 100)
        ask.setData(at, data[:, 2] / 100)
        widget.setXRange(at[0], at[-1] + 60, padding=0)
        widget.viewport().repaint()

    step(0)
    costs = timed(STOCK_FRAMES, step)
    widget.close()
    return costs


def run() -> list[Result]:
    """Rows of name, value, unit."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication.instance() or QApplication([])
    usual = chart_with(POINTS, 1)
    frames, parts, whole = streamed(usual, POINTS), live(usual), anew(usual)
    full = chart_with(POINTS, ORDERS)
    crowded, crowded_parts = streamed(full, POINTS), live(full)
    few = streamed(chart_with(STOCK_POINTS, ORDERS), STOCK_POINTS)
    theirs = stock(STOCK_POINTS)
    app.processEvents()
    return [
        (f"{FRAME}, p10", p(frames, 10), "ms"),
        (f"{FRAME}, p50", p(frames, 50), "ms"),
        (f"{CROWDED}, p10", p(crowded, 10), "ms"),
        (f"{CROWDED}, p50", p(crowded, 50), "ms"),
        (f"chart frame, {ORDERS} orders to one, p10", p(crowded, 10) / p(frames, 10), "x"),
        (f"{ASKED}, p50", p(parts, 50), "ms"),
        (f"{ASKED}, {ORDERS} orders, p50", p(crowded_parts, 50), "ms"),
        ("chart painted anew after a resize, p50", p(whole, 50), "ms"),
        (f"stock items' frame, {STOCK_POINTS} points, p10", p(theirs, 10), "ms"),
        (f"stock items to ours, {STOCK_POINTS} points, p10", p(theirs, 10) / p(few, 10), "x"),
    ]


if __name__ == "__main__":
    for name, value, unit in run():
        print(f"{name:58} {value:8.2f} {unit}")
