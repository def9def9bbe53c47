"""A table of many records: ordered by any column, filtered, and changed one record at a time.

The base of every table of the blotter. One change costs a bisection, not a walk; a new
order or filter is worked out between frames while the old one stays on the screen.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, TypeVar

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from gui.tables.background_ranking import BackgroundRanking
from gui.tables.columns import Column
from gui.tables.ranking import Entry, Ranking

DISPLAY = int(Qt.ItemDataRole.DisplayRole)
ALIGN = int(Qt.ItemDataRole.TextAlignmentRole)
COLOUR = int(Qt.ItemDataRole.ForegroundRole)
SPOKEN = int(Qt.ItemDataRole.AccessibleTextRole)
TIP = int(Qt.ItemDataRole.ToolTipRole)
RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

_UP, _DOWN = "\N{BLACK UP-POINTING SMALL TRIANGLE}", "\N{BLACK DOWN-POINTING SMALL TRIANGLE}"

Index = QModelIndex | QPersistentModelIndex
R = TypeVar("R")


class SortedModel(QAbstractTableModel, Generic[R]):
    """Records by number. `ranked` when a new order or filter has come into force."""

    ranked = Signal()

    def __init__(
        self,
        columns: Sequence[Column[R]],
        *,
        by: int,
        descending: bool,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self.by = by
        self.descending = descending
        self.today_ns = 0  # when the present day began
        self._accepts: Callable[[R], bool] | None = None
        self._records: dict[int, R] = {}
        self._last = 0
        self._ranking = self._new_ranking()
        self._next_ranking: BackgroundRanking[R] = BackgroundRanking(
            self._records, self._put_into_force, self
        )

    # -- records --------------------------------------------------------------

    def add_records(self, records: Iterable[R]) -> list[int]:
        """Take new records in; returns their numbers."""
        self._ready()
        fresh: dict[int, R] = {}
        for record in records:
            self._last += 1
            fresh[self._last] = record
        self._records |= fresh
        self._next_ranking.changed(fresh)
        shown = [e for n, r in fresh.items() if (e := self._ranking.entry(n, r)) is not None]
        if shown:
            self._insert(sorted(shown))
        return list(fresh)

    def change_record(self, number: int, record: R) -> None:
        """Put another state of a record in its place, which may move its row."""
        self._ready()
        before, self._records[number] = self._records[number], record
        self._next_ranking.changed([number])
        was, now = self._ranking.entry(number, before), self._ranking.entry(number, record)
        if was is None:
            if now is not None:
                self._insert([now])
        elif now is None:
            self._remove(was)
        else:
            if was != now:
                self._move(was, now)
            self._changed(number, self._ranking.place(now))

    def drop_records(self, numbers: Iterable[int]) -> None:
        """Take records out."""
        for number in numbers:
            self._ready()
            self._next_ranking.changed([number])
            was = self._ranking.entry(number, self._records[number])
            if was is not None:
                self._remove(was)
            del self._records[number]

    def record(self, number: int) -> R | None:
        """A record by its number, shown or not."""
        return self._records.get(number)

    @property
    def record_count(self) -> int:
        """Records held, shown or not."""
        return len(self._records)

    @property
    def shown_count(self) -> int:
        """Records shown."""
        return len(self._ranking)

    def shown_records(self) -> list[R]:
        """The records shown, from the top."""
        number_at, records = self._ranking.number_at, self._records
        return [records[number_at(place)] for place in range(len(self._ranking))]

    # -- rows; a record may have more than one ---------------------------------

    def _row(self, place: int) -> int:
        """The first row of the record at `place`."""
        return place

    def _height(self, number: int) -> int:
        """How many rows a record has."""
        return 1

    def _ready(self) -> None:
        """Know where all rows stand, before a record or the ranking changes."""

    def _moved(self) -> None:
        """Rows stand elsewhere now."""

    def _changed(self, number: int, place: int) -> None:
        row = self._row(place)
        self.dataChanged.emit(self.index(row, 0), self.index(row, len(self.columns) - 1))

    def _insert(self, entries: list[Entry]) -> None:
        """Rows for `entries`, which are in order; one block where they stand together."""
        together = self._ranking.gap(entries[0]) == self._ranking.gap(entries[-1])
        for block in [entries] if together else [[entry] for entry in entries]:
            first = self._row(self._ranking.gap(block[0]))
            rows = sum(self._height(entry[1]) for entry in block)
            self.beginInsertRows(QModelIndex(), first, first + rows - 1)
            for entry in block:
                self._ranking.add(entry)
            self._moved()
            self.endInsertRows()

    def _remove(self, was: Entry) -> None:
        row = self._row(self._ranking.place(was))
        self.beginRemoveRows(QModelIndex(), row, row + self._height(was[1]) - 1)
        self._ranking.drop(was)
        self._moved()
        self.endRemoveRows()

    def _move(self, was: Entry, now: Entry) -> None:
        place, gap = self._ranking.place(was), self._ranking.gap(now)
        moves = gap not in (place, place + 1)
        if moves:
            row, top = self._row(place), QModelIndex()
            last = row + self._height(was[1]) - 1
            self.beginMoveRows(top, row, last, top, self._row(gap))
        self._ranking.drop(was)
        self._ranking.add(now)
        if moves:
            self._moved()
            self.endMoveRows()

    def number_of(self, row: int) -> int | None:
        """The number of the record a row belongs to."""
        return self._ranking.number_at(row) if 0 <= row < len(self._ranking) else None

    def record_at(self, index: Index) -> R | None:
        """The record a row belongs to."""
        number = self.number_of(index.row()) if index.isValid() else None
        return None if number is None else self._records[number]

    def row_of(self, number: int) -> int | None:
        """The first row of a record; None when it is not shown."""
        entry = self._ranking.entry(number, self._records.get(number))
        return None if entry is None else self._row(self._ranking.place(entry))

    # -- order and filter ------------------------------------------------------

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Order by the value of a column."""
        descending = order is Qt.SortOrder.DescendingOrder
        if 0 <= column < len(self.columns) and (column, descending) != (self.by, self.descending):
            before, self.by, self.descending = self.by, column, descending
            for changed in (before, column):
                self.headerDataChanged.emit(Qt.Orientation.Horizontal, changed, changed)
            self._next_ranking.begin(self._new_ranking())

    def show_only(self, accepts: Callable[[R], bool] | None) -> None:
        """Show the records that `accepts` takes; None shows all."""
        self._accepts = accepts
        self._next_ranking.begin(self._new_ranking())

    @property
    def ranking(self) -> bool:
        """A new order or filter is being worked out."""
        return self._next_ranking.under_way

    def value(self) -> Callable[[R], Any]:
        """What the records are ordered by."""
        return self.columns[self.by].value

    def _new_ranking(self) -> Ranking[R]:
        return Ranking(self.value(), descending=self.descending, accepts=self._accepts)

    def _put_into_force(self, ranking: Ranking[R]) -> None:
        self.beginResetModel()
        before, self._ranking = self._ranking, ranking
        self._next_ranking.take_apart(before)
        self._moved()
        self.endResetModel()
        self.ranked.emit()

    # -- Qt's questions ---------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Rows shown."""
        return 0 if parent.isValid() else len(self._ranking)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Always the same."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = DISPLAY) -> Any:
        """Texts for the eye, for the pointer, and for readers with the column's name."""
        record = self.record_at(index)
        if record is None:
            return None
        column = self.columns[index.column()]
        if role == DISPLAY and column.short is not None:
            return column.short(record, self.today_ns)
        if role in (DISPLAY, TIP):
            return column.text(record)
        if role == SPOKEN:
            return f"{column.title} {column.text(record)}"
        return self.alignment(index.column()) if role == ALIGN else None

    def alignment(self, column: int) -> int:
        """Numbers stand to the right."""
        return RIGHT if self.columns[column].number else LEFT

    def _way(self) -> str:
        """Which way the rows are ordered, to stand behind a title; the style's arrow hides it."""
        return f" {_DOWN if self.descending else _UP}"

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = DISPLAY) -> Any:
        """Column names."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        if role == DISPLAY:
            return self.columns[section].title + (self._way() if section == self.by else "")
        if role == TIP:
            return self.columns[section].tip or None
        return self.alignment(section) if role == ALIGN else None
