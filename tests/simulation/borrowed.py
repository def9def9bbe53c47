"""Planted bugs that were found in four public engines and in the first version of this idea.

Each is the same mistake, made here: a timeout that counts twice, no news taken as proof, a rest
that forgets what an earlier order filled. By name, with the seed where the search begins.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from core.engine.deadlines import Deadlines
from core.engine.dispatcher import Dispatcher
from core.market.prices import ZERO
from core.orders import child_record, facts, fallback, next_action, permissions, reducer, repricing
from core.orders.commands import Cancel, Command
from core.orders.ids import client_id
from core.orders.ledger import Ledger
from core.orders.plan import Fallback
from core.orders.state import Cause, ChildKind, ChildOrder, Liveness, ParentOrder, State, end
from core.orders.venue_answers.table import CHILD_RULES
from tests.simulation.patches import Draft, Patches, Plant, buried

_Rule = Callable[[ParentOrder, ChildOrder, Any], Draft]


def _unguarded(p: Patches) -> None:
    """The last check before a POST is not made, as in engines that have none."""
    p.function(permissions, "may_post", lambda order, name: not order.cancel_asked)


def _child_rule(p: Patches, fact: type, wrong: Callable[[_Rule], _Rule]) -> None:
    p.rule(fact, wrong(CHILD_RULES[fact]))


# ---- more than one timeout, submit or limit ---------------------------------------------------


def _two_timeouts(p: Patches) -> None:
    rule, deliver = reducer.PARENT_RULES[facts.DeadlineReached], Deadlines._reached

    def twice(self: Deadlines, order_id: str, now_ns: int) -> None:
        deliver(self, order_id, now_ns)
        deliver(self, order_id, now_ns)

    def wrong(order: ParentOrder, fact: facts.DeadlineReached) -> Draft:
        market = order.instruction.plan.fallback is Fallback.MARKET
        if order.final or order.cause is not Cause.TIMEOUT or not market:
            return rule(order, fact)
        commands: list[Command] = []
        return fallback.add_fallback(order, ChildKind.MARKET, None, commands), commands

    p.function(Deadlines, "_reached", twice)
    p.rule(facts.DeadlineReached, wrong)
    _unguarded(p)


def _same_instruction_twice(p: Patches) -> None:
    p.function(Ledger, "of_intent", lambda self, intent: None)


def _next_limit_before_proof(p: Patches) -> None:
    right = repricing.on_step_priced

    def wrong(order: ParentOrder, fact: facts.StepPriced) -> Draft:
        order, commands = right(order, fact)
        if any(isinstance(c, Cancel) for c in commands):
            order, more = repricing.add_limit(order, fact)
            commands = [*commands, *more]
        return order, commands

    p.function(repricing, "on_step_priced", wrong)
    _unguarded(p)


def _one_id_for_all_limits(p: Patches) -> None:
    p.function(repricing, "next_id", lambda order: client_id(order.id, 1))


# ---- no news is taken for proof ---------------------------------------------------------------


def _silent_cancel_is_done(p: Patches) -> None:
    def wrong(right: _Rule) -> _Rule:
        def rule(order: ParentOrder, child: ChildOrder, fact: facts.CancelFailed) -> Draft:
            tried = child.cancels >= 2 and not child.dead
            return buried(order, child, fact.at, "canceled") if tried else right(order, child, fact)

        return rule

    _child_rule(p, facts.CancelFailed, wrong)


def _failed_read_means_dead(p: Patches) -> None:
    def wrong(order: ParentOrder, child: ChildOrder, fact: facts.ReadFailed) -> Draft:
        return (order, []) if child.dead else buried(order, child, fact.at, "canceled")

    p.rule(facts.ReadFailed, wrong)


def _lost_after_three_misses(p: Patches) -> None:
    def wrong(right: _Rule) -> _Rule:
        def rule(order: ParentOrder, child: ChildOrder, fact: facts.NotFound) -> Draft:
            lost = child.misses >= 2 and not child.dead
            return buried(order, child, fact.at, "canceled") if lost else right(order, child, fact)

        return rule

    _child_rule(p, facts.NotFound, wrong)


def _not_found_at_a_start(p: Patches) -> None:
    def wrong(right: _Rule) -> _Rule:
        def rule(order: ParentOrder, child: ChildOrder, fact: facts.NotFound) -> Draft:
            gone = order.resumed and not child.dead
            return buried(order, child, fact.at, "canceled") if gone else right(order, child, fact)

        return rule

    _child_rule(p, facts.NotFound, wrong)


def _given_up(p: Patches) -> None:
    def wrong(right: _Rule) -> _Rule:
        def rule(order: ParentOrder, child: ChildOrder, fact: facts.ReadFailed) -> Draft:
            if child.reads < 5 or order.final:
                return right(order, child, fact)
            return end(order, fact.at, State.REJECTED, "Tried too often."), []

        return rule

    _child_rule(p, facts.ReadFailed, wrong)


def _pending_cancel_is_cancelled(p: Patches) -> None:
    def wrong(right: _Rule) -> _Rule:
        def rule(order: ParentOrder, child: ChildOrder, fact: facts.Reported) -> Draft:
            if fact.status != "pending_cancel" or child.dead:
                return right(order, child, fact)
            return buried(order, child, fact.at, "canceled")

        return rule

    _child_rule(p, facts.Reported, wrong)


def _cancel_reject_is_an_end(p: Patches) -> None:
    def wrong(right: _Rule) -> _Rule:
        def rule(order: ParentOrder, child: ChildOrder, fact: facts.Reported) -> Draft:
            if fact.event != "order_cancel_rejected" or child.dead:
                return right(order, child, fact)
            return buried(order, child, fact.at, "canceled")

        return rule

    _child_rule(p, facts.Reported, wrong)


# ---- what is told is taken wrongly, or not at all -----------------------------------------------


def _dead_are_not_listened_to(p: Patches) -> None:
    def wrong(right: _Rule) -> _Rule:
        return lambda order, child, fact: (order, []) if child.dead else right(order, child, fact)

    _child_rule(p, facts.Reported, wrong)


def _overfill_is_dropped(p: Patches) -> None:
    def wrong(right: _Rule) -> _Rule:
        def rule(order: ParentOrder, child: ChildOrder, fact: facts.Reported) -> Draft:
            over = order.filled - child.filled + fact.filled > order.qty
            return (order, []) if over else right(order, child, fact)

        return rule

    _child_rule(p, facts.Reported, wrong)


def _execution_adds_to_a_read(p: Patches) -> None:
    right = child_record._cumulative

    def wrong(child: ChildOrder, fact: facts.Reported, **more: Any) -> Any:
        filled, average = right(child, fact, **more)
        if fact.execution is not None and child.filled >= fact.filled:
            return child.filled + fact.execution.qty, average
        return filled, average

    p.function(child_record, "_cumulative", wrong)


def _correction_is_a_fill(p: Patches) -> None:
    right = child_record._cumulative

    def wrong(child: ChildOrder, fact: facts.Reported, **more: Any) -> Any:
        filled, average = right(child, fact, **more)
        return (child.filled + filled if fact.event in child_record.BUSTS else filled), average

    p.function(child_record, "_cumulative", wrong)


def _filled_is_not_recognised(p: Patches) -> None:
    def wrong(right: _Rule) -> _Rule:
        def rule(order: ParentOrder, child: ChildOrder, fact: facts.Reported) -> Draft:
            status = "accepted" if fact.status == "filled" else fact.status
            return right(order, child, replace(fact, status=status))

        return rule

    _child_rule(p, facts.Reported, wrong)


def _partly_filled_is_filled(p: Patches) -> None:
    def wrong(right: _Rule) -> _Rule:
        def rule(order: ParentOrder, child: ChildOrder, fact: facts.Reported) -> Draft:
            status = "filled" if "filled" in fact.status else fact.status
            return right(order, child, replace(fact, status=status))

        return rule

    _child_rule(p, facts.Reported, wrong)


def _filled_in_the_cancel_is_sold_again(p: Patches) -> None:
    def wrong(right: _Rule) -> _Rule:
        def rule(order: ParentOrder, child: ChildOrder, fact: facts.Reported) -> Draft:
            if fact.status != "filled" or child.liveness is not Liveness.CANCEL_SENT:
                return right(order, child, fact)
            return buried(order, child, fact.at, "canceled")

        return rule

    _child_rule(p, facts.Reported, wrong)


def _cancelled_counts_as_filled(p: Patches) -> None:
    right = next_action._next

    def wrong(order: ParentOrder, at: int, commands: list[Command]) -> ParentOrder:
        if repricing.last_child(order).status == "canceled" and not order.cancel_asked:
            return end(order, at, State.FILLED, "")
        return right(order, at, commands)

    p.function(next_action, "_next", wrong)


# ---- the rest -----------------------------------------------------------------------------------


def _rest_forgets_earlier_fills(p: Patches) -> None:
    right = fallback.add_fallback

    def wrong(order: ParentOrder, *args: Any, **more: Any) -> ParentOrder:
        last = order.children[-1].filled if order.children else ZERO
        order = right(order, *args, **more)
        fallback: Decimal = order.qty - last
        return replace(order, children=(*order.children[:-1], _sized(order, fallback)))

    p.function(fallback, "add_fallback", wrong)
    _unguarded(p)


def _sized(order: ParentOrder, qty: Decimal) -> ChildOrder:
    return replace(order.children[-1], qty=qty)


def _unasked_fallback(p: Patches) -> None:
    right = fallback.fall_back

    def wrong(order: ParentOrder, at: int, commands: list[Command]) -> ParentOrder:
        if order.instruction.plan.fallback is Fallback.NONE:
            return fallback.add_fallback(order, ChildKind.MARKET, None, commands)
        return right(order, at, commands)

    p.function(fallback, "fall_back", wrong)


def _unasked_collar(p: Patches) -> None:
    right = fallback.fall_back

    def wrong(order: ParentOrder, at: int, commands: list[Command]) -> ParentOrder:
        if order.instruction.plan.fallback is Fallback.NONE:
            return fallback.add_collar(order, order.limit_price, at, commands)
        return right(order, at, commands)

    p.function(fallback, "fall_back", wrong)


def _cancel_takes_the_others_along(p: Patches) -> None:
    right = Dispatcher._cancel

    async def wrong(self: Dispatcher, order_id: str, client_id: str) -> None:
        symbol = self._orders[order_id].symbol
        others = [o for o in self._orders.values() if o.symbol == symbol and o.id != order_id]
        for child in [c for o in others for c in o.live_children]:
            if child.broker_id is not None:
                await self._venue.cancel(child.broker_id)
        await right(self, order_id, client_id)

    p.function(Dispatcher, "_cancel", wrong)


BORROWED: tuple[tuple[str, Plant, int], ...] = (
    ("two timeouts are delivered, and both are obeyed", _two_timeouts, 1),
    ("the same instruction twice is two orders", _same_instruction_twice, 1),
    ("the next limit leaves before the last one is proven dead", _next_limit_before_proof, 1),
    ("all limits of a plan have one client id", _one_id_for_all_limits, 1),
    ("a cancel that nobody answers counts as done", _silent_cancel_is_done, 1),
    ("a read that fails means dead", _failed_read_means_dead, 1),
    ("what is not found three times is dead", _lost_after_three_misses, 1),
    ("what is not found at a start is dead", _not_found_at_a_start, 1),
    ("an order tried too often is given up and left live", _given_up, 1),
    ("pending_cancel counts as cancelled", _pending_cancel_is_cancelled, 1),
    ("a refused cancel, told by the stream, ends the order", _cancel_reject_is_an_end, 1),
    ("a dead order's late word is ignored", _dead_are_not_listened_to, 1),
    ("a fill over what was asked is dropped", _overfill_is_dropped, 1),
    ("an execution adds to what a read has told", _execution_adds_to_a_read, 1),
    ("a correction counts as another fill", _correction_is_a_fill, 1),
    ("a filled order is not recognised as filled", _filled_is_not_recognised, 1),
    ("partly filled is taken for filled", _partly_filled_is_filled, 1),
    ("what filled while it was cancelled is sold again", _filled_in_the_cancel_is_sold_again, 1),
    ("what was cancelled counts as filled", _cancelled_counts_as_filled, 1),
    ("the rest forgets what earlier limits filled", _rest_forgets_earlier_fills, 1),
    ("a market order is sent though no fallback was asked", _unasked_fallback, 1),
    ("a collar is sent though no fallback was asked", _unasked_collar, 1),
    ("a cancel takes the symbol's other orders along", _cancel_takes_the_others_along, 1),
)
