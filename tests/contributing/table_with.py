"""Shows an order in the order tables, offscreen, with one more column, and prints what is there.

`python -m tests.contributing.table_with KEY`; run in a copy of the tree that has the column.
"""

import json
import sys

from PySide6.QtWidgets import QApplication

from gui.blotter.blotter import Blotter
from gui.blotter.order_lines import ORDER_COLUMNS
from gui.blotter.order_table import OrderTable
from gui.style import style
from gui.style.palette import DARK
from gui.tables.columns import columns_named
from tests.support.scripted_orders import START_NS, ScriptedOrder


def seen(table: OrderTable, key: str) -> dict[str, object]:
    """What a person sees in the column `key`, and what a file has of it."""
    model = table.orders_model
    (column,) = columns_named(ORDER_COLUMNS, (key,))
    usual = column in table.columns_shown
    table.choose_column(column, shown=True)
    titles, first, *_ = table.sheet().lines()
    return {
        "usual": usual,
        "shown": column in table.columns_shown,
        "cell": model.index(0, column).data(),
        "in a file": dict(zip(titles, first, strict=True))[ORDER_COLUMNS[column].title],
        "painted": not table.grab().isNull(),
    }


def look(key: str) -> None:
    """Open, look, close."""
    blotter = Blotter(DARK, lambda: START_NS)
    blotter.resize(1200, 400)
    blotter.show()
    blotter.show_orders([ScriptedOrder().working().order])
    both = [seen(table, key) for table in (blotter.working, blotter.all_orders)]
    sys.stdout.write(json.dumps(both) + "\n")
    blotter.close()


if __name__ == "__main__":
    app = QApplication(sys.argv[:1])
    style.apply(app, DARK)
    look(sys.argv[1])
