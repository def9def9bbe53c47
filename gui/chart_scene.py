"""A parent order as the chart tells it: lines, marks, fills and words. Pure, no Qt, no pixels.

Only what is proven is drawn solid; what each mark means is a word of `Mark`.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from core.clock import NS
from core.order_state import Cause, ChildKind, ChildOrder, Liveness, ParentOrder, State
from core.plan import Fallback, plain
from core.prices import ZERO, Side
from gui.chart_view import price_text
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
        title=f"{order.side.upper()} {qty_text(order.qty)} @ {price_text(units)}",
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
        if child.limit_price is not None:
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


def _marks(order: ParentOrder, units: int) -> tuple[Mark, ...]:
    marks = [Mark(MarkKind.CLICKED, order.started_ns, units)]
    for child in order.children:
        at = units if child.limit_price is None else to_units(child.limit_price)
        if child.limit_price is None:
            continue
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
    price = child.avg_price or child.limit_price
    if unexplained > ZERO and price is not None:
        fills.append(FillMark(child.as_of, to_units(price), unexplained, fallback))
    return fills


def qty_text(qty: Decimal) -> str:
    """Shares as people write them."""
    return f"{plain(qty):,}"


def seconds_text(ns: int) -> str:
    """A time span: tenths of a second below a minute, then minutes."""
    if ns >= 60 * NS:
        minutes, seconds = divmod(ns // NS, 60)
        return f"{minutes}:{seconds:02d} min"
    return f"{max(ns, 0) / NS:.1f} s"


def words(order: ParentOrder, now_ns: int) -> tuple[str, str]:
    """What the order waits for and what follows, as it stands at `now_ns`."""
    if order.final:
        return _ending(order), ""
    if order.state is State.UNCERTAIN:
        return "fate unknown", "asking the venue"
    if order.state is State.CANCELING:
        return _proof(order, now_ns), _next(order)
    if order.state is State.FALLBACK:
        return _fallback(order)
    if order.deadline_ns is None:
        return "held", "no countdown"
    left = order.deadline_ns - now_ns
    count = f"cancel in {seconds_text(left)}" if left > 0 else "time is up"
    if order.state is State.SENDING:
        return _sending(order, now_ns), count
    return count, _next(order)


def _sending(order: ParentOrder, now_ns: int) -> str:
    if any(child.posts for child in order.children):
        return f"sent, no answer {seconds_text(now_ns - order.started_ns)}"
    return "not sent yet"


def _proof(order: ParentOrder, now_ns: int) -> str:
    asked = [c.cancel_sent_at for c in order.live_children if c.cancel_sent_at is not None]
    if not asked:
        return "cancel not sent yet"
    return f"waiting for proof {seconds_text(now_ns - min(asked))}"


def _next(order: ParentOrder) -> str:
    rest = qty_text(order.rest)
    if order.cause is Cause.MARKET_NOW and not order.cancel_asked:
        return f"then {rest} to market"
    stays = order.state is State.CANCELING and order.cause is not Cause.TIMEOUT
    fallback = order.instruction.plan.fallback
    if order.cancel_asked or stays or fallback is Fallback.NONE:
        return "then nothing more"
    if fallback is Fallback.COLLAR:
        return f"then {rest} with a collar"
    return f"then {rest} to market"


def _fallback(order: ParentOrder) -> tuple[str, str]:
    kind = "with a collar" if order.children[-1].kind is ChildKind.COLLAR else "to market"
    return f"{qty_text(order.rest)} {kind}", order.children[-1].liveness.value


def _ending(order: ParentOrder) -> str:
    average = order.avg_price
    if order.filled and average is not None:
        done = f"{qty_text(order.filled)} @ {price_text(to_units(average))}"
        comma = "," if order.rest else ""
        return f"{order.state.value}{comma} {done}"
    return order.state.value


def sentence(order: ParentOrder, now_ns: int) -> str:
    """The order in one sentence, for those who hear the chart."""
    drawing = draw_order(order)
    first, second = words(order, now_ns)
    filled = f", {qty_text(order.filled)} filled" if order.filled and not order.final else ""
    then = f", {second}" if second else ""
    return f"{drawing.title}{filled}: {first}{then}."
