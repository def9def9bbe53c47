"""Orders and trade updates as JSON objects, the same on REST and on the stream.

Pure. Money and quantities are strings.
"""

from typing import Any

from core.exchange.matching.orders import Execution, Order
from core.exchange.units import decimal_text, price_text, rfc3339


def _stamp(ns: int | None) -> str | None:
    """A time or nothing."""
    return None if ns is None else rfc3339(ns)


def order_view(order: Order) -> dict[str, Any]:
    """The order object, the same on REST and on the stream."""
    average = order.value / order.filled if order.filled else None
    return {
        "id": order.id,
        "client_order_id": order.client_order_id,
        "created_at": _stamp(order.created_ns),
        "updated_at": _stamp(order.updated_ns),
        "submitted_at": _stamp(order.created_ns),
        "filled_at": _stamp(order.filled_ns),
        "expired_at": _stamp(order.expired_ns),
        "cancel_requested_at": _stamp(order.cancel_requested_ns),
        "canceled_at": _stamp(order.canceled_ns),
        "failed_at": _stamp(order.failed_ns),
        "replaced_at": _stamp(order.replaced_ns),
        "replaced_by": order.replaced_by,
        "replaces": order.replaces,
        "asset_id": order.asset_id,
        "symbol": order.symbol,
        "asset_class": "us_equity",
        "notional": None,
        "qty": decimal_text(order.qty),
        "filled_qty": decimal_text(order.filled),
        "filled_avg_price": None if average is None else decimal_text(round(average, 6)),
        "order_class": "",
        "order_type": order.kind,
        "type": order.kind,
        "side": order.side.value,
        "position_intent": order.intent,
        "time_in_force": order.time_in_force,
        "limit_price": None if order.limit is None else price_text(order.limit),
        "stop_price": None,
        "status": order.status,
        "extended_hours": order.extended_hours,
        "legs": None,
        "trail_percent": None,
        "trail_price": None,
        "hwm": None,
        "subtag": None,
        "source": None,
    }


def update_view(
    event: str, order: Order, now_ns: int, event_id: str, execution: Execution | str | None
) -> dict[str, Any]:
    """One trade update. `execution` is the slice of a fill, the bare id of a `new`, or nothing."""
    data: dict[str, Any] = {
        "event": event,
        "timestamp": rfc3339(now_ns),
        "at": rfc3339(now_ns),
        "event_id": event_id,
        "execution_id": execution.id if isinstance(execution, Execution) else execution,
    }
    if isinstance(execution, Execution):
        data |= {
            "price": price_text(execution.price),
            "qty": decimal_text(execution.qty),
            "position_qty": decimal_text(execution.position),
        }
    return {"stream": "trade_updates", "data": data | {"order": order_view(order)}}
