"""The table of orders: painted row by row, its countdowns only where they are in sight.

Tells when it has painted, which is when a fill is on the screen.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from core.orders.state import ParentOrder
from core.wording.next_step import OrderAction
from gui.actions.shortcuts import ShortcutTable
from gui.blotter.order_filter import filter_groups, matcher
from gui.blotter.order_lines import (
    AVERAGE,
    FILLED,
    FOR_FILES,
    LIMIT,
    NEXT,
    ORDER,
    ORDER_COLUMNS,
    STATE,
    LineKind,
)
from gui.blotter.order_menu import OrderMenu
from gui.blotter.order_model import OrderModel
from gui.blotter.row_buttons import ButtonsInSight
from gui.blotter.row_painter import HANDLE, PAD, Cell, RowPainter
from gui.style.palette import Palette
from gui.style.text_scale import px
from gui.tables.columns import Column, columns_named
from gui.tables.row_filter import FilterGroup, RowFilter
from gui.tables.sorted_table import SortedTable

_NARROW_BELOW = 840
_NARROW_WIDTHS = {ORDER: 132, FILLED: 92, LIMIT: 60, AVERAGE: 60}


class OrderTable(SortedTable):
    """`asked` carries an action and an order's id, `detail_asked` an order's id."""

    painted = Signal()
    asked = Signal(object, str)
    order_chosen = Signal(str)
    detail_asked = Signal(str)
    said = Signal(str)

    def __init__(
        self,
        name: str,
        spoken: str,
        model: OrderModel,
        columns: Sequence[str],
        palette: Palette,
        now_ns: Callable[[], int],
        keys: ShortcutTable,
        *,
        buttons: bool,
        parent: QWidget | None = None,
    ) -> None:
        self.orders_model = model
        self._painter = RowPainter(palette, now_ns)
        self._keys = keys
        self._buttons: ButtonsInSight | None = None
        if buttons:
            self._buttons = ButtonsInSight(self, model, keys, self._ask)
        self._counting: set[str] = set()
        super().__init__(name, spoken, model, columns, stretch=NEXT, parent=parent)
        model.today_ns = self._painter.today_ns
        self.setProperty("role", "orders")
        if buttons:
            self.setSelectionMode(SortedTable.SelectionMode.SingleSelection)
            for changed in (
                model.rowsInserted,
                model.rowsRemoved,
                model.rowsMoved,
                model.modelReset,
                self.horizontalHeader().sectionResized,
                self.horizontalHeader().geometriesChanged,
            ):
                changed.connect(self._place_buttons)
        self.selectionModel().currentChanged.connect(self._on_current)
        self.menu_asked.connect(self._on_menu)
        self.opened.connect(self._on_opened)

    # -- changes --------------------------------------------------------------

    def show_changes(self, orders: Iterable[ParentOrder]) -> None:
        """Draw the new states and enable the buttons that mean something now."""
        orders = tuple(orders)
        self.orders_model.put(orders)
        for order in orders:
            if order.final:
                self._counting.discard(order.id)
            else:
                self._counting.add(order.id)
            if self._buttons is not None:
                self._buttons.show_order(order)

    def tick(self) -> None:
        """Repaint the countdowns of working orders, and nothing else."""
        if not self.isVisible():
            return
        area = self.viewport().rect()
        left, width = self.columnViewportPosition(NEXT), self.columnWidth(NEXT)
        for order_id in self._counting:
            row = self.orders_model.index_of(order_id).row()
            top = self.rowViewportPosition(row) if row >= 0 else -1
            if area.top() <= top <= area.bottom():
                self.viewport().update(left, top, width, self.rowHeight(row))

    def filter_groups(self) -> tuple[FilterGroup, ...]:
        """State, side, days and symbol."""
        return filter_groups(self.orders_model.symbols)

    def show_filtered(self, row_filter: RowFilter) -> None:
        """Show the orders that `row_filter` describes."""
        self.orders_model.show_only(matcher(row_filter, self.orders_model.today_ns))

    def new_day(self, today_ns: int) -> None:
        """Orders of other days say their date."""
        super().new_day(today_ns)
        self._painter.today_ns = today_ns

    def restyle(self) -> None:
        """The colours and fonts of the theme."""
        self._painter.restyle()
        super().restyle()

    def slow_tick(self) -> None:
        """Repaint the ages: the last column of what is in sight."""
        if self.isVisible() and self._counting:
            area = self.viewport().rect()
            area.setLeft(max(self.columnViewportPosition(NEXT), 0))
            self.viewport().update(area)

    def show_now(self, order_id: str) -> None:
        """Paint one order's rows at once."""
        rows = self.orders_model.rows_of(order_id)
        if rows is None:
            return
        self._lay_out_rows()
        top, last = (self.rowViewportPosition(row) for row in rows)
        height = last + self.rowHeight(rows[1]) - top
        self.viewport().repaint(QRect(0, top, self.viewport().width(), height))

    def _lay_out_rows(self) -> None:
        """Rows that came in this moment have their places."""
        self.executeDelayedItemsLayout()

    # -- buttons ----------------------------------------------------------------

    def _place_buttons(self) -> None:
        if self._buttons is not None:
            self._buttons.place()

    def _ask(self, action: OrderAction, order_id: str) -> None:
        self.asked.emit(action, order_id)

    def updateGeometries(self) -> None:
        """Rows came, went or were given other heights."""
        super().updateGeometries()
        self._place_buttons()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """The buttons go with their rows."""
        super().scrollContentsBy(dx, dy)
        self._place_buttons()

    # -- columns ----------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What comes next is the last thing to lose its place."""
        super().resizeEvent(event)
        self._fit()

    def on_columns(self) -> None:
        """Other columns are shown."""
        self._painter.narrow = False
        self._fit()

    def _fit(self) -> None:
        """In a narrow table the state moves into the last column."""
        narrow = self._buttons is not None and self.viewport().width() < px(_NARROW_BELOW)
        if narrow is self._painter.narrow or not (narrow or self.isColumnHidden(STATE)):
            self._place_buttons()
            return
        self._painter.narrow = narrow
        self.setColumnHidden(STATE, narrow)
        for column, width in _NARROW_WIDTHS.items():
            self.setColumnWidth(column, px(width if narrow else ORDER_COLUMNS[column].width))
        self._place_buttons()

    def file_columns(self) -> Sequence[Column[Any]]:
        """Side, quantity and symbol apart, as programs want them."""
        return [ORDER_COLUMNS[c] for c in columns_named(ORDER_COLUMNS, FOR_FILES)]

    # -- the person -----------------------------------------------------------

    def current_order(self) -> ParentOrder | None:
        """The order in focus."""
        return self.orders_model.order_at(self.currentIndex())

    def choose(self, order_id: str) -> None:
        """Put an order in focus."""
        index = self.orders_model.index_of(order_id)
        if index.isValid():
            self.setCurrentIndex(index)
            self.scrollTo(index)

    def _on_current(self, current: QModelIndex, _previous: QModelIndex) -> None:
        order = self.orders_model.order_at(current)
        if order is not None:
            self.order_chosen.emit(order.id)

    def _on_opened(self) -> None:
        order = self.current_order()
        if order is not None:
            self.detail_asked.emit(order.id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Right and left show and hide what is beneath an order."""
        order = self.current_order()
        way = event.key() in (Qt.Key.Key_Right, Qt.Key.Key_Left)
        if way and order is not None and self._buttons is None:
            self._open(order.id, opened=event.key() == Qt.Key.Key_Right)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on the arrow before an order opens or closes it."""
        index = self.indexAt(event.position().toPoint())
        line = self.orders_model.line_at(index)
        super().mousePressEvent(event)
        if line is None or line.kind is not LineKind.PARENT or self._buttons is not None:
            return
        left = self.columnViewportPosition(ORDER)
        if left <= event.position().x() <= left + PAD + HANDLE:
            opened = self.orders_model.is_open(line.order.id)
            self._open(line.order.id, opened=not opened)

    def _open(self, order_id: str, *, opened: bool) -> None:
        self.orders_model.open_order(order_id, opened=opened)
        self.choose(order_id)
        self.viewport().update()

    def _on_menu(self, at: QPoint) -> None:
        order = self.current_order()
        if order is None:
            return
        menu = OrderMenu(order, self._keys, self.offer_copy, self)
        menu.asked.connect(lambda action: self.asked.emit(action, order.id))
        menu.detail_asked.connect(lambda: self.detail_asked.emit(order.id))
        menu.said.connect(self.said)
        menu.popup(at)

    # -- painting -----------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Only the rows and cells that need it, each row in one go; then say so."""
        area = event.rect()
        header = self.horizontalHeader()
        cells: list[Cell] = []
        for column in self.columns_shown:
            left, width = header.sectionViewportPosition(column), header.sectionSize(column)
            if left <= area.right() and left + width >= area.left():
                cells.append((column, left, width))
        painter = QPainter(self.viewport())
        first, last = self.rowAt(area.top()), self.rowAt(area.bottom())
        if first >= 0:
            end = last if last >= 0 else self.orders_model.rowCount() - 1
            for row in range(first, end + 1):
                self._paint_row(painter, row, cells)
        painter.end()
        self.painted.emit()

    def _paint_row(self, painter: QPainter, row: int, cells: list[Cell]) -> None:
        model = self.orders_model
        line = model.line(row)
        if line is None:
            return
        box = QRectF(0, self.rowViewportPosition(row), self.viewport().width(), self.rowHeight(row))
        chosen = self.selectionModel().isRowSelected(row, QModelIndex())
        opened = None if self._buttons is not None else model.is_open(line.order.id)
        self._painter.paint_row(painter, line, box, cells, chosen=chosen, opened=opened)
        if self.hasFocus() and row == self.currentIndex().row():
            self._painter.focus(painter, box)
