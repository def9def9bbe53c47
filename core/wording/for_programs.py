"""An order in plain decimals, as JSON lines tell a program of it. Pure."""

from decimal import Decimal
from typing import Any

from core.orders.plan import plain
from core.orders.state import ParentOrder


def summary(order: ParentOrder) -> dict[str, Any]:
    """The last line about an order, as the command line prints it with --json.

    `unproven_qty` stands there only when shares may still fill.
    """
    left = {} if order.done or not order.final else {"unproven_qty": shares(order.unproven)}
    return left | {
        "event": "done",
        "order": order.id,
        "state": order.state.value,
        "side": order.side.value,
        "symbol": order.symbol,
        "qty": shares(order.qty),
        "filled_qty": shares(order.filled),
        "avg_price": None if order.avg_price is None else dollars(order.avg_price),
        "limit_price": None if order.at_market else dollars(order.limit_price),
        "arrival_bid": dollars(order.quote.bid),
        "arrival_ask": dollars(order.quote.ask),
        "fallback": order.fell_back,
        "rest": _requests(order),
        "reason": order.reason or None,
    }


def _requests(order: ParentOrder) -> dict[str, int]:
    """How many requests the order cost; `replaces` only where a plan of steps made some."""
    children = order.children
    counts = {
        "orders_posted": sum(c.posts for c in children if not c.replaces),
        "cancels": sum(c.cancels for c in children),
        "status_reads": sum(c.reads for c in children),
    }
    replaces = sum(c.posts for c in children if c.replaces)
    return counts | {"replaces": replaces} if replaces else counts


def shares(value: Decimal) -> str:
    """A quantity for a program: no exponent, no idle zeros."""
    return f"{plain(value):f}"


def dollars(value: Decimal) -> str:
    """A price for a program: cents always, further places (at most six) when they count."""
    whole, _, places = f"{round(value, 6):f}".partition(".")
    return f"{whole}.{places.rstrip('0').ljust(2, '0')}"
