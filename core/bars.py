"""What forbids a POST at this moment, though the order wants it. Pure."""

import msgspec

from core.market import Unusable
from core.order_state import ChildKind, ChildOrder, ParentOrder

LIMIT_RETRY_S = 1.0
HALT_RETRY_S = 1.0

READ_ONLY = (
    "Another program is connected to this account's order stream. Until it has gone, this "
    "Touchline only reads: it sends no order, and cancels only what it works already."
)


class Bar(msgspec.Struct, frozen=True):
    """Why a child may not be sent now, and when to ask again (seconds; None: not at all).

    `warning` is for the person, the first time that this bars it.
    """

    reason: str
    retry_after: float | None = None
    warning: str = ""


def bar(
    order: ParentOrder, child: ChildOrder, *, read_only: bool, is_open: bool, halted: bool
) -> Bar | None:
    """None when `child` may leave. In a halt or after the close a fallback would queue."""
    if read_only:
        return Bar(READ_ONLY, LIMIT_RETRY_S)
    if child.kind is ChildKind.LIMIT:
        return None
    if not is_open:
        return Bar(Unusable.CLOSED.sentence(order.symbol))
    if not halted:
        return None
    reason = Unusable.HALTED.sentence(order.symbol)
    told = child.error == reason
    warning = "" if told else f"{reason} The fallback for {child.qty} shares waits."
    return Bar(reason, HALT_RETRY_S, warning)
