"""The order in hand against crossing at the click, in a narrow window."""

from pytestqt.qtbot import QtBot

from gui.so_far import SoFarPanel
from tests.core.told_orders import Told


def test_in_a_narrow_window_names_take_two_lines_and_are_not_cut(qtbot: QtBot) -> None:
    order = Told().working().filled(400, 400).order
    panel = SoFarPanel()
    qtbot.addWidget(panel)
    panel.show_order(order, order.quote, "")
    panel.resize(200, 420)
    panel.show()
    qtbot.waitExposed(panel)
    for name, value in panel._rows:
        assert name.height() >= name.heightForWidth(name.width()), name.text()
        longest = max(name.text().split(), key=len)
        assert name.width() >= name.fontMetrics().horizontalAdvance(longest), name.text()
        assert value.width() >= value.fontMetrics().horizontalAdvance(value.text())
