"""A chart with a past of forty seconds, and a working sell in hand."""

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from core.market.time import NS
from gui.chart.chart import SpreadChart
from tests.gui.chart.hands import Hands
from tests.gui.chart.samples import T0, quote


@pytest.fixture
def hands(qtbot: QtBot) -> Iterator[Hands]:
    chart = SpreadChart()
    qtbot.addWidget(chart)
    chart.resize(1000, 560)
    chart.show_symbol("UVXY")
    chart.show()
    with qtbot.waitExposed(chart):
        pass
    for second in range(40, 0, -2):
        chart.add_quote(quote(T0 - second * NS))
    chart.tick(T0)
    yield Hands(chart)
    chart.close()
