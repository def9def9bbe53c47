"""The blotter's rows: what stands in them, and that their buttons take no stray click."""

from decimal import Decimal

import msgspec
import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from core.clock import NS
from core.next_step import OrderAction
from gui.actions import ORDER_ACTIONS
from gui.blotter import LINGER_NS, Blotter
from gui.blotter_model import BlotterModel, LineKind
from gui.theme import DARK
from tests.core.told_orders import START_NS, Told


class Now:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.ns = START_NS

    def __call__(self) -> int:
        return self.ns


@pytest.fixture
def model(qtbot: QtBot) -> BlotterModel:
    model = BlotterModel(actions=True)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.QtTest, model)
    return model


@pytest.fixture
def blotter(qtbot: QtBot) -> Blotter:
    blotter = Blotter(DARK, Now())
    qtbot.addWidget(blotter)
    blotter.resize(900, 400)
    blotter.show()
    return blotter


def kinds(model: BlotterModel, row: int = 0) -> list[LineKind]:
    top = model.index(row, 0)
    lines = [model.line_at(top)]
    lines += [model.line_at(model.index(i, 0, top)) for i in range(model.rowCount(top))]
    return [line.kind for line in lines if line is not None]


def test_an_order_has_its_buttons_its_child_and_what_may_follow_beneath(
    model: BlotterModel,
) -> None:
    model.put([Told().working().order])
    assert kinds(model) == [LineKind.PARENT, LineKind.ACTIONS, LineKind.CHILD, LineKind.PLANNED]
    assert model.index(0, 0).data() == "SELL 1,000 UVXY"
    child = model.index(1, 4, model.index(0, 0))
    assert child.data() == "live at the venue"


def test_cancel_requested_does_not_look_like_cancelled(model: BlotterModel) -> None:
    told = Told().working().cancel_asked()
    model.put([told.order])
    assert model.index(0, 4).data() == "cancel asked, not proven"
    assert kinds(model) == [LineKind.PARENT, LineKind.CHILD]
    told.reported("canceled")
    model.put([told.order])
    assert model.index(0, 4).data() == "cancelled"


def test_an_order_through_all_its_states_keeps_the_tree_sound(model: BlotterModel) -> None:
    orders = [Told(f"o{number}", at=START_NS + number) for number in range(3)]
    for told in orders:
        model.put([told.order])
    for told in orders:
        model.put([told.working().order])
        model.put([told.filled(400, 400).order])
    model.put([orders[0].wait(10).timed_out().order])
    model.put([orders[0].reported("canceled", 400).order])
    model.put([orders[1].filled(600, 1000).order])
    model.remove(["o1", "nobody"])
    assert [order.id for order in model.orders()] == ["o0", "o2"]
    assert model.index_of("o2").row() == 1
    assert model.parent(model.index(0, 0, model.index(1, 0))) == model.index(1, 0)


def test_the_newest_stands_first_where_it_is_asked_for(qtbot: QtBot) -> None:
    model = BlotterModel(actions=False, newest_first=True)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.QtTest, model)
    for number in range(3):
        model.put([Told(f"o{number}", qty=number + 1).order])
    names = [model.index(row, 0).data() for row in range(3)]
    assert names == ["SELL 3 UVXY", "SELL 2 UVXY", "SELL 1 UVXY"]


def test_ten_thousand_orders_are_taken_and_the_newest_stands_first() -> None:
    ended = Told().working().filled(1000, 1000).order
    model = BlotterModel(actions=False, newest_first=True)
    model.put(msgspec.structs.replace(ended, id=f"o{number}") for number in range(10_000))
    model.put([Told("late", qty=7).order])
    assert model.rowCount() == 10_001
    assert model.index(0, 0).data() == "SELL 7 UVXY"
    assert model.index_of("o0").row() == 10_000


def test_the_buttons_of_a_row_ask_for_their_order(blotter: Blotter, qtbot: QtBot) -> None:
    blotter.show_orders([Told().working().order])
    qtbot.waitUntil(lambda: blotter._guard.open)
    asked: list[tuple[OrderAction, str]] = []
    blotter.asked.connect(lambda action, order_id: asked.append((action, order_id)))
    for action in ORDER_ACTIONS:
        chip = blotter.findChild(QPushButton, f"row-{action.value}")
        assert isinstance(chip, QPushButton)
        QTest.mouseClick(chip, Qt.MouseButton.LeftButton)
    assert asked == [(action, "a1") for action in ORDER_ACTIONS]


def test_a_click_just_after_the_rows_moved_does_nothing_and_says_so(blotter: Blotter) -> None:
    blotter.show_orders([Told().working().order])
    asked: list[str] = []
    refused: list[str] = []
    blotter.asked.connect(lambda _action, order_id: asked.append(order_id))
    blotter.refused.connect(refused.append)
    chip = blotter.findChild(QPushButton, "row-cancel")
    assert isinstance(chip, QPushButton)
    QTest.mouseClick(chip, Qt.MouseButton.LeftButton)
    assert not asked
    assert refused == ["The rows moved just before the click: nothing was done."]


def test_an_ended_order_stays_in_sight_for_a_while_and_then_leaves(blotter: Blotter) -> None:
    told = Told().working()
    blotter.show_orders([told.order])
    told.wait(1).filled(1000, 1000)
    blotter.show_orders([told.order])
    model = blotter.working.orders_model
    blotter.slow_tick(told.at + LINGER_NS - NS)
    assert model.rowCount() == 1
    blotter.slow_tick(told.at + LINGER_NS + NS)
    assert model.rowCount() == 0
    assert blotter.all_orders.orders_model.rowCount() == 1


def test_an_execution_that_comes_twice_is_one_fill(blotter: Blotter) -> None:
    told = Told().working().filled(400, 400)
    blotter.show_orders([told.order])
    blotter.show_orders([told.order])
    assert blotter.fills.fills.rowCount() == 1
    told.filled(600, 1000)
    blotter.show_orders([told.order])
    fills = blotter.fills.fills
    shares = [fills.index(row, 2).data() for row in range(fills.rowCount())]
    assert shares == ["600", "400"]
    assert Decimal("15.24") == Decimal(str(fills.index(0, 4).data()))


def test_the_countdown_moves_by_the_runs_clock(blotter: Blotter, qtbot: QtBot) -> None:
    blotter.show_orders([Told().working().order])
    with qtbot.waitSignal(blotter.painted):
        blotter.tick()
    assert blotter.working.orders_model.parent(QModelIndex()) == QModelIndex()
