"""The blotter at 100,000 orders: one change, one frame of sorting, and Qt's own way for the same.

Offscreen. Changes are CPU microseconds of this thread; sorting is the longest that the
window's loop was held up at a stretch, garbage collection apart.
"""

import gc
import os
import time
from collections.abc import Callable
from random import Random
from typing import Any

from msgspec.structs import replace
from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
)
from PySide6.QtWidgets import QApplication

from core.orders.state import ParentOrder
from gui.blotter.blotter import Blotter, Tab
from gui.blotter.order_lines import FILLED, ORDER, ORDER_COLUMNS
from gui.style import style
from gui.style.palette import DARK
from gui.tables.row_filter import RowFilter
from tests.support.scripted_orders import START_NS, ScriptedOrder

Rows = list[tuple[str, float, str]]

ORDERS = 100_000
FEW = 1_000
CHANGES = 400
SEED = 7
SYMBOLS = ("UVXY", "IBM", "BAC", "AIG", "PNNY")

UPDATE = f"blotter update, one order of {ORDERS:,}"
GROWTH = f"blotter update at {ORDERS:,} orders over {FEW:,}"
HELD_UP = "longest frame while 100,000 orders are sorted"
STOCK = "longest frame while Qt's proxy sorts them"
TARGETS = {f"{UPDATE}, p50": 100.0, GROWTH: 4.0, HELD_UP: 50.0}

Index = QModelIndex | QPersistentModelIndex


def orders(count: int) -> list[ParentOrder]:
    """Ended orders of some symbols, the newest last."""
    chance, ended = Random(SEED), ScriptedOrder().working().filled(1000, 1000).order
    plans = [replace(ended.instruction, symbol=symbol) for symbol in SYMBOLS]
    return [
        replace(
            ended, id=f"o{n}", started_ns=START_NS - n * 1_000_000, instruction=chance.choice(plans)
        )
        for n in range(count)
    ]


def shown(held: list[ParentOrder]) -> Blotter:
    """A blotter with the list of all orders in front."""
    blotter = Blotter(DARK, lambda: START_NS)
    blotter.resize(900, 400)
    blotter.show()
    blotter.show_tab(Tab.ALL)
    blotter.all_orders.show_changes(held)
    QApplication.processEvents()
    return blotter


def updates(blotter: Blotter, held: list[ParentOrder]) -> list[float]:
    """CPU microseconds of one change each: half of a working order in sight, half of any."""
    told, chance = ScriptedOrder("live", at=START_NS + 1).working(), Random(SEED)
    changed = [told.order]
    for n in range(CHANGES):
        changed.append(told.filled(1, n + 1).order)
        changed.append(replace(chance.choice(held), reason=f"change {n}"))
    costs = []
    for order in changed:
        begin = time.thread_time_ns()
        blotter.all_orders.show_changes([order])
        costs.append((time.thread_time_ns() - begin) / 1e3)
        if len(costs) % 16 == 0:  # as many as come between two frames
            QApplication.processEvents()
    return sorted(costs)


def frames(blotter: Blotter, act: Callable[[], None]) -> list[float]:
    """Milliseconds of each turn of the loop until a new order or filter is in force."""
    model, done = blotter.all_orders.orders_model, list[bool]()
    model.ranked.connect(lambda: done.append(True))
    gc.collect()
    gc.disable()
    turns = []
    begin = time.perf_counter()
    act()
    turns.append(time.perf_counter() - begin)
    while not done:
        begin = time.perf_counter()
        QApplication.processEvents()
        turns.append(time.perf_counter() - begin)
    gc.enable()
    return [turn * 1e3 for turn in turns]


class _Stock(QAbstractTableModel):
    """The same texts for Qt's own proxy."""

    def __init__(self, held: list[ParentOrder]) -> None:
        super().__init__()
        self._held = held

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return len(self._held)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return len(ORDER_COLUMNS)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return ORDER_COLUMNS[index.column()].text(self._held[index.row()])


def stock(held: list[ParentOrder]) -> float:
    """Milliseconds that Qt's proxy holds up the loop for one sort by a column of text."""
    proxy = QSortFilterProxyModel()
    model = _Stock(held)
    proxy.setSourceModel(model)
    begin = time.perf_counter()
    proxy.sort(ORDER)
    return (time.perf_counter() - begin) * 1e3


def run() -> Rows:
    """Rows of name, value, unit."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    style.apply(app, DARK)
    held = orders(ORDERS)
    few = held[:FEW]
    small = updates(shown(few), few)
    blotter = shown(held)
    large = updates(blotter, held)
    table = blotter.all_orders
    ascending = Qt.SortOrder.AscendingOrder
    sorting = frames(blotter, lambda: table.model_shown.sort(ORDER, ascending))
    numbers = frames(blotter, lambda: table.model_shown.sort(FILLED, ascending))
    search = frames(blotter, lambda: table.show_filtered(RowFilter("ibm 77")))
    middle = len(large) // 2
    rows = [
        (f"{UPDATE}, p50", large[middle], "us"),
        (f"{UPDATE}, p99", large[int(0.99 * len(large))], "us"),
        (GROWTH, large[middle] / small[middle], "x"),
        (HELD_UP, max(*sorting, *numbers), "ms"),
        ("all of that sorting", sum(sorting), "ms"),
        ("longest frame while they are searched", max(search), "ms"),
        (STOCK, stock(held), "ms"),
    ]
    blotter.close()
    blotter.deleteLater()
    return rows


if __name__ == "__main__":
    for name, value, unit in run():
        print(f"{name:60} {value:10.1f} {unit}")
