"""How prices, quantities, money and shares of a spread read. Pure."""

from decimal import ROUND_HALF_EVEN, Decimal

from core.market.prices import ONE
from core.orders.plan import plain

DOT = "\N{MIDDLE DOT}"
MINUS = "\N{MINUS SIGN}"
_CENT = Decimal("0.01")
_BASIS = Decimal("0.0001")
_TENTH = Decimal("0.1")


def price(value: Decimal | None) -> str:
    """A price a share: at least cents, up to four places between them, four below a dollar."""
    if value is None:
        return "\N{EM DASH}"
    shown = f"{value.quantize(_BASIS, ROUND_HALF_EVEN):,}"
    if _BASIS <= value < ONE and value % _CENT:
        return shown
    return shown[:-2] + shown[-2:].rstrip("0")


def qty(value: Decimal) -> str:
    """Shares, thousands apart, fractions only where there are any."""
    return f"{plain(value):,f}".replace("-", MINUS)


def money(value: Decimal, *, sign: bool = False) -> str:
    """Dollars and cents; with `sign` a plus is written too."""
    rounded = value.quantize(_CENT, ROUND_HALF_EVEN)
    mark = MINUS if rounded < 0 else "+" if sign and rounded > 0 else ""
    return f"{mark}${abs(rounded):,}"


def per_share(value: Decimal) -> str:
    """Dollars a share with their sign, to the hundredth of a cent where there is one."""
    mark = MINUS if value < 0 else "+" if value > 0 else ""
    shown = f"{abs(value).quantize(_BASIS, ROUND_HALF_EVEN):,}"
    return f"{mark}${shown[:-2]}{shown[-2:].rstrip('0')}"


def amount(value: Decimal) -> str:
    """Dollars and cents of an account, without the sign of the currency."""
    return f"{value.quantize(_CENT, ROUND_HALF_EVEN):,}".replace("-", MINUS)


def percent(fraction: Decimal) -> str:
    """A share of one as whole percent."""
    return f"{(fraction * 100).quantize(ONE)} %"


def basis_points(value: Decimal, reference: Decimal) -> str:
    """`value` as hundredths of a percent of `reference`."""
    bps = value / reference * 10_000
    return f"{bps.quantize(_TENTH) if abs(bps) < 10 else bps.quantize(ONE)} bps"


def spread(bid: Decimal, ask: Decimal) -> str:
    """The spread in cents, or dollars below a cent, and in basis points of the middle."""
    gap = ask - bid
    if bid <= 0 or ask <= 0:
        return "one-sided"
    if gap < 0:
        return "crossed"
    return f"{qty(gap * 100)}¢ {DOT} {basis_points(gap, (bid + ask) / 2)}"


def ticks(count: int) -> str:
    """A signed number of ticks."""
    mark = "+" if count > 0 else MINUS if count < 0 else ""
    return f"{mark}{abs(count)} tick{'' if abs(count) == 1 else 's'}"
