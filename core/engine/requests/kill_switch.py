"""The kill switch: no new order, every open one cancelled, and what is left, in words.

It never sells or buys to flatten a position. Pulled by a person, by another command, or by
a file named KILL in the data folder; as long as that file is there, no order is taken.
"""

import asyncio
import os
from pathlib import Path

from core.engine.account_state import AccountState
from core.engine.events import Level, TakingChanged
from core.engine.foreign_orders import ForeignOrders
from core.engine.listeners import Listeners
from core.engine.requests.requests import Requests
from core.errors import Refusal
from core.orders.ledger import Ledger
from core.wording import kill_report
from core.wording.kill_report import KillReport

POLL_S = 1.0
PROOF_S = 10.0  # how long a kill waits for the proof before it tells what is left
_FROM_FILE = "the KILL file"


class KillSwitch:
    """Whether orders are taken."""

    def __init__(self, file: Path | None, listeners: Listeners) -> None:
        self._file = file
        self._listeners = listeners
        self._pulled_by = ""

    @property
    def why(self) -> str:
        """Why no order is taken; empty when they are. The file counts at once, seen or not."""
        if self.file_there():
            return f"Killed: the file {self._file} is there. Remove it to trade again."
        if self._pulled_by:
            return f"Killed by {self._pulled_by}: arm again to trade."
        return ""

    @property
    def has_file(self) -> bool:
        """Whether a file counts at all."""
        return self._file is not None

    def file_there(self) -> bool:
        """Whether the KILL file is there now."""
        return self._file is not None and os.path.lexists(self._file)

    def pull(self, by: str) -> None:
        """Take no order from now on, in whose name it is told."""
        self._pulled_by = by

    def rearm(self) -> None:
        """Take orders again. Raises Refusal while the file is there."""
        if self.file_there():
            raise Refusal("killed", self.why, str(self._file))
        if self._pulled_by:
            self._pulled_by = ""
            self.tell()

    def tell(self) -> None:
        """Say whether orders are taken."""
        why = self.why
        words = why or "Orders are taken again."
        self._listeners.notice(Level.ALARM if why else Level.INFO, words)
        self._listeners.tell(TakingChanged(why))


class Kill:
    """What the switch does when it is pulled."""

    def __init__(
        self,
        switch: KillSwitch,
        requests: Requests,
        foreign_orders: ForeignOrders,
        account_state: AccountState,
        ledger: Ledger,
        listeners: Listeners,
    ) -> None:
        self._switch = switch
        self._requests = requests
        self._foreign_orders = foreign_orders
        self._account_state = account_state
        self._ledger = ledger
        self._listeners = listeners
        self._file_seen = False

    async def pull(self, by: str, *, stays: bool = True) -> KillReport:
        """Take no order from now on, cancel all, wait for the proof, and say what is left.

        `stays`: this run goes on afterwards and pursues what is not proven.
        """
        self._switch.pull(by)
        return await self._kill(by, stays=stays)

    async def _kill(self, by: str, *, stays: bool = True) -> KillReport:
        self._switch.tell()
        asked = tuple(order.id for order in await self._requests.cancel_open(by))
        try:
            async with asyncio.timeout(PROOF_S):
                await self._requests.finals(asked)
        except TimeoutError:
            pass  # the report names what is not proven
        others = await self._foreign_orders.open()
        orders, positions = self._ledger.orders, self._account_state.positions
        found = kill_report.report(by, asked, orders, positions, others, stays=stays)
        level = Level.ALARM if found.unproven else Level.WARNING
        self._listeners.notice(level, found.sentence)
        return found

    async def look(self) -> None:
        """Look for the file: kill once when it appears, take orders when it is gone."""
        there = self._switch.has_file and self._switch.file_there()
        if there and not self._file_seen:
            self._file_seen = True
            await self._kill(_FROM_FILE)
        elif self._file_seen and not there:
            self._file_seen = False
            self._switch.tell()
