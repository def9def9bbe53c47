"""What the order tables hold: columns of a parent order, and the lines beneath it. No Qt.

Texts are made when they are needed: of a hundred thousand orders some thirty are in sight.
"""

from collections.abc import Sequence
from decimal import Decimal
from enum import Enum, auto
from typing import NamedTuple

from core.market.prices import ZERO
from core.orders.execution_quality import gained
from core.orders.state import ChildKind, ChildOrder, Liveness, ParentOrder, State
from core.wording.next_step import (
    OrderAction,
    afterwards,
    ended,
    planned_fallback,
    possible,
    state_words,
)
from core.wording.numbers import MINUS, money, price, qty
from core.wording.order_words import child_title, order_price, order_title, side_word, status_words
from core.wording.venue_words import venue_words
from gui.tables.columns import Column, date_and_time, iso_time, number, short_date_and_time

_RANKS = {state: rank for rank, state in enumerate(State)}
_NEVER = 1 << 63
_NONE = Decimal("-Infinity")  # what has no price stands below every price


def _outcome(order: ParentOrder) -> str:
    return ended(order) if order.final else order.alarm or afterwards(order)


def _next_value(order: ParentOrder) -> int:
    return (order.ended_ns or 0) if order.final else order.deadline_ns or _NEVER


def _gain(order: ParentOrder) -> str:
    return money(gained(order), sign=True) if order.filled else ""


ORDER_COLUMNS: tuple[Column[ParentOrder], ...] = (
    Column(
        "order", "order", order_title, lambda o: (o.symbol, o.side, o.qty), order_title, width=150
    ),
    Column("filled", "filled", lambda o: qty(o.filled), lambda o: o.filled,
           lambda o: number(o.filled), width=116),
    Column("limit", "limit", order_price, lambda o: o.present_limit,
           lambda o: number(o.present_limit), width=62, number=True),
    Column("avg", "avg", lambda o: price(o.avg_price), lambda o: o.avg_price or _NONE,
           lambda o: number(o.avg_price), width=62, number=True),
    Column("state", "state", lambda o: state_words(o), lambda o: _RANKS[o.state],
           lambda o: state_words(o), width=186),
    Column("next", "next", _outcome, _next_value, _outcome, width=240),
    Column("time", "time", lambda o: date_and_time(o.started_ns), lambda o: o.started_ns,
           lambda o: iso_time(o.started_ns), width=124,
           short=lambda o, today: short_date_and_time(o.started_ns, today)),
    Column("gain", "vs touch", _gain, gained, lambda o: number(gained(o)), width=72, number=True),
    Column("venue", "venue", venue_words, lambda o: o.venue, lambda o: o.venue, width=84),
    Column("ended", "ended", lambda o: date_and_time(o.ended_ns),
           lambda o: o.ended_ns or _NEVER, lambda o: iso_time(o.ended_ns), width=124,
           short=lambda o, today: short_date_and_time(o.ended_ns, today)),
    Column("side", "side", lambda o: side_word(o.side), lambda o: o.side,
           lambda o: o.side.value, width=56),
    Column("quantity", "quantity", lambda o: qty(o.qty), lambda o: o.qty,
           lambda o: number(o.qty), width=84, number=True),
    Column("symbol", "symbol", lambda o: o.symbol, lambda o: o.symbol,
           lambda o: o.symbol, width=72),
    Column("account", "account", lambda o: o.account, lambda o: o.account,
           lambda o: o.account, width=110),
    Column("id", "id", lambda o: o.id, lambda o: o.id, lambda o: o.id, width=240),
)  # fmt: skip
(
    ORDER, FILLED, LIMIT, AVERAGE, STATE, NEXT, TIME, GAIN,
) = range(8)  # fmt: skip

WORKING_USUAL = ("order", "filled", "limit", "avg", "state", "next")
ALL_USUAL = ("time", "order", "filled", "avg", "gain", "state", "next", "venue")
FOR_FILES = ("time", "side", "quantity", "symbol", "filled", "limit", "avg", "gain", "state",
             "next", "ended", "venue", "account", "id")  # fmt: skip


class LineKind(Enum):
    """What a row is."""

    PARENT = auto()
    ACTIONS = auto()
    CHILD = auto()
    PLANNED = auto()


class OrderLine(NamedTuple):
    """One row: its order, and its child if it is one."""

    kind: LineKind
    order: ParentOrder
    child: ChildOrder | None = None

    @property
    def key(self) -> tuple[LineKind, str]:
        """Two lines of one key are the same row at two times."""
        return self.kind, self.child.client_id if self.child else ""

    def text(self, column: int) -> str:
        """What stands in a column."""
        if self.kind is LineKind.PARENT:
            return ORDER_COLUMNS[column].text(self.order)
        if column > NEXT or self.kind is LineKind.ACTIONS:
            return ""
        if self.child is not None:
            return _CHILD_TEXTS[column](self.child)
        return _planned_text(self.order, column)


def lines_beneath(order: ParentOrder, *, actions: bool) -> tuple[OrderLine, ...]:
    """The lines under a parent's own. `actions`: with a row for its buttons."""
    lines = []
    if actions and any(possible(action, order) for action in OrderAction):
        lines.append(OrderLine(LineKind.ACTIONS, order))
    lines += [OrderLine(LineKind.CHILD, order, child) for child in order.children]
    if planned_fallback(order) is not None:
        lines.append(OrderLine(LineKind.PLANNED, order))
    return tuple(lines)


def count_same_lines(before: Sequence[OrderLine], after: Sequence[OrderLine]) -> int:
    """How many leading lines are the same rows."""
    count = 0
    for one, other in zip(before, after, strict=False):
        if one.key != other.key:
            break
        count += 1
    return count


_LIVENESS_WORDS = {
    Liveness.UNSENT: "not sent",
    Liveness.SENT: "sent, no answer yet",
    Liveness.UNKNOWN: "unknown, being read",
    Liveness.CANCEL_SENT: "cancel sent, may still fill",
    Liveness.CHECKING: "does not add up, being read",
}


def _child_state(child: ChildOrder) -> str:
    return _LIVENESS_WORDS.get(child.liveness) or status_words(child.status) or "live"


_CHILD_TEXTS = (
    child_title,
    lambda child: f"{qty(child.filled)} of {qty(child.qty)}",
    lambda child: price(child.limit_price),
    lambda child: price(child.avg_price),
    _child_state,
    lambda child: child.error,
)


def _planned_text(order: ParentOrder, column: int) -> str:
    kind = planned_fallback(order) or ChildKind.MARKET
    texts = (
        f"{kind.value} {MINUS}{len(order.children) + 1}",
        f"up to {qty(max(order.rest, ZERO))}",
        price(None),
        price(None),
        "only after proof",
        "",
    )
    return texts[column]
