"""The busy window: ten working orders that count down, five symbols quoting, the log open.

Offscreen, over the real bridge, without an engine: quotes come from a thread of their own, as
the core's do. A heartbeat on the window's loop tells how long everything else had to wait; a
frame is all that the window did from one picture to the next.
"""

import asyncio
import os
import resource
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from random import Random

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from core.engine.events import (
    AccountChanged,
    LinkChanged,
    MarketChanged,
    QuoteChanged,
    TradePrinted,
    VenueTimeChanged,
)
from core.market.account import Account, Position
from core.market.links import Link, LinkName, LinkState
from core.market.prices import Side
from core.market.quotes import Quote, Trade
from core.market.time import NS
from core.market.trading_hours import MarketClock
from core.market.venue_time import VenueTime
from core.orders.plan import Fallback, Plan
from core.runtime import garbage
from gui.app import qasync_loop
from gui.app.app import SWITCH_S, build, first_paint
from gui.app.core_start import put_chart
from gui.blotter.blotter import Tab
from gui.controllers.desk import Desk
from gui.style import style
from gui.style.palette import DARK
from tests.support.scripted_orders import ScriptedOrder

Rows = list[tuple[str, float, str]]

SYMBOLS = ("UVXY", "IBM", "BAC", "AIG", "PNNY")
ORDERS = 10
PER_SECOND = 1_000  # quotes of all symbols together
FILLS_PER_SECOND = 5
PRINTS_PER_SECOND = 50
SECONDS = 8.0
SETTLING = 1.5
QUIET_PER_SECOND = 20
BEAT_MS = 1
LONG = Plan(Decimal("0.85"), Decimal(600), Fallback.MARKET)

GAP = "heartbeat gap with 10 orders, 5 symbols and the log open, p99"
FRAME = "frame with 10 orders, 5 symbols and the log open, processor time"
IDLE = "processor, one symbol quoting 20 times a second"
TARGETS = {GAP: 8.0, f"{FRAME}, p50": 4.0, f"{FRAME}, p99": 4.0}


