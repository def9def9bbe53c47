"""Runs the order state machine: journal, venue, deadlines, listeners.

Everything learned about an order passes `apply`, and everything done to one was
asked for by the reducer (`core.engine.dispatcher` carries it out). It runs on one asyncio
loop and is not thread-safe: other threads come in through `core.runtime.event_loop`.
"""

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import Callable, Container, Iterable
from decimal import Decimal
from pathlib import Path

from msgspec import structs

from core.engine import flatten
from core.engine.account_state import AccountState
from core.engine.counters import Counters
from core.engine.deadlines import Deadlines
from core.engine.dispatcher import Dispatcher
from core.engine.events import Level, OrderChanged
from core.engine.flatten import Flattening
from core.engine.foreign_orders import ForeignOrders
from core.engine.inbound import InboundEvents
from core.engine.kill_switch import Kill, KillSwitch
from core.engine.listeners import Listener, Listeners
from core.engine.pricer import Pricer
from core.engine.refresher import AccountRefresher
from core.engine.risk_inputs import RiskInputs
from core.engine.stream_watchdog import StreamWatchdog
from core.engine.troubles import Troubles
from core.errors import Refusal
from core.journal.damage import JournalError
from core.journal.writer import Recorder
from core.market.account import Account, Asset, Position
from core.market.links import Link, LinkName
from core.market.prices import ZERO
from core.market.quote_board import QuoteBoard
from core.market.quotes import Quote
from core.market.time import NS
from core.market.trading_hours import MarketClock
from core.orders.commands import Command, PriceFallback, PriceStep
from core.orders.facts import (
    AnyFact,
    CancelAsked,
    DeadlineMoved,
    MarketNowAsked,
    OrderAccepted,
    PriceSet,
    Resumed,
    VenueGone,
)
from core.orders.ledger import Ledger
from core.orders.plan import GRACE, Instruction
from core.orders.reducer import reduce
from core.orders.state import ParentOrder
from core.risk import acceptance, amendment, send_gate
from core.risk.limits import DEFAULTS, Limits, changes
from core.runtime.clock import Clock
from core.runtime.tasks import Tasks
from core.venue.interface import Venue
from core.wording import answers, kill_report
from core.wording.flatten_report import Flattened
from core.wording.kill_report import KillReport
from core.wording.next_step import OrderAction

