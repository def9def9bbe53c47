"""A recorded day of one symbol, and its playing. Knows no files.

Rows are times of the day in New York and whole numbers, in time order. They become events
only when they are played, so a day costs its text or its numbers in memory and little else.
"""

import heapq
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple, Protocol

from core.errors import Refusal
from core.exchange.market.events import QuoteEvent, Source, Touch, TradeEvent
from core.exchange.market.trading_day import CLOSE, DAY, EARLIEST, HOUR, LATEST, NEW_YORK, OPEN
from core.exchange.units import DOLLAR
from core.market.time import NS

QUOTE_WIDTH = 5  # time, bid, its size, ask, its size
TRADE_WIDTH = 4  # time, price, size, the exchange letter's number
_EPOCH = date(1970, 1, 1)
_MINUTE = 60 * NS
_HALF_HOUR = HOUR // 2
_FRACTION: tuple[int, ...] = tuple(10 ** (9 - digits) for digits in range(10))


class Rows(Protocol):
    """The rows of a day. Times are nanoseconds past midnight in New York."""

    def span(self) -> tuple[int, int] | None:
        """The times of the first and the last row, if there are rows."""

    def playing(self, at: int) -> Iterator[Sequence[int]]:
        """The last row before `at`, as what stands then, and all from `at` on."""


class NumberRows:
    """Rows as numbers, `width` of them a row."""

    def __init__(self, numbers: "array[int]", width: int) -> None:
        self._numbers = numbers
        self._width = width

    def span(self) -> tuple[int, int] | None:
        """The times of the first and the last row, if there are rows."""
        numbers = self._numbers
        return (numbers[0], numbers[-self._width]) if numbers else None

    def playing(self, at: int) -> Iterator[Sequence[int]]:
        """The last row before `at`, as what stands then, and all from `at` on."""
        width, numbers = self._width, self._numbers
        starts = range(0, len(numbers), width)
        first = bisect_left(starts, at, key=numbers.__getitem__)
        for start in starts[max(0, first - 1) :]:
            yield numbers[start : start + width]


class TextRows:
    """Rows of Touchline's own layout as they stand in the file, checked before."""

    def __init__(self, text: bytes, day: date, is_trades: bool) -> None:
        self._text = text
        self._utc_midnight = utc_midnight(day) - (day - _EPOCH).days * DAY
        self._number = _trade_numbers if is_trades else _quote_numbers

    def span(self) -> tuple[int, int] | None:
        """The times of the first and the last row, if there are rows."""
        if not self._text:
            return None
        last = self._text.rstrip(b"\r\n").rfind(b"\n") + 1
        return self._time(0), self._time(last)

    def playing(self, at: int) -> Iterator[Sequence[int]]:
        """The last row before `at`, as what stands then, and all from `at` on."""
        text, number = self._text, self._number
        position = self._first_at(at)
        if position:
            position = text.rfind(b"\n", 0, position - 1) + 1
        while position < len(text):
            end = text.find(b"\n", position)
            end = len(text) if end < 0 else end
            _, *fields = text[position:end].rstrip(b"\r").split(b",")
            yield (self._time(position), *number(fields))
            position = end + 1

    def _first_at(self, at: int) -> int:
        """Offset of the first row at or after a time, by bisection on line starts."""
        text = self._text
        low, high = 0, len(text)
        while low < high:
            middle = max(text.rfind(b"\n", 0, (low + high) // 2) + 1, low)
            following = text.find(b"\n", middle) + 1 or len(text)
            if self._time(middle) < at:
                low = following
            else:
                high = middle
        return low

    def _time(self, position: int) -> int:
        """The time of the row that begins there, like `2013-10-08T13:30:00.065Z`."""
        stamp = self._text[position : self._text.index(b",", position)]
        seconds = int(stamp[11:13]) * 3600 + int(stamp[14:16]) * 60 + int(stamp[17:19])
        fraction = stamp[20:-1]
        return seconds * NS + int(fraction) * _FRACTION[len(fraction)] - self._utc_midnight


def _quote_numbers(fields: list[bytes]) -> tuple[int, ...]:
    bid, bid_size, ask, ask_size = fields
    return _price(bid), int(bid_size), _price(ask), int(ask_size)


def _trade_numbers(fields: list[bytes]) -> tuple[int, ...]:
    price, size, venue = fields
    return _price(price), int(size), ord(venue)


def _price(text: bytes) -> int:
    whole, _, decimals = text.partition(b".")
    return int(whole) * DOLLAR + int(decimals.ljust(4, b"0"))


class Tape(NamedTuple):
    """One symbol's day. Quotes show their sizes in lots of `lot` shares."""

    symbol: str
    day: date
    quotes: Rows
    trades: Rows
    lot: int = 1

    def span(self) -> tuple[int, int]:
        """The times of the first and the last row of either kind."""
        spans = [span for rows in (self.quotes, self.trades) if (span := rows.span())]
        return min(first for first, _ in spans), max(last for _, last in spans)


def play(tape: Tape, at: int) -> Source:
    """Events from market time `at` (nanoseconds past midnight in New York) on.

    The last quote and print before it come first, as what stands at the start.
    """
    return heapq.merge(_quotes(tape, at), _trades(tape, at), key=lambda event: event.at)


def _quotes(tape: Tape, at: int) -> Source:
    lot = tape.lot
    for time_, bid, bid_size, ask, ask_size in tape.quotes.playing(at):
        touch = Touch(bid, bid_size * lot, ask, ask_size * lot)
        yield QuoteEvent(max(0, time_ - at), tape.symbol, touch)


def _trades(tape: Tape, at: int) -> Source:
    for time_, price, size, venue in tape.trades.playing(at):
        yield TradeEvent(max(0, time_ - at), tape.symbol, price, size, chr(venue))


def utc_midnight(day: date) -> int:
    """When `day` begins in New York, in nanoseconds since 1970.

    Counted from noon: the clocks change at night, and a session never crosses it.
    """
    noon = datetime.combine(day, time(12), NEW_YORK)
    seconds: int = round(noon.timestamp()) - 12 * 3600
    return seconds * NS


# Where it may start


def check_start(tape: Tape, at: int) -> None:
    """Refuse a start after the last row. Raises Refusal with the tape's span."""
    first, last = tape.span()
    if at > last:
        raise Refusal(
            "at",
            f"The tape of {tape.symbol} runs from {clock(first)} to {clock(last)} New York time on "
            f"{tape.day}, so it cannot start at {clock(at)}. Give --at a time within; if the tape "
            "holds local times marked as UTC, mark them with their own offset.",
            at,
        )


def session_moved_by(tape: Tape) -> int:
    """By how much the tape is a whole session at another time of day; 0 when it is not.

    Local time marked as UTC does that: a day from 09:30 to 16:00 stands at 05:30 to 12:00.
    """
    first, last = tape.span()
    for start, end, tolerance in ((OPEN, CLOSE, _MINUTE), (EARLIEST, LATEST, 5 * _MINUTE)):
        moved = (first - start) // _HALF_HOUR * _HALF_HOUR
        begins = first - start - moved < tolerance
        if moved and begins and abs(last - end - moved) <= tolerance:
            return moved
    # A day that is cut short has no end to tell by, but it begins at the bell as local time.
    behind = utc_midnight(tape.day) - (tape.day - _EPOCH).days * DAY
    begins = OPEN <= first + behind < OPEN + _MINUTE
    return -behind if begins and last + behind <= CLOSE + _MINUTE else 0


def clock(at: int) -> str:
    """A time of day as people write it, to the second."""
    return f"{timedelta(seconds=at // NS)!s:0>8}"
