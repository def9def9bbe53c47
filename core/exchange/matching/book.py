"""What matching knows of one symbol: the market's touch and our own resting orders.

Plain frozen data; `rules` makes the next book from it. Prices are
ten-thousandths of a dollar, market sizes are whole shares.
"""

from decimal import Decimal
from typing import NamedTuple

import msgspec

from core.exchange.market.events import Touch
from core.market.prices import Side


class Resting(msgspec.Struct, frozen=True):
    """One of our orders in the book. `limit` None is a market order still looking for shares.

    `ahead` is how many shares at the same price are served before it.
    """

    order_id: str
    side: Side
    limit: int | None
    leaves: Decimal
    ahead: int = 0


class Fill(NamedTuple):
    """One execution that matching decided."""

    order_id: str
    qty: Decimal
    price: int


class Book(msgspec.Struct, frozen=True):
    """One symbol. `taken` is what we already had of the size shown at each side's present price."""

    touch: Touch = Touch(0, 0, 0, 0)
    taken_bid: Decimal = Decimal(0)
    taken_ask: Decimal = Decimal(0)
    resting: tuple[Resting, ...] = ()
    halted: bool = False

    def taken(self, side: Side) -> Decimal:
        """Shares that orders of `side` have had from the facing touch."""
        return self.taken_ask if side is Side.BUY else self.taken_bid


def reaches(side: Side, limit: int | None, price: int) -> bool:
    """Whether an order of `side` may execute at `price`."""
    if limit is None:
        return True
    return price <= limit if side is Side.BUY else price >= limit


def better(side: Side, one: int, other: int) -> bool:
    """Whether `one` is a more aggressive price than `other` for orders of `side`."""
    return one > other if side is Side.BUY else one < other
