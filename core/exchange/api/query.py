"""What a request's query may say, read or refused in Alpaca's words. Pure.

Refusals of the trading API are 422 40010001, those of the data API 400 without a code.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta

from core.exchange.matching.refusals import Refused, invalid
from core.market.time import NS

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST = 20  # digits of a number that somebody could mean
Refuse = Callable[[str], Refused]


def bad_request(message: str) -> Refused:
    """400 without a code, as the data API says it."""
    return Refused(400, None, message)


def moment(
    query: Mapping[str, str], name: str, refuse: Refuse = invalid, *, whole_day: bool = False
) -> int | None:
    """An RFC 3339 time or a date, in nanoseconds since 1970; None: not given.

    A date is the begin of that day, with `whole_day` its end.
    """
    given = query.get(name)
    if given is None:
        return None
    try:
        when = datetime.fromisoformat(given)
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        since = when - _EPOCH
    except (ValueError, OverflowError):
        raise refuse(f"invalid {name} {given[:40]}") from None
    ns = (since // timedelta(microseconds=1)) * 1000
    return ns + 86_400 * NS - 1 if whole_day and len(given) == len("2000-01-01") else ns


def day(query: Mapping[str, str], name: str, default: date, refuse: Refuse = invalid) -> date:
    """A date, or the date of a time."""
    given = query.get(name)
    if given is None:
        return default
    try:
        return date.fromisoformat(given[:10])
    except ValueError:
        raise refuse(f"invalid {name} {given[:40]}") from None


def count(
    query: Mapping[str, str], name: str, default: int, most: int, refuse: Refuse = invalid
) -> int:
    """A whole number from 1 to `most`."""
    given = query.get(name)
    if given is None:
        return default
    legible = given.isascii() and given.isdecimal() and len(given) <= _LONGEST
    if not legible or not 1 <= int(given) <= most:
        raise refuse(f"{name} must be between 1 and {most}")
    return int(given)


def choice(
    query: Mapping[str, str], name: str, of: tuple[str, ...], refuse: Refuse = invalid
) -> str:
    """One of several words, the first unless given."""
    given = query.get(name, of[0])
    if given not in of:
        raise refuse(f"invalid {name} {given[:40]}")
    return given
