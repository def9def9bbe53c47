"""Every execution once, as the venue named it, newest first."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtWidgets import QMenu, QWidget

from core.market.prices import Side
from core.orders.execution_quality import better_than_touch
from core.orders.facts import Execution
from core.orders.state import ChildOrder, ParentOrder
from core.wording.numbers import money, price, qty
from core.wording.order_words import child_title, side_word
from core.wording.venue_words import venue_words
from gui.style import style
from gui.style.palette import Palette
from gui.tables.columns import Column, date_and_time, iso_time, number, short_date_and_time
from gui.tables.row_filter import (
    DAYS,
    SIDE,
    SIDES,
    SYMBOL,
    TODAY,
    FilterGroup,
    RowFilter,
    has_all_words,
    symbols_group,
)
from gui.tables.sorted_model import COLOUR, DISPLAY, Index, SortedModel
from gui.tables.sorted_table import SortedTable


class Fill(NamedTuple):
    """One execution and what it needs of its order; not the order, which grows with each fill.

    `gain` is dollars against the far touch of the arrival quote.
    """

    order_id: str
    side: Side
    symbol: str
    venue: str
    child: str
    gain: Decimal
    execution: Execution


def fill_of(order: ParentOrder, child: ChildOrder, execution: Execution) -> Fill:
    """The execution as it stands in the table."""
    gain = better_than_touch(order, execution.price) * execution.qty
    title, venue = child_title(child), venue_words(order)
    return Fill(order.id, order.side, order.symbol, venue, title, gain, execution)


# Only the stream names executions; what a status read alone has told is in the order's own row.
_SOURCE = "stream"

FILL_COLUMNS: tuple[Column[Fill], ...] = (
    Column("time", "time", lambda f: date_and_time(f.execution.at_ns, millis=True),
           lambda f: f.execution.at_ns, lambda f: iso_time(f.execution.at_ns), width=140,
           short=lambda f, today: short_date_and_time(f.execution.at_ns, today, millis=True)),
    Column("side", "side", lambda f: side_word(f.side), lambda f: f.side,
           lambda f: f.side.value, width=56),
    Column("quantity", "quantity", lambda f: qty(f.execution.qty), lambda f: f.execution.qty,
           lambda f: number(f.execution.qty), width=76, number=True),
    Column("symbol", "symbol", lambda f: f.symbol, lambda f: f.symbol,
           lambda f: f.symbol, width=72),
    Column("price", "price", lambda f: price(f.execution.price), lambda f: f.execution.price,
           lambda f: number(f.execution.price), width=76, number=True),
    Column("touch", "against the touch", lambda f: money(f.gain, sign=True), lambda f: f.gain,
           lambda f: number(f.gain), width=118, number=True),
    Column("child", "child", lambda f: f.child, lambda f: f.child, lambda f: f.child, width=80),
    Column("source", "source", lambda f: _SOURCE, lambda f: _SOURCE,
           lambda f: _SOURCE, width=70),
    Column("venue", "venue", lambda f: f.venue, lambda f: f.venue, lambda f: f.venue, width=80),
    Column("execution", "execution", lambda f: f.execution.id, lambda f: f.execution.id,
           lambda f: f.execution.id, width=120),
    Column("order", "order id", lambda f: f.order_id, lambda f: f.order_id,
           lambda f: f.order_id, width=120),
)  # fmt: skip
_SIDE_COLUMN, _EXECUTION = 1, 9
_USUAL = tuple(column.key for column in FILL_COLUMNS if column.key != "order")


class FillModel(SortedModel[Fill]):
    """Executions by id; one that came twice stands here once."""

    def __init__(self, palette: Palette, parent: QObject | None = None) -> None:
        super().__init__(FILL_COLUMNS, by=0, descending=True, parent=parent)
        self._palette = palette
        self._seen: dict[str, int] = {}  # executions taken of each child: they are only added to
        self.symbols: set[str] = set()

    def put(self, orders: Iterable[ParentOrder]) -> None:
        """Add the executions not yet held."""
        fresh: list[Fill] = []
        for order in orders:
            for child in order.children:
                seen = self._seen.get(child.client_id, 0)
                if len(child.executions) > seen:
                    self._seen[child.client_id] = len(child.executions)
                    fresh += [fill_of(order, child, each) for each in child.executions[seen:]]
        self.symbols.update(fill.symbol for fill in fresh)
        self.add_records(fresh)

    def data(self, index: Index, role: int = DISPLAY) -> Any:
        """As every table, and the side's colour beside its word."""
        if role == COLOUR and index.column() == _SIDE_COLUMN:
            fill = self.record_at(index)
            return fill and style.colour(style.side_colour(self._palette, fill.side))
        return super().data(index, role)


class FillsTab(SortedTable):
    """The executions as a table. `detail_asked` carries an order's id."""

    detail_asked = Signal(str)

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        self.fills = FillModel(palette)
        super().__init__(
            "fills-table", "Fills", self.fills, _USUAL, stretch=_EXECUTION, parent=parent
        )
        self.fills.setParent(self)
        self.opened.connect(self._on_opened)
        self.menu_asked.connect(self._on_menu)

    def filter_groups(self) -> tuple[FilterGroup, ...]:
        """Side, days and symbol."""
        return SIDES, DAYS, symbols_group(self.fills.symbols)

    def show_filtered(self, row_filter: RowFilter) -> None:
        """Show the executions that `row_filter` describes."""
        side, symbol = row_filter.chosen.get(SIDE), row_filter.chosen.get(SYMBOL)
        since = self.fills.today_ns if row_filter.chosen.get(TODAY) else 0
        words = row_filter.all_words

        def accepts(fill: Fill) -> bool:
            if side not in (None, fill.side) or symbol not in (None, fill.symbol):
                return False
            if fill.execution.at_ns < since:
                return False
            cells = (column.text(fill) for column in FILL_COLUMNS)
            return not words or has_all_words(words, " ".join(cells).casefold())

        self.fills.show_only(accepts if side or symbol or since or words else None)

    def _on_opened(self) -> None:
        fill = self.fills.record_at(self.currentIndex())
        if fill is not None:
            self.detail_asked.emit(fill.order_id)

    def _on_menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setObjectName("fill-menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Show its order\tEnter").triggered.connect(self._on_opened)
        self.offer_copy(menu)
        menu.popup(at)
