"""Carries the reducer's commands to the venue and brings the answers back as facts.

It decides nothing: before a command that waited goes out, the reducer is asked
whether it is still wanted, and of a POST the send gate whether it may leave. At most
one POST, one DELETE and one read of a child are in flight.
"""

from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from core.engine.account_state import AccountState
from core.engine.events import Level
from core.engine.internal_errors import InternalErrors
from core.engine.listeners import Counters, Listeners
from core.engine.risk_inputs import RiskInputs
from core.journal.damage import JournalError
from core.market.prices import Side
from core.market.time import NS
from core.orders.commands import Cancel, Post, Read
from core.orders.facts import AnyFact, CancelSent, PostBarred, PostSent, PostWithheld
from core.orders.ledger import Ledger
from core.orders.permissions import still_wanted
from core.orders.state import ChildOrder, Liveness, ParentOrder
from core.risk import send_gate
from core.risk.send_gate import Block, Look, NotWanted, Send, Verdict, Withhold
from core.runtime.clock import Clock
from core.runtime.keyed_timers import KeyedTimers
from core.runtime.tasks import Tasks
from core.venue.interface import PostReply, PostRequest, Unanswered, Venue
from core.venue.reply_facts import cancel_fact, post_fact, read_fact

UNTOLD_NS = NS // 4  # from what a lost stream would tell to the read of it
VenueCommand = Post | Cancel | Read


class Flushable(Protocol):
    """What a POST waits for."""

    async def flush(self) -> None:
        """Return when everything recorded so far is durable. Raises JournalError."""


