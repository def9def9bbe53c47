"""Numbers and times as this exchange keeps them, and as Alpaca writes them.

Prices are whole ten-thousandths of a dollar, so that a sub-dollar tick and a
sub-penny execution are both exact. Quantities are Decimal shares.
"""

from datetime import UTC, datetime
from decimal import Decimal

from core.market.time import NS

DOLLAR = 10_000
CENT = 100
_SCALE = Decimal(DOLLAR)
_BIGGEST = Decimal(1_000_000)


def tick(price: int) -> int:
    """Smallest legal step at `price`: a cent at or above a dollar, else 0.0001 (Rule 612)."""
    return CENT if price >= DOLLAR else 1


def price_units(value: Decimal) -> int | None:
    """`value` dollars in ten-thousandths, or None when it is finer than that or absurd."""
    if not value.is_finite() or abs(value) > _BIGGEST:
        return None
    scaled = value * _SCALE
    return int(scaled) if scaled == scaled.to_integral_value() else None


def dollars(price: int) -> Decimal:
    """Ten-thousandths as dollars."""
    return Decimal(price) / _SCALE


def decimal_text(value: Decimal) -> str:
    """A decimal as Alpaca writes it: plain, without trailing zeros."""
    if not value:
        return "0"
    return format(value.normalize(), "f")


def price_text(price: int) -> str:
    """Ten-thousandths as Alpaca writes dollars."""
    return decimal_text(dollars(price))


def cents_text(value: Decimal) -> str:
    """Dollars to at most four places, for balances and values."""
    return decimal_text(round(value, 4))


def rfc3339(ns: int) -> str:
    """Nanoseconds since 1970 as RFC 3339 in UTC with nine decimals."""
    seconds, rest = divmod(ns, NS)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"
