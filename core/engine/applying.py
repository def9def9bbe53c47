"""Applies facts one after the other: to the journal, to the state, to whoever listens, and on.

`FactQueue` keeps their order, `Applying` is what is done with one.
"""

from collections import deque
from collections.abc import Callable

from core.engine.events import Level, OrderChanged
from core.engine.wiring import Parts
from core.journal.writer import Recorder
from core.orders.commands import Command, PriceFallback, PriceStep
from core.orders.facts import AnyFact, PostRefused
from core.orders.reducer import reduce
from core.orders.state import ParentOrder
from core.risk import send_gate


class FactQueue:
    """Facts in the order in which they were told: one told during another waits its turn.

    `take` applies one. `afterwards` is called whenever none waits any more, `on_error` with the
    error of one that had waited.
    """

    def __init__(
        self,
        take: Callable[[AnyFact], None],
        afterwards: Callable[[], None],
        on_error: Callable[[BaseException], None],
    ) -> None:
        self._take = take
        self._afterwards = afterwards
        self._on_error = on_error
        self._waiting: deque[AnyFact] = deque()
        self._busy = False

    def put(self, fact: AnyFact) -> None:
        """Apply `fact` and what is told meanwhile; later, if another one is being applied.

        An error of `fact` itself is raised, once the others are applied.
        """
        self._waiting.append(fact)
        if not self._busy:
            self._busy = True
            try:
                self._work_off(fact)
            finally:
                self._busy = False

    def _work_off(self, told: AnyFact) -> None:
        failed: Exception | None = None
        while self._waiting:
            fact = self._waiting.popleft()
            try:
                self._take(fact)
            except Exception as error:  # noqa: BLE001 - the others must not be lost by it
                if fact is told:
                    failed = error
                else:
                    self._on_error(error)
            if not self._waiting:
                self._afterwards()
        if failed is not None:
            raise failed


class Applying:
    """One engine's."""

    def __init__(self, parts: Parts, recorder: Recorder) -> None:
        self._parts = parts
        self._recorder = recorder

    def take(self, fact: AnyFact) -> None:
        """Apply one fact. Between the journal and the state nothing can raise.

        What the fact comes to is worked out before it is journaled, and what follows from it is
        done step by step: one that raises is told of and keeps no other back.
        """
        parts = self._parts
        parts.counters.facts += 1
        before = self._parts.ledger.orders.get(fact.order_id)
        order, commands = reduce(before, fact)
        self._recorder.append(fact)
        parts.ledger.put(order)
        for step in (self._keep, self._tell, self._follow):
            self._isolated(step, before, order, fact)
        for command in commands:
            self._isolated(self._carry_out, order.id, command)
        if parts.dispatcher.kept_back and before is not None and send_gate.died(before, order):
            parts.dispatcher.free(order.symbol)

    def _isolated(self, step: Callable[..., None], *given: object) -> None:
        try:
            step(*given)
        except Exception as error:  # noqa: BLE001 - the fact is in journal and state already
            self._parts.internal_errors.task_failed(error)

    def _keep(self, before: ParentOrder | None, order: ParentOrder, fact: AnyFact) -> None:
        if order.done:
            self._recorder.keep_ended(order)
        self._parts.deadlines.sync(order)

    def _tell(self, before: ParentOrder | None, order: ParentOrder, fact: AnyFact) -> None:
        parts = self._parts
        if parts.account_state.count(before, order, fact):
            parts.refresher.read_soon()
        parts.listeners.tell(OrderChanged(order, fact))
        if order.alarm and (before is None or before.alarm != order.alarm):
            parts.listeners.notice(Level.ALARM, order.alarm, order.id)

    def _follow(self, before: ParentOrder | None, order: ParentOrder, fact: AnyFact) -> None:
        self._parts.watchdog.see(fact)
        if isinstance(fact, PostRefused) and fact.in_the_way:
            self._parts.foreign_orders.name_in_the_way(order, fact.in_the_way)

    def _carry_out(self, order_id: str, command: Command) -> None:
        if isinstance(command, PriceFallback | PriceStep):
            self._parts.pricer.answer(order_id, command)
        else:
            self._parts.dispatcher.carry_out(order_id, command)
