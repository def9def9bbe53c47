"""What a person may ask for: a new order, and what can be done with the open ones.

Each request becomes a fact (`apply`) and is answered once that is durable; what the venue does
about it comes later. No venue is called here.
"""

import asyncio
from collections.abc import Callable, Iterable
from decimal import Decimal

from msgspec import structs

from core.engine.account_refresher import AccountRefresher
from core.engine.account_state import AccountState
from core.engine.dispatcher import Dispatcher
from core.engine.events import Level
from core.engine.foreign_orders import ForeignOrders
from core.engine.internal_errors import InternalErrors
from core.engine.listeners import Listeners
from core.engine.risk_inputs import RiskInputs
from core.errors import Refusal
from core.journal.damage import JournalError
from core.journal.writer import Recorder
from core.market.quotes import Quote
from core.market.time import NS
from core.orders.facts import (
    AnyFact,
    CancelAsked,
    DeadlineMoved,
    EndSeen,
    MarketNowAsked,
    OrderAccepted,
    PriceSet,
)
from core.orders.ledger import Ledger
from core.orders.plan import Instruction
from core.orders.state import ParentOrder
from core.risk import acceptance, amendment, end_seen
from core.risk.limits import Limits, changes
from core.runtime.clock import Clock
from core.runtime.tasks import Tasks
from core.wording import answers, kill_report
from core.wording.next_step import OrderAction


class NewOrders:
    """Makes orders of instructions. `venue` is the profile's name; `new_id` names an order."""

    def __init__(
        self,
        venue: str,
        account_state: AccountState,
        ledger: Ledger,
        recorder: Recorder,
        risk_inputs: RiskInputs,
        refresher: AccountRefresher,
        dispatcher: Dispatcher,
        clock: Clock,
        new_id: Callable[[], str],
        apply: Callable[[AnyFact], None],
    ) -> None:
        self._venue = venue
        self._account_state = account_state
        self._ledger = ledger
        self._recorder = recorder
        self._risk_inputs = risk_inputs
        self._refresher = refresher
        self._dispatcher = dispatcher
        self._clock = clock
        self._apply = apply
        self.new_id = new_id

    async def submit(self, instruction: Instruction, confirmed: Iterable[str]) -> ParentOrder:
        """Accept an instruction, or raise Refusal; the same intent id twice is one order.

        Controls that only ask raise Confirmation unless they are named in `confirmed`.
        """
        known = self._ledger.of_intent(instruction.id)
        if known is not None:
            return known
        asset = await self._account_state.asset(instruction.symbol)
        known = self._ledger.of_intent(instruction.id)  # a twin may have come while we asked
        if known is not None:
            return known
        if self._account_state.locked_out:
            await self._refresher.read_account()  # the keys may be accepted again
            known = self._ledger.of_intent(instruction.id)  # and once more
            if known is not None:
                return known
        self._dispatcher.read_unproven(instruction.symbol)
        now = self._clock.now_ns()
        seen = self._risk_inputs.pre_trade(asset, now)
        try:
            accepted = acceptance.accept(instruction, seen, confirmed)
        except Refusal as refusal:
            record = acceptance.refusal_record(instruction, refusal, seen, self._venue)
            self._recorder.keep_refused(record)
            raise
        return self.accept(
            self.new_id(),
            now,
            structs.replace(instruction, plan=accepted.plan),
            accepted.quote,
            accepted.price.price,
            ticks_better=accepted.price.ticks_better,
            short=accepted.short,
            extended=accepted.extended,
        )

    def accept(
        self,
        order_id: str,
        at: int,
        instruction: Instruction,
        quote: Quote,
        limit_price: Decimal,
        *,
        ticks_better: int = 0,
        short: bool = False,
        extended: bool = False,
    ) -> ParentOrder:
        """The order that this instruction becomes; whether it may was asked before."""
        account = self._account_state.account
        self._apply(
            OrderAccepted(
                order_id=order_id,
                at=at,
                instruction=instruction,
                quote=quote,
                limit_price=limit_price,
                ticks_better=ticks_better,
                venue=self._venue,
                account=account.number if account else "",
                short=short,
                extended=extended,
            )
        )
        return self._ledger.orders[order_id]


