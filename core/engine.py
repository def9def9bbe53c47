"""Runs the order state machine: journal, venue, deadlines, listeners.

Everything learned about an order passes `feed`, and everything done to one was
asked for by the reducer (`core.courier` carries it out). It runs on one asyncio
loop and is not thread-safe: other threads come in through `core.runner`.
"""

import asyncio
import contextlib
import logging
import secrets
from collections import deque
from collections.abc import Callable, Container, Iterable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from core import checks, funds, intake, kill
from core.account import Account, Asset, Position
from core.checks import Situation
from core.clock import NS, Clock
from core.courier import Bar, Counters, Courier, reported
from core.errors import Refusal
from core.events import (
    AccountChanged,
    Event,
    Level,
    LinkChanged,
    MarketChanged,
    Notice,
    OrderChanged,
    QuoteChanged,
    StatusChanged,
    TakingChanged,
    TradePrinted,
)
from core.facts import (
    AnyFact,
    CancelAsked,
    DeadlineMoved,
    DeadlineReached,
    MarketNowAsked,
    OrderAccepted,
    Resumed,
    VenueGone,
)
from core.journal import JournalError, Recorder
from core.kill import KillReport, KillSwitch
from core.links import Link, LinkName, LinkState
from core.market import Board, MarketClock, Quote, Trade, TradingStatus, Unusable
from core.order_state import (
    ChildKind,
    ChildOrder,
    Liveness,
    ParentOrder,
    PriceFallback,
    PriceStep,
    Read,
    parent_of,
)
from core.orders import reduce, timer_ns
from core.plan import WINDOW, Instruction
from core.positions import after_change
from core.pricer import Pricer
from core.settings import DEFAULTS, Settings
from core.tasks import Tasks
from core.venue.base import OrderReport, Venue

_LOG = logging.getLogger(__name__)

REFRESH_S = 60.0
LIMIT_RETRY_S = 1.0
MOST_UNHEARD = 100
HALT_RETRY_S = 1.0

_READ_ONLY = (
    "Another program is connected to this account's order stream. Until it has gone, this "
    "Touchline only reads: it sends no order, and cancels only what it works already."
)

Listener = Callable[[Event], None]


