"""What the venue does of its own accord and no client can ask of it: its record changes."""

from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from core.exchange.matching.book import Fill
from core.exchange.matching.orders import Order
from core.orders.state import ParentOrder
from tests.support.trading import SYMBOL, Trading


def rewrite(t: Trading, order: ParentOrder, number: int = 1, **changes: Any) -> Order:
    """The exchange's record of a child becomes another, and nobody is told."""
    changed = replace(t.at_venue(order, number), **changes)
    t.exchange.store.keep(changed)
    return changed


def step(t: Trading, order: ParentOrder, event: str, number: int = 1) -> None:
    """The venue ends a child by itself, takes it off the book and tells."""
    real = t.at_venue(order, number)
    t.exchange.engine.leave(real)
    t.exchange.store.advance(real, event)
    t.exchange.updates.flush()


def execute(t: Trading, order: ParentOrder, shares: str, number: int = 1) -> None:
    """A part of a share, which the market's round sizes can't give."""
    real = t.at_venue(order, number)
    assert real.limit is not None
    t.exchange.clearing.execute(SYMBOL, [Fill(real.id, Decimal(shares), real.limit)])
    t.exchange.updates.flush()


def order_from_elsewhere(
    t: Trading, client_id: str, side: str = "sell", limit: str = "15.40"
) -> None:
    """Another program, or a person in the broker's own page, sends an order for 50 shares."""
    body = {"symbol": SYMBOL, "qty": "50", "side": side, "type": "limit", "limit_price": limit}
    reply = t.exchange.submit(body | {"time_in_force": "day", "client_order_id": client_id})
    assert reply.status == 200