class Requests:
    """What can be done with the orders there are. Of an order that there is not: Refusal."""

    def __init__(
        self,
        account_state: AccountState,
        ledger: Ledger,
        recorder: Recorder,
        risk_inputs: RiskInputs,
        foreign_orders: ForeignOrders,
        dispatcher: Dispatcher,
        listeners: Listeners,
        internal_errors: InternalErrors,
        tasks: Tasks,
        clock: Clock,
        apply: Callable[[AnyFact], None],
    ) -> None:
        self._account_state = account_state
        self._ledger = ledger
        self._recorder = recorder
        self._risk_inputs = risk_inputs
        self._foreign_orders = foreign_orders
        self._dispatcher = dispatcher
        self._listeners = listeners
        self._internal_errors = internal_errors
        self._tasks = tasks
        self._clock = clock
        self._apply = apply

    # ---- one order --------------------------------------------------------------------------

    async def cancel(self, order_id: str, by: str) -> ParentOrder:
        """Cancel without fallback, for ever. Returns once that is durable; proof comes later."""
        known = self._known(order_id)
        if known.final and not known.done:
            self._dispatcher.read_unproven(known.symbol)
        fact = CancelAsked(order_id=order_id, at=self._clock.now_ns(), by=by)
        return await self._ask(OrderAction.CANCEL, fact)

    async def market_now(self, order_id: str) -> ParentOrder:
        """Cancel the limit now and send the proven rest to market."""
        fact = MarketNowAsked(order_id=order_id, at=self._clock.now_ns())
        return await self._ask(OrderAction.MARKET_NOW, fact)

    async def reprice(
        self, order_id: str, limit_price: Decimal, confirmed: Iterable[str]
    ) -> ParentOrder:
        """Give a working limit another price; the plan's later steps are given up.

        Returns once that is durable; the venue's proof comes later. Raises Refusal, or
        Confirmation for rules that only ask and are not named in `confirmed`.
        """
        asset = await self._account_state.asset(self._known(order_id).symbol)
        now = self._clock.now_ns()
        seen = self._risk_inputs.pre_trade(asset, now)
        amendment.accept(self._known(order_id), limit_price, seen, confirmed)
        fact = PriceSet(order_id=order_id, at=now, limit_price=limit_price)
        return await self._ask(OrderAction.REPRICE, fact)

    async def pause(self, order_id: str) -> ParentOrder:
        """Take the deadline away; the limit keeps working until a person decides."""
        fact = DeadlineMoved(order_id=order_id, at=self._clock.now_ns(), deadline_ns=None)
        return await self._ask(OrderAction.PAUSE, fact)

    async def extend(self, order_id: str, seconds: Decimal) -> ParentOrder:
        """Move the deadline; a paused order gets `seconds` from now."""
        now = self._clock.now_ns()
        order = self._known(order_id)
        start = now if order.deadline_ns is None else order.deadline_ns
        moved = start + int(seconds * NS)
        fact = DeadlineMoved(order_id=order_id, at=now, deadline_ns=moved)
        return await self._ask(OrderAction.MORE_TIME, fact)

    async def end_seen(self, order_id: str, filled: Decimal, price: Decimal | None) -> ParentOrder:
        """Take a person's word for how an unproven order ended at the broker. Raises Refusal."""
        child = end_seen.check(self._known(order_id), filled, price)
        fact = EndSeen(
            order_id=order_id,
            at=self._clock.now_ns(),
            client_id=child.client_id,
            filled=filled,
            avg_price=price,
        )
        return await self._ask(OrderAction.ENDED, fact)

    async def _ask(self, action: OrderAction, fact: AnyFact) -> ParentOrder:
        """Apply what a person asked, and say what is proven once that is durable."""
        self._attend([self._known(fact.order_id)])
        self._apply(fact)
        await self._durably()
        order = self._ledger.orders[fact.order_id]
        words = answers.answer(action, order, self._clock.now_ns())
        self._listeners.notice(Level.INFO, words, order.id)
        return order

    def _known(self, order_id: str) -> ParentOrder:
        order = self._ledger.orders.get(order_id)
        if order is None:
            raise Refusal("order", f"There is no order {order_id}.", order_id)
        return order

    def _attend(self, orders: Iterable[ParentOrder]) -> None:
        """Go on with what this run had left alone."""
        left = [o for o in orders if self._ledger.is_left_alone(o.id)]
        self._account_state.catch_up(left)
        self._ledger.attend(o.id for o in left)

    async def _durably(self) -> None:
        try:
            await self._recorder.flush()
        except JournalError as error:
            self._internal_errors.journal_failed(str(error))

    # ---- all orders -------------------------------------------------------------------------

    async def cancel_all(self, by: str) -> tuple[ParentOrder, ...]:
        """`cancel` for every open order, oldest first; what else is open is told of later."""
        asked = await self.cancel_open(by)
        self._listeners.notice(Level.INFO, answers.cancelled(asked))
        self._tasks.spawn(self._tell_others(), "list open orders")
        return asked

    async def cancel_open(self, by: str) -> tuple[ParentOrder, ...]:
        """The same, and nothing is told."""
        self._dispatcher.read_unproven()
        asked = self._ledger.open
        self._attend(asked)
        for order in asked:
            self._apply(CancelAsked(order_id=order.id, at=self._clock.now_ns(), by=by))
        await self._durably()
        return tuple(self._ledger.orders[o.id] for o in asked)

    async def _tell_others(self) -> None:
        others = await self._foreign_orders.open()
        if others is None or others:
            self._listeners.notice(Level.INFO, kill_report.left_alone(others))

    async def finals(self, ids: Iterable[str]) -> tuple[ParentOrder, ...]:
        """The orders once all of them are final."""
        return await self._once(ids, lambda order: order.final)

    async def proven(self, ids: Iterable[str]) -> tuple[ParentOrder, ...]:
        """The orders once nothing of them can fill any more."""
        return await self._once(ids, lambda order: order.done)

    async def _once(
        self, ids: Iterable[str], holds: Callable[[ParentOrder], bool]
    ) -> tuple[ParentOrder, ...]:
        wanted, orders = tuple(ids), self._ledger.orders
        done = asyncio.Event()

        def look(_event: object = None) -> None:
            if all(holds(orders[i]) for i in wanted):
                done.set()

        unlisten = self._listeners.add(look)
        try:
            look()
            await done.wait()
        finally:
            unlisten()
        return tuple(orders[i] for i in wanted)

    def set_limits(self, limits: Limits) -> None:
        """Check every order from the next one on against these; damaged settings are mended."""
        told = changes(self._risk_inputs.settings, limits)
        self._risk_inputs.settings, self._risk_inputs.settings_error = limits, ""
        if told:
            self._listeners.notice(Level.INFO, f"Limits changed: {told}.")
