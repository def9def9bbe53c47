"""Reads rows of comma separated fields one by one, in whatever order the columns stand."""

import csv
from collections.abc import Iterator
from typing import NamedTuple

from core.errors import Refusal
from core.exchange.market.tapes.collector import Collector, Wanted, bad_row
from core.exchange.market.tapes.fields import stamp
from core.exchange.market.tapes.layouts import WANTED_TIME, Column, Layout
from core.market.numerals import shown

LONGEST = 1 << 16  # no row of a tape comes near it
_SHOWN = 40
_INSTRUMENT, _VENUE, _CONSOLIDATED = "instrument_id", "publisher_id", "bid_pb_00"
_OTHER_INSTRUMENT = "it is of another instrument, and no column symbol says of which"
_OTHER_VENUE = (
    "its publisher_id is {now}, and that of the rows above {before}: each venue has a best price "
    "of its own, and together they are no market. Export one venue, or the consolidated cmbp-1"
)


class _Places(NamedTuple):
    """Where in a row stand the time, the symbol and what is read; -1 is nowhere.

    `same`: where all rows must have the same, and what is said of one that has not.
    """

    stamp: int
    symbol: int
    same: tuple[tuple[int, str], ...]
    columns: tuple[tuple[int, Column], ...]


def split(line: bytes) -> list[str]:
    """The fields of a row."""
    text = line.rstrip(b"\r\n").decode("utf-8", "replace")
    if '"' not in text:
        return text.split(",")
    try:
        return next(csv.reader((text,)), [""])
    except csv.Error:
        return [text]


def header(line: bytes) -> list[str]:
    """The names of the columns, as they are compared."""
    return [name.strip().lower() for name in split(line.removeprefix(b"\xef\xbb\xbf"))]


def layout_of(names: list[str], layouts: tuple[Layout, ...]) -> Layout | None:
    """The layout that has these columns."""
    return next((layout for layout in layouts if layout.needed <= set(names)), None)


def read(
    lines: Iterator[bytes], names: list[str], layout: Layout, wanted: Wanted, into: Collector
) -> None:
    """All rows after the header. Raises Refusal at the first bad one."""
    places = _places(wanted.file, names, layout)
    number, symbol_at = 1, places.symbol
    before: dict[int, str] = {}
    for number, line in enumerate(lines, start=2):
        row = split(line)
        if len(row) != len(names) and not line.strip() and not any(map(bytes.strip, lines)):
            number -= 1  # nothing but empty lines up to the end
            break
        if len(row) != len(names):
            fields = f"it has {len(row)} fields instead of {len(names)}"
            raise bad_row(wanted.file, number, fields)
        if symbol_at >= 0 and not wanted.takes(row[symbol_at]):
            continue
        for place, what in places.same:
            if row[place] != before.setdefault(place, row[place]):
                said = what.format(now=shown(row[place]), before=shown(before[place]))
                raise bad_row(wanted.file, number, said)
        _take(row, number, layout, places, wanted, into)
    if number == 1:
        raise Refusal("tape", f"The tape {wanted.file} has no rows.", wanted.file)


def _take(
    row: list[str], number: int, layout: Layout, places: _Places, wanted: Wanted, into: Collector
) -> None:
    time = stamp(row[places.stamp])
    at = None if time is None else wanted.time(time, layout.other_days)
    if at is None:
        if time is not None and layout.other_days:
            return
        shown = row[places.stamp][:_SHOWN]
        wants = WANTED_TIME.format(day=wanted.day or "2013-10-08")
        raise bad_row(wanted.file, number, f"{layout.stamp} must be {wants}, not {shown!r}")
    values = []
    for place, column in places.columns:
        value = column.read(row[place])
        if value is None:
            what = f"{column.name} must be {column.wanted}, not {row[place][:_SHOWN]!r}"
            raise bad_row(wanted.file, number, what)
        values.append(value)
    if not into.add(at, tuple(values)):
        raise bad_row(wanted.file, number, "its time is before that of the row above")


def _places(file: str, names: list[str], layout: Layout) -> _Places:
    for name in layout.needed | {layout.symbol}:
        if names.count(name) > 1:
            raise bad_row(file, 1, f"it names the column {name} twice")
    symbol = names.index(layout.symbol) if layout.symbol in names else -1
    columns = tuple((names.index(column.name), column) for column in layout.columns)
    same = []
    if symbol < 0 and _INSTRUMENT in names:
        same.append((names.index(_INSTRUMENT), _OTHER_INSTRUMENT))
    if _VENUE in names and _CONSOLIDATED not in names:
        same.append((names.index(_VENUE), _OTHER_VENUE))
    return _Places(names.index(layout.stamp), symbol, tuple(same), columns)
