"""A parent order as the chart tells it: lines, marks, fills and words. Pure, no Qt, no pixels.

Only what is proven is drawn solid; what each mark means is a word of `MarkKind`.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from core.market.prices import ZERO, Side
from core.orders.repricing import step_starts
from core.orders.state import AT_WORK, ChildKind, ChildOrder, Liveness, ParentOrder, State
from core.risk.amendment import aim
from core.wording.next_step import due_step, next_step, state_words, then
from core.wording.numbers import price, qty
from core.wording.order_words import order_price, side_word, step_fraction
from core.wording.times import seconds
from gui.chart.model.series import to_units

UNPROVEN = frozenset({Liveness.UNSENT, Liveness.SENT, Liveness.UNKNOWN, Liveness.CHECKING})
COUNTING = frozenset({State.SENDING, *AT_WORK})


class MarkKind(StrEnum):
    """What happened to the order at one time."""

    CLICKED = "clicked"
    ACKNOWLEDGED = "acknowledged"
    CANCEL_ASKED = "cancel asked"
    CANCEL_PROVEN = "cancel proven"
    REPLACING = "another price on its way"
    REPLACED = "replaced, proven"
    FALLBACK = "fallback"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark on the order's line; `units` is the price of the line."""

    kind: MarkKind
    at_ns: int
    units: int


@dataclass(frozen=True, slots=True)
class FillMark:
    """Shares filled at a price, by a child of that kind."""

    at_ns: int
    units: int
    qty: Decimal
    kind: ChildKind

    @property
    def fallback(self) -> bool:
        """Not by a limit inside the spread."""
        return self.kind is not ChildKind.LIMIT

    @property
    def words(self) -> str:
        """How much, and by what if not by a limit inside the spread."""
        return f"{qty(self.qty)} {self.kind.value}" if self.fallback else qty(self.qty)


@dataclass(frozen=True, slots=True)
class PriceLine:
    """A child's limit price over time. `end_ns` None: it may still fill.

    `confirmed_ns` is when the venue took it (None: not known to be live there);
    `cancel_ns` when its cancel was asked for.
    """

    units: int
    start_ns: int
    end_ns: int | None
    confirmed_ns: int | None
    cancel_ns: int | None
    kind: ChildKind = ChildKind.LIMIT


@dataclass(frozen=True, slots=True)
class StepEnd:
    """When a wait ends, and what follows; `next` is the one that comes first."""

    at_ns: int
    words: str
    next: bool


@dataclass(frozen=True, slots=True)
class OrderDrawing:
    """Everything about one order that does not change by time passing."""

    id: str
    side: Side
    title: str
    units: int
    start_ns: int
    end_ns: int | None
    deadline_ns: int | None
    counting: bool
    final: bool
    replacing: bool
    aim_units: int
    qty: Decimal
    lines: tuple[PriceLine, ...]
    marks: tuple[Mark, ...]
    fills: tuple[FillMark, ...]
    step_ends: tuple[StepEnd, ...]

    @property
    def titled(self) -> tuple[int, int]:
        """The time and the price at which its title stands: where its last limit begins."""
        limits = [line for line in self.lines if line.kind is ChildKind.LIMIT]
        return (limits[-1].start_ns, limits[-1].units) if limits else (self.start_ns, self.units)

    @property
    def prices(self) -> set[int]:
        """Every price it stood at or is on its way to."""
        return {self.units, *(line.units for line in self.lines), self.aim_units}

    @property
    def live(self) -> tuple[PriceLine, ...]:
        """Lines of children that may still fill."""
        return tuple(line for line in self.lines if line.end_ns is None)

    @property
    def live_units(self) -> int:
        """The price it stands at now, else the one it began with."""
        return self.live[-1].units if self.live else self.units


def draw_order(order: ParentOrder) -> OrderDrawing:
    """The drawing of `order`."""
    units = to_units(order.limit_price)
    return OrderDrawing(
        id=order.id,
        side=order.side,
        title=f"{side_word(order.side)} {qty(order.qty)} @ {_worked_at(order)}",
        units=units,
        start_ns=order.started_ns,
        end_ns=order.ended_ns,
        deadline_ns=order.deadline_ns,
        counting=order.state in COUNTING and order.deadline_ns is not None,
        final=order.final,
        replacing=order.state is State.REPLACING,
        aim_units=to_units(aim(order)),
        qty=order.qty,
        lines=_lines(order),
        marks=_marks(order, units),
        fills=tuple(mark for child in order.children for mark in _fills(order, child)),
        step_ends=_step_ends(order),
    )


def _worked_at(order: ParentOrder) -> str:
    """The limit inside the spread that was sent last."""
    limits = (c for c in reversed(order.children) if c.kind is ChildKind.LIMIT)
    last = next((c.limit_price for c in limits if not _never_was(c)), None)
    return order_price(order) if last is None else price(last)


