"""How well an order was worked: what it gained against the far touch of its arrival quote.

Pure. Numbers only; `core.words` says them, fees are not in them.
"""

from dataclasses import dataclass
from decimal import Decimal

from core.market import Quote
from core.order_state import ParentOrder
from core.prices import ZERO, better_by


def better_than_touch(order: ParentOrder, at: Decimal) -> Decimal:
    """Dollars a share by which `at` beats the far touch of the arrival quote; negative: worse."""
    touch = order.quote.far_touch(order.side)
    return better_by(order.side, at, touch) if touch > 0 else ZERO


def gained(order: ParentOrder) -> Decimal:
    """Dollars that the fills gained against the far touch at the click; 0 before the first."""
    average = order.avg_price
    return ZERO if average is None else better_than_touch(order, average) * order.filled


@dataclass(frozen=True, slots=True)
class SoFar:
    """An order against crossing the spread at the click, in dollars.

    `filled_part` is what the fills gained, `rest_now` what the rest would gain at
    the present far touch (None without a quote), `touch` the far touch at the click.
    """

    filled_part: Decimal
    rest_now: Decimal | None
    touch: Decimal


def so_far(order: ParentOrder, quote: Quote | None) -> SoFar:
    """How an order stands against the far touch of its arrival quote; `quote` is the present."""
    touch = order.quote.far_touch(order.side)
    if order.final:
        return SoFar(gained(order), ZERO, touch)
    present = None if quote is None else quote.far_touch(order.side)
    rest = None
    if present is not None and present > 0:
        rest = better_than_touch(order, present) * order.rest
    return SoFar(gained(order), rest, touch)
