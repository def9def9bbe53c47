"""How a child order takes in the venue's word: cumulative filled and liveness, kept apart.

Pure. A report may come twice, late, out of order or incomplete; what is proven
never regresses, and what does not add up is said so that it gets read again.
"""

from decimal import Decimal

from msgspec.structs import replace

from core.facts import Execution, Reported, Source
from core.order_state import ChildOrder, Liveness
from core.prices import ZERO

TERMINAL = frozenset({"filled", "canceled", "expired", "rejected", "replaced"})
BUSTS = frozenset({"trade_bust", "trade_correct"})

# Ends of ours that no venue record stands for; `status` of a child that we buried.
NEVER_SENT = "never sent"  # our journal proves that no POST left
REFUSED = "refused"  # the venue's answer to the POST was a definite no
ABSENT = "absent"  # a POST went unanswered and every read found nothing
GONE = "venue gone"  # the embedded exchange that held it has ended


def bury(child: ChildOrder, at: int, status: str, error: str = "") -> ChildOrder:
    """The child as dead, with why, when there is no terminal record to say it."""
    return replace(
        child,
        liveness=Liveness.DEAD,
        status=status,
        error=error or child.error,
        as_of=at,
        dead_at=at,
    )


def absorb(child: ChildOrder, fact: Reported) -> tuple[ChildOrder, str]:
    """The child after `fact`, and a sentence if the fact contradicts what was known."""
    child, doubt = _add_execution(child, fact)
    filled, average = _cumulative(child, fact)
    if filled > (fact.qty or child.qty):
        doubt = f"The venue reports {filled} filled of {child.qty} ({child.client_id})."
    elif child.broker_id is not None and fact.broker_id != child.broker_id:
        doubt = f"The venue reports two orders under one id ({child.client_id})."
    read = fact.source is Source.READ
    newest = fact.at >= child.as_of
    changed = replace(
        child,
        broker_id=child.broker_id or fact.broker_id,
        filled=filled,
        avg_price=average,
        qty=fact.qty if fact.qty is not None and child.broker_id == child.client_id else child.qty,
        limit_price=child.limit_price or fact.limit_price,
        reads=child.reads + read,
        misses=0,
        error=fact.reason or child.error,
        as_of=fact.at if newest else child.as_of,
        source=fact.source if newest else child.source,
        acked_at=child.acked_at or fact.at,
    )
    return _relive(child, changed, fact, conflict=bool(doubt)), doubt


def _add_execution(child: ChildOrder, fact: Reported) -> tuple[ChildOrder, str]:
    new = fact.execution
    if new is None or fact.event in BUSTS:
        return child, ""
    if new.id not in child.execution_ids:
        return replace(
            child,
            executions=(*child.executions, new),
            execution_ids=child.execution_ids | {new.id},
        ), ""
    held = next(e for e in child.executions if e.id == new.id)
    if (held.qty, held.price) == (new.qty, new.price):
        return child, ""
    return (
        child,
        f"The venue sent execution {new.id} twice with different numbers ({child.client_id}).",
    )


def _cumulative(child: ChildOrder, fact: Reported) -> tuple[Decimal, Decimal | None]:
    """The venue's cumulative number only grows, save for a bust; the average goes with it."""
    if fact.event in BUSTS:
        return fact.filled, fact.avg_price or child.avg_price
    filled = max(child.filled, fact.filled)
    if fact.filled == filled and fact.avg_price is not None:
        return filled, fact.avg_price
    return filled, _explained_average(child.executions, filled) or child.avg_price


def _explained_average(executions: tuple[Execution, ...], filled: Decimal) -> Decimal | None:
    shares = value = ZERO
    for execution in executions:
        shares += execution.qty
        value += execution.qty * execution.price
    return value / shares if shares and shares == filled else None


def _relive(before: ChildOrder, child: ChildOrder, fact: Reported, *, conflict: bool) -> ChildOrder:
    """The child with its liveness and status after `fact`."""
    if before.dead:
        return _after_death(before, child, fact)
    if fact.status in TERMINAL:
        proven = fact.filled >= before.filled and (
            fact.source in (Source.READ, Source.POST)
            or (not conflict and child.explained == child.filled)
        )
        if proven:
            return replace(child, liveness=Liveness.DEAD, status=fact.status, dead_at=fact.at)
        return replace(child, liveness=Liveness.CHECKING, status=fact.status)
    if before.liveness is Liveness.CHECKING:
        if child.explained == child.filled and before.status in TERMINAL:
            return replace(child, liveness=Liveness.DEAD, dead_at=fact.at)
        return child
    if fact.event not in BUSTS and fact.filled < before.filled:
        return child  # older than what is known
    if before.liveness is Liveness.CANCEL_SENT:
        return replace(child, status=fact.status)
    return replace(child, liveness=Liveness.WORKING, status=fact.status)


def _after_death(before: ChildOrder, child: ChildOrder, fact: Reported) -> ChildOrder:
    """Dead stays dead, unless more filled than the death counted, or only we had buried it."""
    buried_by_us = before.status in (ABSENT, REFUSED, NEVER_SENT)
    if buried_by_us and fact.status in TERMINAL:
        return replace(child, status=fact.status)
    if buried_by_us:
        return replace(child, liveness=Liveness.WORKING, status=fact.status, dead_at=None)
    if child.filled > before.filled and fact.event not in BUSTS:
        if fact.source is Source.READ and fact.status in TERMINAL:
            return child
        return replace(child, liveness=Liveness.CHECKING, dead_at=None)
    return replace(child, source=before.source, as_of=before.as_of)
