"""Tells when the embedded exchange, a process of its own, has ended under a session."""

import asyncio
import logging

from core.app import embedded_exchange
from core.app.embedded_exchange import EmbeddedExchange
from core.engine.engine import Engine
from core.market.links import LinkState
from core.runtime.tasks import Tasks

_LOG = logging.getLogger(__name__)

LOOK_EVERY_S = 0.5


def ended_words(venue: str) -> str:
    """What happened to `venue`, and the way out."""
    return (
        f"The {venue} exchange has ended, and what was working there ended with it. To start it "
        f"anew open Accounts and trade on {venue.upper()}, or start Touchline again."
    )


class ExchangeWatchdog:
    """Looks while a link is down; tells once. Begin it on the engine's loop."""

    def __init__(self, exchange: EmbeddedExchange, engine: Engine) -> None:
        self._exchange = exchange
        self._engine = engine
        self._tasks = Tasks(lambda error: _LOG.error("the watchdog failed", exc_info=error))
        self._tasks.spawn(self._watch(), "watchdog")

    async def stop(self) -> None:
        """Look no more."""
        await self._tasks.stop()

    async def _watch(self) -> None:
        while True:
            if self._cut_off and await embedded_exchange.ended(self._exchange):
                await self._engine.venue_ended(ended_words(self._engine.venue_name))
                return
            await asyncio.sleep(LOOK_EVERY_S)

    @property
    def _cut_off(self) -> bool:
        return any(link.state is not LinkState.UP for link in self._engine.links.values())
