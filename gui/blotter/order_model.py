"""Orders as rows: each parent, and beneath an opened one its buttons, children and what may follow.

Frozen orders come in, rows and the smallest changed ranges go out. No decisions, no
clock: whatever moves with time is painted by the delegate.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from itertools import accumulate
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, Qt, Signal

from core.orders.state import ParentOrder
from gui.blotter.order_lines import (
    NEXT,
    ORDER_COLUMNS,
    STATE,
    TIME,
    LineKind,
    OrderLine,
    count_same_lines,
    lines_beneath,
)
from gui.tables.sorted_model import DISPLAY, SPOKEN, TIP, Index, SortedModel

LINE_ROLE = int(Qt.ItemDataRole.UserRole) + 1


class OrderModel(SortedModel[ParentOrder]):
    """Orders by id. `actions`: every order is open and has a row for its buttons.

    `has_more` says that older orders can be had; `more_wanted` that a person has come to the
    end of those that are here.
    """

    more_wanted = Signal()

    def __init__(
        self, *, actions: bool, by: int, descending: bool, parent: QObject | None = None
    ) -> None:
        super().__init__(ORDER_COLUMNS, by=by, descending=descending, parent=parent)
        self._actions = actions
        self.symbols: set[str] = set()
        self.has_more = False
        self._numbers: dict[str, int] = {}
        self._lines_beneath: dict[int, tuple[OrderLine, ...]] = {}  # of opened orders
        self._places: list[int] | None = None  # of opened orders that are shown
        self._firsts: list[int] = []  # their rows
        self._sums: list[int] = []  # rows beneath them and all opened ones above

    # -- orders -----------------------------------------------------------------

    def put(self, orders: Iterable[ParentOrder]) -> None:
        """Add or change orders; only the last state of each is drawn."""
        fresh = []
        for order in {order.id: order for order in orders}.values():
            number = self._numbers.get(order.id)
            if number is None:
                fresh.append(order)
            else:
                self.change_record(number, order)
                if number in self._lines_beneath:
                    self._change_beneath(number, order)
        self._add(fresh)

    def _add(self, fresh: list[ParentOrder]) -> None:
        for number, order in enumerate(fresh, self._last + 1):
            self._numbers[order.id] = number
            self.symbols.add(order.symbol)
            if self._actions or not order.final:
                self._lines_beneath[number] = lines_beneath(order, actions=self._actions)
        self.add_records(fresh)

    def remove(self, order_ids: Iterable[str]) -> None:
        """Take orders out."""
        numbers = [self._numbers.pop(each) for each in order_ids if each in self._numbers]
        self.drop_records(numbers)
        for number in numbers:
            self._lines_beneath.pop(number, None)

    def order(self, order_id: str) -> ParentOrder | None:
        """An order by its id."""
        number = self._numbers.get(order_id)
        return None if number is None else self._records[number]

    def orders(self) -> tuple[ParentOrder, ...]:
        """All orders held, in order of arrival."""
        return tuple(self._records.values())

    def order_at(self, index: Index) -> ParentOrder | None:
        """The parent order a row belongs to."""
        return self.record_at(index)

    def holds(self, order_id: str) -> bool:
        """Whether an order is here, shown or not."""
        return order_id in self._numbers

    def index_of(self, order_id: str) -> QModelIndex:
        """The parent row of an order; invalid if it is not shown."""
        number = self._numbers.get(order_id)
        row = None if number is None else self.row_of(number)
        return QModelIndex() if row is None else self.index(row, 0)

    def value(self) -> Callable[[ParentOrder], Any]:
        """By the column, then by when the order began."""
        of = super().value()
        return lambda order: (of(order), order.started_ns)

    # -- what is beneath ----------------------------------------------------------

    def open_order(self, order_id: str, *, opened: bool) -> None:
        """Show the lines beneath an order, or not."""
        number = self._numbers.get(order_id)
        if number is None or (number in self._lines_beneath) is opened:
            return
        lines = lines_beneath(self._records[number], actions=self._actions)
        if opened:
            self._lines_beneath[number] = ()
            self._moved()
            self._set_beneath(number, lines)
        else:
            self._set_beneath(number, ())
            del self._lines_beneath[number]
            self._moved()

    def is_open(self, order_id: str) -> bool:
        """Whether the lines beneath an order are shown."""
        return self._numbers.get(order_id) in self._lines_beneath

    def rows_of(self, order_id: str) -> tuple[int, int] | None:
        """The first and the last row of an order; None when it is not shown."""
        number = self._numbers.get(order_id)
        first = None if number is None else self.row_of(number)
        if number is None or first is None:
            return None
        return first, first + self._height(number) - 1

    def _change_beneath(self, number: int, order: ParentOrder) -> None:
        self._set_beneath(number, lines_beneath(order, actions=self._actions))

    def _set_beneath(self, number: int, lines: tuple[OrderLine, ...]) -> None:
        before, top = self._lines_beneath[number], QModelIndex()
        row = self.row_of(number)
        if row is None:
            self._lines_beneath[number] = lines
            return
        same = count_same_lines(before, lines)
        first = row + 1 + same
        if len(before) > same:
            self.beginRemoveRows(top, first, row + len(before))
            self._lines_beneath[number] = before[:same]
            self._moved()
            self.endRemoveRows()
        if len(lines) > same:
            self.beginInsertRows(top, first, row + len(lines))
            self._lines_beneath[number] = lines
            self._moved()
            self.endInsertRows()
        self._lines_beneath[number] = lines

    def _height(self, number: int) -> int:
        return 1 + len(self._lines_beneath.get(number, ()))

    def _ready(self) -> None:
        self._opened()

    def _moved(self) -> None:
        self._places = None

    def _changed(self, number: int, place: int) -> None:
        row = self._row(place)
        last = self.index(row + self._height(number) - 1, len(self.columns) - 1)
        self.dataChanged.emit(self.index(row, 0), last)

    def _opened(self) -> list[int]:
        """Places of opened orders that are shown, in order; worked out when rows have moved."""
        if self._places is None:
            found = []
            for number, lines in self._lines_beneath.items():
                entry = self._ranking.entry(number, self._records.get(number))
                if lines and entry is not None and self._ranking.holds(entry):
                    found.append((self._ranking.place(entry), len(lines)))
            found.sort()
            self._places = [place for place, _ in found]
            self._sums = list(accumulate((lines for _, lines in found), initial=0))
            self._firsts = [place + self._sums[at] for at, place in enumerate(self._places)]
        return self._places

    def _row(self, place: int) -> int:
        at = bisect_left(self._opened(), place)
        return place + self._sums[at]

    def _locate(self, row: int) -> tuple[int, int]:
        """The place of the order that a row belongs to, and how far below its own row it is."""
        opened = self._opened()
        at = bisect_right(self._firsts, row) - 1
        if at < 0:
            return row, 0
        below = row - self._firsts[at]
        if below <= self._sums[at + 1] - self._sums[at]:
            return opened[at], below
        return row - self._sums[at + 1], 0

    def number_of(self, row: int) -> int | None:
        """The number of the order a row belongs to."""
        return super().number_of(self._locate(row)[0]) if row >= 0 else None

    def line_at(self, index: Index) -> OrderLine | None:
        """What stands in a row."""
        return self.line(index.row()) if index.isValid() else None

    def line(self, row: int) -> OrderLine | None:
        """What stands in a row."""
        place, below = self._locate(row)
        number = super().number_of(place)
        if number is None:
            return None
        if below:
            return self._lines_beneath[number][below - 1]
        return OrderLine(LineKind.PARENT, self._records[number])

    @property
    def usual(self) -> bool:
        """All orders, the newest first: what is not here yet would stand below the rest."""
        return self.by == TIME and self.descending and self._accepts is None

    # -- Qt's questions -------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Orders shown and the lines beneath those that are open."""
        if parent.isValid():
            return 0
        self._opened()
        return len(self._ranking) + self._sums[-1]

    def canFetchMore(self, parent: Index) -> bool:
        """Whether older orders can be had."""
        return self.has_more and not parent.isValid()

    def fetchMore(self, parent: Index) -> None:
        """The view has come to the end of what is here."""
        self.more_wanted.emit()

    def data(self, index: Index, role: int = DISPLAY) -> Any:
        """Texts for copying and for readers; the delegate draws from the line itself."""
        line = self.line_at(index)
        if line is None:
            return None
        column = index.column()
        if role == LINE_ROLE:
            return line
        if role == DISPLAY:
            return line.text(column)
        if role == SPOKEN:
            return _spoken(line, column)
        if role == TIP:
            return line.text(column) if column in (STATE, NEXT) else None
        return super().data(index, role)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Every row can be chosen; a button row through its buttons only."""
        line = self.line_at(index)
        if line is None:
            return Qt.ItemFlag.NoItemFlags
        if line.kind is LineKind.ACTIONS:
            return Qt.ItemFlag.ItemIsEnabled
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


def _spoken(line: OrderLine, column: int) -> str:
    """A cell in words that stand by themselves."""
    if line.kind is LineKind.ACTIONS:
        return ""
    text = line.text(column)
    title = ORDER_COLUMNS[column].title
    words = f"{title} {text or 'none'}" if column else text
    return words if line.kind is LineKind.PARENT else f"beneath: {words}"