class Dispatcher:
    """Commands out, facts in."""

    def __init__(
        self,
        venue: Venue,
        ledger: Ledger,
        recorder: Flushable,
        account_state: AccountState,
        risk_inputs: RiskInputs,
        counters: Counters,
        listeners: Listeners,
        internal_errors: InternalErrors,
        tasks: Tasks,
        clock: Clock,
        apply: Callable[[AnyFact], None],
    ) -> None:
        self._venue = venue
        self._ledger = ledger
        self._orders = ledger.orders
        self._recorder = recorder
        self._account_state = account_state
        self._risk_inputs = risk_inputs
        self._counters = counters
        self._listeners = listeners
        self._internal_errors = internal_errors
        self._tasks = tasks
        self._clock = clock
        self._apply = apply
        self._delays = KeyedTimers()
        self._busy: set[tuple[type[VenueCommand], str]] = set()
        self._again: set[tuple[type[VenueCommand], str]] = set()
        self._unless_told: dict[str, str] = {}  # children whose read waits for the order stream
        self.kept_back: dict[str, str] = {}  # children that wait for the end of another of ours
        self._freed: deque[str] = deque()  # symbols in which one has ended meanwhile
        self._work: dict[type[VenueCommand], Callable[[str, str], Coroutine[Any, Any, None]]] = {
            Post: self._post,
            Cancel: self._cancel,
            Read: self._read,
        }

    def carry_out(self, order_id: str, command: VenueCommand) -> None:
        """Do `command` now or after its delay; of two of a kind for one child the sooner counts."""
        key = (type(command), command.client_id)
        delay_ns = command.delay_ns
        if isinstance(command, Read) and command.unless_told:
            self._unless_told[command.client_id] = order_id
            if not self._account_state.hears_orders:
                delay_ns = min(delay_ns, UNTOLD_NS)
        self._delays.after(delay_ns, key, lambda: self._do(order_id, command))

    def stream_lost(self) -> None:
        """What the order stream was to tell is read instead, without waiting for it."""
        for client_id, order_id in tuple(self._unless_told.items()):
            self.carry_out(order_id, Read(client_id, UNTOLD_NS))

    def free(self, symbol: str) -> None:
        """A child of ours in `symbol` has ended: what waited for that is tried soon."""
        self._freed.append(symbol)

    def try_freed(self) -> None:
        """Send what waited for an end that has come, without its next turn."""
        while self._freed:
            symbol = self._freed.popleft()
            for name, order_id in tuple(self.kept_back.items()):
                if self._orders[order_id].symbol == symbol:
                    del self.kept_back[name]
                    self.carry_out(order_id, Post(name))

    def read_open(self) -> None:
        """Read whatever of ours is not proven dead."""
        for order in self._ledger.current:
            for child in () if self._ledger.is_left_alone(order.id) else order.live_children:
                if child.liveness is not Liveness.UNSENT:
                    self.carry_out(order.id, Read(child.client_id))

    def read_unproven(self, symbol: str = "") -> None:
        """Read what ended without proof, in `symbol` or all of it, before it is relied on."""
        for order in self._ledger.unproven:
            if symbol in ("", order.symbol):
                for child in order.live_children:
                    self.carry_out(order.id, Read(child.client_id))

    def stop(self) -> None:
        """Forget what waits."""
        self._delays.stop()

    def _do(self, order_id: str, command: VenueCommand) -> None:
        key = (type(command), command.client_id)
        if isinstance(command, Read):
            self._unless_told.pop(command.client_id, None)
        if key in self._busy:
            if isinstance(command, Read):  # what is on its way may be older than the reason to read
                self._again.add(key)
            return
        if self._is_wanted(order_id, command):
            self._busy.add(key)
            if isinstance(command, Cancel):
                self._note_cancel(order_id, command.client_id)
            self._tasks.spawn(self._run(order_id, command), f"{key[0].__name__} {key[1]}")

    def _is_wanted(self, order_id: str, command: VenueCommand) -> bool:
        if isinstance(command, Post):
            return isinstance(self._ask_gate(order_id, command.client_id, Look.DUE), Send)
        return still_wanted(self._orders[order_id], command)

    def _note_cancel(self, order_id: str, client_id: str) -> None:
        self._apply(CancelSent(order_id=order_id, at=self._clock.now_ns(), client_id=client_id))

    async def _run(self, order_id: str, command: VenueCommand) -> None:
        key = (type(command), command.client_id)
        try:
            await self._work[key[0]](order_id, command.client_id)
        finally:
            self._busy.discard(key)
        if key in self._again:
            self._again.discard(key)
            self._do(order_id, command)

    # ---- POST -------------------------------------------------------------------------------

    async def _post(self, order_id: str, client_id: str) -> None:
        if self._cleared(order_id, client_id, Look.READY) is None:
            return
        self._apply(PostSent(order_id=order_id, at=self._clock.now_ns(), client_id=client_id))
        try:
            await self._recorder.flush()
        except JournalError as error:
            self._withhold(order_id, client_id, str(error))
            self._internal_errors.journal_failed(str(error))
            return
        child = self._cleared(order_id, client_id, Look.RECORDED)
        if child is None:
            return
        try:
            reply = await self._send(self._orders[order_id], child)
        except Exception as error:
            reply = Unanswered(f"Touchline failed while sending ({type(error).__name__})")
            self._apply(post_fact(order_id, client_id, self._clock.now_ns(), reply))
            raise
        self._apply(post_fact(order_id, client_id, self._clock.now_ns(), reply))

    async def _send(self, order: ParentOrder, child: ChildOrder) -> PostReply:
        self._counters.posts += 1
        return await self._venue.post(_request(order, child))

    def _ask_gate(self, order_id: str, client_id: str, look: Look) -> Verdict:
        order = self._orders[order_id]
        return send_gate.verdict(order, client_id, look, self._risk_inputs.sending(order.symbol))

    def _cleared(self, order_id: str, client_id: str, look: Look) -> ChildOrder | None:
        """The child if it may leave; otherwise what keeps it back becomes a fact, and None."""
        match self._ask_gate(order_id, client_id, look):
            case Send(child=child):
                return child
            case Block() as block:
                self._bar(order_id, client_id, block)
            case Withhold():
                self._withhold(order_id, client_id, "")
            case NotWanted():
                pass
        return None

    def _bar(self, order_id: str, client_id: str, block: Block) -> None:
        if block.warning:
            self._listeners.notice(Level.WARNING, block.warning, order_id)
        if block.until_free:
            self.kept_back[client_id] = order_id
        self._apply(
            PostBarred(
                order_id=order_id,
                at=self._clock.now_ns(),
                client_id=client_id,
                reason=block.reason,
                retry_after=block.retry_after,
            )
        )

    def _withhold(self, order_id: str, client_id: str, reason: str) -> None:
        at = self._clock.now_ns()
        self._apply(PostWithheld(order_id=order_id, at=at, client_id=client_id, reason=reason))

    # ---- DELETE -----------------------------------------------------------------------------

    async def _cancel(self, order_id: str, client_id: str) -> None:
        child = self._orders[order_id].child(client_id)
        if child is None or child.broker_id is None:
            return
        self._counters.cancels += 1
        try:
            reply = await self._venue.cancel(child.broker_id)
        except Exception as error:
            reply = Unanswered(f"Touchline failed while cancelling ({type(error).__name__})")
            self._apply(cancel_fact(order_id, client_id, self._clock.now_ns(), reply))
            raise
        self._apply(cancel_fact(order_id, client_id, self._clock.now_ns(), reply))

    # ---- status reads -----------------------------------------------------------------------

    async def _read(self, order_id: str, client_id: str) -> None:
        child = self._orders[order_id].child(client_id)
        if child is None:
            return
        self._counters.reads += 1
        try:
            reply = await self._venue.read(client_id, child.broker_id)
        except Exception as error:
            reply = Unanswered(f"Touchline failed while reading ({type(error).__name__})")
            self._apply(read_fact(order_id, client_id, self._clock.now_ns(), reply))
            raise
        self._apply(read_fact(order_id, client_id, self._clock.now_ns(), reply))


def _request(order: ParentOrder, child: ChildOrder) -> PostRequest:
    return PostRequest(
        client_id=child.client_id,
        symbol=order.symbol,
        side=order.side,
        qty=child.qty,
        limit_price=child.limit_price,
        closes=order.side is Side.SELL and not order.short,
        extended=order.extended and child.limit_price is not None,
    )
