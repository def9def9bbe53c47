"""Regulatory fees that the broker passes on, by date: SEC section 31, FINRA TAF, CAT.

Pure: the date is passed in. Every rate stands here with the days it holds and where it
was read; a date that no row covers is refused, never guessed. Alpaca takes no commission.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal

from core.errors import Refusal
from core.market.prices import ZERO, Side

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Rate:
    """What holds from the day `since` to the day `until`, both included.

    `rate` is dollars a dollar of proceeds for section 31, dollars a share for the others.
    `cap` is the most that one trade costs.
    """

    since: date
    until: date
    rate: Decimal
    cap: Decimal | None = None


_KNOWN_UNTIL = date(2026, 12, 31)

SECTION_31 = (
    # SEC fee rate advisories. A new rate comes 60 days after the next appropriation, not before.
    Rate(date(2024, 5, 22), date(2025, 5, 13), Decimal("0.0000278")),
    Rate(date(2025, 5, 14), date(2026, 4, 3), ZERO),
    Rate(date(2026, 4, 4), _KNOWN_UNTIL, Decimal("0.0000206")),
)
TAF = (
    # FINRA By-Laws, schedule A, section 1. Charged as no fee at all in the last quarter of 2026
    # (SR-FINRA-2026-021; whether Alpaca follows was not confirmed); sources differ about 2027.
    Rate(date(2024, 1, 1), date(2025, 12, 31), Decimal("0.000166"), Decimal("8.30")),
    Rate(date(2026, 1, 1), date(2026, 9, 30), Decimal("0.000195"), Decimal("9.79")),
    Rate(date(2026, 10, 1), _KNOWN_UNTIL, ZERO),
)
CAT = (
    # Alpaca's brokerage fee schedule as revised on 2026-09-17; what held before was not read.
    Rate(date(2026, 9, 17), _KNOWN_UNTIL, Decimal("0.000003")),
)


@dataclass(frozen=True, slots=True)
class Fees:
    """Dollars by type, exact. `sec` and `taf` fall on sells only, `cat` on both sides."""

    sec: Decimal = ZERO
    taf: Decimal = ZERO
    cat: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        """All three together."""
        return self.sec + self.taf + self.cat


def fees(side: Side, qty: Decimal, price: Decimal, on: date) -> Fees:
    """What one trade of `qty` shares at `price` dollars costs on the day `on`, unrounded.

    Raises Refusal for a day that a table does not cover.
    """
    cat = qty * _on(CAT, on).rate
    section_31, activity = _on(SECTION_31, on), _on(TAF, on)
    if side is Side.BUY:
        return Fees(cat=cat)
    taf = qty * activity.rate
    capped = taf if activity.cap is None else min(taf, activity.cap)
    return Fees(qty * price * section_31.rate, capped, cat)


def billed(trades: Iterable[Fees]) -> Fees:
    """What the broker takes for a day's trades: each type summed, then rounded up to a cent."""
    day = tuple(trades)
    return Fees(
        _up(sum((trade.sec for trade in day), ZERO)),
        _up(sum((trade.taf for trade in day), ZERO)),
        _up(sum((trade.cat for trade in day), ZERO)),
    )


def _up(dollars: Decimal) -> Decimal:
    return dollars.quantize(_CENT, ROUND_CEILING)


def _on(rates: tuple[Rate, ...], on: date) -> Rate:
    for rate in rates:
        if rate.since <= on <= rate.until:
            return rate
    if on > rates[-1].until:
        raise Refusal("fees", f"fees unknown after {rates[-1].until}", on)
    raise Refusal("fees", f"fees unknown before {rates[0].since}", on)
