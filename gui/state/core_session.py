"""An open session as the window has it: what of it is told at the start, and what can be asked.

Runs on the core's thread and knows no Qt. What leaves here is immutable, or a copy.
"""

from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.engine.events import (
    AccountChanged,
    Event,
    LinkChanged,
    MarketChanged,
    OrderChanged,
    QuoteChanged,
    StatusChanged,
    TakingChanged,
    VenueTimeChanged,
)
from core.engine.listeners import Listener
from core.engine.positions import most_at_stake
from core.market.time import NS
from core.orders.state import ParentOrder
from core.risk.limits import Limits
from core.runtime.clock import Clock

if TYPE_CHECKING:  # loaded on the core's thread, after the first paint
    from core.app.session import Session, SessionOptions
    from core.engine.engine import Engine
    from core.engine.listeners import Counters

RECENT_NS = 24 * 3600 * NS  # orders of so long are told at the start


@dataclass(frozen=True, slots=True)
class Opened:
    """What a session was when the window began to listen, beside what events tell.

    `earlier` are orders that ended before the last day: there are no events for them.
    `drills` are the faults that can be played, each with a sentence; `drills_begun` those at work.
    """

    venue: str
    account: str
    held: tuple[str, ...]
    settings: Limits
    settings_error: str
    earlier: tuple[ParentOrder, ...]
    clock: Clock
    journal: Path
    log_file: Path
    drills: tuple[tuple[str, str], ...]
    drills_begun: tuple[str, ...]


class CoreSession:
    """A session that `unlisten` ends to listen to. Another thread may only make its coroutines."""

    def __init__(self, session: "Session", unlisten: Callable[[], None]) -> None:
        self.session = session
        self.engine = session.engine
        self._unlisten = unlisten

    async def close(self) -> None:
        """Stop listening and close the session."""
        self._unlisten()
        await self.session.close()

    async def counters(self) -> "Counters":
        """What the engine did since it started: a copy, to which nobody adds."""
        return copy(self.engine.counters)

    async def most_at_stake(self) -> str:
        """The symbol held in whose spread most dollars lie; empty when nothing is held."""
        return most_at_stake(self.engine.positions, self.engine.board.quotes)


async def open_session(options: "SessionOptions", listener: Listener) -> tuple[CoreSession, Opened]:
    """Open a session, and tell `listener` what it knows already and all that follows.

    Raises Refusal.
    """
    from core.app import session as app  # its imports are the slow ones

    session = await app.open_session(options)
    opened = CoreSession(session, session.engine.listen(listener))
    return opened, _tell(session, listener)


def _tell(session: "Session", listener: Listener) -> Opened:
    engine = session.engine
    for event in _known(engine):
        listener(event)
    since = engine.clock.now_ns() - RECENT_NS
    recent: list[ParentOrder] = []
    earlier: list[ParentOrder] = []
    for order in engine.orders.values():
        past = order.done and order.started_ns < since
        (earlier if past else recent).append(order)
    for order in recent:
        listener(OrderChanged(order, None))
    return Opened(
        venue=engine.venue_name,
        account=engine.account.number if engine.account is not None else "",
        held=tuple(sorted(engine.positions)),
        settings=engine.settings,
        settings_error=engine.settings_error,
        earlier=tuple(earlier),
        clock=engine.clock,
        journal=session.journal,
        log_file=session.log_file,
        drills=tuple(session.drills.items()),
        drills_begun=session.options.drills,
    )


def _known(engine: "Engine") -> Iterable[Event]:
    """What the engine knew before we listened, as the events that would have told it."""
    yield TakingChanged(engine.killed)
    yield from (LinkChanged(link) for link in engine.links.values())
    if engine.board.time is not None:
        yield VenueTimeChanged(engine.board.time)
    if engine.market is not None:
        yield MarketChanged(engine.market)
    if engine.account is not None:
        yield AccountChanged(engine.account, tuple(engine.positions.values()))
    yield from (StatusChanged(status) for status in engine.board.statuses.values())
    yield from (QuoteChanged(quote) for quote in engine.board.quotes.values())
