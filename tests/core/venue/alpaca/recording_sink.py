"""A sink that remembers what it was told, and can be waited for."""

import asyncio
from collections.abc import Callable
from typing import Any

from core.market.links import Link, LinkName, LinkState
from core.market.quotes import Quote, Trade, TradingStatus
from core.market.venue_time import Reading
from core.venue.interface import OrderReport

CAP = 10.0  # seconds that a test waits at most for what must come


class RecordingSink:
    """An `interface.Sink` that keeps everything. `spoil` makes a handler raise for some."""

    def __init__(self) -> None:
        self.reports: list[OrderReport] = []
        self.market: list[Quote | Trade | TradingStatus] = []
        self.times: list[Reading] = []
        self.links: list[Link] = []
        self.bad: list[tuple[LinkName, str, str | None]] = []
        self.spoil: Callable[[object], bool] = lambda message: False
        self._change = asyncio.Event()

    def on_report(self, report: OrderReport) -> None:
        self._keep(self.reports, report)

    def on_quote(self, quote: Quote) -> None:
        self._keep(self.market, quote)

    def on_time(self, reading: Reading) -> None:
        self._keep(self.times, reading)

    def on_trade(self, trade: Trade) -> None:
        self._keep(self.market, trade)

    def on_status(self, status: TradingStatus) -> None:
        self._keep(self.market, status)

    def on_link(self, link: Link) -> None:
        self._keep(self.links, link)

    def on_bad_frame(self, link: LinkName, reason: str, client_id: str | None) -> None:
        self._keep(self.bad, (link, reason, client_id))

    def _keep(self, where: list[Any], what: object) -> None:
        self._change.set()
        if self.spoil(what):
            raise RuntimeError("the listener is broken")
        where.append(what)

    def states(self) -> list[LinkState]:
        """The states a link went through, repeats left out."""
        found: list[LinkState] = []
        for link in self.links:
            if not found or found[-1] is not link.state:
                found.append(link.state)
        return found

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until `condition` holds, looking at every change."""
        async with asyncio.timeout(CAP):
            while not condition():
                self._change.clear()
                await self._change.wait()
