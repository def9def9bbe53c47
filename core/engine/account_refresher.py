"""Keeps what is known of the account fresh, and of orders that have ended.

A fill that is taken back or corrected after an order's end is told once, in a frame that may be
lost. So the day's orders are listed at each start, whenever the stream has come anew, and now and
then; what the list tells otherwise is read.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator

from core.engine.account_state import AccountState
from core.engine.events import Level
from core.engine.listeners import Listeners
from core.errors import Refusal
from core.market.links import LinkName, LinkState
from core.market.time import NS
from core.orders.facts import AnyFact
from core.orders.ledger import Ledger
from core.orders.state import ParentOrder
from core.runtime.clock import Clock
from core.runtime.tasks import Tasks
from core.venue.interface import OrderReport, Venue

REFRESH_S = 60.0
DAY_NS = 24 * 3600 * NS
MARGIN_NS = DAY_NS  # the clock of this computer may be off

_LOG = logging.getLogger(__name__)
TIME_AGAIN_NS = 10 * NS


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
        apply: Callable[[AnyFact], None],
    ) -> None:
        self._venue = venue
        self._account_state = account_state
        self._ledger = ledger
        self._listeners = listeners
        self._tasks = tasks
        self._clock = clock
        self._apply = apply
        self._time_asked_ns = -TIME_AGAIN_NS

    async def refresh_idle(self) -> None:
        """Read the account after a while, if nothing of ours works or it is not to be trusted."""
        await asyncio.sleep(REFRESH_S)
        is_open = self._account_state.open_at(self._clock.now_ns())
        working = self._ledger.open and is_open
        if not working or self._account_state.stale or self._account_state.locked_out:
            await self.read_account()
            await self.read_ended()

    def read_soon(self) -> None:
        """Read the account anew, without waiting for it."""
        self._tasks.spawn(self.read_account(), "account")

    def read_time_soon(self) -> None:
        """Ask for the venue's time anew, not again before a while has passed."""
        now = self._clock.now_ns()
        if now - self._time_asked_ns >= TIME_AGAIN_NS:
            self._time_asked_ns = now
            self._tasks.spawn(self._read_time(), "venue time")

    async def _read_time(self) -> None:
        """Twice, as one answer alone contradicts nothing."""
        try:
            for _ in range(2):
                await self._account_state.read_clock()
        except Refusal as refusal:
            self._listeners.notice(Level.WARNING, refusal.sentence)

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

    def read_ended_soon(self) -> None:
        """List the orders of the day anew, without waiting for it."""
        self._tasks.spawn(self.read_ended(), "ended orders")

    async def read_ended(self) -> None:
        """Take in whatever the venue says otherwise by now of orders that have ended."""
        ended = dict(self._ended())
        if not ended:
            return
        since = min(order.started_ns for order in ended.values()) - MARGIN_NS
        try:
            listed = await self._venue.orders_since(since)
        except Refusal as refusal:
            _LOG.warning("ended orders could not be listed: %s", refusal.sentence)
            return
        for report in listed:
            name = next((n for n in (report.client_id, report.broker_id) if n in ended), None)
            if name is not None and _differs(self._ledger.orders[ended[name].id], name, report):
                self._apply(report.as_fact(ended[name].id, name, self._clock.now_ns()))

    def _ended(self) -> Iterator[tuple[str, ParentOrder]]:
        """The children of the last day's orders that are dead, each with its order."""
        earliest = self._clock.now_ns() - DAY_NS
        for order in reversed(self._ledger.orders.values()):
            if order.started_ns < earliest:
                return
            if not self._ledger.is_left_alone(order.id):
                yield from ((c.client_id, order) for c in order.children if c.dead)


def _differs(order: ParentOrder, name: str, report: OrderReport) -> bool:
    child = order.child(name)
    return child is not None and child.dead and child.filled != report.filled