def _step_ends(order: ParentOrder) -> tuple[StepEnd, ...]:
    """The end of every step to come and of the last, in their order."""
    if order.state not in COUNTING or order.deadline_ns is None or order.at_market:
        return ()
    starts = [at for at in step_starts(order) if at < order.deadline_ns]
    fractions = (step_fraction(order, order.step + n) for n in range(1, len(starts) + 1))
    steps = [(at, f"then {fraction}") for at, fraction in zip(starts, fractions, strict=True)]
    ends = [*steps, (order.deadline_ns, then(order))]
    return tuple(StepEnd(at, words, next=n == 0) for n, (at, words) in enumerate(ends))


def _lines(order: ParentOrder) -> tuple[PriceLine, ...]:
    lines: list[PriceLine] = []
    start = order.started_ns
    for child in order.children:
        start = child.made_ns or start
        if child.limit_price is not None and not _never_was(child):
            proven = child.liveness not in UNPROVEN
            lines.append(
                PriceLine(
                    units=to_units(child.limit_price),
                    start_ns=start,
                    end_ns=child.dead_at if child.dead else order.ended_ns,
                    confirmed_ns=child.acked_at if proven else None,
                    cancel_ns=child.cancel_sent_at,
                    kind=child.kind,
                )
            )
        start = child.dead_at or start
    return tuple(lines)


def _never_was(child: ChildOrder) -> bool:
    """The venue never took it."""
    return child.dead and child.acked_at is None


def _marks(order: ParentOrder, units: int) -> tuple[Mark, ...]:
    marks = [Mark(MarkKind.CLICKED, order.started_ns, units)]
    before = order.started_ns
    for number, child in enumerate(order.children):
        if _never_was(child):
            continue
        at = units if child.limit_price is None else to_units(child.limit_price)
        if child.kind is not ChildKind.LIMIT and number:
            marks.append(Mark(MarkKind.FALLBACK, child.made_ns or before, at))
        elif number and child.made_ns:
            marks.append(Mark(MarkKind.REPLACING, child.made_ns, at))
        marks += _stages(child, at) if child.limit_price is not None else []
        units, before = at, child.dead_at or before
    return tuple(marks)


def _stages(child: ChildOrder, at: int) -> list[Mark]:
    """What the venue said of a child, and what was asked of it."""
    marks = []
    if child.acked_at is not None:
        marks.append(Mark(MarkKind.ACKNOWLEDGED, child.acked_at, at))
    if child.cancel_sent_at is not None:
        marks.append(Mark(MarkKind.CANCEL_ASKED, child.cancel_sent_at, at))
    if child.dead_at is not None:
        marks.append(Mark(_end_kind(child), child.dead_at, at))
    return marks


def _end_kind(child: ChildOrder) -> MarkKind:
    if child.status == "replaced":
        return MarkKind.REPLACED
    cancelled = child.filled < child.qty and child.cancel_sent_at is not None
    return MarkKind.CANCEL_PROVEN if cancelled else MarkKind.ENDED


def _fills(order: ParentOrder, child: ChildOrder) -> list[FillMark]:
    fills = [
        FillMark(max(e.at_ns, order.started_ns), to_units(e.price), e.qty, child.kind)
        for e in child.executions
    ]
    unexplained = child.filled - child.explained
    paid = child.avg_price or child.limit_price
    if unexplained > ZERO and paid is not None:
        fills.append(FillMark(child.as_of, to_units(paid), unexplained, child.kind))
    return fills


def waiting(order: ParentOrder, now_ns: int) -> tuple[str, str]:
    """What the order waits for, and what follows, as it stands at `now_ns`."""
    if order.final:
        return _ending(order), ""
    due = due_step(order)
    if due is not None and due[0] != order.deadline_ns and order.state is State.WORKING:
        fraction = step_fraction(order, order.step + 1)
        return f"next price in {seconds(due[0] - now_ns)}", f"then {fraction}"
    step = next_step(order, now_ns)
    return f"{step.lead} {step.time}".strip(), step.tail.removeprefix(", ")


def _ending(order: ParentOrder) -> str:
    state = state_words(order)
    if not order.filled:
        return state
    comma = "," if order.rest else ""
    return f"{state}{comma} {qty(order.filled)} @ {price(order.avg_price)}"


def sentence(order: ParentOrder, now_ns: int) -> str:
    """The order in one sentence, for those who hear the chart."""
    drawing = draw_order(order)
    first, second = waiting(order, now_ns)
    filled = f", {qty(order.filled)} filled" if order.filled and not order.final else ""
    then = f", {second}" if second else ""
    return f"{drawing.title}{filled}: {first}{then}."
