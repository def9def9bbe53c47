"""What matching knows of one symbol: the market's touch and our own resting orders.

Plain frozen data; `matching` makes the next book from it. Prices are
ten-thousandths of a dollar, market sizes are whole shares.
"""

from decimal import Decimal
from typing import NamedTuple

import msgspec

from core.market.prices import Side


class Touch(NamedTuple):
    """Best bid and ask of the market without our orders. A price of 0 means no such side."""

    bid: int
    bid_size: int
    ask: int
    ask_size: int

    def facing(self, side: Side) -> tuple[int, int]:
        """Price and size that an order of `side` would execute against."""
        return (self.ask, self.ask_size) if side is Side.BUY else (self.bid, self.bid_size)

    def own(self, side: Side) -> tuple[int, int]:
        """Price and size that an order of `side` would stand beside."""
        return (self.bid, self.bid_size) if side is Side.BUY else (self.ask, self.ask_size)

    def spread(self) -> int:
        """Ask minus bid; 0 when a side is missing or the market is locked or crossed."""
        return max(0, self.ask - self.bid) if self.bid and self.ask else 0


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


class Knobs(msgspec.Struct, frozen=True):
    """How kind the market is. Chances and fractions are plain numbers, never money.

    `hidden_chance`: chance per quote or print that an order inside the spread meets
    hidden interest, scaled by how far across it stands; `hidden_size`: the most of it,
    as a multiple of the facing size. `price_improvement`: fraction of the spread that
    a market order is given on the shares at the touch. `slippage_ticks`: ticks from
    one level to the next beyond the touch. `queue_ahead`: shares served before an
    order that joins the touch, as a multiple of the size shown. Delays are seconds.
    """

    hidden_chance: float = 0.04
    hidden_size: float = 0.8
    price_improvement: float = 0.1
    slippage_ticks: int = 1
    queue_ahead: float = 1.0
    ack_delay: float = 0.01
    cancel_delay: float = 0.06


def reaches(side: Side, limit: int | None, price: int) -> bool:
    """Whether an order of `side` may execute at `price`."""
    if limit is None:
        return True
    return price <= limit if side is Side.BUY else price >= limit


def better(side: Side, one: int, other: int) -> bool:
    """Whether `one` is a more aggressive price than `other` for orders of `side`."""
    return one > other if side is Side.BUY else one < other
