"""How a child order takes in the venue's word: cumulative filled and liveness, kept apart.

Pure. A report may come twice, late, out of order or incomplete; what is proven
never regresses, and what does not add up is said so that it gets read again.
"""

from decimal import Decimal

from msgspec.structs import replace

from core.market.prices import ZERO
from core.orders.facts import Execution, Reported, Source
from core.orders.state import ChildOrder, Liveness

TERMINAL = frozenset({"filled", "canceled", "expired", "rejected", "replaced"})
BUSTS = frozenset({"trade_bust", "trade_correct"})

# What no venue record stands for; `status` of a child that we buried, or that nobody has found.
NEVER_SENT = "never sent"  # our journal proves that no POST left
WITHHELD = "withheld"  # the same, for a reason that stands: nothing is sent in its place
REFUSED = "refused"  # the venue's answer to the POST was a definite no
ABSENT = "absent"  # a POST went unanswered, every read found nothing; no end while its day lasts
UNREPLACED = "unreplaced"  # a PATCH went unanswered, and what it was to replace is still there
SEEN = "seen ended"  # a person saw at the broker that it has ended
GONE = "venue gone"  # the embedded exchange that held it has ended
_BURIED = frozenset({NEVER_SENT, WITHHELD, REFUSED, ABSENT, UNREPLACED, SEEN})

DISPUTED = "disputed"  # the venue contradicted its own record; only a read of it decides

# Reads that agree on a record with less than was known: a bust that nobody told us.
READS_THAT_OVERRULE = 4

_DEAD = Liveness.DEAD
_CHECKING = Liveness.CHECKING
_WORKING = Liveness.WORKING
_CANCEL_SENT = Liveness.CANCEL_SENT
_READ = Source.READ
_ANSWERS = (Source.READ, Source.POST)


def bury(child: ChildOrder, at: int, status: str, error: str = "") -> ChildOrder:
    """The child as dead, with why, when there is no terminal record to say it."""
    return replace(
        child,
        liveness=_DEAD,
        status=status,
        error=error or child.error,
        as_of=at,
        dead_at=at,
    )


def absorb(child: ChildOrder, fact: Reported) -> tuple[ChildOrder, str]:
    """The child after `fact`, and a sentence if the fact contradicts what was known."""
    doubt = ""
    if fact.execution is not None and fact.event not in BUSTS:
        child, doubt = _add_execution(child, fact.execution, fact.filled)
    read = fact.source is _READ
    misses = child.misses + 1 if read and _tells_less(child, fact) else 0
    overruled = misses >= READS_THAT_OVERRULE
    filled, average = _cumulative(child, fact, overruled=overruled)
    doubt = doubt or _contradiction(child, fact, filled)
    liveness, status = _fate(child, fact, filled, conflict=bool(doubt))
    nothing_new = child.liveness is _DEAD and liveness is _DEAD and filled == child.filled
    newest = fact.at >= child.as_of and not nothing_new
    changed = replace(
        child,
        broker_id=child.broker_id or fact.broker_id,
        filled=filled,
        avg_price=average,
        qty=fact.qty if fact.qty is not None and _broker_tells(child) else child.qty,
        limit_price=child.limit_price or fact.limit_price,
        liveness=_DEAD if overruled else liveness,
        status=fact.status if overruled else status,
        reads=child.reads + read,
        misses=misses,
        busted=child.busted or overruled or fact.event in BUSTS,
        error=fact.reason or child.error,
        as_of=fact.at if newest else child.as_of,
        source=fact.source if newest else child.source,
        acked_at=child.acked_at or fact.at,
        dead_at=(child.dead_at or fact.at) if overruled or liveness is _DEAD else None,
        replaced_by=_replaced_by(child, fact),
        unread=child.unread and not read,
    )
    return changed, doubt


def _broker_tells(child: ChildOrder) -> bool:
    """Made at the broker in place of another, so its quantity is the broker's to tell."""
    return child.broker_id == child.client_id or child.replaces != ""


def _replaced_by(child: ChildOrder, fact: Reported) -> str:
    named = fact.replaced_by if fact.status == "replaced" else None
    return child.replaced_by or named or ""


