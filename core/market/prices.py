"""Exact prices: legal increments, and which touch is which for a side.

Every number is a Decimal. No I/O, no clock: the date a rule depends on is passed in.
"""

from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal, localcontext
from enum import StrEnum

ONE = Decimal(1)
ZERO = Decimal(0)
_CENT = Decimal("0.01")
LOWEST_PRICE = Decimal("0.0001")
_STEPS_BELOW_ONE = 10_000
MAX_PRICE = Decimal(10_000_000)  # dollars; what lies above is a broken feed, not a price

# Wide enough that no product or quotient of two prices is rounded before we round it.
EXACT = Context(prec=60)


class Side(StrEnum):
    """Which way the parent order trades."""

    BUY = "buy"
    SELL = "sell"

    @property
    def far_touch(self) -> str:
        """Which touch an order of this side crosses to, by name."""
        return "bid" if self is Side.SELL else "ask"


def far_touch(side: Side, bid: Decimal, ask: Decimal) -> Decimal:
    """The price that an order of `side` crosses to: the bid for a sell, the ask for a buy."""
    return bid if side is Side.SELL else ask


def better_by(side: Side, price: Decimal, than: Decimal) -> Decimal:
    """Dollars a share by which `price` is better for an order of `side`; negative: worse."""
    return price - than if side is Side.SELL else than - price


def increment(price: Decimal, symbol: str = "", on: date | None = None) -> Decimal:
    """Smallest legal step at `price` in dollars (SEC Rule 612).

    One cent at or above $1.00, a hundredth of a cent below. The half-penny
    increment is deferred to the first business day of November 2027 (release
    34-105656) and will be assigned per symbol, hence `symbol` and `on`.
    """
    del symbol, on  # no symbol has another increment before November 2027
    return _CENT if price >= ONE else LOWEST_PRICE


def floor_legal(price: Decimal, symbol: str = "", on: date | None = None) -> Decimal:
    """Highest legal price at or below `price`."""
    return _to_step(price, ROUND_FLOOR, symbol, on)


def ceil_legal(price: Decimal, symbol: str = "", on: date | None = None) -> Decimal:
    """Lowest legal price at or above `price`."""
    return _to_step(price, ROUND_CEILING, symbol, on)


def _to_step(price: Decimal, rounding: str, symbol: str, on: date | None) -> Decimal:
    with localcontext(EXACT):
        step = increment(price, symbol, on)
        return int((price / step).to_integral_value(rounding)) * step


def ticks_between(low: Decimal, high: Decimal) -> int:
    """Whole legal steps from `low` up to `high`, across the change at $1.00."""
    return _index(floor_legal(high)) - _index(ceil_legal(low))


def _index(legal: Decimal) -> int:
    if legal < ONE:
        return int(legal / LOWEST_PRICE)
    return _STEPS_BELOW_ONE + int((legal - ONE) / _CENT)


def step_legal(price: Decimal, ticks: int) -> Decimal:
    """The legal price `ticks` whole steps above (negative: below) a legal `price`.

    Never below zero.
    """
    index = max(0, _index(floor_legal(price)) + ticks)
    if index < _STEPS_BELOW_ONE:
        return index * LOWEST_PRICE
    return ONE + (index - _STEPS_BELOW_ONE) * _CENT
