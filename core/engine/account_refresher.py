"""Keeps what is known of the account fresh: reads it while nothing works, and when asked."""

import asyncio

from core.engine.account_state import AccountState
from core.engine.events import Level
from core.engine.listeners import Listeners
from core.errors import Refusal
from core.market.links import LinkName, LinkState
from core.orders.ledger import Ledger
from core.runtime.clock import Clock
from core.runtime.tasks import Tasks
from core.venue.interface import Venue

REFRESH_S = 60.0


class AccountRefresher:
    """One engine's."""

    def __init__(
        self,
        venue: Venue,
        account_state: AccountState,
        ledger: Ledger,
        listeners: Listeners,
        tasks: Tasks,
        clock: Clock,
    ) -> None:
        self._venue = venue
        self._account_state = account_state
        self._ledger = ledger
        self._listeners = listeners
        self._tasks = tasks
        self._clock = clock

    async def run(self) -> None:
        """Read the account for ever, while nothing of ours works or it is not to be trusted."""
        while True:
            await asyncio.sleep(REFRESH_S)
            is_open = self._account_state.open_at(self._clock.now_ns())
            working = self._ledger.open and is_open
            if not working or self._account_state.stale or self._account_state.locked_out:
                await self.read_account()

    def read_soon(self) -> None:
        """Read the account anew, without waiting for it."""
        self._tasks.spawn(self.read_account(), "account")

    async def read_account(self) -> None:
        """Read the account anew; with the right one, an order stream that was refused may come."""
        try:
            await self._account_state.refresh()
        except Refusal as refusal:
            self._listeners.notice(Level.WARNING, refusal.sentence)
            return
        stream = self._account_state.links.get(LinkName.ORDERS)
        if stream is not None and stream.state is LinkState.REFUSED:
            self._venue.renew_orders("the keys are accepted again")
