"""How one order is to be worked: fraction, time, fallback. Frozen and validated.

The parsers here are the one boundary for what a person types; each refuses
with the rule and the value. No I/O, no clock.
"""

from decimal import Decimal, InvalidOperation
from enum import StrEnum

import msgspec

from core.errors import Refusal
from core.prices import ZERO, LimitPrice, Side

MAX_TIMEOUT = Decimal(3600)
MAX_QTY = Decimal(10_000_000)
QTY_PLACES = 9  # Alpaca's own limit for fractional quantities


class Fallback(StrEnum):
    """What is sent for the proven rest when time runs out."""

    MARKET = "market"
    COLLAR = "collar"
    NONE = "none"


class Plan(msgspec.Struct, frozen=True):
    """Fraction of the spread (0 near touch, 1 far touch), time and fallback.

    `timeout` and `window` are seconds: the fallback happens no later than
    `window` after the deadline, whatever kept it back.
    """

    fraction: Decimal
    timeout: Decimal
    fallback: Fallback = Fallback.MARKET
    window: Decimal = Decimal(60)


DEFAULTS = {
    Side.SELL: Plan(Decimal("0.85"), Decimal(10)),
    Side.BUY: Plan(Decimal("0.75"), Decimal(15)),
}


class Preview(msgspec.Struct, frozen=True):
    """The numbers as they stood on the screen at the click, kept with the order."""

    bid: Decimal
    ask: Decimal
    limit_price: Decimal
    ticks_better: int


class Instruction(msgspec.Struct, frozen=True):
    """What the trader asked for. `id` makes a repeated submit harmless."""

    id: str
    symbol: str
    side: Side
    qty: Decimal
    plan: Plan
    preview: Preview | None = None


def _number(text: str, name: str) -> Decimal:
    try:
        value = Decimal(text.strip().replace(",", "") if name == "quantity" else text.strip())
    except InvalidOperation:
        raise Refusal(name, f"The {name} must be a number, not {_shown(text)}.", text) from None
    if not value.is_finite():
        raise Refusal(name, f"The {name} must be a finite number, not {_shown(text)}.", text)
    return value


def _shown(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:37] + "...")


def parse_qty(text: str) -> Decimal:
    """Shares as typed. Refuses zero, negatives, words, more than nine decimals."""
    qty = _number(text, "quantity")
    if qty <= 0:
        raise Refusal("quantity", f"The quantity must be more than 0, not {_shown(text)}.", text)
    if qty > MAX_QTY:
        raise Refusal(
            "quantity", f"The quantity must be at most {MAX_QTY:,}, not {_shown(text)}.", text
        )
    exponent = qty.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > QTY_PLACES:
        raise Refusal(
            "quantity",
            f"The quantity may have at most {QTY_PLACES} decimals, not {_shown(text)}.",
            text,
        )
    return plain(qty)


def parse_fraction(text: str) -> Decimal:
    """A fraction of the spread, 0..1."""
    value = _number(text, "fraction")
    if not 0 <= value <= 1:
        raise Refusal(
            "fraction", f"The fraction must lie between 0 and 1, not {_shown(text)}.", text
        )
    return value


def parse_timeout(text: str) -> Decimal:
    """Seconds until the fallback, more than 0 and at most an hour."""
    value = _number(text, "timeout")
    if not 0 < value <= MAX_TIMEOUT:
        raise Refusal(
            "timeout",
            f"The timeout must be more than 0 and at most {MAX_TIMEOUT} s, not {_shown(text)}.",
            text,
        )
    return value


def parse_window(text: str) -> Decimal:
    """Seconds after the deadline within which the fallback is still honoured."""
    value = _number(text, "window")
    if not 0 <= value <= MAX_TIMEOUT:
        raise Refusal(
            "window",
            f"The window must lie between 0 and {MAX_TIMEOUT} s, not {_shown(text)}.",
            text,
        )
    return value


def parse_symbol(text: str) -> str:
    """A ticker in upper case. Whether it exists is for the venue to say."""
    symbol = text.strip().upper()
    body = symbol.replace(".", "").replace("-", "")
    if not (1 <= len(symbol) <= 12 and body.isascii() and body.isalnum()):
        raise Refusal(
            "symbol", f"The symbol must be a ticker such as UVXY, not {_shown(text)}.", text
        )
    return symbol


def plain(value: Decimal) -> Decimal:
    """The same number without exponent or trailing zeros, so that it prints as people write it."""
    value = value.normalize()
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent > 0:
        value = value.quantize(Decimal(1))
    return value + ZERO


def preview_of(bid: Decimal, ask: Decimal, price: LimitPrice) -> Preview:
    """The part of a preview that is frozen at the click."""
    return Preview(bid, ask, price.price, price.ticks_better)
