"""The chart as a table of words: its rows, what a reader hears, the way back to the line."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTableView, QToolButton

from tests.gui.chart.hands import LEFT, Hands


def lines(hands: Hands) -> list[list[str]]:
    table = hands.chart.findChild(QTableView, "chartTable")
    assert isinstance(table, QTableView)
    model = table.model()
    return [
        [model.index(row, column).data() for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def show_lines(hands: Hands) -> None:
    button = hands.chart.findChild(QToolButton, "chartLines")
    assert isinstance(button, QToolButton)
    QTest.mouseClick(button, LEFT)
    hands.tick()


def test_the_table_tells_every_line_with_price_state_and_time_to_the_deadline(
    hands: Hands,
) -> None:
    show_lines(hands)
    sell, ask, bid = lines(hands)
    assert sell[:3] == ["SELL 1,000 @ 15.24", "15.24", "working"]
    assert sell[3] == "cancel in 5.6 s, then 1,000 to market"
    assert ask == ["ask", "15.32", "900 shares", ""]
    assert bid == ["bid", "15.23", "1,200 shares", ""]
    hands.tick()
    assert lines(hands)[0][3].startswith("cancel in 5.4 s")


def test_a_line_of_the_table_leads_by_enter_to_its_price_on_the_chart(hands: Hands) -> None:
    show_lines(hands)
    table = hands.chart.table
    table.selectRow(0)
    QTest.keyClick(table, Qt.Key.Key_Return)
    assert hands.canvas.hasFocus()
    hands.key(Qt.Key.Key_Up)
    assert hands.head.startswith("15.25")


def test_a_reader_hears_the_column_with_each_cell(hands: Hands) -> None:
    show_lines(hands)
    cell = hands.chart.table.rows_model.index(0, 1)
    assert cell.data(Qt.ItemDataRole.AccessibleTextRole) == "price 15.24"
    assert hands.chart.table.accessibleName() == "Lines on the chart"
