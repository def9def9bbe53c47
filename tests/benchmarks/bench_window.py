"""The window: from the process's start to a picture and a price, from a fill's frame to its cell.

Over real loopback sockets; painted offscreen, so without a graphics driver's time.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from PySide6.QtWidgets import QApplication

from core.app.session import SessionOptions
from core.exchange.market.events import MarketEvent, QuoteEvent, Touch
from core.market.prices import Side
from core.market.time import NS
from core.orders.facts import Reported
from core.orders.plan import Fallback, Instruction, Plan
from gui.app import qasync_loop
from gui.app.app import build, first_paint
from gui.app.core_start import opened
from gui.controllers.desk import Desk
from gui.state.inbox import Frame
from gui.style import style
from gui.style.palette import DARK
from tests.benchmarks.one_start import INTERACTIVE
from tests.support.far_exchange import (
    QUOTES_PER_SECOND,
    SECONDS,
    SYMBOL,
    FarExchange,
    far_exchange,
)
from tests.support.wide_limits import WIDE_LIMITS

Rows = list[tuple[str, float, str]]

PAINT_P99 = "fill frame on loopback to painted blotter cell, p99"
TARGETS = {PAINT_P99: 17.0, INTERACTIVE: 1000.0}

FILLS = 120
STARTS = 7
NEVER_COMPILED = "PYTHONDONTWRITEBYTECODE"  # an installed program is compiled
RISES_PER_SECOND = 4


def run() -> Rows:
    """Figures of this file."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with far_exchange(rising_market) as far, tempfile.TemporaryDirectory() as folder:
        env = environment(far.port, Path(folder))
        return [*_starts(env), *_fills(far, env)]


def rising_market() -> Iterator[MarketEvent]:
    """A market that rises by a cent a quarter of a second: a sell above the bid soon fills."""
    for step in range(SECONDS * QUOTES_PER_SECOND):
        size = 900_000 + step % 7
        cents = step * RISES_PER_SECOND // QUOTES_PER_SECOND
        touch = Touch(152_300 + 100 * cents, size, 153_200 + 100 * cents, size)
        yield QuoteEvent(step * NS // QUOTES_PER_SECOND, SYMBOL, touch)


def environment(port: int, home: Path) -> dict[str, str]:
    """What a session needs to find the exchange."""
    http, ws = f"http://127.0.0.1:{port}", f"ws://127.0.0.1:{port}"
    kept = {name: value for name, value in os.environ.items() if name != NEVER_COMPILED}
    return {
        **kept,
        "QT_QPA_PLATFORM": "offscreen",
        "TOUCHLINE_HOME": str(home),
        "TOUCHLINE_TRADING_URL": http,
        "TOUCHLINE_DATA_URL": http,
        "TOUCHLINE_TRADING_STREAM_URL": f"{ws}/stream",
        "TOUCHLINE_DATA_STREAM_URL": f"{ws}/v2/sip",
    }


# ---- from the start -------------------------------------------------------------------------


def _starts(env: dict[str, str]) -> Rows:
    """Medians and minima of the stages, as `one_start` tells them; the first fills the caches."""
    told = [_start(env) for _ in range(1 + STARTS)][1:]
    rows: Rows = []
    for stage in told[0]:
        walls, used = (sorted(one[stage][kind] for one in told) for kind in (0, 1))
        rows += [
            (stage, walls[STARTS // 2], "ms"),
            (f"{stage}, least of {STARTS}", walls[0], "ms"),
            (f"{stage}, processor time", used[STARTS // 2], "ms"),
        ]
    return rows


def _start(env: dict[str, str]) -> dict[str, tuple[float, float]]:
    """Milliseconds and milliseconds of processor by stage, from before the process."""
    command = [sys.executable, "-m", "tests.benchmarks.one_start", "--symbol", SYMBOL]
    begun = time.monotonic_ns()
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, text=True, check=True)
    told: dict[str, list[int]] = json.loads(done.stdout.splitlines()[-1])
    return {stage: ((at - begun) / 1e6, used / 1e6) for stage, (at, used) in told.items()}


async def _priced(desk: Desk) -> None:
    """Wait until the sell button carries a price."""
    priced = asyncio.Event()

    def look() -> None:
        if desk.window.ticket.outlook(Side.SELL).limit is not None:
            priced.set()

    desk.window.ticket.outlooks_changed.connect(look)
    look()
    await priced.wait()


# ---- from a fill to its cell ----------------------------------------------------------------


def _fills(far: FarExchange, env: dict[str, str]) -> Rows:
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    style.apply(app, DARK)
    painted: dict[str, int] = {}
    qasync_loop.run(app, _watch_fills(painted, SessionOptions(env=env)))
    told = far.sightings().fills
    took = sorted((at - told[name]) / 1e6 for name, at in painted.items() if name in told)
    assert len(took) >= FILLS
    return [
        ("fill frame on loopback to painted blotter cell, median", took[len(took) // 2], "ms"),
        (PAINT_P99, took[int(0.99 * len(took))], "ms"),
    ]


async def _watch_fills(painted: dict[str, int], options: SessionOptions) -> int:
    desk = build(DARK)
    await first_paint(desk)
    async with opened(desk, options, SYMBOL):
        await _priced(desk)
        desk.bridge._engine.risk_inputs.settings = WIDE_LIMITS
        note = _Note(desk, painted)
        for number in range(FILLS):
            plan = Plan(Decimal("0.85"), Decimal(60), Fallback.NONE)
            order = await desk.bridge.submit(
                Instruction(f"cell-{number}", SYMBOL, Side.SELL, Decimal(1), plan)
            )
            await note.seen(order.id)
    desk.window.close_for_good()
    return 0


class _Note:
    """Which executions wait for a paint, and when each was painted."""

    def __init__(self, desk: Desk, painted: dict[str, int]) -> None:
        self._waiting: list[str] = []
        self._ended: set[str] = set()
        self._more = asyncio.Event()
        self._painted = painted
        desk.bridge.frame.disconnect()
        desk.bridge.frame.connect(self.on_frame)  # before the desk, which paints at once
        desk.connect_frames()
        desk.window.blotter.painted.connect(self.on_painted)

    def on_frame(self, frame: Frame) -> None:
        for change in frame.orders:
            if isinstance(change.fact, Reported) and change.fact.execution is not None:
                self._waiting.append(change.fact.execution.id)
            if change.order.final:
                self._ended.add(change.order.id)

    def on_painted(self) -> None:
        now = time.monotonic_ns()
        self._painted.update((name, now) for name in self._waiting)
        self._waiting.clear()
        self._more.set()

    async def seen(self, order_id: str) -> None:
        """Wait until the end of that order was painted."""
        while order_id not in self._ended or self._waiting:
            self._more.clear()
            await self._more.wait()


if __name__ == "__main__":
    for name, value, unit in run():
        print(f"{name}: {value:.3f} {unit}")
