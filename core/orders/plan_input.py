"""What a person may type for an order, and the sentence for what he may not. Pure.

Every `parse_*` takes the text as typed and raises Refusal with the rule and the value.
"""

import re
from collections.abc import Sequence
from decimal import Decimal

from core.errors import Refusal
from core.market.limit_price import USUAL_COLLAR, Collar
from core.market.numerals import number, shown
from core.market.prices import MAX_PRICE, ZERO, floor_legal
from core.orders.plan import (
    MAX_COLLAR,
    MAX_DOLLARS,
    MAX_QTY,
    MAX_STEPS,
    MAX_TIMEOUT,
    MIN_TIMEOUT,
    PLACES,
    Step,
    plain,
)

_LAST_PLACE = Decimal(1).scaleb(-PLACES)


_COLLAR = re.compile(r"(\d{1,6}(?:\.\d{1,2})?)\s*(t|ticks?|bps?)", re.A)
_TICKER = re.compile(r"[A-Z][A-Z0-9]*([.-][A-Z0-9]+)*")


def _exact(value: Decimal, name: str, text: str) -> Decimal:
    """`value`, already known to be of reasonable size, unless it has too many decimals."""
    if value != value.quantize(_LAST_PLACE):
        raise Refusal(
            name, f"The {name} may have at most {PLACES} decimals, not {shown(text)}.", text
        )
    return plain(value)


def parse_qty(text: str) -> Decimal:
    """Shares as typed. Refuses zero, negatives, words, more than nine decimals."""
    qty = number(text, "quantity", grouped=True)
    if qty <= 0:
        raise Refusal("quantity", f"The quantity must be more than 0, not {shown(text)}.", text)
    if qty > MAX_QTY:
        raise Refusal(
            "quantity", f"The quantity must be at most {MAX_QTY:,}, not {shown(text)}.", text
        )
    return _exact(qty, "quantity", text)


def parse_end(text: str) -> tuple[Decimal, Decimal | None]:
    """How an order ended as a person saw it: "0", or filled shares and price as "40 @ 15.24"."""
    filled, at, price = text.partition("@")
    if number(filled.strip(), "number of filled shares", grouped=True) == 0:
        return Decimal(0), None
    return parse_qty(filled.strip()), parse_average(price.strip()) if at else None


def parse_average(text: str) -> Decimal:
    """An average price of fills: any number that a share can cost, off every grid too."""
    price = number(text, "average price")
    if not 0 < price <= MAX_PRICE:
        raise Refusal(
            "price", f"The average price must be above 0 and at most {MAX_PRICE:,}.", text
        )
    return _exact(price, "average price", text)


def parse_fraction(text: str) -> Decimal:
    """A fraction of the spread, 0..1."""
    value = number(text, "fraction")
    if not 0 <= value <= 1:
        raise Refusal(
            "fraction", f"The fraction must lie between 0 and 1, not {shown(text)}.", text
        )
    return _exact(value, "fraction", text)


def parse_timeout(text: str) -> Decimal:
    """Seconds until the fallback, from a millisecond to an hour."""
    value = number(text, "timeout")
    if value <= 0:
        raise Refusal("timeout", f"The timeout must be more than 0 s, not {shown(text)}.", text)
    if not MIN_TIMEOUT <= value <= MAX_TIMEOUT:
        raise Refusal(
            "timeout",
            f"The timeout must lie between {MIN_TIMEOUT} and {MAX_TIMEOUT} s, not {shown(text)}.",
            text,
        )
    return _exact(value, "timeout", text)


def parse_grace(text: str) -> Decimal:
    """Seconds after the deadline within which the fallback is still honoured."""
    value = number(text, "grace")
    if not 0 <= value <= MAX_TIMEOUT:
        raise Refusal(
            "grace",
            f"The grace must lie between 0 and {MAX_TIMEOUT} s, not {shown(text)}.",
            text,
        )
    return _exact(value, "grace", text)


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
            "step", f"A step is a fraction and seconds such as 0.75:4, not {shown(text)}.", text
        )
    try:
        return Step(parse_fraction(fraction), parse_timeout(seconds))
    except Refusal as refusal:
        raise Refusal("step", f"In the step {shown(text)}: {refusal.sentence}", text) from None


def parse_limit(text: str) -> Decimal:
    """The worst price as typed: above 0, and one that an order may carry."""
    return parse_price(text, "limit")


def parse_dollars(text: str, name: str) -> Decimal:
    """An amount of money as typed, with or without its sign; `name` is what it is called."""
    bare = text.strip().removeprefix("$")
    dollars = number(bare or text, name, grouped=True)
    if not 0 < dollars <= MAX_DOLLARS:
        raise Refusal(
            name,
            f"The {name} must be above $0 and at most ${MAX_DOLLARS:,}, not {shown(text)}.",
            text,
        )
    return _exact(dollars, name, text)


def parse_price(text: str, name: str) -> Decimal:
    """A price a share as typed: above 0, and one that an order may carry."""
    price = number(text, name)
    if not 0 < price <= MAX_PRICE:
        raise Refusal(
            name,
            f"The {name} must be above 0 and at most {MAX_PRICE:,}, not {shown(text)}.",
            text,
        )
    if floor_legal(price) != price:
        step = "whole cents" if price >= 1 else "hundredths of a cent"
        raise Refusal(name, f"The {name} must be in {step}, not {shown(text)}.", text)
    return plain(price)


def parse_collar(text: str) -> Collar:
    """How far a collared fallback may go, written `5 ticks` or `40 bps`; empty for the usual."""
    words = text.strip().casefold()
    if not words:
        return USUAL_COLLAR
    found = _COLLAR.fullmatch(words)
    if found is None:
        raise Refusal(
            "fallback", f"A collar is written 2 ticks or 25 bps, not {shown(text)}.", text
        )
    far = Decimal(found[1])
    if far > MAX_COLLAR or (found[2].startswith("t") and far != int(far)):
        raise Refusal(
            "fallback",
            f"A collar is at most {MAX_COLLAR} whole ticks or bps wide, not {shown(text)}.",
            text,
        )
    return Collar(int(far), ZERO) if found[2].startswith("t") else Collar(0, plain(far))


def parse_symbol(text: str) -> str:
    """A ticker in upper case. Whether it exists is for the venue to say."""
    symbol = text.strip()
    # ASCII first: upper() makes SS of a sharp s.
    if not symbol.isascii() or len(symbol) > 12 or not _TICKER.fullmatch(symbol := symbol.upper()):
        raise Refusal(
            "symbol", f"The symbol must be a ticker such as UVXY, not {shown(text)}.", text
        )
    return symbol
