"""Runs the order state machine: journal, venue, deadlines, listeners.

Everything learned about an order passes `apply`, and everything done to one was asked for by
the reducer. What a person asks for is in `core.engine.requests`, what is done with a fact in
`core.engine.applying`, the parts and who knows whom
in `core.engine.wiring`. It runs on one asyncio loop and is not thread-safe: other threads come
in through `core.runtime.core_thread`.
"""

import secrets
from collections.abc import Awaitable, Callable, Container, Iterable
from decimal import Decimal
from functools import partial
from pathlib import Path

from core.engine import wiring
from core.engine.applying import Applying, FactQueue
from core.engine.events import Level
from core.engine.listeners import Listener
from core.engine.requests.kill_switch import POLL_S
from core.journal.writer import Recorder
from core.market.account import Account, Asset, Position
from core.market.trading_hours import MarketClock
from core.orders.facts import AnyFact, CancelAsked, Resumed, VenueGone
from core.orders.plan import GRACE, Instruction
from core.orders.state import ParentOrder
from core.risk.limits import DEFAULTS, Limits
from core.runtime.clock import Clock
from core.venue.interface import Venue
from core.wording.flatten_report import Flattened
from core.wording.kill_report import KillReport


class Engine:
    """One account at one venue. The venue tells `sink` what it has to tell."""

    def __init__(
        self,
        venue: Venue,
        recorder: Recorder,
        clock: Clock,
        orders: dict[str, ParentOrder] | None = None,
        new_id: Callable[[], str] = lambda: secrets.token_hex(5),
        settings: Limits = DEFAULTS,
        kill_file: Path | None = None,
    ) -> None:
        self._venue = venue
        self._recorder = recorder
        self._parts = parts = wiring.build(
            self.apply, venue, recorder, clock, orders or {}, new_id, settings, kill_file
        )
        self._queue = FactQueue(
            Applying(parts, recorder).take,
            parts.dispatcher.try_freed,
            on_error=parts.internal_errors.task_failed,
        )
        self.clock = clock
        self.counters = parts.counters
        self.risk_inputs = parts.risk_inputs
        self.account_state = parts.account_state
        self.board = parts.account_state.board  # latest quote, trade and status of each symbol
        self.links = parts.account_state.links  # the ways to the venue
        self.orders = parts.ledger.orders  # every order, by id, oldest first
        self.sink = parts.inbound
        self.remarks: tuple[str, ...] = ()  # about files, to be said to whoever listens
        self.taken_up: tuple[str, ...] = ()  # left open by an earlier run and worked on by this one

    # ---- what is known ----------------------------------------------------------------------

    @property
    def venue_name(self) -> str:
        """The profile: embedded, paper or live."""
        return self._venue.name

    @property
    def open_orders(self) -> tuple[ParentOrder, ...]:
        """Orders that are not final."""
        return self._parts.ledger.open

    @property
    def unproven(self) -> tuple[ParentOrder, ...]:
        """Orders that ended while nobody knew whether something of them may still fill."""
        return self._parts.ledger.unproven

    @property
    def account(self) -> Account | None:
        """The account; None before it was read."""
        return self.account_state.account

    @property
    def positions(self) -> dict[str, Position]:
        """Positions by symbol."""
        return self.account_state.positions

    @property
    def market(self) -> MarketClock | None:
        """The regular session; None before it was read."""
        return self.account_state.market

    @property
    def settings(self) -> Limits:
        """The limits that orders are checked against."""
        return self.risk_inputs.settings

    @property
    def settings_error(self) -> str:
        """Why they could not be read: then no order is taken."""
        return self.risk_inputs.settings_error

    @property
    def killed(self) -> str:
        """Why no order is taken; empty when they are."""
        return self._parts.kill_switch.why

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with every event, on the engine's loop; returns the way to end it."""
        return self._parts.listeners.add(listener)

    # ---- start and stop ---------------------------------------------------------------------

    async def start(
        self,
        grace: Decimal = GRACE,
        check_account: Callable[[Account], None] = lambda account: None,
        only: Container[str] | None = None,
        cancel_by: str = "",
    ) -> None:
        """Log in, connect, and take up what an earlier run left open.

        `grace` is seconds after a deadline within which a fallback that nobody
        attended is still sent. `check_account` may raise Refusal before anything is
        done in the account. `only` names the orders to take up (None: all); the others
        stay as they are. With `cancel_by` they are taken up to be cancelled, before
        anything else can be done to them. Raises LoginRefused or VenueUnreachable.
        """
        parts = self._parts
        parts.internal_errors.watch(self._recorder)
        for remark in self.remarks:
            parts.listeners.notice(Level.ALARM, remark)
        await self._venue.start(self.sink)
        await self.account_state.refresh()
        if self.account is not None:
            check_account(self.account)
        left_open = [o.id for o in self.open_orders]
        self.taken_up = tuple(i for i in left_open if only is None or i in only)
        parts.ledger.leave_alone(set(left_open) - set(self.taken_up))
        taken = [o for o in parts.ledger.current if not parts.ledger.is_left_alone(o.id)]
        self.account_state.catch_up(taken)
        for order in taken:
            self._take_up(order, grace, cancel_by)
        self.sink.started = True
        parts.refresher.read_ended_soon()
        self._keep_up("the refresh of the account", parts.refresher.refresh_idle, 0)
        if only is None:
            self._keep_up("the watch for the KILL file", parts.kill.look, POLL_S)

    def _keep_up(self, what: str, work: Callable[[], Awaitable[None]], seconds: float) -> None:
        failed = partial(self._parts.internal_errors.upkeep_failed, what)
        self._parts.tasks.repeat(work, seconds, what, failed)

    def _take_up(self, order: ParentOrder, grace: Decimal, cancel_by: str) -> None:
        now = self.clock.now_ns()
        if self.account is not None and order.account != self.account.number:
            self.apply(VenueGone(order_id=order.id, at=now))
            return
        if cancel_by and not order.final:
            self.apply(CancelAsked(order_id=order.id, at=now, by=cancel_by))
        self.apply(Resumed(order_id=order.id, at=now, grace=grace))

    async def stop(self) -> None:
        """Close connections and journal. Orders stay as they are at the venue."""
        parts = self._parts
        parts.deadlines.stop()
        parts.dispatcher.stop()
        parts.watchdog.forget()
        parts.pricer.stop()
        await parts.tasks.stop()
        await self._venue.stop()
        self._recorder.close()

    async def venue_ended(self, sentence: str) -> None:
        """The venue itself has gone for good: find so by a request, and say `sentence`."""
        await self._parts.refresher.read_account()
        self._parts.listeners.notice(Level.ALARM, sentence)

    # ---- the one door -----------------------------------------------------------------------

    def apply(self, fact: AnyFact) -> None:
        """Journal a fact, take it into the state, tell the listeners, do what follows.

        One that is told meanwhile, by a listener or by what follows, waits its turn: facts are
        journaled in the order in which they were told, and all are applied when the outermost
        call returns.
        """
        self._queue.put(fact)

    # ---- what people ask for (core.engine.requests) ------------------------------------------

    async def submit(self, instruction: Instruction, confirmed: Iterable[str] = ()) -> ParentOrder:
        """Accept an instruction. Raises Refusal, or Confirmation for controls that only ask."""
        return await self._parts.new_orders.submit(instruction, confirmed)

    async def cancel(self, order_id: str, by: str = "person") -> ParentOrder:
        """Cancel without fallback, for ever."""
        return await self._parts.requests.cancel(order_id, by)

    async def cancel_all(self, by: str = "person") -> tuple[ParentOrder, ...]:
        """`cancel` for every open order, oldest first."""
        return await self._parts.requests.cancel_all(by)

    async def market_now(self, order_id: str) -> ParentOrder:
        """Cancel the limit now and send the proven rest to market."""
        return await self._parts.requests.market_now(order_id)

    async def reprice(
        self, order_id: str, limit_price: Decimal, confirmed: Iterable[str] = ()
    ) -> ParentOrder:
        """Give a working limit another price. Raises Refusal, or Confirmation."""
        return await self._parts.requests.reprice(order_id, limit_price, confirmed)

    async def pause(self, order_id: str) -> ParentOrder:
        """Take the deadline away; the limit keeps working until a person decides."""
        return await self._parts.requests.pause(order_id)

    async def extend(self, order_id: str, seconds: Decimal) -> ParentOrder:
        """Move the deadline; a paused order gets `seconds` from now."""
        return await self._parts.requests.extend(order_id, seconds)

    async def end_seen(
        self, order_id: str, filled: Decimal, price: Decimal | None = None
    ) -> ParentOrder:
        """Take a person's word for how an unproven order ended. Raises Refusal."""
        return await self._parts.requests.end_seen(order_id, filled, price)

    async def finals(self, ids: Iterable[str]) -> tuple[ParentOrder, ...]:
        """The orders once all of them are final."""
        return await self._parts.requests.finals(ids)

    async def proven(self, ids: Iterable[str]) -> tuple[ParentOrder, ...]:
        """The orders once nothing of them can fill any more."""
        return await self._parts.requests.proven(ids)

    async def flatten(
        self, symbol: str = "", confirmed: Iterable[str] = (), by: str = "person"
    ) -> tuple[Flattened, ...]:
        """Cancel what is open, and send what is held to market. Raises Refusal, Confirmation."""
        return await self._parts.flattening.request(symbol, confirmed, by)

    async def kill(self, by: str = "person", *, stays: bool = True) -> KillReport:
        """Take no order from now on, cancel all, wait a while for proof, and say what is left."""
        return await self._parts.kill.pull(by, stays=stays)

    async def rearm(self) -> None:
        """Take orders again after a kill. Raises Refusal while the KILL file is there."""
        self._parts.kill_switch.rearm()

    def set_limits(self, limits: Limits) -> None:
        """Check every order from the next one on against these."""
        self._parts.requests.set_limits(limits)

    async def watch(self, symbols: Iterable[str]) -> None:
        """Follow quotes, trades and statuses of exactly these symbols."""
        await self.account_state.watch(symbols)

    async def asset(self, symbol: str) -> Asset:
        """One asset, read once. Raises Refusal for an unknown symbol."""
        return await self.account_state.asset(symbol)

    async def assets(self) -> tuple[Asset, ...]:
        """All assets of the venue."""
        return await self.account_state.assets()
