"""Records in the order of a value, equals as they came; every place is found by bisection.

No Qt. Ranking anew is cut into small pieces, so that a hundred thousand records stop no
frame: a generator yields between them, and what changed meanwhile is put right at the end.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Generator, Mapping
from heapq import merge
from itertools import islice
from typing import Any, Generic, TypeVar

PIECE = 500  # records between two yields: below a millisecond

R = TypeVar("R")
Entry = tuple[Any, int]  # a record's value and its number


class Ranking(Generic[R]):
    """Which records are shown, and where. Records are known by number, 1 for the first.

    `value` gives what they are ordered by, `accepts` which of them are shown. Descending is
    ascending turned round, equals too.
    """

    def __init__(
        self,
        value: Callable[[R], Any],
        *,
        descending: bool,
        accepts: Callable[[R], bool] | None = None,
    ) -> None:
        self.descending = descending
        self._value = value
        self._accepts = accepts
        self._entries: list[Entry] = []

    def __len__(self) -> int:
        return len(self._entries)

    def entry(self, number: int, record: R | None) -> Entry | None:
        """Where a record belongs; None when it is not shown."""
        if record is None or (self._accepts is not None and not self._accepts(record)):
            return None
        return self._value(record), number

    def number_at(self, place: int) -> int:
        """The number of the record at a place."""
        return self._entries[-1 - place if self.descending else place][1]

    def place(self, entry: Entry) -> int:
        """Where an entry stands."""
        at = bisect_left(self._entries, entry)
        return len(self._entries) - 1 - at if self.descending else at

    def holds(self, entry: Entry) -> bool:
        """Whether an entry is here."""
        at = bisect_left(self._entries, entry)
        return at < len(self._entries) and self._entries[at] == entry

    def gap(self, entry: Entry) -> int:
        """Before which place an entry that is not here would stand."""
        at = bisect_left(self._entries, entry)
        return len(self._entries) - at if self.descending else at

    def add(self, entry: Entry) -> None:
        """Take an entry in."""
        insort(self._entries, entry)

    def drop(self, entry: Entry) -> None:
        """Take an entry out."""
        del self._entries[bisect_left(self._entries, entry)]

    def empty(self) -> Generator[None, None, None]:
        """Let go of all entries, a piece at a time: that takes as long as making them."""
        while self._entries:
            del self._entries[-PIECE:]
            yield

    def fill(self, records: Mapping[int, R]) -> Generator[None, None, None]:
        """Rank all `records`, a piece at a time."""
        runs: list[list[Entry]] = []
        pairs = iter(records.items())
        while piece := list(islice(pairs, PIECE)):
            entries = (self.entry(number, record) for number, record in piece)
            runs.append(sorted(entry for entry in entries if entry is not None))
            yield
        merged = merge(*runs)
        while part := list(islice(merged, PIECE)):
            self._entries += part
            yield
