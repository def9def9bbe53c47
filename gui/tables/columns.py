"""What a table's columns are, as data: title, text, order by value, and the raw text for files.

No Qt. The same record serves the screen, sorting, the clipboard and CSV.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar

from core.market.time import NS
from core.orders.plan import plain
from core.wording.times import MARKET_ZONE, clock_time

Row = TypeVar("Row")
_SAME_YEAR_NS = 300 * 24 * 3600 * NS  # within which a month and a day are plain
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """One column. `key` is its name in the preferences; `value` is what it is sorted by.

    `text` is for the eye; `raw` for programs: plain numbers, times in ISO 8601. `short` is
    what is drawn where today, whose beginning it is given, need not be said.
    """

    key: str
    title: str
    text: Callable[[Row], str]
    value: Callable[[Row], Any]
    raw: Callable[[Row], str]
    width: int
    number: bool = False
    short: Callable[[Row, int], str] | None = None
    tip: str = ""  # what the title means, where that is not plain


def columns_named(columns: Sequence[Column[Row]], keys: Iterable[str]) -> tuple[int, ...]:
    """The columns named by `keys`, in that order; unknown and repeated names are passed over."""
    at = {column.key: place for place, column in enumerate(columns)}
    return tuple(dict.fromkeys(at[key] for key in keys if key in at))


def number(value: Decimal | None) -> str:
    """A number for a program: no thousands, no unit, empty for none."""
    return "" if value is None else f"{plain(value):f}"


def iso_time(ns: int | None) -> str:
    """A time for a program, in New York's time with its offset; empty for none."""
    if ns is None:
        return ""
    at = datetime.fromtimestamp(ns // NS, UTC).astimezone(MARKET_ZONE)
    return at.replace(microsecond=ns % NS // 1000).isoformat(timespec="milliseconds")


def date_and_time(ns: int | None, *, millis: bool = False) -> str:
    """Date and time of day in New York; empty for none."""
    if ns is None:
        return ""
    at = datetime.fromtimestamp(ns // NS, UTC).astimezone(MARKET_ZONE)
    return f"{at:%Y-%m-%d} {clock_time(ns, millis=millis)}"


def short_date_and_time(ns: int | None, today_ns: int, *, millis: bool = False) -> str:
    """The time alone for today, which began at `today_ns`; the day with it for other days."""
    if ns is None or today_ns - ns > _SAME_YEAR_NS:
        return date_and_time(ns, millis=millis)
    time = clock_time(ns, millis=millis)
    if ns >= today_ns:
        return time
    at = datetime.fromtimestamp(ns // NS, UTC).astimezone(MARKET_ZONE)
    return f"{_MONTHS[at.month - 1]} {at.day} {time}"


def start_of_day(now_ns: int) -> int:
    """When the present day began in New York."""
    at = datetime.fromtimestamp(now_ns // NS, UTC).astimezone(MARKET_ZONE)
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return int(midnight.timestamp()) * NS
