"""How one order is to be worked: steps of fraction and time, fallback. Frozen and validated.

The parsers here are the one boundary for what a person types; each refuses
with the rule and the value. No I/O, no clock.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum

import msgspec

from core.errors import Refusal
from core.prices import MAX_PRICE, ZERO, LimitPrice, Side, floor_legal

MIN_TIMEOUT = Decimal("0.001")
MAX_TIMEOUT = Decimal(3600)
WINDOW = Decimal(60)  # seconds
MAX_QTY = Decimal(10_000_000)
MAX_STEPS = 20
PLACES = 9  # Alpaca's own limit for quantities; for seconds it is our clock's
_LAST_PLACE = Decimal(1).scaleb(-PLACES)


class Fallback(StrEnum):
    """What is sent for the proven rest when time runs out."""

    MARKET = "market"
    COLLAR = "collar"
    NONE = "none"


class Step(msgspec.Struct, frozen=True):
    """One price of a plan: this fraction of the spread for that many seconds."""

    fraction: Decimal
    seconds: Decimal


class Plan(msgspec.Struct, frozen=True):
    """Fraction of the spread (0 near touch, 1 far touch), time and fallback.

    `timeout` and `window` are seconds: the fallback happens no later than
    `window` after the deadline, whatever kept it back. `steps` is empty for the usual
    single price; else `fraction` is the first step's and `timeout` all of them together
    (`stepped` makes such a plan). `limit` is the trader's worst price, dollars: nothing
    of the order, the fallback included, is sent to sell below it or to buy above it.
    """

    fraction: Decimal
    timeout: Decimal
    fallback: Fallback = Fallback.MARKET
    window: Decimal = WINDOW
    steps: tuple[Step, ...] = ()
    limit: Decimal | None = None

    def __post_init__(self) -> None:
        if self.steps and (self.fraction, self.timeout) != _first_and_all(self.steps):
            raise ValueError("fraction and timeout of a plan do not agree with its steps")

    @property
    def all_steps(self) -> tuple[Step, ...]:
        """The steps, of which there is always at least one."""
        return self.steps or (Step(self.fraction, self.timeout),)


def _first_and_all(steps: tuple[Step, ...]) -> tuple[Decimal, Decimal]:
    return steps[0].fraction, sum((s.seconds for s in steps), ZERO)


def stepped(
    steps: tuple[Step, ...],
    fallback: Fallback = Fallback.MARKET,
    window: Decimal = WINDOW,
    limit: Decimal | None = None,
) -> Plan:
    """The plan of one or more steps; a single one gives the plan without steps."""
    fraction, timeout = _first_and_all(steps)
    return Plan(fraction, timeout, fallback, window, steps if len(steps) > 1 else (), limit)


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


def parse_steps(texts: Sequence[str]) -> tuple[Step, ...]:
    """Steps written FRACTION:SECONDS, in order; at most MAX_STEPS, at most an hour in all."""
    steps = tuple(_step(text) for text in texts)
    if not 1 <= len(steps) <= MAX_STEPS:
        raise Refusal("step", f"A plan has 1 to {MAX_STEPS} steps, not {len(steps)}.", len(steps))
    seconds = sum((s.seconds for s in steps), ZERO)
    if seconds > MAX_TIMEOUT:
        raise Refusal(
            "step", f"All steps may take {MAX_TIMEOUT} s together, not {seconds:f} s.", seconds
        )
    return steps


def _step(text: str) -> Step:
    fraction, colon, seconds = text.partition(":")
    if not colon:
        raise Refusal(
            "step", f"A step is a fraction and seconds such as 0.75:4, not {_shown(text)}.", text
        )
    try:
        return Step(parse_fraction(fraction), parse_timeout(seconds))
    except Refusal as refusal:
        raise Refusal("step", f"In the step {_shown(text)}: {refusal.sentence}", text) from None


def parse_limit(text: str) -> Decimal:
    """The worst price as typed: above 0, and one that an order may carry."""
    price = _number(text, "limit")
    if not 0 < price <= MAX_PRICE:
        raise Refusal(
            "limit",
            f"The limit must be above 0 and at most {MAX_PRICE:,}, not {_shown(text)}.",
            text,
        )
    if floor_legal(price) != price:
        step = "whole cents" if price >= 1 else "hundredths of a cent"
        raise Refusal("limit", f"The limit must be in {step}, not {_shown(text)}.", text)
    return plain(price)


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
