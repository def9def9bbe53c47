"""Reading a recorded day: SYMBOL-DAY.quotes.csv.gz and the trades file beside it.

Every row is checked when the tape is opened, and a bad one is named; a row becomes an
event only when it is played, so a day costs its text in memory and little else.
"""

import gzip
import heapq
import re
import zlib
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from core.errors import Refusal
from core.exchange.market.events import MarketEvent, QuoteEvent, Source, Touch, TradeEvent
from core.exchange.market.trading_day import NEW_YORK
from core.exchange.units import DOLLAR
from core.market.time import NS

_NAME = re.compile(r"([A-Z][A-Z.]{0,9})-(\d{4}-\d\d-\d\d)\.quotes\.csv\.gz")
_STAMP_WIDTH = len("2013-10-08T13:30:00.065Z")
_MS = 1_000_000

_PRICE = r"\d{1,6}(?:\.\d{1,4})?"
_SIZE = r"\d{1,9}"
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z"
_REAL_PRICE = rf"(?!0+(?:\.0+)?,){_PRICE}"
_REAL_SIZE = rf"(?!0+,){_SIZE}"


MOST_BYTES = 1 << 28  # a busy day of one symbol takes a tenth of it


class Layout(NamedTuple):
    """How a kind of file is written: its columns, and the pattern of each after the time."""

    columns: tuple[str, ...]
    patterns: tuple[str, ...]

    @property
    def header(self) -> str:
        """The first row."""
        return ",".join(self.columns)

    def rows(self, day: date) -> re.Pattern[bytes]:
        """As many good rows of `day` as there are, without looking back."""
        stamp = rf"{day.isoformat()}T{_TIME}"
        row = ",".join((stamp, *self.patterns))
        return re.compile(rf"(?>{row}\r?(?:\n|\Z))*".encode())


QUOTES = Layout(
    ("timestamp", "bid_price", "bid_size", "ask_price", "ask_size"),
    (_PRICE, _SIZE, _PRICE, _SIZE),
)
TRADES = Layout(("timestamp", "price", "size", "exchange"), (_REAL_PRICE, _REAL_SIZE, "[A-Z]"))

_WANTED = {
    "timestamp": "a time of that day like {day}T13:30:00.065Z",
    "bid_price": "a price in dollars, at most 4 decimals",
    "ask_price": "a price in dollars, at most 4 decimals",
    "price": "a price above 0 in dollars, at most 4 decimals",
    "bid_size": "a whole number of shares",
    "ask_size": "a whole number of shares",
    "size": "a whole number of shares above 0",
    "exchange": "one capital letter",
}


class Tape(NamedTuple):
    """One symbol's day. `quotes` and `trades` are the checked rows as text, header removed."""

    symbol: str
    day: date
    quotes: bytes
    trades: bytes


def open_tape(path: Path) -> Tape:
    """Read and check a quotes file and the trades file beside it. Raises Refusal."""
    name = _NAME.fullmatch(path.name)
    if name is None:
        raise Refusal(
            "tape", f"A tape is named like IBM-2013-10-08.quotes.csv.gz, not {path.name}.", path
        )
    try:
        day = date.fromisoformat(name[2])
    except ValueError:
        raise Refusal("tape", f"The tape {path.name} names no day.", path) from None
    trades = path.with_name(path.name.replace(".quotes.", ".trades."))
    return Tape(name[1], day, _read(path, QUOTES, day), _read(trades, TRADES, day))


def play(tape: Tape, at: int) -> Source:
    """Events from market time `at` (nanoseconds past midnight in New York) on.

    The last quote and print before it come first, as what stands at the start.
    """
    midnight = _utc_nanoseconds(tape.day)
    return heapq.merge(
        _play(tape.quotes, midnight, at, tape.symbol, _quote),
        _play(tape.trades, midnight, at, tape.symbol, _trade),
        key=lambda event: event.at,
    )


def _utc_nanoseconds(day: date) -> int:
    """UTC time of day at which `day` begins in New York; a session never crosses the change."""
    noon = datetime.combine(day, time(12), NEW_YORK)
    offset = noon.utcoffset() or timedelta()
    return round(-offset.total_seconds()) * NS


# Reading and checking


