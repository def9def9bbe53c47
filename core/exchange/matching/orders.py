"""One order and its life: the statuses as a table, and a pure step along them.

No clock and no randomness: ids and times are passed in.
"""

from decimal import Decimal
from typing import Any

import msgspec

from core.exchange.units import dollars
from core.market.prices import Side

TERMINAL = frozenset({"filled", "canceled", "expired", "rejected", "replaced"})
RESTING = frozenset({"new", "partially_filled", "pending_cancel", "pending_replace"})

_LIVE = frozenset({"new", "partially_filled"})
_FILLABLE = RESTING
_OPEN = frozenset({"accepted", "pending_new"}) | RESTING

# event -> statuses it may follow, and the status it leaves (None: decided by what is filled)
LIFE: dict[str, tuple[frozenset[str], str | None]] = {
    "accepted": (frozenset({"accepted"}), "accepted"),
    "pending_new": (frozenset({"accepted", "pending_new"}), "pending_new"),
    "new": (frozenset({"accepted", "pending_new"}), "new"),
    "partial_fill": (_FILLABLE, None),
    "fill": (_FILLABLE, "filled"),
    "pending_cancel": (_OPEN - {"pending_cancel"}, "pending_cancel"),
    "canceled": (_OPEN, "canceled"),
    "order_cancel_rejected": (frozenset({"pending_cancel"}), None),
    "pending_replace": (_LIVE, "pending_replace"),
    "order_replace_rejected": (frozenset({"pending_replace"}), None),
    "replaced": (frozenset({"pending_replace"}), "replaced"),
    "expired": (_OPEN, "expired"),
    "rejected": (_OPEN, "rejected"),
}

_STAMPS = {
    "fill": "filled_ns",
    "canceled": "canceled_ns",
    "expired": "expired_ns",
    "rejected": "failed_ns",
    "replaced": "replaced_ns",
    "pending_cancel": "cancel_requested_ns",
}

_PENDING = frozenset({"pending_cancel", "pending_replace"})


class Execution(msgspec.Struct, frozen=True):
    """One slice of one order. `position` is the signed position after it."""

    id: str
    qty: Decimal
    price: int
    at_ns: int
    position: Decimal


class Order(msgspec.Struct, frozen=True):
    """An order as the exchange keeps it. `limit` is in ten-thousandths, None for a market order."""

    id: str
    client_order_id: str
    symbol: str
    asset_id: str
    side: Side
    kind: str
    time_in_force: str
    qty: Decimal
    limit: int | None
    extended_hours: bool
    intent: str
    status: str
    created_ns: int
    updated_ns: int
    filled: Decimal = Decimal(0)
    value: Decimal = Decimal(0)
    executions: tuple[Execution, ...] = ()
    replaces: str | None = None
    replaced_by: str | None = None
    filled_ns: int | None = None
    canceled_ns: int | None = None
    expired_ns: int | None = None
    failed_ns: int | None = None
    replaced_ns: int | None = None
    cancel_requested_ns: int | None = None

    @property
    def leaves(self) -> Decimal:
        """Shares not executed."""
        return self.qty - self.filled

    @property
    def is_open(self) -> bool:
        """Whether the order may still execute."""
        return self.status not in TERMINAL


def advance(order: Order, event: str, now_ns: int, **changes: Any) -> Order:
    """The order after `event`. Raises ValueError for an event that may not follow its status."""
    allowed, after = LIFE[event]
    if order.status not in allowed:
        raise ValueError(f"{event} may not follow {order.status} (order {order.id})")
    if after is None:
        after = _resting_status(order, event)
    stamp = _STAMPS.get(event)
    if stamp is not None:
        changes[stamp] = now_ns
    changes = {"status": after, "updated_ns": now_ns} | changes
    return msgspec.structs.replace(order, **changes)


def _resting_status(order: Order, event: str) -> str:
    if event == "partial_fill":
        return order.status if order.status in _PENDING else "partially_filled"
    return "partially_filled" if order.filled else "new"


def execute(order: Order, execution: Execution) -> tuple[str, Order]:
    """The order after one execution, and the name of that event."""
    filled = order.filled + execution.qty
    if execution.qty <= 0 or filled > order.qty:
        raise ValueError(f"order {order.id} cannot execute {execution.qty} of {order.leaves}")
    event = "fill" if filled == order.qty else "partial_fill"
    return event, advance(
        order,
        event,
        execution.at_ns,
        filled=filled,
        value=order.value + execution.qty * dollars(execution.price),
        executions=(*order.executions, execution),
    )
