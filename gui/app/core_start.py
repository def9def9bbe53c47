"""Starts the core beside a window and ends it again: its thread, a session on it, what is shown.

What is heavy (chart, venue) is imported once the window has been painted.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from core.errors import UnknownHost
from gui.app.trusted_hosts import trusts

if TYPE_CHECKING:
    from core.app.session import SessionOptions
    from gui.controllers.desk import Desk
    from gui.state.core_session import Opened


@asynccontextmanager
async def opened(
    desk: "Desk", options: "SessionOptions", symbol: str | None, *, somebody: bool = True
) -> AsyncIterator[None]:
    """The core's thread and a session on it, shown by `desk`. Raises Refusal.

    `somebody` is there to be asked.
    """
    from core.runtime.core_thread import CoreThread

    core = CoreThread()
    core.start()
    try:
        desk.bridge.connect_core(core)
        desk.symbols.expect(symbol or "")
        opening = asyncio.ensure_future(_session(desk, options, somebody))
        desk.closed.connect(opening.cancel)
        put_chart(desk)  # while the venue answers
        session = await opening
        try:
            if symbol is not None:
                await desk.bridge.asset(symbol)  # an unknown one is refused here
            desk.begin(session, symbol)
            yield
        finally:
            desk.animation.stop()
            await desk.tasks.stop()
            await desk.bridge.close()
    finally:
        core.stop()


async def _session(desk: "Desk", options: "SessionOptions", somebody: bool) -> "Opened":
    """A session; a host that is not the venue's gets the keys only when a person says so."""
    while True:
        try:
            with desk.window.status.busy.during(f"connecting to {options.venue}"):
                return await desk.bridge.open(options)
        except UnknownHost as asks:
            if not (somebody and await trusts(desk.window, asks)):
                raise
            options = options.trusting(str(asks.value))


def put_chart(desk: "Desk") -> None:
    """Load the chart, which is the slowest part to load, and give it its place and its data."""
    from gui.chart.chart import SpreadChart

    window, chart = desk.window, SpreadChart()
    chart.set_palette_colors(window.palette_table)
    window.restyled.connect(lambda: chart.set_palette_colors(window.palette_table))
    preferred = window.preferences.values
    chart.set_span(preferred.chart_seconds)
    chart.set_follow(preferred.chart_follow)
    chart.set_trades(preferred.chart_trades)
    window.put_chart(chart, chart.header)
    desk.chart.put_chart(chart)
