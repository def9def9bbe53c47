"""The blotter: working orders with their buttons, all orders, fills, quality, and the log."""

from collections.abc import Callable, Iterable
from enum import IntEnum

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QPushButton, QStackedWidget, QWidget

from core.market.time import NS
from core.orders.state import ParentOrder
from core.wording.next_step import OrderAction
from core.wording.numbers import DOT
from gui.actions.click_guard import ClickGuard
from gui.actions.shortcuts import ShortcutTable
from gui.blotter.fills_tab import FillsTab
from gui.blotter.log_tab import LogTab
from gui.blotter.order_lines import ALL_USUAL, TIME, WORKING_USUAL
from gui.blotter.order_model import OrderModel
from gui.blotter.order_table import OrderTable
from gui.blotter.quality_tab import QualityTab
from gui.blotter.table_bar import TableBar
from gui.style.palette import Palette
from gui.tables.columns import start_of_day
from gui.tables.sorted_table import SortedTable
from gui.widgets.panel import Panel, button, label, set_text

LINGER_NS = 20 * NS  # how long an ended order stays among the working ones
LINGER_MOST = 5  # and how many of them


class Tab(IntEnum):
    """The tables, from the left."""

    WORKING = 0
    ALL = 1
    FILLS = 2
    QUALITY = 3
    LOG = 4


_TITLES = {
    Tab.WORKING: "Working",
    Tab.ALL: "All orders",
    Tab.FILLS: "Fills",
    Tab.QUALITY: "Quality",
    Tab.LOG: "Log",
}