class Market(threading.Thread):
    """Publishes quotes, prints and fills at their rates until it is stopped."""

    def __init__(self, desk: Desk, orders: list[ScriptedOrder], per_second: int) -> None:
        super().__init__(name="market")
        self._desk = desk
        self._orders = orders
        self._per_second = per_second
        self._chance = Random(7)
        self._stopped = threading.Event()

    def run(self) -> None:
        """In bursts of a hundredth of a second, as frames of a socket come."""
        told, began = 0, time.monotonic()
        while not self._stopped.wait(0.01):
            due = int((time.monotonic() - began) * self._per_second)
            for number in range(told, due):
                self._publish(number)
            told = due

    def _publish(self, number: int) -> None:
        bridge, now = self._desk.bridge, self._desk.clock.now_ns()
        symbol = SYMBOLS[number % len(SYMBOLS)] if self._orders else SYMBOLS[0]
        bridge.publish(QuoteChanged(quote(symbol, now, self._chance.randrange(4))))
        if not self._orders:
            return
        if number % (self._per_second // PRINTS_PER_SECOND) == 0:
            bridge.publish(TradePrinted(Trade(symbol, Decimal("15.25"), 100, now, now)))
        if number % (self._per_second // FILLS_PER_SECOND) == 0:
            order = self._orders[number // FILLS_PER_SECOND % ORDERS]
            order.at = now
            order.filled(1, int(order.order.filled) + 1)
            bridge.publish(order.changes[-1])

    def stop(self) -> None:
        """Stop and wait for the end."""
        self._stopped.set()
        self.join()


class Beats(QObject):
    """A timer of a millisecond on the window's loop, and what lay between its beats."""

    def __init__(self) -> None:
        super().__init__()
        self.gaps: list[float] = []  # ms
        self.turns: list[float] = []  # ms of processor
        self._last = 0, 0
        self._timer = QTimer(self, timerType=Qt.TimerType.PreciseTimer, interval=BEAT_MS)
        self._timer.timeout.connect(self._beat)

    def _beat(self) -> None:
        now = time.perf_counter_ns(), time.thread_time_ns()
        if self._last[0]:
            self.gaps.append((now[0] - self._last[0]) / 1e6)
            self.turns.append((now[1] - self._last[1]) / 1e6)
        self._last = now

    def start(self) -> None:
        """Begin."""
        self._timer.start()

    def stop(self) -> None:
        """Stop."""
        self._timer.stop()


class Frames:
    """Milliseconds of processor that the window's thread used from one picture to the next."""

    def __init__(self, desk: Desk) -> None:
        self.costs: list[float] = []
        self._last = 0
        desk.animation.tick.connect(self._tick)

    def _tick(self) -> None:
        now = time.thread_time_ns()
        if self._last:
            self.costs.append((now - self._last) / 1e6)
        self._last = now


def quote(symbol: str, now: int, cents: int) -> Quote:
    """A quote that moves by a cent now and then."""
    move = Decimal(cents) / 100
    size = 900 + 100 * cents
    return Quote(symbol, Decimal("15.20") + move, Decimal("15.30") + move, size, size, now, now)


def connected(desk: Desk) -> None:
    """What a session tells at its start."""
    now, publish = desk.clock.now_ns(), desk.bridge.publish
    for name in LinkName:
        publish(LinkChanged(Link(name, LinkState.UP, now, rtt_ms=4)))
    publish(VenueTimeChanged(VenueTime(0, 0, now)))
    publish(MarketChanged(MarketClock(True, now, now, now + 3600 * NS)))
    held = tuple(Position(symbol, Decimal(5000), Decimal(5000), Decimal(10)) for symbol in SYMBOLS)
    money = Decimal(1_000_000)
    publish(AccountChanged(Account("i", "PA1", money, money, money), held))
    for symbol in SYMBOLS:
        publish(QuoteChanged(quote(symbol, now, 0)))


def working(desk: Desk) -> list[ScriptedOrder]:
    """Ten orders that count down, two of each symbol."""
    now = desk.clock.now_ns()
    orders = [
        ScriptedOrder(f"busy-{n}", tuple(Side)[n % 2], 10_000, SYMBOLS[n % 5], LONG, now).working()
        for n in range(ORDERS)
    ]
    for order in orders:
        for change in order.changes:
            desk.bridge.publish(change)
    return orders


@contextmanager
def market(desk: Desk, orders: list[ScriptedOrder], per_second: int) -> Iterator[None]:
    """Quotes come within."""
    thread = Market(desk, orders, per_second)
    thread.start()
    try:
        yield
    finally:
        thread.stop()


async def _busy(rows: Rows) -> int:
    desk = await _opened()
    orders = working(desk)
    desk.window.blotter.show_tab(Tab.LOG)
    with market(desk, orders, PER_SECOND):
        await asyncio.sleep(SETTLING)
        beats, frames = Beats(), Frames(desk)
        beats.start()
        await asyncio.sleep(SECONDS)
        beats.stop()
    rows += [
        (GAP, _percentile(beats.gaps, 99), "ms"),
        (f"{GAP.removesuffix(', p99')}, p50", _percentile(beats.gaps, 50), "ms"),
        ("the window's own work between two beats, p99", _percentile(beats.turns, 99), "ms"),
        *((f"{FRAME}, p{p}", _percentile(frames.costs, p), "ms") for p in (50, 99)),
    ]
    _close(desk)
    return 0


async def _idle(rows: Rows) -> int:
    desk = await _opened()
    with market(desk, [], QUIET_PER_SECOND):
        await asyncio.sleep(SETTLING)
        used, began = _used(), time.perf_counter()
        await asyncio.sleep(SECONDS)
        share = (_used() - used) / (time.perf_counter() - began)
    rows.append((IDLE, 100 * share, "% of a core"))
    _close(desk)
    return 0


async def _opened() -> Desk:
    desk = build(DARK)
    await first_paint(desk)
    put_chart(desk)
    connected(desk)
    desk.window.watch.watch(SYMBOLS)
    desk.symbols.choose(SYMBOLS[0])
    desk.animation.start()
    garbage.settle()
    return desk


def _close(desk: Desk) -> None:
    desk.animation.stop()
    desk.window.close_for_good()
    desk.window.deleteLater()


def _used() -> float:
    """Seconds of processor of this process, all threads."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _percentile(values: list[float], percent: int) -> float:
    return sorted(values)[len(values) * percent // 100]


def run() -> Rows:
    """Figures of this file."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    style.apply(app, DARK)
    before, rows = sys.getswitchinterval(), list[tuple[str, float, str]]()
    sys.setswitchinterval(SWITCH_S)
    for story in (_busy, _idle):
        qasync_loop.run(app, story(rows))
    sys.setswitchinterval(before)
    return rows


if __name__ == "__main__":
    for name, value, unit in run():
        print(f"{name}: {value:.3f} {unit}")
