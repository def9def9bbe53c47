"""What became of an account's own earlier orders that were like the one on the ticket.

Pure. Orders of one venue are compared with orders of that venue only: simulated and real
fills are never mixed. Like an order are those of the same symbol and side, priced in the
same quarter of the spread and given between half and twice its time. Counted are orders
that ran to their end by themselves; what a person, a halt or a lost connection ended early
says nothing about fills.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain
from math import ceil, sqrt

from core.market.prices import ZERO, Side
from core.market.time import NS
from core.market.venues import profile_of
from core.orders.execution_quality import fallback_of
from core.orders.state import Cause, ChildKind, ParentOrder, State

ENOUGH = 20  # fewer orders say nothing
ENOUGH_COSTS = 5  # fewer fallbacks have no typical cost
ENOUGH_TAIL = 10  # fewer have no worst in ten
_Z = 1.96  # 95 %
_QUARTERS = 4
_TELLING = frozenset({Cause.NONE, Cause.TIMEOUT, Cause.EXHAUSTED})


@dataclass(frozen=True, slots=True)
class Group:
    """Whose orders are compared. `account` is empty where each run has a new one."""

    venue: str
    account: str
    symbol: str
    side: Side


@dataclass(frozen=True, slots=True)
class Attempt:
    """One order that ran to its end. `cost` is dollars a share of its fallback, None without."""

    id: str
    fraction: Decimal
    wait: Decimal
    filled: bool
    cost: Decimal | None


@dataclass(frozen=True, slots=True)
class Found:
    """What the like orders add up to. `fills` of `count` filled as a limit.

    Costs are dollars a share against the far touch of the click, positive: worse. `typical`
    is the median, `worst` what one in ten exceeded, `mean` for the arithmetic of what pays.
    """

    count: int = 0
    fills: int = 0
    typical: Decimal | None = None
    worst: Decimal | None = None
    mean: Decimal | None = None

    @property
    def enough(self) -> bool:
        """Whether there are so many that a rate may be told."""
        return self.count >= ENOUGH

    @property
    def rate(self) -> float:
        """The share that filled; 0 of none."""
        return self.fills / self.count if self.count else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's interval of the rate at 95 %."""
        return wilson(self.fills, self.count)


NOTHING = Found()


def wilson(hits: int, count: int) -> tuple[float, float]:
    """Wilson's score interval at 95 % of `hits` in `count`; all of 0 to 1 for none."""
    if not count:
        return 0.0, 1.0
    share, weight = hits / count, _Z * _Z / count
    middle = (share + weight / 2) / (1 + weight)
    half = _Z * sqrt(share * (1 - share) / count + weight / (4 * count)) / (1 + weight)
    return max(middle - half, 0.0), min(middle + half, 1.0)


def needed(gain: Decimal, cost: Decimal) -> float:
    """The fill rate at which working pays as much as crossing: `gain` if filled, else `cost`.

    Both are dollars a share, `gain` above 0. A fallback that costs nothing needs no fills.
    """
    return float(cost / (cost + gain)) if cost > 0 else 0.0


def verdict(found: Found, gain: Decimal) -> str:
    """Whether working has paid against crossing at the quoted touch; empty when nobody knows."""
    if not found.enough or found.mean is None or gain <= 0:
        return ""
    least, (low, high) = needed(gain, found.mean), found.interval
    return "likely better" if low > least else "likely worse" if high < least else "a wash"


# ---- one order --------------------------------------------------------------------------------


def group_of(order: ParentOrder) -> Group:
    """Whose order it was."""
    return group(order.venue, order.account, order.symbol, order.side)


def group(venue: str, account: str, symbol: str, side: Side) -> Group:
    """The orders that one of this account may be compared with."""
    lasting = profile_of(venue).lasting_account
    return Group(venue, account if lasting else "", symbol, side)


def attempt_of(order: ParentOrder) -> Attempt | None:
    """What an ended order tells; None when it says nothing about fills."""
    plan, quote = order.instruction.plan, order.quote
    if order.state not in (State.FILLED, State.CANCELED) or order.cause not in _TELLING:
        return None
    if plan.steps or order.ticks_better <= 0 or quote.spread <= 0 or order.resumed or order.busted:
        return None
    limit = [child for child in order.children if child.kind is ChildKind.LIMIT]
    filled = sum((child.filled for child in limit), ZERO) >= order.qty
    if not filled and order.cause is Cause.NONE:
        return None  # something else than its time ended it
    if order.deadline_ns != order.started_ns + int(plan.timeout * NS):
        return None  # somebody gave it another time than it asked for
    gap = (
        quote.ask - order.limit_price if order.side is Side.SELL else order.limit_price - quote.bid
    )
    return Attempt(order.id, gap / quote.spread, plan.timeout, filled, _fallback_cost(order))


def _fallback_cost(order: ParentOrder) -> Decimal | None:
    shares, cost = fallback_of(order)
    return cost / shares if shares else None


