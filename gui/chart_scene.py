"""A parent order as the chart tells it: lines, marks, fills and words. Pure, no Qt, no pixels.

Only what is proven is drawn solid; what each mark means is a word of `Mark`.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from core.next_step import STATE_WORDS, next_step
from core.order_state import ChildKind, ChildOrder, Liveness, ParentOrder, State
from core.prices import ZERO, Side
from core.words import order_price, price, qty, side_word
from gui.spread_series import to_units

UNPROVEN = frozenset({Liveness.UNSENT, Liveness.SENT, Liveness.UNKNOWN, Liveness.CHECKING})
COUNTING = frozenset({State.SENDING, State.WORKING})


class MarkKind(StrEnum):
    """What happened to the order at one time."""

    CLICKED = "clicked"
    ACKNOWLEDGED = "acknowledged"
    CANCEL_ASKED = "cancel asked"
    CANCEL_PROVEN = "cancel proven"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark on the order's line; `units` is the price of the line."""

    kind: MarkKind
    at_ns: int
    units: int


@dataclass(frozen=True, slots=True)
class FillMark:
    """Shares filled at a price; `fallback` if not by the limit inside the spread."""

    at_ns: int
    units: int
    qty: Decimal
    fallback: bool


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
    qty: Decimal
    lines: tuple[PriceLine, ...]
    marks: tuple[Mark, ...]
    fills: tuple[FillMark, ...]

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
        title=f"{side_word(order.side)} {qty(order.qty)} @ {order_price(order)}",
        units=units,
        start_ns=order.started_ns,
        end_ns=order.ended_ns,
        deadline_ns=order.deadline_ns,
        counting=order.state in COUNTING and order.deadline_ns is not None,
        final=order.final,
        qty=order.qty,
        lines=_lines(order),
        marks=_marks(order, units),
        fills=tuple(mark for child in order.children for mark in _fills(order, child)),
    )


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
                )
            )
        start = child.dead_at or start
    return tuple(lines)


def _never_was(child: ChildOrder) -> bool:
    """The venue never took it."""
    return child.dead and child.acked_at is None


def _marks(order: ParentOrder, units: int) -> tuple[Mark, ...]:
    marks = [Mark(MarkKind.CLICKED, order.started_ns, units)]
    for child in order.children:
        if child.limit_price is None or _never_was(child):
            continue
        at = to_units(child.limit_price)
        if child.acked_at is not None:
            marks.append(Mark(MarkKind.ACKNOWLEDGED, child.acked_at, at))
        if child.cancel_sent_at is not None:
            marks.append(Mark(MarkKind.CANCEL_ASKED, child.cancel_sent_at, at))
        if child.dead_at is not None:
            cancelled = child.filled < child.qty and child.cancel_sent_at is not None
            kind = MarkKind.CANCEL_PROVEN if cancelled else MarkKind.ENDED
            marks.append(Mark(kind, child.dead_at, at))
    return tuple(marks)


def _fills(order: ParentOrder, child: ChildOrder) -> list[FillMark]:
    fallback = child.kind is not ChildKind.LIMIT
    fills = [
        FillMark(max(e.at_ns, order.started_ns), to_units(e.price), e.qty, fallback)
        for e in child.executions
    ]
    unexplained = child.filled - child.explained
    paid = child.avg_price or child.limit_price
    if unexplained > ZERO and paid is not None:
        fills.append(FillMark(child.as_of, to_units(paid), unexplained, fallback))
    return fills


def waiting(order: ParentOrder, now_ns: int) -> tuple[str, str]:
    """What the order waits for, and what follows, as it stands at `now_ns`."""
    if order.final:
        return _ending(order), ""
    step = next_step(order, now_ns)
    return f"{step.lead} {step.time}".strip(), step.tail.removeprefix(", ")


def _ending(order: ParentOrder) -> str:
    state = STATE_WORDS[order.state]
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
