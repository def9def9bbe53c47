"""What a kill has proven and what it left, in words. Pure."""

from collections.abc import Iterable, Mapping

import msgspec

from core.market.account import Position
from core.orders.state import Liveness, ParentOrder
from core.wording.numbers import qty
from core.wording.order_words import order_title

_ON = "Touchline goes on trying."
_OFF = (
    "Nobody goes on trying once this command ends: run 'touchline kill' again, or cancel at the "
    "broker."
)


class KillReport(msgspec.Struct, frozen=True):
    """What a kill has proven and what it left.

    `cancelled` names the orders that were open; `unproven` those of which something may
    still fill; `positions` is shares by symbol, as known. `others` is what else is open at
    the venue and was left alone; None: that could not be read.
    """

    by: str
    cancelled: tuple[str, ...]
    unproven: tuple[str, ...]
    positions: dict[str, str]
    sentence: str
    others: tuple[str, ...] | None = None


def report(
    by: str,
    asked: Iterable[str],
    orders: Mapping[str, ParentOrder],
    positions: Mapping[str, Position],
    others: tuple[str, ...] | None,
    *,
    stays: bool = True,
) -> KillReport:
    """The report on the orders named in `asked`, and on any other that may still fill.

    `stays`: this run goes on after it and pursues what is not proven.
    """
    asked = tuple(asked)
    unproven = tuple(o for o in orders.values() if may_fill(o))
    held = {p.symbol: f"{p.qty:f}" for p in positions.values() if p.qty}
    sure = not unproven and others is not None
    ours = _ours(len(asked), unproven, stays=stays)
    words = f"{ours} {left_alone(others)} {_kept(positions, sure=sure)}"
    return KillReport(by, asked, tuple(o.id for o in unproven), held, words, others)


def may_fill(order: ParentOrder) -> bool:
    """Whether something of it left and is not proven dead."""
    return any(child.liveness is not Liveness.UNSENT for child in order.live_children)


def _ours(asked: int, unproven: tuple[ParentOrder, ...], *, stays: bool) -> str:
    if unproven:
        names = ", ".join(order_title(order) for order in unproven)
        return f"NOT PROVEN dead, and may still fill: {names}. {_ON if stays else _OFF}"
    if asked:
        plural = "s" if asked != 1 else ""
        return f"{asked} open order{plural} cancelled; the venue proves that nothing can fill."
    return "No order was open."


def left_alone(others: tuple[str, ...] | None) -> str:
    """What else is open at the venue, as a sentence."""
    if others is None:
        return "The venue's list of open orders could not be read: look for others at the broker."
    if not others:
        return "The venue lists no other open order."
    return f"Not in this journal, and left alone: {', '.join(others)}."


def _kept(positions: Mapping[str, Position], *, sure: bool) -> str:
    held = ", ".join(f"{qty(p.qty)} {p.symbol}" for p in positions.values() if p.qty)
    if not sure:  # what may still fill, or is not heard of, changes them
        return f"Positions are not touched; as last known: {held or 'none'}."
    return f"Positions stay as they are: {held}." if held else "No position is held."
