"""The blotter: working orders with their buttons, all orders, fills, and the log."""

from collections.abc import Callable, Iterable
from functools import partial

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QButtonGroup,
    QHBoxLayout,
    QHeaderView,
    QMenu,
    QPushButton,
    QStackedWidget,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)

from core.clock import NS
from core.next_step import OrderAction, possible
from core.order_state import ParentOrder
from gui.actions import ORDER_ACTIONS
from gui.blotter_delegate import PAD, BlotterDelegate, Cell
from gui.blotter_model import COLUMNS, FILLED, NEXT, STATE, BlotterModel, LineKind
from gui.fills_view import FillsView
from gui.guard import Guard
from gui.keys import KeyTable
from gui.log_view import LogView
from gui.panel import Panel, button, set_text
from gui.theme import Palette

LINGER_NS = 20 * NS  # how long an ended order stays among the working ones
LINGER_MOST = 5  # and how many of them
_WIDE = (150, 132, 66, 70, 172)
_NARROW = (138, 118, 68, 68, 0)  # the state moves into the last column
_NARROW_BELOW = 840
TABS = ("Working", "All orders", "Fills", "Log")


class RowActions(QWidget):
    """The buttons of one working order."""

    asked = Signal(object, str)  # OrderAction, order id

    def __init__(self, order: ParentOrder, keys: KeyTable, indent: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._order_id = order.id
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(indent, 2, 0, 2)
        self._row.setSpacing(6)
        self._buttons = {}
        for action, info in ORDER_ACTIONS.items():
            chip = button(f"row-{action.value}", info.title, info.spoken, role="row")
            chip.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            chip.clicked.connect(lambda _=False, action=action: self._ask(action))
            self._row.addWidget(chip)
            self._buttons[action] = chip
        self._row.addStretch(1)
        self._keys = keys
        keys.changed.connect(self._show_keys)
        self._show_keys()
        self.show_order(order)

    def _show_keys(self) -> None:
        for action, chip in self._buttons.items():
            chip.setToolTip(self._keys.spoken(action))

    def show_order(self, order: ParentOrder) -> None:
        """Enable what means something now."""
        for action, chip in self._buttons.items():
            chip.setEnabled(possible(action, order))

    def indent(self, left: int) -> None:
        """Stand under the column that begins at `left`."""
        self._row.setContentsMargins(left, 2, 0, 2)

    def _ask(self, action: OrderAction) -> None:
        self.asked.emit(action, self._order_id)


class OrderTree(QTreeView):
    """A tree of orders; tells when it has painted, which is when a fill is on the screen."""

    painted = Signal()
    asked = Signal(object, str)
    order_chosen = Signal(str)

    def __init__(
        self,
        name: str,
        spoken: str,
        model: BlotterModel,
        palette: Palette,
        now_ns: Callable[[], int],
        keys: KeyTable,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._keys = keys
        self.setAccessibleName(spoken)
        self.orders_model = model
        self._rows: dict[str, RowActions] = {}
        self._counting: set[str] = set()
        self._cells: list[Cell] = []  # those in the area that is being painted
        self._widths: tuple[int, ...] = ()
        self._dress(palette, now_ns)
        model.rowsInserted.connect(self._on_rows)
        self.header().sectionResized.connect(self._place_buttons)
        self.customContextMenuRequested.connect(self._on_menu)
        self.selectionModel().currentChanged.connect(self._on_current)

    def _dress(self, palette: Palette, now_ns: Callable[[], int]) -> None:
        self.setModel(self.orders_model)
        self._delegate = BlotterDelegate(palette, now_ns, self)
        self.setItemDelegate(self._delegate)
        self.setUniformRowHeights(True)
        self.setIndentation(0)
        self.setRootIsDecorated(False)
        self.setItemsExpandable(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        header = self.header()
        header.setSectionsMovable(False)
        header.setMinimumSectionSize(48)
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(NEXT, QHeaderView.ResizeMode.Stretch)
        self._fit(_WIDE)

    def _fit(self, widths: tuple[int, ...]) -> None:
        """Set all widths but the last column's; a person's own widths stay until this changes."""
        if widths is not self._widths:
            self._widths = widths
            for column, width in enumerate(widths):
                self.header().resizeSection(column, width)
            self.setColumnHidden(STATE, widths is _NARROW)
            self._delegate.narrow = widths is _NARROW
            self._place_buttons()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What comes next is the last thing to lose its place."""
        super().resizeEvent(event)
        self._fit(_NARROW if self.viewport().width() < _NARROW_BELOW else _WIDE)

    # -- changes --------------------------------------------------------------

    def show_changes(self, orders: Iterable[ParentOrder]) -> None:
        """Draw the new states and enable the buttons that mean something now."""
        orders = tuple(orders)
        rows = self._row_counts(orders)
        self.orders_model.put(orders)
        if self._row_counts(orders) != rows:
            self.viewport().update()  # everything beneath moves in the same picture
        for order in orders:
            if order.final:
                self._counting.discard(order.id)
            else:
                self._counting.add(order.id)
            row = self._rows.get(order.id)
            if row is not None:
                row.show_order(order)

    def _row_counts(self, orders: tuple[ParentOrder, ...]) -> list[int]:
        model = self.orders_model
        return [model.rowCount(model.index_of(order.id)) for order in orders]

    def tick(self) -> None:
        """Repaint the countdowns of working orders."""
        if not self.isVisible():
            return
        for order_id in self._counting:
            top = self.orders_model.index_of(order_id)
            self.viewport().update(self.visualRect(top.siblingAtColumn(NEXT)))

    def show_now(self, order_id: str) -> None:
        """Paint one order's rows at once."""
        model = self.orders_model
        top = model.index_of(order_id)
        if not top.isValid():
            return
        area = self.visualRect(top)
        area |= self.visualRect(model.index(model.rowCount(top) - 1, 0, top))
        area.setLeft(0)
        area.setRight(self.viewport().width())
        self.viewport().repaint(area)

    def slow_tick(self) -> None:
        """Repaint the ages: the last column of what is in sight."""
        if self.isVisible() and self.orders_model.rowCount():
            area = self.viewport().rect()
            area.setLeft(max(self.columnViewportPosition(NEXT), 0))
            self.viewport().update(area)

    def _on_rows(self, parent: QModelIndex, first: int, last: int) -> None:
        model = self.orders_model
        if not parent.isValid():
            for row in range(first, last + 1):
                top = model.index(row, 0)
                self.setExpanded(top, True)
                self._on_rows(top, 0, model.rowCount(top) - 1)
            return
        for row in range(first, last + 1):
            index = model.index(row, 0, parent)
            line = model.line_at(index)
            if line is not None and line.kind is LineKind.ACTIONS:
                self.setFirstColumnSpanned(row, parent, True)
                self._put_buttons(index, line.order)

    def _put_buttons(self, index: QModelIndex, order: ParentOrder) -> None:
        row = RowActions(order, self._keys, self._button_indent(), self.viewport())
        row.asked.connect(self.asked)
        row.destroyed.connect(partial(self._rows.pop, order.id, None))
        self._rows[order.id] = row
        self.setIndexWidget(index, row)

    def _button_indent(self) -> int:
        under = FILLED if self._widths is _NARROW else STATE
        return self.header().sectionPosition(under) + PAD

    def _place_buttons(self) -> None:
        for row in self._rows.values():
            row.indent(self._button_indent())

    # -- the person -----------------------------------------------------------

    def current_order(self) -> ParentOrder | None:
        """The order in focus."""
        return self.orders_model.order_at(self.currentIndex())

    def restyle(self) -> None:
        """The colours and fonts of the theme."""
        self._delegate.restyle()
        self.viewport().update()

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

    def _on_menu(self, at: QPoint) -> None:
        order = self.orders_model.order_at(self.indexAt(at))
        if order is None:
            return
        menu = QMenu(self)
        menu.setObjectName("order-menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for action, info in ORDER_ACTIONS.items():
            entry = menu.addAction(f"{info.title}\t{self._keys.text(action)}")
            entry.setEnabled(possible(action, order))
            entry.triggered.connect(
                lambda _=False, action=action, order=order: self.asked.emit(action, order.id)
            )
        menu.popup(self.viewport().mapToGlobal(at))

    def drawRow(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Only the cells that need it."""
        line = self.orders_model.line_at(index)
        if line is None:
            return
        row = QRectF(0, option.rect.top(), self.viewport().width(), option.rect.height())
        chosen = self.selectionModel().isRowSelected(index.row(), index.parent())
        self._delegate.paint_row(painter, line, row, self._cells, chosen=chosen)

    def paintEvent(self, event: QPaintEvent) -> None:
        """As every tree, and then say so."""
        area = event.rect()
        header = self.header()
        places = (
            (column, header.sectionViewportPosition(column), header.sectionSize(column))
            for column in range(len(COLUMNS))
            if not header.isSectionHidden(column)
        )
        self._cells = [
            (column, left, width)
            for column, left, width in places
            if left <= area.right() and left + width >= area.left()
        ]
        super().paintEvent(event)
        self.painted.emit()


class Blotter(Panel):
    """Tabs over the order trees, the fills and the log."""

    asked = Signal(object, str)  # OrderAction, order id
    order_chosen = Signal(str)
    refused = Signal(str)
    painted = Signal()

    def __init__(
        self,
        palette: Palette,
        now_ns: Callable[[], int],
        keys: KeyTable | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("blotter", "", parent)
        keys = keys or KeyTable(parent=self)
        self.setAccessibleName("Blotter")
        self._guard = Guard()
        self._now_ns = now_ns
        self.working = OrderTree(
            "working-table", "Working orders", BlotterModel(actions=True), palette, now_ns, keys
        )
        self.all_orders = OrderTree(
            "orders-table",
            "All orders",
            BlotterModel(actions=False, newest_first=True),
            palette,
            now_ns,
            keys,
        )
        self.fills = FillsView(palette)
        self.log = LogView(palette)
        self._build()

    def restyle(self) -> None:
        """The colours and fonts of the theme."""
        self.working.restyle()
        self.all_orders.restyle()

    def _build(self) -> None:
        self.title.hide()
        self._tabs = QButtonGroup(self)
        self._tab_buttons: list[QPushButton] = []
        self._stack = QStackedWidget()
        pages = (self.working, self.all_orders, self.fills, self.log)
        for index, (name, page) in enumerate(zip(TABS, pages, strict=True)):
            tab = button(
                f"tab-{name.lower().replace(' ', '-')}", name, name, role="tab", check=True
            )
            tab.setToolTip("")
            self._tabs.addButton(tab, index)
            self._tab_buttons.append(tab)
            self.header_row.insertWidget(index, tab)
            self._stack.addWidget(page)
        self._tabs.idClicked.connect(self._stack.setCurrentIndex)
        self.show_tab(0)
        self.body.addWidget(self._stack)
        for tree in (self.working, self.all_orders):
            tree.asked.connect(self._on_asked)
            tree.order_chosen.connect(self.order_chosen)
            tree.painted.connect(self.painted)

    def show_tab(self, index: int) -> None:
        """Bring a tab to the front."""
        self._tabs.button(index).setChecked(True)
        self._stack.setCurrentIndex(index)

    def show_orders(self, orders: Iterable[ParentOrder]) -> None:
        """Draw new states. An order that is new among the working ones comes into focus."""
        orders = tuple(orders)
        working = self.working.orders_model
        fresh = [o for o in orders if not o.final and not working.index_of(o.id).isValid()]
        known = [o for o in orders if not o.final or working.index_of(o.id).isValid()]
        if fresh or any(order.final for order in known):
            self._guard.moved()
        self.working.show_changes(known)
        self.all_orders.show_changes(orders)
        self.fills.fills.put(orders)
        if fresh:
            self.working.choose(fresh[-1].id)
        self._count()

    def tick(self) -> None:
        """Move the countdowns."""
        self.working.tick()
        self.all_orders.tick()

    def slow_tick(self, now_ns: int) -> None:
        """Move the ages, and take out what ended long enough ago."""
        self.working.slow_tick()
        self.all_orders.slow_tick()
        self._sweep(now_ns)

    def show_now(self, order_ids: Iterable[str]) -> None:
        """Paint these orders before anything else gets its turn."""
        page = self._stack.currentWidget()
        if isinstance(page, OrderTree):
            for order_id in order_ids:
                page.show_now(order_id)

    def _sweep(self, now_ns: int) -> None:
        """Take ended orders out of the working tab, but never under the pointer."""
        if self.working.underMouse():
            return
        model = self.working.orders_model
        ended = [order for order in model.orders() if order.final]
        gone = [
            order.id
            for place, order in enumerate(ended, LINGER_MOST - len(ended))
            if place < 0 or (order.ended_ns is not None and now_ns - order.ended_ns > LINGER_NS)
        ]
        if gone:
            self._guard.moved()
            model.remove(gone)
            self._count()

    def current_order(self) -> ParentOrder | None:
        """The order in focus on the tab in front."""
        page = self._stack.currentWidget()
        return page.current_order() if isinstance(page, OrderTree) else None

    def _on_asked(self, action: OrderAction, order_id: str) -> None:
        if self._guard.open:
            self.asked.emit(action, order_id)
        else:
            self.refused.emit("The rows moved just before the click: nothing was done.")

    def _count(self) -> None:
        count = sum(not order.final for order in self.working.orders_model.orders())
        set_text(self._tab_buttons[0], f"Working {count}" if count else "Working")
