"""The line at the bottom: what it counts, and what it shows only when there is some of it."""

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from core.engine.listeners import Counters
from gui.style.palette import DARK
from gui.window.status_line import StatusLine


@pytest.fixture
def line(dressed: QApplication, qtbot: QtBot) -> Iterator[StatusLine]:
    window = QWidget()  # a line that is a window itself makes itself as wide as it likes
    qtbot.addWidget(window)
    line = StatusLine(DARK, window)
    line.resize(1600, 26)
    window.show()
    yield line
    window.close()


def test_nothing_is_said_of_troubles_while_there_are_none(line: StatusLine) -> None:
    line.show_counters(Counters(posts=3, facts=1200))
    assert "orders posted 3" in line.orders.text()
    assert not line.troubles.isVisible()


@pytest.mark.parametrize(
    ("counters", "words", "meaning"),
    [
        (Counters(bad_frames=1), "1 unreadable frame", "read at the venue instead"),
        (Counters(early_quotes=2), "2 early quotes", "had to be dropped"),
        (Counters(untimed_quotes=1), "1 quote without a time", "nothing is priced from it"),
        (Counters(bad_frames=1200), "1,200 unreadable frames", "read at the venue instead"),
        (Counters(listener_errors=2), "2 display faults", "Orders go on"),
    ],
)
def test_a_skipped_frame_and_a_fault_of_the_display_are_warned_of_and_explained(
    line: StatusLine, counters: Counters, words: str, meaning: str
) -> None:
    line.show_counters(counters)
    assert line.troubles.isVisible()
    assert f"{words}<" in line.troubles.text()
    assert DARK.warn in line.troubles.text()
    assert meaning in line.troubles.toolTip()
    assert meaning in line.troubles.accessibleDescription()


def test_both_stand_side_by_side_and_go_with_the_engine_they_were_counted_by(
    line: StatusLine,
) -> None:
    line.show_counters(Counters(bad_frames=1, listener_errors=1))
    assert "unreadable frame \N{MIDDLE DOT} " in line.troubles.text()
    assert len(line.troubles.toolTip().split("\n")) == 2
    line.show_counters(Counters())
    assert not line.troubles.isVisible()


def test_a_warning_takes_the_place_of_what_matters_less(line: StatusLine, qtbot: QtBot) -> None:
    line.remark.setText("simulated results are never mixed with live ones")
    line.show_counters(Counters())
    parts = (line.latency, line.rate, line.orders, line.journal, line.busy, line.remark)
    needed = sum(part.sizeHint().width() + 26 for part in parts)
    line.resize(needed + 10, 26)
    qtbot.waitUntil(line.remark.isVisible)
    line.show_counters(Counters(bad_frames=12))
    qtbot.waitUntil(lambda: not line.remark.isVisible())
    assert line.troubles.isVisible()
    assert line.troubles.width() >= line.troubles.sizeHint().width()
