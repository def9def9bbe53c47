"""Which orders a person wants to see: state, side, symbol, day, and words searched for. No Qt."""

from collections.abc import Callable, Iterable
from enum import StrEnum

from core.orders.state import FINAL, ParentOrder, State
from core.wording.next_step import state_words
from core.wording.order_words import order_title
from gui.tables.row_filter import (
    DAYS,
    SIDE,
    SIDES,
    SYMBOL,
    TODAY,
    FilterGroup,
    RowFilter,
    has_all_words,
    symbols_group,
)


class StateGroup(StrEnum):
    """Groups of states, as a person asks for them."""

    ANY = "any state"
    OPEN = "open"
    FILLED = "filled"
    UNFILLED = "ended unfilled"
    NEEDS_YOU = "needs you"


_STATES = {
    StateGroup.ANY: frozenset(State),
    StateGroup.OPEN: frozenset(State) - FINAL,
    StateGroup.FILLED: frozenset({State.FILLED}),
    StateGroup.UNFILLED: frozenset({State.CANCELED, State.REJECTED, State.EXPIRED}),
    StateGroup.NEEDS_YOU: frozenset({State.ATTENTION}),
}


STATE_GROUP = "State"
_STATE_GROUPS = FilterGroup(
    STATE_GROUP,
    tuple((each.value, None if each is StateGroup.ANY else each) for each in StateGroup),
)


def filter_groups(symbols: Iterable[str]) -> tuple[FilterGroup, ...]:
    """What orders can be narrowed down by."""
    return (_STATE_GROUPS, SIDES, DAYS, symbols_group(symbols))


def matcher(row_filter: RowFilter, today_ns: int) -> Callable[[ParentOrder], bool] | None:
    """The question to ask of each order; None when all are shown."""
    group = row_filter.chosen.get(STATE_GROUP)
    side, symbol = row_filter.chosen.get(SIDE), row_filter.chosen.get(SYMBOL)
    since, words = today_ns if row_filter.chosen.get(TODAY) else 0, row_filter.all_words
    states = _STATES[group if isinstance(group, StateGroup) else StateGroup.ANY]
    if states == _STATES[StateGroup.ANY] and not (side or symbol or since or words):
        return None

    def accepts(order: ParentOrder) -> bool:
        if order.state not in states or order.started_ns < since:
            return False
        if side not in (None, order.side) or symbol not in (None, order.symbol):
            return False
        return not words or has_all_words(words, searchable_text(order))

    return accepts


def searchable_text(order: ParentOrder) -> str:
    """Everything an order can be found by, in lower case."""
    ids = " ".join(f"{c.client_id} {c.broker_id or ''} {c.error}" for c in order.children)
    told = f"{state_words(order)} {order.reason} {order.alarm}"
    parts = (order_title(order), f"{order.qty:f}", told, order.id, ids, order.venue)
    return " ".join(parts).casefold()