class Engine:
    """One account at one venue. `orders` is by id, oldest first."""

    def __init__(
        self,
        venue: Venue,
        recorder: Recorder,
        clock: Clock,
        orders: dict[str, ParentOrder] | None = None,
        new_id: Callable[[], str] = lambda: secrets.token_hex(5),
        settings: Settings = DEFAULTS,
        kill_file: Path | None = None,
    ) -> None:
        self.clock = clock
        self.board = Board()
        self.orders: dict[str, ParentOrder] = orders or {}
        self.links: dict[LinkName, Link] = {}
        self.account: Account | None = None
        self.positions: dict[str, Position] = {}
        self.market: MarketClock | None = None
        self.counters = Counters()
        self.settings = settings
        self.settings_error = ""  # why they could not be read: then no order is taken
        self.journal_torn = ""  # what became of a damaged tail, to be said to whoever listens
        self._started = False
        self.taken_up: tuple[str, ...] = ()  # left open by an earlier run and worked on by this one
        self._left_alone: set[str] = set()  # open, and not for this run to go on with
        self._venue = venue
        self._recorder = recorder
        self._new_id = new_id
        self._assets: dict[str, Asset] = {}
        self._watched: set[str] = set()
        self._listeners: list[Listener] = []
        self._unheard: deque[Notice] = deque(maxlen=MOST_UNHEARD)
        self._parents = {c.client_id: o.id for o in self.orders.values() for c in o.children}
        self._intents = {o.instruction.id: o.id for o in self.orders.values()}
        self._timers: dict[str, tuple[int, asyncio.TimerHandle]] = {}
        self._tasks = Tasks(self._on_task_error)
        self._courier = Courier(
            venue,
            orders=self.orders,
            counters=self.counters,
            feed=self.feed,
            flush=self._recorder.flush,
            bar=self._bar,
            now_ns=clock.now_ns,
            spawn=self._tasks.spawn,
            on_journal_error=self._journal_failed,
        )
        self._pricer = Pricer(
            self.board,
            orders=self.orders,
            positions=lambda: self.positions,
            feed=self.feed,
            now_ns=clock.now_ns,
            is_open=self._is_open,
            why_not=lambda: self._recorder.broken,
            warn=lambda sentence, order_id: self._notice(Level.WARNING, sentence, order_id),
        )

        self._kill = KillSwitch(
            kill_file,
            cancel_all=self._cancel_for_kill,
            settled=self.finals,
            report=lambda by, ids: kill.report(by, ids, self.orders, self.positions),
            changed=self._taking_changed,
            told=self._kill_told,
        )

    @property
    def venue_name(self) -> str:
        """The profile: embedded, paper or live."""
        return self._venue.name

    @property
    def open_orders(self) -> tuple[ParentOrder, ...]:
        """Orders that are not final."""
        return tuple(o for o in self.orders.values() if not o.final)

    # ---- start and stop ---------------------------------------------------------------------

    async def start(
        self,
        window: Decimal = WINDOW,
        check_account: Callable[[Account], None] = lambda account: None,
        only: Container[str] | None = None,
        cancel_by: str = "",
    ) -> None:
        """Log in, connect, and take up what an earlier run left open.

        `window` is seconds after a deadline within which a fallback that nobody
        attended is still sent. `check_account` may raise Refusal before anything is
        done in the account. `only` names the orders to take up (None: all); the others
        stay as they are. With `cancel_by` they are taken up to be cancelled, before
        anything else can be done to them. Raises LoginRefused or VenueUnreachable.
        """
        loop = asyncio.get_running_loop()
        self._recorder.on_broken = lambda why: _later(loop, self._journal_failed, why)
        if self.journal_torn:
            self._notice(Level.ALARM, self.journal_torn)
        await self._venue.start(self)
        await self.refresh()
        if self.account is not None:
            check_account(self.account)
        left_open = self.open_orders
        self.taken_up = tuple(o.id for o in left_open if only is None or o.id in only)
        self._left_alone = {o.id for o in left_open} - set(self.taken_up)
        for order_id in self.taken_up:
            self._take_up(self.orders[order_id], window, cancel_by)
        for order in tuple(self.orders.values()):
            if order.final and order.live_children:  # ended, but a child was last seen alive
                self._take_up(order, window, "")
        self._started = True
        self._tasks.spawn(self._refresh_now_and_then(), "refresh")
        if only is None:
            self._tasks.spawn(self._kill.watch(), "kill file")

    def _take_up(self, order: ParentOrder, window: Decimal, cancel_by: str) -> None:
        now = self.clock.now_ns()
        if self.account is not None and order.account != self.account.number:
            self.feed(VenueGone(order_id=order.id, at=now))
            return
        if cancel_by:
            self.feed(CancelAsked(order_id=order.id, at=now, by=cancel_by))
        self.feed(Resumed(order_id=order.id, at=now, window=window))

    async def stop(self) -> None:
        """Close connections and journal. Orders stay as they are at the venue."""
        for _, timer in self._timers.values():
            timer.cancel()
        self._courier.stop()
        self._pricer.stop()
        await self._tasks.stop()
        await self._venue.stop()
        self._recorder.close()

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with every event, on the engine's loop; returns the way to end it.

        The first one hears at once what a person was to be told before anybody listened.
        """
        self._listeners.append(listener)
        while self._unheard:
            self._emit(self._unheard.popleft())

        def unlisten() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unlisten

    # ---- what people ask for ----------------------------------------------------------------

    async def submit(self, instruction: Instruction, confirmed: Iterable[str] = ()) -> ParentOrder:
        """Accept an instruction, or raise Refusal; the same intent id twice is one order.

        Controls that only ask raise Confirmation unless they are named in `confirmed`.
        """
        known = self._intents.get(instruction.id)
        if known is not None:
            return self.orders[known]
        asset = await self.asset(instruction.symbol)
        known = self._intents.get(instruction.id)  # a twin may have come while we asked
        if known is not None:
            return self.orders[known]
        now = self.clock.now_ns()
        seen = self._situation(asset, now)
        try:
            accepted = intake.accept(instruction, seen, confirmed)
        except Refusal as refusal:
            record = intake.turned_away(instruction, refusal, seen, self._venue.name)
            self._recorder.keep_turned_away(record)
            raise
        order_id = self._new_id()
        self._intents[instruction.id] = order_id
        number = self.account.number if self.account else ""
        self.feed(
            OrderAccepted(
                order_id=order_id,
                at=now,
                instruction=instruction,
                quote=accepted.quote,
                limit_price=accepted.price.price,
                ticks_better=accepted.price.ticks_better,
                venue=self._venue.name,
                account=number,
                short=accepted.short,
            )
        )
        return self.orders[order_id]

    def _situation(self, asset: Asset, now_ns: int) -> Situation:
        seen = checks.situation(
            asset.symbol,
            board=self.board,
            links=self.links,
            market=self.market,
            account=self.account,
            positions=self.positions,
            orders=self.orders,
            asset=asset,
            settings=self.settings,
            now_ns=now_ns,
        )
        return replace(
            seen,
            killed=self.killed,
            journal=self._recorder.broken,
            damaged=self.settings_error,
        )

    async def cancel(self, order_id: str, by: str = "person") -> ParentOrder:
        """Cancel without fallback, for ever. Returns once that is durable; proof comes later."""
        return await self._ask(CancelAsked(order_id=order_id, at=self.clock.now_ns(), by=by))

    async def cancel_all(self, by: str = "person") -> tuple[ParentOrder, ...]:
        """`cancel` for every open order, oldest first."""
        asked = self.open_orders
        self._left_alone.clear()
        for order in asked:
            self.feed(CancelAsked(order_id=order.id, at=self.clock.now_ns(), by=by))
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
        return self._kill.why

    async def kill(self, by: str = "person") -> KillReport:
        """Take no order from now on, cancel all, wait a while for proof, and say what is left."""
        return await self._kill.pull(by)

    async def rearm(self) -> None:
        """Take orders again after a kill. Raises Refusal while the KILL file is there."""
        self._kill.rearm()

    async def _cancel_for_kill(self, by: str) -> tuple[str, ...]:
        return tuple(o.id for o in await self.cancel_all(by=by))

    def _taking_changed(self, why: str) -> None:
        words = why or "Orders are taken again."
        self._notice(Level.ALARM if why else Level.INFO, words)
        self._emit(TakingChanged(why))

    def _kill_told(self, told: KillReport) -> None:
        self._notice(Level.ALARM if told.unproven else Level.WARNING, told.sentence)

    async def market_now(self, order_id: str) -> ParentOrder:
        """Cancel the limit now and send the proven rest to market."""
        return await self._ask(MarketNowAsked(order_id=order_id, at=self.clock.now_ns()))

    async def hold(self, order_id: str) -> ParentOrder:
        """Take the deadline away; the limit keeps working until a person decides."""
        return await self._ask(
            DeadlineMoved(order_id=order_id, at=self.clock.now_ns(), deadline_ns=None)
        )

    async def extend(self, order_id: str, seconds: Decimal) -> ParentOrder:
        """Move the deadline; a held order gets `seconds` from now."""
        now = self.clock.now_ns()
        order = self._known(order_id)
        start = now if order.deadline_ns is None else order.deadline_ns
        moved = start + int(seconds * NS)
        return await self._ask(DeadlineMoved(order_id=order_id, at=now, deadline_ns=moved))

    async def _ask(self, fact: AnyFact) -> ParentOrder:
        self._known(fact.order_id)
        self._left_alone.discard(fact.order_id)
        self.feed(fact)
        await self._durably()
        return self.orders[fact.order_id]

    def _known(self, order_id: str) -> ParentOrder:
        order = self.orders.get(order_id)
        if order is None:
            raise Refusal("order", f"There is no order {order_id}.", order_id)
        return order

    async def _durably(self) -> None:
        try:
            await self._recorder.flush()
        except JournalError as error:
            self._journal_failed(str(error))

    async def watch(self, symbols: Iterable[str]) -> None:
        """Follow quotes, trades and statuses of exactly these symbols."""
        wanted = set(symbols)
        new = wanted - self._watched
        self._watched = wanted
        await self._venue.watch(sorted(wanted))
        for symbol in sorted(new):
            quote = await self._venue.latest_quote(symbol)
            if quote is not None:
                self.on_quote(quote)

    async def asset(self, symbol: str) -> Asset:
        """One asset, read once. Raises Refusal for an unknown symbol."""
        if symbol not in self._assets:
            self._assets[symbol] = await self._venue.asset(symbol)
        return self._assets[symbol]

    async def assets(self) -> tuple[Asset, ...]:
        """All assets of the venue."""
        found = await self._venue.assets()
        self._assets.update((a.symbol, a) for a in found)
        return found

    async def refresh(self) -> None:
        """Read account, positions and session anew."""
        self.market = await self._venue.clock()
        self._emit(MarketChanged(self.market))
        self.account = await self._venue.account()
        self.positions = {p.symbol: p for p in await self._venue.positions()}
        self._emit_account()

    async def _refresh_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(REFRESH_S)
            if not (self.open_orders and self._is_open()):
                try:
                    await self.refresh()
                except Refusal as refusal:
                    self._notice(Level.WARNING, refusal.sentence)

    # ---- the one door -----------------------------------------------------------------------

    def feed(self, fact: AnyFact) -> None:
        """Journal a fact, take it into the state, tell the listeners, do what follows."""
        self.counters.facts += 1
        self._recorder.append(fact)
        before = self.orders.get(fact.order_id)
        order, commands = reduce(before, fact)
        self.orders[order.id] = order
        if before is None or len(before.children) != len(order.children):
            self._parents.update((c.client_id, order.id) for c in order.children)
        self._sync_timer(order)
        self._count_position(before, order)
        self._emit(OrderChanged(order, fact))
        if order.alarm and (before is None or before.alarm != order.alarm):
            self._notice(Level.ALARM, order.alarm, order.id)
        for command in commands:
            if isinstance(command, PriceFallback | PriceStep):
                self._pricer.answer(order.id, command)
            else:
                self._courier.carry_out(order.id, command)

    def _count_position(self, before: ParentOrder | None, order: ParentOrder) -> None:
        """Keep positions by what filled and what is reserved, so that no fill costs a read."""
        held, account = self.positions.get(order.symbol), self.account
        changed = after_change(held, before, order)
        if changed is not None:
            self.positions[order.symbol] = changed
        if account is not None:
            self.account = funds.after_change(account, before, order)
        if changed != held or self.account is not account:
            self._emit_account()

    def _emit_account(self) -> None:
        if self.account is not None:
            self._emit(AccountChanged(self.account, tuple(self.positions.values())))

    def _sync_timer(self, order: ParentOrder) -> None:
        due = timer_ns(order)
        held = self._timers.get(order.id)
        if held is not None:
            if held[0] == due:
                return
            held[1].cancel()
            del self._timers[order.id]
        if due is not None:
            self._arm(order.id, due)

    def _arm(self, order_id: str, due: int) -> None:
        delay = max(due - self.clock.now_ns(), 0) / NS
        timer = asyncio.get_running_loop().call_later(delay, self._on_timer, order_id, due)
        self._timers[order_id] = (due, timer)

    def _on_timer(self, order_id: str, due: int) -> None:
        now = self.clock.now_ns()
        if now < due:  # a loop may round its timers down
            self._arm(order_id, due)
            return
        self._timers.pop(order_id, None)
        self.feed(DeadlineReached(order_id=order_id, at=now))

    def _bar(self, order: ParentOrder, child: ChildOrder) -> Bar | None:
        """What forbids a POST now: in a halt or after the close a fallback would queue."""
        if self._reads_only():
            return Bar(_READ_ONLY, LIMIT_RETRY_S)
        if child.kind is ChildKind.LIMIT:
            return None
        if not self._is_open():
            return Bar(Unusable.CLOSED.sentence(order.symbol))
        if not self.board.halted(order.symbol):
            return None
        reason = Unusable.HALTED.sentence(order.symbol)
        if child.error != reason:
            self._notice(
                Level.WARNING, f"{reason} The fallback for {child.qty} shares waits.", order.id
            )
        return Bar(reason, HALT_RETRY_S)

    def _reads_only(self) -> bool:
        """Whether another program has the account's order stream."""
        link = self.links.get(LinkName.ORDERS)
        return link is not None and link.limited

    def _is_open(self) -> bool:
        return self.market is None or self.market.open_at(self.clock.now_ns())

    def _journal_failed(self, sentence: str) -> None:
        if not self.counters.journal_error:
            self.counters.journal_error = sentence
            self._notice(
                Level.ALARM,
                f"{sentence} Nothing new is sent until Touchline is restarted with room to record; "
                "working orders are still watched and can be cancelled.",
            )

    # ---- what the streams say (venue.base.Sink) ---------------------------------------------

    def on_report(self, report: OrderReport) -> None:
        """A word about an order, ours or somebody else's."""
        for name in (report.client_id, report.broker_id):
            parent = self._parents.get(name)
            if parent in self._left_alone:
                return
            if parent is not None:
                self.feed(reported(parent, name, report, self.clock.now_ns()))
                return
        if parent_of(report.client_id) is not None and report.event in ("new", "fill"):
            self._notice(
                Level.ALARM,
                f"The venue reports {report.client_id}, an order of Touchline's that this journal "
                "does not know. Touchline leaves it alone; check it at the broker.",
            )

    def on_quote(self, quote: Quote) -> None:
        """A quote; older ones than the one held are dropped."""
        if self.board.put_quote(quote):
            self.board.feed.sign(quote.received_ns)
            self._emit(QuoteChanged(quote))

    def on_trade(self, trade: Trade) -> None:
        """A print."""
        self.board.put_trade(trade)
        self._emit(TradePrinted(trade))

    def on_status(self, status: TradingStatus) -> None:
        """A halt or its end."""
        self.board.put_status(status)
        self._emit(StatusChanged(status))

    def on_link(self, link: Link) -> None:
        """A link changed. Whenever the order stream connects, our open children are read once."""
        before = self.links.get(link.name)
        self.links[link.name] = link
        fresh = link.state is LinkState.UP and (
            before is None or before.state is not LinkState.UP or before.since_ns != link.since_ns
        )
        if link.name is LinkName.QUOTES:
            self._feed_life(link, fresh=fresh)
        if link.name is LinkName.ORDERS and fresh and self._started:
            self._read_open_children()
        if link.name is LinkName.ORDERS and link.limited and not (before and before.limited):
            self._notice(Level.ALARM, _READ_ONLY)
        if link.state is LinkState.REFUSED and link.name is not LinkName.QUOTES:
            self._login_refused(link, before)
        self._emit(LinkChanged(link))

    def _login_refused(self, link: Link, before: Link | None) -> None:
        """Say it once: an order can then be neither sent, nor cancelled, nor read."""
        if before is None or before.state is not LinkState.REFUSED:
            why = link.detail or "The venue does not accept the keys any more."
            self._notice(
                Level.ALARM,
                f"{why} Nothing can be sent, cancelled or read until it does; open orders stay at "
                "the venue, so check them at the broker.",
            )

    def _feed_life(self, link: Link, *, fresh: bool) -> None:
        if fresh:
            self.board.feed.connected(self.clock.now_ns())
        elif link.state is LinkState.UP:
            self.board.feed.sign(self.clock.now_ns())
        else:
            self.board.feed.lost()

    def _read_open_children(self) -> None:
        for order in self.orders.values():
            for child in () if order.id in self._left_alone else order.live_children:
                if child.liveness is not Liveness.UNSENT:
                    self._courier.carry_out(order.id, Read(child.client_id))

    def on_bad_frame(self, link: LinkName, reason: str, client_id: str | None) -> None:
        """A frame was skipped; if it was about an order of ours, that order is read."""
        self.counters.bad_frames += 1
        self._notice(
            Level.WARNING, f"A frame of the {link} stream was unreadable and skipped: {reason}."
        )
        parent = self._parents.get(client_id or "")
        if parent is not None and client_id is not None and parent not in self._left_alone:
            self._courier.carry_out(parent, Read(client_id))

    # ---- listeners --------------------------------------------------------------------------

    def _notice(self, level: Level, sentence: str, order_id: str | None = None) -> None:
        self._emit(Notice(level, sentence, self.clock.now_ns(), order_id))

    def _emit(self, event: Event) -> None:
        if not self._listeners and isinstance(event, Notice):
            self._unheard.append(event)
        for listener in tuple(self._listeners):
            try:
                listener(event)
            except Exception as error:  # noqa: BLE001 - a listener's fault must not stop the engine
                self._listener_failed(event, error)

    def _listener_failed(self, event: Event, error: Exception) -> None:
        self.counters.listener_errors += 1
        _LOG.error("a listener failed on %s", type(event).__name__, exc_info=error)
        if not isinstance(event, Notice):
            sentence = f"A part of the display failed ({type(error).__name__}); orders go on."
            self._notice(Level.WARNING, sentence)

    def _on_task_error(self, error: BaseException) -> None:
        _LOG.error("a task of the engine failed", exc_info=error)
        self._notice(
            Level.ALARM,
            f"Touchline met an error of its own ({type(error).__name__}). Orders stay as shown; "
            "check open orders at the broker.",
        )


def _later(loop: asyncio.AbstractEventLoop, do: Callable[[str], None], sentence: str) -> None:
    """Call `do` on the loop, from any thread; a loop that has ended needs it no more."""
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(do, sentence)
