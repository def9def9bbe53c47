"""Numbers as people type them, read exactly or refused. Pure, and in ASCII digits.

Thousands may be set apart as in any country, but only where there is one way to read
the whole: `1,000` is a thousand because the window writes it so, `1.000` could be one or a
thousand and is asked about, `1,5` has the wrong point and is no number.
"""

import re
from decimal import Decimal

from core.errors import Refusal

_NUMERAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,4})?|[+-]?(nan|inf(inity)?)", re.I | re.A)
_GROUPED = re.compile(
    r"[1-9]\d{0,2}([,. '\N{RIGHT SINGLE QUOTATION MARK}\N{NO-BREAK SPACE}"
    r"\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}])\d{3}(?:\1\d{3})*(?:(?!\1)([.,])\d*)?",
    re.A,
)
_EITHER = re.compile(r"[1-9]\d{0,2}\.\d{3}", re.A)
_SHOWN = 40  # characters of what was typed that a sentence repeats


def shown(text: str) -> str:
    """What was typed as a sentence repeats it, cut where it is long."""
    return repr(text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "...")


def check_form(text: str, name: str) -> None:
    """Raise Refusal unless `text` is a numeral, of however large a number."""
    _check_numeral(text.strip(), name, text)


def _check_numeral(numeral: str, name: str, typed: str) -> None:
    if not _NUMERAL.fullmatch(numeral):
        raise Refusal(name, f"The {name} must be a number, not {shown(typed)}.", typed)


def number(text: str, name: str, *, grouped: bool = False) -> Decimal:
    """The finite number that `text` can only mean; with `grouped`, thousands may stand apart.

    Raises Refusal under the rule `name`.
    """
    numeral = _ungrouped(text, name) if grouped else text.strip()
    _check_numeral(numeral, name, text)
    value = Decimal(numeral)
    if not value.is_finite():
        raise Refusal(name, f"The {name} must be a finite number, not {shown(text)}.", text)
    return value


def _ungrouped(text: str, name: str) -> str:
    """The numeral without what sets its thousands apart, and with a decimal point."""
    numeral = text.strip()
    if _EITHER.fullmatch(numeral):
        large = numeral.replace(".", "")
        raise Refusal(
            name,
            f"The {name} {numeral!r} can be read in two ways: type {large} or {numeral}0.",
            text,
        )
    found = _GROUPED.fullmatch(numeral)
    if found is None:
        return numeral
    whole, point, rest = numeral, "", ""
    if found[2]:
        whole, point, rest = numeral.rpartition(found[2])
    return whole.replace(found[1], "") + ("." if point else "") + rest


def as_typed(value: Decimal) -> str:
    """A number as a field shows it: thousands apart, and so that it is read back as it is."""
    text = f"{value:,f}"
    return f"{text}0" if _EITHER.fullmatch(text) else text
