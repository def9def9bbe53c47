"""A limit price part of the way across the spread, and the worst price of a collared fallback.

Every number is a Decimal. Pure: the date a rule depends on is passed in.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext

from core.errors import Refusal
from core.market.prices import (
    EXACT,
    LOWEST_PRICE,
    MAX_PRICE,
    ONE,
    ZERO,
    Side,
    ceil_legal,
    far_touch,
    floor_legal,
    step_legal,
    ticks_between,
)

COLLAR_TICKS = 2
COLLAR_BPS = Decimal(25)


@dataclass(frozen=True, slots=True)
class LimitPrice:
    """A legal limit price inside the spread and what rounding made of the fraction.

    `ticks_better` counts whole legal steps better than the far touch (the bid
    for a sell, the ask for a buy). `fraction` is the effective one, 0 at the
    near touch and 1 at the far touch; in a locked market the one asked for.
    `collapsed` says that the price is the far touch itself: it executes at once.
    """

    price: Decimal
    ticks_better: int
    fraction: Decimal
    collapsed: bool


def limit_price(
    side: Side,
    bid: Decimal,
    ask: Decimal,
    fraction: Decimal,
    symbol: str = "",
    on: date | None = None,
) -> LimitPrice:
    """Price `fraction` of the way from the near touch to the far touch.

    Sell `ask - fraction * (ask - bid)`, buy `bid + fraction * (ask - bid)`, to the
    nearest legal price, ties away from the far touch (sell up, buy down), never
    past either touch. A locked market gives the locked price.
    Raises Refusal for a fraction outside 0..1, a touch that is not a number above
    0 and at most MAX_PRICE, a crossed market, or no legal price between the touches.
    """
    _check(bid, ask, fraction)
    lowest, highest = ceil_legal(bid, symbol, on), floor_legal(ask, symbol, on)
    if lowest > highest:
        raise Refusal("increment", f"There is no legal price between bid {bid} and ask {ask}.")
    with localcontext(EXACT):
        offset = fraction * (ask - bid)
        target = ask - offset if side is Side.SELL else bid + offset
        price = min(max(_nearest(target, side, symbol, on), lowest), highest)
        spread = ask - bid
        effective = fraction
        if spread:
            effective = ((ask - price) if side is Side.SELL else (price - bid)) / spread
    better = ticks_between(lowest, price) if side is Side.SELL else ticks_between(price, highest)
    collapsed = price == far_touch(side, bid, ask)
    return LimitPrice(price, better, _trim(effective), collapsed)


def _nearest(target: Decimal, side: Side, symbol: str, on: date | None) -> Decimal:
    below, above = floor_legal(target, symbol, on), ceil_legal(target, symbol, on)
    down, up = target - below, above - target
    if down == up:
        return above if side is Side.SELL else below
    return below if down < up else above


def _check(bid: Decimal, ask: Decimal, fraction: Decimal) -> None:
    if not (fraction.is_finite() and ZERO <= fraction <= ONE):
        raise Refusal(
            "fraction", f"The fraction must lie between 0 and 1, not {fraction}.", fraction
        )
    for name, touch in (("bid", bid), ("ask", ask)):
        if not (touch.is_finite() and touch > ZERO):
            raise Refusal(name, f"The {name} must be a positive price, not {touch}.", touch)
        if touch > MAX_PRICE:
            raise Refusal(name, f"The {name} of {touch} is above {MAX_PRICE:,} dollars.", touch)
    if bid > ask:
        raise Refusal("crossed", f"The market is crossed: bid {bid} is above ask {ask}.")


def _trim(value: Decimal) -> Decimal:
    """At most six places, so that an effective fraction is readable and stable."""
    return value.quantize(Decimal("0.000001")).normalize() + ZERO


@dataclass(frozen=True, slots=True)
class Collar:
    """How far through the far touch a collared fallback may go: the wider of the two."""

    ticks: int = COLLAR_TICKS
    bps: Decimal = COLLAR_BPS


USUAL_COLLAR = Collar()


def collar_price(side: Side, bid: Decimal, ask: Decimal, collar: Collar = USUAL_COLLAR) -> Decimal:
    """Worst price of a collared fallback, dollars a share.

    25 bps through the far touch, or two legal ticks where that is more, unless `collar`
    says otherwise; never below the lowest legal price.
    """
    far = far_touch(side, bid, ask)
    with localcontext(EXACT):
        away = far * collar.bps / 10_000
    if side is Side.SELL:
        worst = min(ceil_legal(far - away), step_legal(ceil_legal(far), -collar.ticks))
        return max(worst, LOWEST_PRICE)
    return max(floor_legal(far + away), step_legal(floor_legal(far), collar.ticks))