class Blotter(Panel):
    """Tabs over the tables. `copy_asked` and `save_asked` carry a Sheet."""

    asked = Signal(object, str)  # OrderAction, order id
    order_chosen = Signal(str)
    detail_asked = Signal(str)  # order id
    refused = Signal(str)
    said = Signal(str)
    painted = Signal()
    copy_asked = Signal(object)
    save_asked = Signal(object)
    tab_shown = Signal(object)  # a Tab
    columns_changed = Signal(str, object)  # a table's name, the keys of its columns

    def __init__(
        self,
        palette: Palette,
        now_ns: Callable[[], int],
        keys: ShortcutTable | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("blotter", "", parent)
        keys = keys or ShortcutTable(parent=self)
        self.setAccessibleName("Blotter")
        self._guard = ClickGuard()
        self.working = OrderTable(
            "working-table",
            "Working orders",
            OrderModel(actions=True, by=TIME, descending=False, parent=self),
            WORKING_USUAL,
            palette,
            now_ns,
            keys,
            buttons=True,
        )
        self.all_orders = OrderTable(
            "orders-table",
            "All orders",
            OrderModel(actions=False, by=TIME, descending=True, parent=self),
            ALL_USUAL,
            palette,
            now_ns,
            keys,
            buttons=False,
        )
        self.fills = FillsTab(palette)
        self.quality = QualityTab()
        self.log = LogTab(palette)
        self.tables: dict[Tab, SortedTable] = {
            Tab.WORKING: self.working,
            Tab.ALL: self.all_orders,
            Tab.FILLS: self.fills,
            Tab.QUALITY: self.quality,
            Tab.LOG: self.log,
        }
        self._today_ns = 0
        self._build()
        self._new_day(start_of_day(now_ns()))

    def _build(self) -> None:
        self.title.hide()
        self.header_row.setSpacing(4)
        self._tabs = QButtonGroup(self)
        self._stack = QStackedWidget()
        self.bar = TableBar()
        for tab, page in self.tables.items():
            title = _TITLES[tab]
            name = f"tab-{title.lower().replace(' ', '-')}"
            choice = button(name, title, title, role="tab", check=True)
            choice.setToolTip("")
            self._tabs.addButton(choice, tab)
            self.header_row.insertWidget(tab, choice)
            self._stack.addWidget(page)
            self._wire(page)
        self.header_row.addWidget(self.bar)
        self.bar.save_asked.connect(self.save_asked)
        self._tabs.idClicked.connect(lambda tab: self.show_tab(Tab(tab)))
        self.footer = label("blotter-footer", role="small")
        self.footer.setContentsMargins(12, 3, 12, 4)
        self.footer.setWordWrap(True)
        self.footer.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.body.addWidget(self._stack)
        self.body.addWidget(self.footer)
        self.show_tab(Tab.WORKING)
        self.fills.detail_asked.connect(self._on_detail)
        for table in (self.working, self.all_orders):
            table.asked.connect(self._on_asked)
            table.order_chosen.connect(self.order_chosen)
            table.detail_asked.connect(self._on_detail)
            table.painted.connect(self.painted)
            table.said.connect(self.said)
        self.working.orders_model.ranked.connect(self._guard.moved)

    def _wire(self, page: SortedTable) -> None:
        page.copy_asked.connect(self.copy_asked)
        name = page.sheet_name
        page.columns_changed.connect(lambda keys: self.columns_changed.emit(name, keys))

    def restyle(self) -> None:
        """The colours and fonts of the theme."""
        for page in self.tables.values():
            page.restyle()

    def show_tab(self, tab: Tab) -> None:
        """Bring a tab to the front."""
        self._tabs.button(tab).setChecked(True)
        self._stack.setCurrentIndex(tab)
        self.bar.show_page(self.tables[tab])
        set_text(self.footer, self.tables[tab].footnote)
        self.footer.setVisible(bool(self.tables[tab].footnote))
        self.tab_shown.emit(tab)

    @property
    def tab(self) -> Tab:
        """The tab in front."""
        return Tab(self._stack.currentIndex())

    def show_orders(self, orders: Iterable[ParentOrder]) -> None:
        """Draw new states. An order that is new among the working ones comes into focus.

        One that came and ended within these changes is among them, too, as it is by now.
        """
        orders = tuple(orders)
        working = self.working.orders_model
        fresh = [o for o in orders if not o.done and not working.holds(o.id)]
        here = {o.id for o in fresh}
        known = [o for o in orders if not o.done or o.id in here or working.holds(o.id)]
        if fresh or any(order.final for order in known):
            self._guard.moved()
        self.working.show_changes(known)
        self.all_orders.show_changes(orders)
        self.fills.fills.put(orders)
        if fresh:
            self.working.choose(fresh[-1].id)
        self._count()

    def show_past(self, orders: Iterable[ParentOrder]) -> None:
        """Draw orders that ended long ago."""
        orders = tuple(orders)
        self.all_orders.orders_model.put(orders)
        self.fills.fills.put(orders)

    def past_order(self, order_id: str) -> ParentOrder | None:
        """An order of the list, if it has ended."""
        order = self.all_orders.orders_model.order(order_id)
        return order if order is not None and order.final else None

    def tick(self) -> None:
        """Move the countdowns."""
        self.working.tick()
        self.all_orders.tick()

    def slow_tick(self, now_ns: int) -> None:
        """Move the ages, and take out what ended long enough ago."""
        self.working.slow_tick()
        self.all_orders.slow_tick()
        self._sweep(now_ns)
        if now_ns >= self._today_ns + 24 * 3600 * NS:
            self._new_day(start_of_day(now_ns))

    def _new_day(self, today_ns: int) -> None:
        self._today_ns = today_ns
        for page in self.tables.values():
            page.new_day(today_ns)
        self.bar.apply_again()

    def show_now(self, order_ids: Iterable[str]) -> None:
        """Paint these orders before anything else gets its turn."""
        page = self._stack.currentWidget()
        if isinstance(page, OrderTable):
            for order_id in order_ids:
                page.show_now(order_id)

    def _sweep(self, now_ns: int) -> None:
        """Take ended orders out of the working tab, but never under the pointer."""
        if self.working.underMouse():
            return
        model = self.working.orders_model
        ended = [order for order in model.orders() if order.done]
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
        return page.current_order() if isinstance(page, OrderTable) else None

    def _on_detail(self, order_id: str) -> None:
        self.order_chosen.emit(order_id)
        self.detail_asked.emit(order_id)

    def _on_asked(self, action: OrderAction, order_id: str) -> None:
        if self._guard.open:
            self.asked.emit(action, order_id)
        else:
            self.refused.emit("The rows moved just before the click: nothing was done.")

    def _count(self) -> None:
        here = self.working.orders_model.orders()
        count = sum(not order.final for order in here)
        unproven = sum(order.final and not order.done for order in here)
        tab = self._tabs.button(Tab.WORKING)
        assert isinstance(tab, QPushButton)
        words = f"Working {count}" if count else "Working"
        set_text(tab, f"{words} {DOT} {unproven} not proven" if unproven else words)