_LOG = logging.getLogger(__name__)


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
        self.clock = clock
        self.counters = Counters()
        self.remarks: tuple[str, ...] = ()  # about files, to be said to whoever listens
        self.taken_up: tuple[str, ...] = ()  # left open by an earlier run and worked on by this one
        self._venue = venue
        self._recorder = recorder
        self._new_id = new_id
        self._applying = False
        self._waiting: deque[AnyFact] = deque()  # told while another is being applied
        self._freed: deque[str] = deque()  # symbols of which a child has ended meanwhile
        self._ledger = Ledger(orders or {})
        self._listeners = Listeners(self.counters, clock)
        self._troubles = Troubles(self.counters, self._listeners)
        self._tasks = Tasks(self._troubles.task_failed)
        self._deadlines = Deadlines(clock, self.apply)
        self._kill_switch = KillSwitch(kill_file, self._listeners)
        self.account_state = AccountState(venue, self._listeners)
        self.risk_inputs = RiskInputs(
            self.account_state, self._ledger, recorder, self._kill_switch, clock, settings
        )
        self._dispatcher = Dispatcher(
            venue,
            self._ledger,
            recorder,
            self.risk_inputs,
            self.counters,
            self._listeners,
            self._troubles,
            self._tasks,
            clock,
            self.apply,
        )
        self._pricer = Pricer(
            self.account_state, self._ledger, recorder, self._listeners, clock, self.apply
        )
        self._refresher = AccountRefresher(
            venue, self.account_state, self._ledger, self._listeners, self._dispatcher, clock
        )
        self._stream_watchdog = StreamWatchdog(self.account_state, self._refresher)
        self._foreign_orders = ForeignOrders(
            venue, self._ledger, self._listeners, self._tasks, clock, self.apply
        )
        self.sink = InboundEvents(
            self.account_state,
            self._ledger,
            self._listeners,
            self.counters,
            self._dispatcher,
            self._refresher,
            self._stream_watchdog,
            self._foreign_orders,
            self._tasks,
            clock,
            self.apply,
        )
        self._flattening = Flattening(
            open_orders=lambda: self.open_orders,
            orders=self.orders,
            positions=lambda: self.positions,
            quotes=self.board.quotes,
            cancel=self.cancel,
            settled=self.finals,
            refresh=self.account_state.refresh,
            send=self._send_to_market,
        )
        self._kill = Kill(
            self._kill_switch,
            cancel_all=self._cancel_all,
            settled=self.finals,
            others=self._foreign_orders.open,
            report=lambda by, ids, others, stays: kill_report.report(
                by, ids, self.orders, self.positions, others, stays=stays
            ),
            listeners=self._listeners,
        )

    # ---- what is known ----------------------------------------------------------------------

    @property
    def venue_name(self) -> str:
        """The name of its profile."""
        return self._venue.name

    @property
    def open_orders(self) -> tuple[ParentOrder, ...]:
        """Orders that are not final."""
        return self._ledger.open

    @property
    def orders(self) -> dict[str, ParentOrder]:
        """Every order, by id, oldest first."""
        return self._ledger.orders

    @property
    def board(self) -> QuoteBoard:
        """The latest quote, trade and trading status of each symbol watched."""
        return self.account_state.board

    @property
    def links(self) -> dict[LinkName, Link]:
        """The ways to the venue."""
        return self.account_state.links

    @property
    def settings(self) -> Limits:
        """The limits that every order is checked against from now on."""
        return self.risk_inputs.settings

    @property
    def settings_error(self) -> str:
        """Why they could not be read: then no order is taken."""
        return self.risk_inputs.settings_error

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
        self._troubles.watch(self._recorder)
        for remark in self.remarks:
            self._listeners.notice(Level.ALARM, remark)
        await self._venue.start(self.sink)
        await self.account_state.refresh()
        if self.account is not None:
            check_account(self.account)
        left_open = [o.id for o in self.open_orders]
        self.taken_up = tuple(i for i in left_open if only is None or i in only)
        self._ledger.leave_alone(set(left_open) - set(self.taken_up))
        taken = [o for o in self._ledger.current if not self._ledger.is_left_alone(o.id)]
        self.account_state.catch_up(taken)
        for order in taken:
            self._take_up(order, grace, cancel_by)
        self.sink.started = True
        self._tasks.spawn(self._refresher.run(), "refresh")
        if only is None:
            self._tasks.spawn(self._kill.watch(), "kill file")

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
        self._deadlines.stop()
        self._dispatcher.stop()
        self._stream_watchdog.forget()
        self._pricer.stop()
        await self._tasks.stop()
        await self._venue.stop()
        self._recorder.close()

    async def venue_ended(self, sentence: str) -> None:
        """The venue itself has gone for good: find so by a request, and say `sentence`."""
        await self._refresher.read_account()
        self._listeners.notice(Level.ALARM, sentence)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with every event, on the engine's loop; returns the way to end it."""
        return self._listeners.add(listener)

    # ---- what people ask for ----------------------------------------------------------------

    async def submit(self, instruction: Instruction, confirmed: Iterable[str] = ()) -> ParentOrder:
        """Accept an instruction, or raise Refusal; the same intent id twice is one order.

        Controls that only ask raise Confirmation unless they are named in `confirmed`.
        """
        known = self._ledger.of_intent(instruction.id)
        if known is not None:
            return known
        asset = await self.asset(instruction.symbol)
        known = self._ledger.of_intent(instruction.id)  # a twin may have come while we asked
        if known is not None:
            return known
        if self.account_state.locked_out:
            await self._refresher.read_account()  # the keys may be accepted again
        now = self.clock.now_ns()
        seen = self.risk_inputs.pre_trade(asset, now)
        try:
            accepted = acceptance.accept(instruction, seen, confirmed)
        except Refusal as refusal:
            record = acceptance.refusal_record(instruction, refusal, seen, self._venue.name)
            self._recorder.keep_refused(record)
            raise
        order_id = self._new_id()
        number = self.account.number if self.account else ""
        self.apply(
            OrderAccepted(
                order_id=order_id,
                at=now,
                instruction=structs.replace(instruction, plan=accepted.plan),
                quote=accepted.quote,
                limit_price=accepted.price.price,
                ticks_better=accepted.price.ticks_better,
                venue=self._venue.name,
                account=number,
                short=accepted.short,
                extended=accepted.extended,
            )
        )
        return self.orders[order_id]

    async def flatten(
        self, symbol: str = "", confirmed: Iterable[str] = (), by: str = "person"
    ) -> tuple[Flattened, ...]:
        """Cancel what is open in `symbol` (empty: in all), and send what is held to market.

        The account is read before it is asked and again once the cancels are proven. Raises
        Confirmation unless "flatten" is in `confirmed`, Refusal when nothing can be done.
        """
        symbols = await self._flattening.ask(symbol)
        if flatten.CONFIRM not in confirmed:
            raise self._flattening.confirmation(symbols)
        done = await self._flattening.flatten_all(symbols, by)
        for each in done:
            level = Level.ALARM if each.in_doubt else Level.WARNING
            self._listeners.notice(level, each.sentence)
        return done

    async def _send_to_market(self, position: Position) -> ParentOrder:
        """Accept the order that closes `position`."""
        asset = await self.asset(position.symbol)
        now, order_id = self.clock.now_ns(), self._new_id()
        asked = flatten.instruction(order_id, position)
        is_open = self.trades_now(extended=False)
        reason = flatten.stands_against(
            asked, self.risk_inputs.pre_trade(asset, now), is_open=is_open
        )
        if reason:
            raise Refusal("flatten", f"{position.symbol} was not flattened: {reason}", asked.qty)
        unknown = Quote(position.symbol, ZERO, ZERO, 0, 0, now, now)
        quote = self.board.quotes.get(position.symbol, unknown)
        self.apply(
            OrderAccepted(
                order_id=order_id,
                at=now,
                instruction=asked,
                quote=quote,
                limit_price=quote.far_touch(asked.side) or position.avg_entry_price,
                ticks_better=0,
                venue=self._venue.name,
                account=self.account.number if self.account else "",
            )
        )
        return self.orders[order_id]

    def set_limits(self, limits: Limits) -> None:
        """Check every order from the next one on against these; damaged settings are mended."""
        told = changes(self.settings, limits)
        self.risk_inputs.settings, self.risk_inputs.settings_error = limits, ""
        if told:
            self._listeners.notice(Level.INFO, f"Limits changed: {told}.")

    async def cancel(self, order_id: str, by: str = "person") -> ParentOrder:
        """Cancel without fallback, for ever. Returns once that is durable; proof comes later."""
        fact = CancelAsked(order_id=order_id, at=self.clock.now_ns(), by=by)
        return await self._ask(OrderAction.CANCEL, fact)

    async def cancel_all(self, by: str = "person") -> tuple[ParentOrder, ...]:
        """`cancel` for every open order, oldest first; what else is open is told of later."""
        asked = await self._cancel_all(by)
        self._listeners.notice(Level.INFO, answers.cancelled(asked))
        self._tasks.spawn(self._tell_others(), "list open orders")
        return asked

    async def _tell_others(self) -> None:
        others = await self._foreign_orders.open()
        if others is None or others:
            self._listeners.notice(Level.INFO, kill_report.left_alone(others))

    async def _cancel_all(self, by: str) -> tuple[ParentOrder, ...]:
        asked = self.open_orders
        self._attend(asked)
        for order in asked:
            self.apply(CancelAsked(order_id=order.id, at=self.clock.now_ns(), by=by))
        await self._durably()
        return tuple(self.orders[o.id] for o in asked)

    async def finals(self, ids: Iterable[str]) -> tuple[ParentOrder, ...]:
        """The orders once all of them are final."""
        wanted = tuple(ids)
        done = asyncio.Event()

        def look(_event: object = None) -> None:
            if all(self.orders[i].final for i in wanted):
                done.set()

        unlisten = self.listen(look)
        try:
            look()
            await done.wait()
        finally:
            unlisten()
        return tuple(self.orders[i] for i in wanted)

    @property
    def killed(self) -> str:
        """Why no order is taken; empty when they are."""
        return self._kill_switch.why

    async def kill(self, by: str = "person", *, stays: bool = True) -> KillReport:
        """Take no order from now on, cancel all, wait a while for proof, and say what is left.

        `stays`: this run goes on afterwards and pursues what is not proven.
        """
        return await self._kill.pull(by, stays=stays)

    async def rearm(self) -> None:
        """Take orders again after a kill. Raises Refusal while the KILL file is there."""
        self._kill_switch.rearm()

    async def market_now(self, order_id: str) -> ParentOrder:
        """Cancel the limit now and send the proven rest to market."""
        fact = MarketNowAsked(order_id=order_id, at=self.clock.now_ns())
        return await self._ask(OrderAction.MARKET_NOW, fact)

    async def reprice(
        self, order_id: str, limit_price: Decimal, confirmed: Iterable[str] = ()
    ) -> ParentOrder:
        """Give a working limit another price; the plan's later steps are given up.

        Returns once that is durable; the venue's proof comes later. Raises Refusal, or
        Confirmation for rules that only ask and are not named in `confirmed`.
        """
        asset = await self.asset(self._known(order_id).symbol)
        now = self.clock.now_ns()
        amendment.accept(
            self._known(order_id), limit_price, self.risk_inputs.pre_trade(asset, now), confirmed
        )
        fact = PriceSet(order_id=order_id, at=now, limit_price=limit_price)
        return await self._ask(OrderAction.REPRICE, fact)

    async def pause(self, order_id: str) -> ParentOrder:
        """Take the deadline away; the limit keeps working until a person decides."""
        fact = DeadlineMoved(order_id=order_id, at=self.clock.now_ns(), deadline_ns=None)
        return await self._ask(OrderAction.PAUSE, fact)

    async def extend(self, order_id: str, seconds: Decimal) -> ParentOrder:
        """Move the deadline; a paused order gets `seconds` from now."""
        now = self.clock.now_ns()
        order = self._known(order_id)
        start = now if order.deadline_ns is None else order.deadline_ns
        moved = start + int(seconds * NS)
        fact = DeadlineMoved(order_id=order_id, at=now, deadline_ns=moved)
        return await self._ask(OrderAction.MORE_TIME, fact)

    async def _ask(self, action: OrderAction, fact: AnyFact) -> ParentOrder:
        """Feed what a person asked, and say what is proven once that is durable."""
        self._attend([self._known(fact.order_id)])
        self.apply(fact)
        await self._durably()
        order = self.orders[fact.order_id]
        words = answers.answer(action, order, self.clock.now_ns())
        self._listeners.notice(Level.INFO, words, order.id)
        return order

    def _attend(self, orders: Iterable[ParentOrder]) -> None:
        """Go on with what this run had left alone."""
        left = [o for o in orders if self._ledger.is_left_alone(o.id)]
        self.account_state.catch_up(left)
        self._ledger.attend(o.id for o in left)

    def _known(self, order_id: str) -> ParentOrder:
        order = self.orders.get(order_id)
        if order is None:
            raise Refusal("order", f"There is no order {order_id}.", order_id)
        return order

    async def _durably(self) -> None:
        try:
            await self._recorder.flush()
        except JournalError as error:
            self._troubles.journal_failed(str(error))

    async def watch(self, symbols: Iterable[str]) -> None:
        """Follow quotes, trades and statuses of exactly these symbols."""
        await self.account_state.watch(symbols)

    async def asset(self, symbol: str) -> Asset:
        """One asset, read once. Raises Refusal for an unknown symbol."""
        return await self.account_state.asset(symbol)

    async def assets(self) -> tuple[Asset, ...]:
        """All assets of the venue."""
        return await self.account_state.assets()

    # ---- the one door -----------------------------------------------------------------------

    def apply(self, fact: AnyFact) -> None:
        """Journal a fact, take it into the state, tell the listeners, do what follows.

        One that is told meanwhile, by a listener or by what follows, waits its turn: facts are
        journaled in the order in which they were told, and all are applied when the outermost
        call returns. An error of this fact is raised once the others are applied.
        """
        self._waiting.append(fact)
        if not self._applying:
            self._applying = True
            try:
                self._apply_waiting(fact)
            finally:
                self._applying = False

    def _apply_waiting(self, told: AnyFact) -> None:
        failed: Exception | None = None
        while self._waiting:
            fact = self._waiting.popleft()
            try:
                self._take(fact)
            except Exception as error:  # noqa: BLE001 - the others must not be lost by it
                if fact is told:
                    failed = error
                else:
                    self._troubles.task_failed(error)
        while self._freed:
            self._dispatcher.try_again(self._freed.popleft())
        if failed is not None:
            raise failed

    def _take(self, fact: AnyFact) -> None:
        """Apply one fact; between the journal and the state nothing can raise."""
        self.counters.facts += 1
        before = self.orders.get(fact.order_id)
        self._recorder.append(fact)
        order, commands = reduce(before, fact)
        self._ledger.put(order)
        if order.done:
            self._recorder.keep_ended(order)
        self._stream_watchdog.see(fact)
        self._deadlines.sync(order)
        if self.account_state.count(before, order, fact):
            self._tasks.spawn(self._refresher.read_account(), "account")
        self._listeners.tell(OrderChanged(order, fact))
        if order.alarm and (before is None or before.alarm != order.alarm):
            self._listeners.notice(Level.ALARM, order.alarm, order.id)
        for command in commands:
            self._carry_out(order.id, command)
        if before is not None and send_gate.died(before, order):
            self._freed.append(order.symbol)

    def _carry_out(self, order_id: str, command: Command) -> None:
        if isinstance(command, PriceFallback | PriceStep):
            self._pricer.answer(order_id, command)
        else:
            self._dispatcher.carry_out(order_id, command)

    def trades_now(self, *, extended: bool) -> bool:
        """Whether limit orders trade now; with `extended` also outside regular hours."""
        return self.account_state.trades_at(self.clock.now_ns(), extended=extended)
