"""The order in hand against crossing at the click, in a narrow window."""

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gui.order_detail.benchmark_panel import BenchmarkPanel
from tests.support.scripted_orders import ScriptedOrder


def test_in_a_narrow_window_names_take_two_lines_and_are_not_cut(qtbot: QtBot) -> None:
    order = ScriptedOrder().working().filled(400, 400).order
    window = QWidget()
    qtbot.addWidget(window)
    panel = BenchmarkPanel(window)
    panel.show_order(order, order.quote, "")
    panel.setGeometry(0, 0, 190, 420)
    window.resize(300, 450)
    window.show()
    qtbot.waitExposed(window)
    for name, value in panel._rows:
        flags = int(Qt.TextFlag.TextWordWrap) if name.wordWrap() else 0
        room = QRect(0, 0, name.width(), 1_000)
        needed = name.fontMetrics().boundingRect(room, flags, name.text())
        assert name.width() >= needed.width(), name.text()
        assert name.height() >= needed.height(), name.text()
        assert value.width() >= value.fontMetrics().horizontalAdvance(value.text())
