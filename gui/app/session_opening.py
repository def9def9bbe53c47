"""Opens a session for a window and closes it again: the core's thread, what is shown of it.

What is heavy (chart, venue) is imported once the window has been painted.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.app.session import SessionOptions
    from gui.controllers.desk import Desk
    from gui.state.core_session import Opened


@asynccontextmanager
async def opened(
    desk: "Desk", options: "SessionOptions", symbol: str | None
) -> AsyncIterator[None]:
    """The core's thread and a session on it, shown by `desk`. Raises Refusal."""
    from core.runtime.event_loop import CoreThread

    core = CoreThread()
    core.start()
    try:
        desk.bridge.connect_core(core)
        desk.expect(symbol or "")
        opening = asyncio.ensure_future(desk.bridge.open(options))
        desk.closed.connect(opening.cancel)
        put_chart(desk)  # while the venue answers
        with desk.window.status.busy.during(f"connecting to {options.venue}"):
            session = await opening
        try:
            if symbol is not None:
                await desk.bridge.asset(symbol)  # an unknown one is refused here
            desk.begin(session, symbol)
            desk.past.begin(session.journal)
            desk.window.blotter.log.show_file(session.log_file)
            _offer_drills(desk, session)
            desk.set_up.limits.connect_core(desk.bridge.change_limits)
            yield
        finally:
            desk.timer.stop()
            await desk.tasks.stop()
            await desk.bridge.close()
    finally:
        core.stop()


def _offer_drills(desk: "Desk", session: "Opened") -> None:
    """The menu of fault drills, where the exchange is our own."""
    menu, drills, begun = desk.window.status.drills, dict(session.drills), list(session.begun)

    async def begin(name: str) -> None:
        await desk.bridge.drill(name)
        begun[:] = [*(n for n in begun if n != name), name] if name else []
        menu.show_begun(tuple(begun))
        desk.tell.warn(f"Drill {name}: {drills[name]}" if name else "The drills have ended.")

    menu.offer(drills)
    menu.show_begun(session.begun)
    menu.asked.connect(lambda name: desk.tasks.spawn(begin(name), "drill"))


def put_chart(desk: "Desk") -> None:
    """Load the chart, which is the slowest part to load, and give it its place and its data."""
    from gui.chart.chart import SpreadChart

    chart = SpreadChart()
    chart.set_palette_colors(desk.window.palette_table)
    desk.window.restyled.connect(lambda: chart.set_palette_colors(desk.window.palette_table))
    wished = desk.window.preferences.values
    chart.set_span(wished.chart_seconds)
    chart.set_follow(wished.chart_follow)
    chart.set_trades(wished.chart_trades)
    desk.window.put_chart(chart, chart.header)
    desk.put_chart(chart)
