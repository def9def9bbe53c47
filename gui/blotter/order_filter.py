"""Which orders a person wants to see: state, side, symbol, day, and words searched for. No Qt."""

from collections.abc import Callable, Iterable
from enum import StrEnum

from core.orders.state import FINAL, ParentOrder, State
from core.wording.next_step import STATE_WORDS
from core.wording.order_words import order_title
from gui.tables.columns import DAYS, SIDE, SIDES, SYMBOL, TODAY, Group, Wanted, symbols_group


class Standing(StrEnum):
    """Groups of states, as a person asks for them."""

    ANY = "any state"
    OPEN = "open"
    FILLED = "filled"
    UNFILLED = "ended unfilled"
    NEEDS_YOU = "needs you"


_STATES = {
    Standing.ANY: frozenset(State),
    Standing.OPEN: frozenset(State) - FINAL,
    Standing.FILLED: frozenset({State.FILLED}),
    Standing.UNFILLED: frozenset({State.CANCELED, State.REJECTED, State.EXPIRED}),
    Standing.NEEDS_YOU: frozenset({State.ATTENTION}),
}


STANDING = "State"
_STANDINGS = Group(
    STANDING,
    tuple((each.value, None if each is Standing.ANY else each) for each in Standing),
)


def groups(symbols: Iterable[str]) -> tuple[Group, ...]:
    """What orders can be narrowed down by."""
    return (_STANDINGS, SIDES, DAYS, symbols_group(symbols))


def accepting(wanted: Wanted, today_ns: int) -> Callable[[ParentOrder], bool] | None:
    """The question to ask of each order; None when all are shown."""
    standing = wanted.chosen.get(STANDING)
    side, symbol = wanted.chosen.get(SIDE), wanted.chosen.get(SYMBOL)
    since, words = today_ns if wanted.chosen.get(TODAY) else 0, wanted.all_words
    states = _STATES[standing if isinstance(standing, Standing) else Standing.ANY]
    if states == _STATES[Standing.ANY] and not (side or symbol or since or words):
        return None

    def accepts(order: ParentOrder) -> bool:
        if order.state not in states or order.started_ns < since:
            return False
        if side not in (None, order.side) or symbol not in (None, order.symbol):
            return False
        return not words or found(words, haystack(order))

    return accepts


def found(words: tuple[str, ...], text: str) -> bool:
    """Whether all `words` stand in `text`, both in lower case."""
    return all(word in text for word in words)


def haystack(order: ParentOrder) -> str:
    """Everything an order can be found by, in lower case."""
    ids = " ".join(f"{c.client_id} {c.broker_id or ''} {c.error}" for c in order.children)
    told = f"{STATE_WORDS[order.state]} {order.reason} {order.alarm}"
    parts = (order_title(order), f"{order.qty:f}", told, order.id, ids, order.venue)
    return " ".join(parts).casefold()
