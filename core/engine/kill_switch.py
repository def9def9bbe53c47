"""The kill switch: no new order, every open one cancelled, and what is left, in words.

It never sells or buys to flatten a position. Pulled by a person, by another command, or by
a file named KILL in the data folder; as long as that file is there, no order is taken.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path

import msgspec

from core.engine.events import Level, TakingChanged
from core.engine.listeners import Listeners
from core.errors import Refusal
from core.market.account import Position
from core.orders.state import Liveness, ParentOrder
from core.wording.words import order_title, qty

POLL_S = 1.0
PROOF_S = 10.0  # how long a kill waits for the proof before it tells what is left
_FROM_FILE = "the KILL file"
_ON = "Touchline goes on trying."
_OFF = (
    "Nobody goes on trying once this command ends: run 'touchline kill' again, or cancel at the "
    "broker."
)


class KillReport(msgspec.Struct, frozen=True):
    """What a kill has proven and what it left.

    `cancelled` names the orders that were open; `unproven` those of which something may
    still fill; `positions` is shares by symbol, as known. `others` is what else is open at
    the venue and was left alone; None: that could not be read.
    """

    by: str
    cancelled: tuple[str, ...]
    unproven: tuple[str, ...]
    positions: dict[str, str]
    sentence: str
    others: tuple[str, ...] | None = None


def report(
    by: str,
    asked: Iterable[str],
    orders: Mapping[str, ParentOrder],
    positions: Mapping[str, Position],
    others: tuple[str, ...] | None,
    *,
    stays: bool = True,
) -> KillReport:
    """The report on the orders named in `asked`, and on any other that may still fill.

    `stays`: this run goes on after it and pursues what is not proven.
    """
    asked = tuple(asked)
    unproven = tuple(o for o in orders.values() if may_fill(o))
    held = {p.symbol: f"{p.qty:f}" for p in positions.values() if p.qty}
    sure = not unproven and others is not None
    ours = _ours(len(asked), unproven, stays=stays)
    words = f"{ours} {left_alone(others)} {_kept(positions, sure=sure)}"
    return KillReport(by, asked, tuple(o.id for o in unproven), held, words, others)


def may_fill(order: ParentOrder) -> bool:
    """Whether something of it left and is not proven dead."""
    return any(child.liveness is not Liveness.UNSENT for child in order.live_children)


def _ours(asked: int, unproven: tuple[ParentOrder, ...], *, stays: bool) -> str:
    if unproven:
        names = ", ".join(order_title(order) for order in unproven)
        return f"NOT PROVEN dead, and may still fill: {names}. {_ON if stays else _OFF}"
    if asked:
        plural = "s" if asked != 1 else ""
        return f"{asked} open order{plural} cancelled; the venue proves that nothing can fill."
    return "No order was open."


def left_alone(others: tuple[str, ...] | None) -> str:
    """What else is open at the venue, as a sentence."""
    if others is None:
        return "The venue's list of open orders could not be read: look for others at the broker."
    if not others:
        return "The venue lists no other open order."
    return f"Not in this journal, and left alone: {', '.join(others)}."


def _kept(positions: Mapping[str, Position], *, sure: bool) -> str:
    held = ", ".join(f"{qty(p.qty)} {p.symbol}" for p in positions.values() if p.qty)
    if not sure:  # what may still fill, or is not heard of, changes them
        return f"Positions are not touched; as last known: {held or 'none'}."
    return f"Positions stay as they are: {held}." if held else "No position is held."


class KillSwitch:
    """Whether orders are taken, and what stops them. Everything else is handed to it.

    `cancel_all` cancels every open order, in whose name it is told, and returns them once that is
    durable; `settled` waits until the orders of those ids are final.
    """

    def __init__(
        self,
        file: Path | None,
        *,
        cancel_all: Callable[[str], Awaitable[tuple[ParentOrder, ...]]],
        settled: Callable[[tuple[str, ...]], Awaitable[object]],
        others: Callable[[], Awaitable[tuple[str, ...] | None]],
        report: Callable[[str, tuple[str, ...], tuple[str, ...] | None, bool], KillReport],
        listeners: Listeners,
    ) -> None:
        self._file = file
        self._cancel_all = cancel_all
        self._settled = settled
        self._others = others
        self._report = report
        self._listeners = listeners
        self._pulled_by = ""
        self._file_seen = False

    @property
    def why(self) -> str:
        """Why no order is taken; empty when they are. The file counts at once, seen or not."""
        if self._file_there():
            return f"Killed: the file {self._file} is there. Remove it to trade again."
        if self._pulled_by:
            return f"Killed by {self._pulled_by}: arm again to trade."
        return ""

    def _file_there(self) -> bool:
        return self._file is not None and os.path.lexists(self._file)

    async def pull(self, by: str, *, stays: bool = True) -> KillReport:
        """Take no order from now on, cancel all, wait for the proof, and say what is left."""
        self._pulled_by = by
        return await self._kill(by, stays=stays)

    async def _kill(self, by: str, *, stays: bool = True) -> KillReport:
        self._taking_changed()
        asked = tuple(order.id for order in await self._cancel_all(by))
        try:
            async with asyncio.timeout(PROOF_S):
                await self._settled(asked)
        except TimeoutError:
            pass  # the report names what is not proven
        found = self._report(by, asked, await self._others(), stays)
        level = Level.ALARM if found.unproven else Level.WARNING
        self._listeners.notice(level, found.sentence)
        return found

    def _taking_changed(self) -> None:
        why = self.why
        words = why or "Orders are taken again."
        self._listeners.notice(Level.ALARM if why else Level.INFO, words)
        self._listeners.tell(TakingChanged(why))

    def rearm(self) -> None:
        """Take orders again. Raises Refusal while the file is there."""
        if self._file_there():
            raise Refusal("killed", self.why, str(self._file))
        if self._pulled_by:
            self._pulled_by = ""
            self._taking_changed()

    async def watch(self) -> None:
        """Look for the file for ever: kill once when it appears, take orders when it is gone."""
        while self._file is not None:
            there = self._file_there()
            if there and not self._file_seen:
                self._file_seen = True
                await self._kill(_FROM_FILE)
            elif self._file_seen and not there:
                self._file_seen = False
                self._taking_changed()
            await asyncio.sleep(POLL_S)
