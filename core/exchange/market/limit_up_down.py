"""Limit up, limit down: the bands outside of which a stock may not trade. Pure.

After the plan of the exchanges (National Market System Plan to Address Extraordinary Market
Volatility), for stocks of its second tier: the reference is the mean price of the last five
minutes, and moves only when that mean is one percent away from it.
"""

from collections.abc import Sequence
from typing import NamedTuple

from core.exchange.market.ticker import Bar
from core.exchange.market.trading_day import CLOSE, HOUR
from core.exchange.units import CENT, DOLLAR, tick

MINUTES = 5
_BEFORE_CLOSE = CLOSE - 25 * HOUR // 60  # from here on bands are twice as wide


class PriceLimits(NamedTuple):
    """Ten-thousandths of a dollar; `reference` is what they were reckoned from."""

    down: int
    up: int
    reference: int


def limits(bars: Sequence[Bar], before: PriceLimits | None, time_of_day: int) -> PriceLimits | None:
    """The limits after the last minute of `bars`, oldest first; None: there was no print.

    `before` are those in force, `time_of_day` nanoseconds past midnight in New York.
    """
    recent = bars[-MINUTES:]
    volume = sum(bar.volume for bar in recent)
    if not volume:
        return before
    mean = sum(bar.turnover for bar in recent) // volume
    if before is not None and abs(mean - before.reference) * 100 < before.reference:
        mean = before.reference
    away = _away(mean)
    if mean <= 3 * DOLLAR and time_of_day >= _BEFORE_CLOSE:
        away *= 2
    step = tick(mean)
    down = max(0, (mean - away) // step * step)
    return PriceLimits(down, -(-(mean + away) // step) * step, mean)


def _away(reference: int) -> int:
    if reference > 3 * DOLLAR:
        return reference // 10
    if reference >= 75 * CENT:
        return reference // 5
    return min(15 * CENT, reference * 3 // 4)
