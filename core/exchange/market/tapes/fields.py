"""What stands in one field of a recorded row: a time, a price, a size. Pure.

Each reads text strictly and answers None to what it can not be sure of: a time without a
zone, a price finer than a hundredth of a cent, a part of a share.
"""

import re
from datetime import date
from functools import lru_cache

from core.exchange.units import DOLLAR
from core.market.time import NS

_STAMP = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ]([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d{1,9}))?"
    r"(Z|[+-](?:0\d|1[0-4]):?[0-5]\d)",
    re.ASCII,
)
_SINCE_1970 = re.compile(r"\d{10}(?:\d{3}|\d{6}|\d{9})?", re.ASCII)  # s, ms, us or ns
_PRICE = re.compile(r"(\d{1,6})(?:\.(\d{1,18}))?", re.ASCII)
_SIZE = re.compile(r"(\d{1,9})(?:\.0{1,9})?", re.ASCII)
_NANO_PRICE = re.compile(r"\d{6,16}", re.ASCII)
_NANO = 1_000_000_000 // DOLLAR  # billionths of a dollar in the exchange's unit
SYMBOL = re.compile(r"[A-Z][A-Z.]{0,9}")
_EPOCH = date(1970, 1, 1)
NO_PRICE = {"9223372036854775807", "9223372036.854775807", ""}


def stamp(text: str) -> int | None:
    """Nanoseconds since 1970 of an ISO 8601 time with a zone, or of a count since 1970."""
    found = _STAMP.fullmatch(text)
    if found is None:
        known = _SINCE_1970.fullmatch(text)
        return int(text) * 10 ** (19 - len(text)) if known else None
    day, hours, minutes, seconds, fraction, zone = found.groups()
    midnight = _midnight(day, zone)
    if midnight is None:
        return None
    of_day = int(hours) * 3600 + int(minutes) * 60 + int(seconds)
    return (midnight + of_day) * NS + (int(fraction.ljust(9, "0")) if fraction else 0)


@lru_cache(maxsize=64)
def _midnight(day: str, zone: str) -> int | None:
    """UTC seconds since 1970 at which that day begins in that zone."""
    try:
        days = (date.fromisoformat(day) - _EPOCH).days
    except ValueError:
        return None
    ahead = 0
    if zone != "Z":
        ahead = (int(zone[1:3]) * 60 + int(zone[-2:])) * (-60 if zone[0] == "-" else 60)
    return days * 86_400 - ahead


def price(text: str) -> int | None:
    """Dollars in the exchange's unit; zeros beyond its decimals are let go."""
    found = _PRICE.fullmatch(text)
    if found is None:
        return None
    whole, decimals = found[1], found[2] or ""
    if decimals[4:].strip("0"):
        return None
    return int(whole) * DOLLAR + int(decimals[:4].ljust(4, "0"))


def nearest_price(text: str) -> int | None:
    """The same of a print, which may be an average: finer than the unit is rounded to it."""
    found = _PRICE.fullmatch(text)
    if found is None:
        return None
    decimals = (found[2] or "").ljust(5, "0")
    return int(found[1]) * DOLLAR + int(decimals[:4]) + (decimals[4] >= "5")


def databento_price(text: str) -> int | None:
    """Dollars, or billionths of one as a whole number; no price is 0.

    No whole number is both: five digits are no price in billionths, six are none in dollars
    (those above 99,999 are written with a point there).
    """
    if text in NO_PRICE:
        return 0
    if _NANO_PRICE.fullmatch(text):
        units, rest = divmod(int(text), _NANO)
        return None if rest else units
    return price(text)


def size(text: str) -> int | None:
    """Whole shares; `500.0` is 500."""
    found = _SIZE.fullmatch(text)
    return int(found[1]) if found else None


def databento_size(text: str) -> int | None:
    """The same; none is 0."""
    return size(text or "0")
