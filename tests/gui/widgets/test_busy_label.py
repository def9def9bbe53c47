"""What the window says while it waits, and how far it is when it closes."""

import asyncio

import pytest
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton
from pytestqt.qtbot import QtBot

from gui.controllers.desk import Desk
from gui.dialogs.closing import ClosingDialog, question, waiting_words
from gui.widgets.busy_label import BusyLabel
from tests.gui.chart.samples import limit_child, order


def test_a_wait_is_told_when_it_takes_long_and_goes_when_it_ends(qtbot: QtBot) -> None:
    label = BusyLabel()
    qtbot.addWidget(label)
    with label.during("looking up IBM"):
        assert label.text() == ""
        qtbot.waitUntil(lambda: label.text().startswith("looking up IBM … 0."))
    assert label.text() == ""


def test_a_wait_that_fails_is_not_told_for_ever(qtbot: QtBot) -> None:
    label = BusyLabel()
    qtbot.addWidget(label)
    with pytest.raises(asyncio.CancelledError), label.during("reading"):
        raise asyncio.CancelledError
    assert label.text() == ""


def test_closing_counts_the_orders_whose_end_is_proven(desk: Desk) -> None:
    orders = (
        order(limit_child(), name="a"),
        order(limit_child(), name="b"),
        order(limit_child(), name="c"),
    )
    dialog = desk.closing
    dialog.ask(orders)
    progress = dialog.findChild(QProgressBar, "closing-progress")
    leave = dialog.findChild(QPushButton, "closing-leave")
    cancel = dialog.findChild(QPushButton, "closing-cancel")
    assert progress is not None
    assert leave is not None
    assert cancel is not None
    assert not progress.isVisible()
    assert leave.text() == "Leave them working"
    cancel.click()
    dialog.show_working(orders[1:])
    assert (progress.value(), progress.maximum()) == (1, 3)
    assert leave.text() == "Close now"


def test_words_that_grow_in_a_dialog_are_never_cut_off(desk: Desk, qtbot: QtBot) -> None:
    working = (order(limit_child(), name="a"),)
    dialog = desk.closing
    dialog.ask(working)
    words = dialog.findChild(QLabel, "closing-words")
    cancel = dialog.findChild(QPushButton, "closing-cancel")
    assert words is not None
    assert cancel is not None
    before = dialog.height()
    cancel.click()
    dialog.show_working(working)
    qtbot.waitUntil(lambda: words.height() >= words.heightForWidth(words.width()))
    assert dialog.height() > before


def test_a_person_who_closes_is_told_which_orders_may_still_fill() -> None:
    orders = tuple(order(limit_child(), name=str(number)) for number in range(7))
    assert "and 2 more" in question(orders)
    words = waiting_words(orders[:2], 7)
    assert words.startswith("Cancel asked: the end of 5 of 7 is proven.")
    assert "may still fill" in words


def test_a_question_that_is_asked_again_begins_anew(desk: Desk) -> None:
    dialog: ClosingDialog = desk.closing
    dialog.ask((order(limit_child(), name="a"),))
    cancel = dialog.findChild(QPushButton, "closing-cancel")
    assert cancel is not None
    cancel.click()
    dialog.reject()
    dialog.ask((order(limit_child(), name="a"),))
    assert cancel.isEnabled()
    assert not dialog.waiting