def _tells_less(child: ChildOrder, fact: Reported) -> bool:
    """An ended record with less than is known: a bust that nobody told, or an older record."""
    return (
        child.liveness in (_CHECKING, _DEAD)
        and child.status not in _BURIED
        and fact.filled < child.filled
        and fact.status in TERMINAL
    )


def _contradiction(child: ChildOrder, fact: Reported, filled: Decimal) -> str:
    if filled > (fact.qty or child.qty):
        return f"The venue reports {filled} filled of {child.qty} ({child.client_id})."
    if child.broker_id is not None and fact.broker_id != child.broker_id:
        return f"The venue reports two orders under one id ({child.client_id})."
    return ""


def _add_execution(
    child: ChildOrder, new: Execution, cumulative: Decimal
) -> tuple[ChildOrder, str]:
    if not ZERO < new.qty <= cumulative:
        return child, (
            f"The venue sent execution {new.id} of {new.qty} with {cumulative} filled in all "
            f"({child.client_id})."
        )
    if new.id not in child.execution_ids:
        return replace(
            child,
            executions=(*child.executions, new),
            execution_ids=child.execution_ids | {new.id},
            explained=child.explained + new.qty,
        ), ""
    held = next(e for e in child.executions if e.id == new.id)
    if held.qty == new.qty and held.price == new.price:
        return child, ""
    return (
        child,
        f"The venue sent execution {new.id} twice with different numbers ({child.client_id}).",
    )


def _cumulative(
    child: ChildOrder, fact: Reported, *, overruled: bool
) -> tuple[Decimal, Decimal | None]:
    """The venue's cumulative number only grows, save for a bust; the average goes with it."""
    if overruled or fact.event in BUSTS:
        return fact.filled, fact.avg_price or child.avg_price
    if fact.filled >= child.filled and fact.avg_price is not None:
        return fact.filled, fact.avg_price
    filled = max(child.filled, fact.filled)
    return filled, _explained_average(child, filled) or child.avg_price


def _explained_average(child: ChildOrder, filled: Decimal) -> Decimal | None:
    if not filled or child.explained != filled:
        return None
    return sum((e.qty * e.price for e in child.executions), ZERO) / filled


def _fate(
    child: ChildOrder, fact: Reported, filled: Decimal, *, conflict: bool
) -> tuple[Liveness, str]:
    """Liveness and status after `fact`; `child` has its execution but not yet its number."""
    if child.liveness is _DEAD:
        return _after_death(child, fact, filled)
    if fact.status in TERMINAL:
        return _at_the_end(child, fact, conflict=conflict)
    busted = fact.event in BUSTS
    if child.liveness is _CHECKING:
        if busted or filled != child.filled or child.status not in TERMINAL:
            return _CHECKING, DISPUTED
        return (_DEAD if child.explained == filled else _CHECKING), child.status
    live = _CANCEL_SENT if child.liveness is _CANCEL_SENT else _WORKING
    older = fact.filled < child.filled and not busted
    return live, child.status if older else fact.status


def _at_the_end(child: ChildOrder, fact: Reported, *, conflict: bool) -> tuple[Liveness, str]:
    """A terminal record counts when it was read, or when the executions explain it."""
    if fact.filled < child.filled:
        return _CHECKING, DISPUTED
    if fact.source in _ANSWERS:
        if child.busted and fact.filled > child.filled:  # it may be older than the bust
            return _CHECKING, DISPUTED
        return _DEAD, fact.status
    if fact.status == "replaced" and not fact.replaced_by:
        return _CHECKING, DISPUTED  # something lives on, and only a read tells its name
    if conflict or child.busted or child.status == DISPUTED:
        return _CHECKING, DISPUTED
    return (_DEAD if child.explained == fact.filled else _CHECKING), fact.status


def _after_death(child: ChildOrder, fact: Reported, filled: Decimal) -> tuple[Liveness, str]:
    """Dead stays dead, unless its number changed, or only we had buried it."""
    if child.status in _BURIED:
        if fact.status not in TERMINAL:
            return _WORKING, fact.status
        return _at_the_end(child, fact, conflict=False)
    if filled == child.filled:
        less = fact.source is _READ and _tells_less(child, fact)
        return (_CHECKING, DISPUTED) if less else (_DEAD, child.status)
    if fact.source is _READ and fact.status in TERMINAL and not child.busted:
        return _DEAD, fact.status
    return _CHECKING, DISPUTED  # after a bust a read may be older than what we know