# ---- all of them ------------------------------------------------------------------------------


Waits = dict[Decimal, "Tally"]


@dataclass(frozen=True, slots=True)
class Tally:
    """What orders of one quarter and one wait add up to, so that no sum looks at each again.

    `costs` are those of the fallbacks, ascending; `paid` is their sum.
    """

    count: int = 0
    fills: int = 0
    costs: tuple[Decimal, ...] = ()
    paid: Decimal = ZERO

    def plus(self, come: Iterable[Attempt], gone: Iterable[Attempt]) -> "Tally":
        """The same with those that came and without those that went."""
        count, fills, costs, paid = self.count, self.fills, list(self.costs), self.paid
        for attempt in come:
            count, fills = count + 1, fills + attempt.filled
            if attempt.cost is not None:
                insort(costs, attempt.cost)
                paid += attempt.cost
        for attempt in gone:
            count, fills = count - 1, fills - attempt.filled
            if attempt.cost is not None:
                del costs[bisect_left(costs, attempt.cost)]
                paid -= attempt.cost
        return Tally(count, fills, tuple(costs), paid)


@dataclass(frozen=True)
class FillHistory:
    """Every telling order, by whose it was, and what they add up to.

    Frozen: `with_orders` gives another one.
    """

    attempts: dict[Group, dict[str, Attempt]] = field(default_factory=dict)
    _tallies: dict[tuple[Group, int], Waits] = field(default_factory=dict)
    _seen: dict[tuple[Group, int, Decimal], Found] = field(default_factory=dict, compare=False)

    def with_orders(self, orders: Iterable[ParentOrder]) -> "FillHistory":
        """The same and `orders`; one that is known already is told anew."""
        fresh: dict[Group, dict[str, Attempt | None]] = {}
        for order in orders:
            fresh.setdefault(group_of(order), {})[order.id] = attempt_of(order)
        return self.with_attempts(fresh)

    def with_attempts(self, fresh: Mapping[Group, Mapping[str, Attempt | None]]) -> "FillHistory":
        """The same and `fresh`, by the ids of the orders; None where one tells nothing now."""
        attempts, tallies = dict(self.attempts), dict(self._tallies)
        for whose, told in fresh.items():
            known = attempts.get(whose, {})
            come = {key: attempt for key, attempt in told.items() if attempt is not None}
            gone = {key: known[key] for key in told if key in known}
            attempts[whose] = {**known, **come}
            for key in gone.keys() - come.keys():
                del attempts[whose][key]
            _count(tallies, whose, come.values(), gone.values())
        return FillHistory(attempts, tallies)

    def about(self, whose: Group, fraction: Decimal, wait: Decimal) -> Found:
        """What orders of `whose` like one at `fraction` for `wait` seconds came to."""
        key = (whose, _quarter(fraction), wait)
        found = self._seen.get(key)
        if found is None:
            waits = self._tallies.get(key[:2], {})
            like = [tally for theirs, tally in waits.items() if wait <= 2 * theirs <= 4 * wait]
            found = self._seen[key] = _sum(like)
        return found


def _quarter(fraction: Decimal) -> int:
    return min(int(fraction * _QUARTERS), _QUARTERS - 1)


def _count(
    tallies: dict[tuple[Group, int], Waits],
    whose: Group,
    come: Iterable[Attempt],
    gone: Iterable[Attempt],
) -> None:
    """Put other tallies in the place of those that `come` and `gone` alter."""
    added, taken = _by_likeness(come), _by_likeness(gone)
    for quarter, wait in {**added, **taken}:
        waits, key = tallies.get((whose, quarter), {}), (quarter, wait)
        tally = waits.get(wait, Tally()).plus(added.get(key, ()), taken.get(key, ()))
        tallies[whose, quarter] = {**waits, wait: tally}


def _by_likeness(attempts: Iterable[Attempt]) -> dict[tuple[int, Decimal], list[Attempt]]:
    """By the quarter of the spread and the wait."""
    result: dict[tuple[int, Decimal], list[Attempt]] = {}
    for attempt in attempts:
        result.setdefault((_quarter(attempt.fraction), attempt.wait), []).append(attempt)
    return result


def _sum(like: list[Tally]) -> Found:
    count, fills = sum(tally.count for tally in like), sum(tally.fills for tally in like)
    costs = sorted(chain.from_iterable(tally.costs for tally in like))
    if len(costs) < ENOUGH_COSTS:
        return Found(count, fills)
    return Found(
        count,
        fills,
        typical=_quantile(costs, 0.5),
        worst=_quantile(costs, 0.9) if len(costs) >= ENOUGH_TAIL else None,
        mean=sum((tally.paid for tally in like), ZERO) / len(costs),
    )


def _quantile(ascending: list[Decimal], share: float) -> Decimal:
    return ascending[max(ceil(share * len(ascending)) - 1, 0)]