def _read(path: Path, layout: Layout, day: date) -> bytes:
    try:
        with gzip.open(path, "rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise Refusal("tape", f"There is no file {path.name} at that place.", path) from None
    except (OSError, EOFError, zlib.error):
        raise Refusal("tape", f"The tape {path.name} is not a readable gzip file.", path) from None
    if len(raw) > MOST_BYTES:
        raise Refusal("tape", f"The tape {path.name} is far too long for one day.", path)
    header, _, rows = raw.partition(b"\n")
    if header.rstrip(b"\r").decode("utf-8", "replace") != layout.header:
        raise _bad_row(path, 1, f"it must be the header {layout.header}")
    if not rows:
        raise Refusal("tape", f"The tape {path.name} has no rows.", path)
    good = layout.rows(day).match(rows)
    end = good.end() if good else 0
    if end < len(rows):
        row = rows[end:].partition(b"\n")[0].rstrip(b"\r").decode("utf-8", "replace")
        raise _bad_row(path, rows.count(b"\n", 0, end) + 2, _what_is_wrong(row, layout, day))
    _check_order(path, rows)
    return rows


def _check_order(path: Path, rows: bytes) -> None:
    stamps = [row[:_STAMP_WIDTH] for row in rows.splitlines()]
    for number, (before, after) in enumerate(pairwise(stamps), start=3):
        if after < before:
            raise _bad_row(path, number, "its time is before that of the row above")


def _bad_row(path: Path, number: int, what: str) -> Refusal:
    return Refusal("tape", f"The tape {path.name} has a bad row {number}: {what}.", path)


def _what_is_wrong(row: str, layout: Layout, day: date) -> str:
    """The first field that is not as it should be, in words."""
    fields = row.split(",")
    if len(fields) != len(layout.columns):
        return f"it has {len(fields)} fields instead of {len(layout.columns)}"
    patterns = (rf"{day.isoformat()}T{_TIME}", *layout.patterns)
    for field, name, pattern in zip(fields, layout.columns, patterns, strict=True):
        if not re.fullmatch(pattern.replace(",)", r"\Z)"), field):
            return f"{name} must be {_WANTED[name].format(day=day)}, not {field[:40]!r}"
    return "it is not a row of this file"


# Playing


class _Row(NamedTuple):
    at: int
    symbol: str
    fields: list[bytes]


_Make = Callable[[_Row], MarketEvent]


def _quote(row: _Row) -> MarketEvent:
    bid, bid_size, ask, ask_size = row.fields
    touch = Touch(_price(bid), int(bid_size), _price(ask), int(ask_size))
    return QuoteEvent(row.at, row.symbol, touch)


def _trade(row: _Row) -> MarketEvent:
    price, size, venue = row.fields
    return TradeEvent(row.at, row.symbol, _price(price), int(size), venue.decode())


def _play(rows: bytes, midnight: int, at: int, symbol: str, make: _Make) -> Iterator[MarketEvent]:
    position = _first_at(rows, midnight + at)
    if position:
        before = rows.rfind(b"\n", 0, position - 1) + 1
        position = before
    while position < len(rows):
        end = rows.find(b"\n", position)
        end = len(rows) if end < 0 else end
        stamp, *fields = rows[position:end].rstrip(b"\r").split(b",")
        # What stood before the start stands at the start.
        yield make(_Row(max(0, _nanoseconds(stamp) - midnight - at), symbol, fields))
        position = end + 1


def _first_at(rows: bytes, utc: int) -> int:
    """Offset of the first row at or after a UTC time of day, by bisection on line starts."""
    low, high = 0, len(rows)
    while low < high:
        middle = rows.rfind(b"\n", 0, (low + high) // 2) + 1
        middle = max(middle, low)
        following = rows.find(b"\n", middle) + 1 or len(rows)
        if _nanoseconds(rows[middle : middle + _STAMP_WIDTH]) < utc:
            low = following
        else:
            high = middle
    return low


def _nanoseconds(stamp: bytes) -> int:
    """UTC time of day of `2013-10-08T13:30:00.065Z`."""
    seconds = int(stamp[11:13]) * 3600 + int(stamp[14:16]) * 60 + int(stamp[17:19])
    return seconds * NS + int(stamp[20:23]) * _MS


def _price(text: bytes) -> int:
    whole, _, decimals = text.partition(b".")
    return int(whole) * DOLLAR + int(decimals.ljust(4, b"0"))
