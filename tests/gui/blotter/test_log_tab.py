"""The log: the latest lines only, in their order, by level and by words."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.engine.events import Level
from core.market.time import NS
from gui.blotter.log_tab import LEVEL, LOG_COLUMNS, MAX_LINES, SENTENCE, LogLine, LogTab
from gui.style.palette import DARK
from gui.tables.row_filter import RowFilter
from gui.window.status_line import NoticeLine
from tests.support.scripted_orders import START_NS


@pytest.fixture
def log(qtbot: QtBot) -> LogTab:
    view = LogTab(DARK)
    qtbot.addWidget(view)
    view.resize(700, 200)
    view.show()
    return view


def line(number: int, level: Level = Level.INFO, at: int = START_NS) -> LogLine:
    return LogLine(at, level, "SELL 1 UVXY", f"line {number}", "stream")


def said(view: LogTab) -> list[str]:
    return [view.log.index(row, SENTENCE).data() for row in range(view.log.rowCount())]


def test_lines_of_one_moment_stay_in_the_order_they_came(log: LogTab) -> None:
    for number in range(5):
        log.add([line(number)])
    assert said(log) == [f"line {number}" for number in range(5)]


def test_the_oldest_lines_fall_out_and_the_end_stays_in_sight(log: LogTab) -> None:
    log.add([line(number, at=START_NS + number) for number in range(MAX_LINES)])
    log.add([line(number, at=START_NS + NS) for number in range(3)])
    assert log.log.record_count == log.log.rowCount() == MAX_LINES
    assert said(log)[0] == "line 3"
    assert said(log)[-1] == "line 2"
    bar = log.verticalScrollBar()
    assert bar.value() == bar.maximum() > 0


def test_lines_are_narrowed_down_by_level_and_words(log: LogTab) -> None:
    log.add([line(1), line(2, Level.WARNING), line(3, Level.ALARM)])
    levels = dict(log.filter_groups()[0].choices)
    log.show_filtered(RowFilter(chosen={LEVEL: levels["warnings and alarms"]}))
    assert said(log) == ["line 2", "line 3"]
    log.show_filtered(RowFilter("LINE 3", {LEVEL: levels["alarms"]}))
    assert said(log) == ["line 3"]
    log.add([line(4, Level.ALARM)])
    assert said(log) == ["line 3"]
    log.show_filtered(RowFilter())
    assert len(said(log)) == 4


def test_the_level_is_told_in_words(log: LogTab) -> None:
    log.add([line(1, Level.ALARM)])
    assert log.log.index(0, 1).data() == "alarm"


def test_in_a_narrow_window_what_happened_has_the_most_room(log: LogTab) -> None:
    log.add([line(1)])
    log.resize(440, 200)
    narrow = log.columnWidth(SENTENCE)
    assert narrow > max(log.columnWidth(c) for c in range(SENTENCE))
    assert narrow > 120
    log.resize(1000, 200)
    assert [log.columnWidth(c) for c in range(SENTENCE)] == [
        column.width for column in LOG_COLUMNS[:SENTENCE]
    ]


@pytest.mark.parametrize("way", ["enter", "double click"])
def test_a_line_is_opened_in_full(log: LogTab, way: str) -> None:
    whole = "The venue refused it. " * 20
    log.add([LogLine(START_NS, Level.ALARM, "SELL 1 UVXY", whole, "stream")])
    log.setCurrentIndex(log.log.index(0, 0))
    if way == "enter":
        QTest.keyClick(log, Qt.Key.Key_Return)
    else:
        log.doubleClicked.emit(log.currentIndex())
    assert log.page.isVisible()
    assert log.page.words.text() == whole
    assert "alarm" in log.page.head.text()
    assert log.log.index(0, SENTENCE).data(Qt.ItemDataRole.ToolTipRole) == whole
    log.page.close()


def test_a_long_notice_ends_in_an_ellipsis_and_is_whole_for_pointer_and_reader(
    qtbot: QtBot,
) -> None:
    notice = NoticeLine(DARK)
    qtbot.addWidget(notice)
    notice.resize(600, 28)
    notice.show()
    whole = "The venue refused the cancel of it, so it works on. " * 5
    notice.show_notice(Level.ALARM, whole, START_NS)
    assert notice.words.shown.endswith("\N{HORIZONTAL ELLIPSIS}")
    assert notice.words.text() == notice.words.toolTip() == whole
    assert notice.words.accessibleDescription() == whole
    notice.show_notice(Level.INFO, "Short.", START_NS)
    assert notice.words.shown == "Short."
