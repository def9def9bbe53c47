"""The quality tab: what is measured of which orders, and what too few of them leave open."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from core.analysis.scorecard import scores
from core.journal.file import JournalFile
from core.journal.recovery import recover
from core.market.prices import Side
from gui.blotter.blotter import Tab
from gui.blotter.quality_tab import BY, QualityTab
from gui.controllers.desk import Desk
from gui.tables.row_filter import SIDE, RowFilter
from tests.core.orders.test_execution_quality import order
from tests.gui.conftest import Story
from tests.gui.waiting import until
from tests.support.many_orders import told, write

Play = Callable[[Story], None]


@pytest.fixture
def view(qtbot: QtBot) -> QualityTab:
    view = QualityTab()
    qtbot.addWidget(view)
    return view


def texts(view: QualityTab, row: int = 0) -> dict[str, str]:
    model = view.scores
    return {c.key: model.index(row, place).data() for place, c in enumerate(model.columns)}


def test_twenty_orders_carry_numbers_and_nineteen_say_that_they_are_nineteen(
    view: QualityTab,
) -> None:
    done = [order(f"o{n}") for n in range(20)]
    view.show_scores(scores(done[:19], view.label))
    few = texts(view)
    assert (few["count"], few["gain"], few["shares"]) == ("19", "+$38.00", "1,900")
    unsaid = {few[key] for key in ("per share", "ticks", "bps", "effective", "fill rate", "wait")}
    assert unsaid == {"19 of 20"}
    view.show_scores(scores(done, view.label))
    many = texts(view)
    assert view.scores.rowCount() == 1
    assert (many["per share"], many["ticks"], many["bps"]) == ("+$0.02", "+2.00", "+10.00")
    assert (many["effective"], many["wait"], many["fallback"]) == ("60 %", "3.0 s", "0 %")
    assert many["fill rate"] == "100 % [84\N{EN DASH}100]"
    assert many["cost"] == "0 of 20"
    assert many["venue"] == "paper"


def test_another_grouping_asks_for_another_measure(view: QualityTab, qtbot: QtBot) -> None:
    with qtbot.waitSignal(view.scores_needed):
        view.show_filtered(RowFilter(chosen={BY: "side", SIDE: Side.BUY}))
    buy, sell = order("b", side=Side.BUY, limit=(100, "20.05")), order("s")
    assert view.label(buy) == "BUY"
    assert view.counts(buy)
    assert not view.counts(sell)


def test_opening_the_tab_measures_every_order_of_the_journal(play: Play, tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    write(path, [fact for number in range(1, 251) for fact in told(number)])
    file = JournalFile(path)
    recover(file, 0)
    file.close()

    async def story(desk: Desk) -> None:
        desk.past_orders.begin(path)
        desk.window.blotter.show_tab(Tab.QUALITY)
        model = desk.window.blotter.quality.scores
        await until(lambda: [s.count for s in model.shown_records()] == [250])
        assert model.shown_records()[0].fill_rate is not None
        footer = desk.window.findChild(QLabel, "blotter-footer")
        assert isinstance(footer, QLabel)
        assert footer.isVisible()
        assert "No markouts" in footer.text()
        desk.window.blotter.show_tab(Tab.LOG)
        assert "touchline.log" in footer.text()
        desk.window.blotter.show_tab(Tab.WORKING)
        assert not footer.isVisible()

    play(story)
