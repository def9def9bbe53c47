"""How well many orders were worked: `core.orders.execution_quality` added up group by group.

Pure. Orders of different venues are never added up together. A rate or an average stands
only where enough orders carry it; sums are facts at any number. Markouts are absent: the
quotes after a fill are not kept, so there is no honest number for them.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from core.analysis.fill_history import ENOUGH, wilson
from core.market.prices import ZERO
from core.orders.execution_quality import Measured, measured
from core.orders.plan import Fallback, Plan, plain
from core.orders.state import ParentOrder

_BPS = 10_000


@dataclass(frozen=True, slots=True)
class Score:
    """One group. Dollars a share, basis points and ratios are None below ENOUGH orders.

    `count` orders were live and have ended; `filled_orders` of them filled something,
    `telling` were not ended early by a person, a halt or a lost connection, and of those
    `limit_fills` filled whole as a limit.
    """

    venue: str
    label: str
    count: int
    filled_orders: int
    telling: int
    limit_fills: int
    fell_back: int
    shares: Decimal
    gain: Decimal
    gain_a_share: Decimal | None
    ticks_a_share: Decimal | None
    gain_bps: Decimal | None
    effective_over_quoted: Decimal | None
    fallback_cost: Decimal | None
    median_wait_ns: int | None

    @property
    def fill_rate(self) -> float | None:
        """The share of telling orders whose limit filled whole."""
        return self.limit_fills / self.telling if self.telling >= ENOUGH else None

    @property
    def fill_interval(self) -> tuple[float, float]:
        """Wilson's interval of the fill rate at 95 %."""
        return wilson(self.limit_fills, self.telling)

    @property
    def fallback_rate(self) -> float | None:
        """The share of telling orders that needed their fallback."""
        return self.fell_back / self.telling if self.telling >= ENOUGH else None


@dataclass(slots=True)
class _Group:
    all: list[Measured] = field(default_factory=list)

    def score(self, venue: str, label: str) -> Score:
        done = [each for each in self.all if each.filled]
        telling = [each for each in self.all if not each.censored]
        backs = [each for each in self.all if each.fallback_shares]
        gain, shares = _sum(e.gain for e in done), _sum(e.filled for e in done)
        many = len(done) >= ENOUGH
        spreads = [(e.effective, e.quoted) for e in done if e.effective is not None and e.quoted]
        return Score(
            venue=venue,
            label=label,
            count=len(self.all),
            filled_orders=len(done),
            telling=len(telling),
            limit_fills=sum(_whole(each) for each in telling),
            fell_back=sum(each.fell_back for each in telling),
            shares=shares,
            gain=gain,
            gain_a_share=gain / shares if many else None,
            ticks_a_share=_sum(e.ticks for e in done) / shares if many else None,
            gain_bps=gain / _sum(e.notional for e in done) * _BPS if many else None,
            effective_over_quoted=_ratio(spreads) if len(spreads) >= ENOUGH else None,
            fallback_cost=_cost(backs) if len(backs) >= ENOUGH else None,
            median_wait_ns=_median([(e.waited_ns, _whole(e)) for e in self.all]),
        )


def scores(orders: Iterable[ParentOrder], label: Callable[[ParentOrder], str]) -> tuple[Score, ...]:
    """The groups that `label` makes, each venue's apart, in order of venue and label."""
    groups: dict[tuple[str, str], _Group] = {}
    for order in orders:
        each = measured(order)
        if each is not None:
            groups.setdefault((order.venue, label(order)), _Group()).all.append(each)
    return tuple(groups[key].score(*key) for key in sorted(groups))


def plan_words(plan: Plan) -> str:
    """A plan in short: its fraction, time and fallback."""
    steps = f" in {len(plan.steps)} steps" if plan.steps else ""
    after = "no fallback" if plan.fallback is Fallback.NONE else plan.fallback.value
    return f"{plain(plan.fraction * 100):f} %{steps}, {plain(plan.timeout):f} s, {after}"


def _whole(each: Measured) -> bool:
    return each.by_limit >= each.asked


def _sum(values: Iterable[Decimal]) -> Decimal:
    return sum(values, ZERO)


def _ratio(spreads: Sequence[tuple[Decimal, Decimal]]) -> Decimal:
    """Effective over quoted spread as Rule 605 reports it: a ratio of sums, no mean of ratios."""
    return _sum(paid for paid, _ in spreads) / _sum(quoted for _, quoted in spreads)


def _cost(backs: Sequence[Measured]) -> Decimal:
    return _sum(e.fallback_cost for e in backs) / _sum(e.fallback_shares for e in backs)


def _median(waits: list[tuple[int, bool]]) -> int | None:
    """When half of the limits would have filled, as Kaplan and Meier (1958) estimate it.

    An order that stopped waiting counts as long as it waited. None when fewer than half
    fill, or few waited.
    """
    if len(waits) < ENOUGH:
        return None
    alive = 1.0
    ordered = sorted((wait, not filled) for wait, filled in waits)  # at one time, fills first
    for place, (wait_ns, stopped) in enumerate(ordered):
        if not stopped:
            alive *= 1 - 1 / (len(ordered) - place)
            if alive <= 0.5:
                return wait_ns
    return None
