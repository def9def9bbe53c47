"""How one order is to be worked: fraction, time, fallback. Frozen and validated.

The parsers here are the one boundary for what a person types; each refuses
with the rule and the value. No I/O, no clock.
"""

import re
from decimal import Decimal
from enum import StrEnum

import msgspec

from core.errors import Refusal
from core.prices import ZERO, LimitPrice, Side

MIN_TIMEOUT = Decimal("0.001")
MAX_TIMEOUT = Decimal(3600)
WINDOW = Decimal(60)  # seconds
MAX_QTY = Decimal(10_000_000)
PLACES = 9  # Alpaca's own limit for quantities; for seconds it is our clock's
_LAST_PLACE = Decimal(1).scaleb(-PLACES)


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
    window: Decimal = WINDOW


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


_NUMERAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,4})?|[+-]?(nan|inf(inity)?)", re.I | re.A)
_GROUPED = re.compile(r"[1-9]\d{0,2}(,\d{3})+(\.\d*)?", re.A)
_TICKER = re.compile(r"[A-Z][A-Z0-9]*([.-][A-Z0-9]+)*")


def _number(text: str, name: str) -> Decimal:
    """A finite number in ASCII digits. As a quantity `1,000` is one thousand, `1,5` is nothing."""
    numeral = text.strip()
    if name == "quantity" and _GROUPED.fullmatch(numeral):
        numeral = numeral.replace(",", "")
    if not _NUMERAL.fullmatch(numeral):
        raise Refusal(name, f"The {name} must be a number, not {_shown(text)}.", text)
    value = Decimal(numeral)
    if not value.is_finite():
        raise Refusal(name, f"The {name} must be a finite number, not {_shown(text)}.", text)
    return value


def _exact(value: Decimal, name: str, text: str) -> Decimal:
    """`value`, already known to be of reasonable size, unless it has too many decimals."""
    if value != value.quantize(_LAST_PLACE):
        raise Refusal(
            name, f"The {name} may have at most {PLACES} decimals, not {_shown(text)}.", text
        )
    return plain(value)


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
    return _exact(qty, "quantity", text)


def parse_fraction(text: str) -> Decimal:
    """A fraction of the spread, 0..1."""
    value = _number(text, "fraction")
    if not 0 <= value <= 1:
        raise Refusal(
            "fraction", f"The fraction must lie between 0 and 1, not {_shown(text)}.", text
        )
    return _exact(value, "fraction", text)


def parse_timeout(text: str) -> Decimal:
    """Seconds until the fallback, from a millisecond to an hour."""
    value = _number(text, "timeout")
    if value <= 0:
        raise Refusal("timeout", f"The timeout must be more than 0 s, not {_shown(text)}.", text)
    if not MIN_TIMEOUT <= value <= MAX_TIMEOUT:
        raise Refusal(
            "timeout",
            f"The timeout must lie between {MIN_TIMEOUT} and {MAX_TIMEOUT} s, not {_shown(text)}.",
            text,
        )
    return _exact(value, "timeout", text)


def parse_window(text: str) -> Decimal:
    """Seconds after the deadline within which the fallback is still honoured."""
    value = _number(text, "window")
    if not 0 <= value <= MAX_TIMEOUT:
        raise Refusal(
            "window",
            f"The window must lie between 0 and {MAX_TIMEOUT} s, not {_shown(text)}.",
            text,
        )
    return _exact(value, "window", text)


def parse_symbol(text: str) -> str:
    """A ticker in upper case. Whether it exists is for the venue to say."""
    symbol = text.strip()
    # ASCII first: upper() makes SS of a sharp s.
    if not symbol.isascii() or len(symbol) > 12 or not _TICKER.fullmatch(symbol := symbol.upper()):
        raise Refusal(
            "symbol", f"The symbol must be a ticker such as UVXY, not {_shown(text)}.", text
        )
    return symbol


def plain(value: Decimal) -> Decimal:
    """The same number without exponent, trailing zeros or a sign before 0, at most 28 digits.

    Format it with `f`: below a millionth Python prints an exponent all the same.
    """
    return Decimal(f"{value.normalize():f}") + ZERO


def preview_of(bid: Decimal, ask: Decimal, price: LimitPrice) -> Preview:
    """The part of a preview that is frozen at the click."""
    return Preview(bid, ask, price.price, price.ticks_better)
