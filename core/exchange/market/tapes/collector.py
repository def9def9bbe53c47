"""Where every reader puts its rows: one symbol, one day, in time order, within bounds. Pure."""

from array import array
from datetime import date, datetime
from itertools import chain, islice

from core.errors import Refusal
from core.exchange.market.tapes.fields import SYMBOL
from core.exchange.market.tapes.tape import NumberRows, utc_midnight
from core.exchange.market.trading_day import DAY, NEW_YORK
from core.market.numerals import shown
from core.market.time import NS

MOST_BYTES = 1 << 28  # a busy day of one symbol takes a tenth of it
_NUMBER = 8
_MOST_NAMED = 5


class Wanted:
    """Which symbol and day of a file are to be played: of its name, or the only ones there are."""

    def __init__(self, file: str, symbol: str | None, day: date | None) -> None:
        self.file = file
        self.symbol = symbol
        self.day = day
        self.others: list[str] = []
        self._named = symbol is not None
        self._day_named = day is not None
        self._midnight = utc_midnight(day) if day else 0

    def takes(self, symbol: str) -> bool:
        """Whether rows of that symbol are played. Raises Refusal when nothing says which are."""
        if self.symbol is None:
            self.symbol = symbol
        if symbol == self.symbol:
            return True
        if not self._named:
            first = _named(self.symbol)
            raise Refusal(
                "tape",
                f"The tape {self.file} holds more than one symbol ({first}, {_named(symbol)}). "
                f"Name it like {first}-{self._example_day()}.quotes.csv to say which is played.",
                self.file,
            )
        if len(self.others) < _MOST_NAMED and (named := _named(symbol)) not in self.others:
            self.others.append(named)
        return False

    def time(self, stamp: int, other_days: bool) -> int | None:
        """A time of the day in New York; None when it is of another day, which is passed over."""
        if self.day is None:
            self.day = datetime.fromtimestamp(stamp // NS, NEW_YORK).date()
            self._midnight = utc_midnight(self.day)
        at = stamp - self._midnight
        if 0 <= at < DAY:
            return at
        if other_days and not self._day_named:
            other = datetime.fromtimestamp(stamp // NS, NEW_YORK).date()
            raise Refusal(
                "tape",
                f"The tape {self.file} holds more than one day ({self.day}, {other}). Name it like "
                f"{self.symbol or 'IBM'}-{self.day}.quotes.csv to say which is played.",
                self.file,
            )
        return None

    def _example_day(self) -> str:
        return self.day.isoformat() if self.day else "2013-10-08"


def _named(symbol: str) -> str:
    """A symbol of a file, in which anything may stand, as a sentence repeats it."""
    return symbol if SYMBOL.fullmatch(symbol) else shown(symbol)


class Collector:
    """Rows as they are read, as numbers."""

    def __init__(self, file: str, width: int, unordered: bool = False) -> None:
        self._file = file
        self._width = width
        self._numbers = array("q")
        self._last = 0
        self._unordered = unordered
        self._to_sort = False

    def add(self, at: int, values: tuple[int, ...]) -> bool:
        """Take a row; False when its time is before that of the row above. Raises Refusal."""
        if at < self._last:
            if not self._unordered:
                return False
            self._to_sort = True
        self._last = at
        self._numbers.append(at)
        self._numbers.extend(values)
        if len(self._numbers) * _NUMBER > MOST_BYTES:
            raise too_long(self._file)
        return True

    def in_lots(self) -> bool:
        """Whether the sizes are round lots: no file in shares of then had other than hundreds."""
        sizes = chain(
            islice(self._numbers, 2, None, self._width), islice(self._numbers, 4, None, self._width)
        )
        return any(size % 100 for size in sizes)

    def rows(self) -> NumberRows:
        """What was read."""
        if self._to_sort:
            self._sort()
        return NumberRows(self._numbers, self._width)

    def _sort(self) -> None:
        numbers, width = self._numbers, self._width
        starts = sorted(range(0, len(numbers), width), key=numbers.__getitem__)
        self._numbers = array("q")
        for start in starts:
            self._numbers.extend(numbers[start : start + width])


def too_long(file: str) -> Refusal:
    """The refusal of what would fill the memory."""
    return Refusal("tape", f"The tape {file} is far too long for one day.", file)


def bad_row(file: str, number: int, what: str) -> Refusal:
    """The refusal of a row, named by its number."""
    return Refusal("tape", f"The tape {file} has a bad row {number}: {what}.", file)
