"""The blotter's rows: what stands in them, and that their buttons take no stray click."""

from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QModelIndex, QObject, QPoint, Qt
from PySide6.QtGui import QAction, QContextMenuEvent
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from core.market.prices import Side
from core.market.time import NS
from core.wording.next_step import OrderAction
from gui.actions.action_table import ORDER_ACTIONS
from gui.app.app import build
from gui.blotter.blotter import LINGER_NS, Blotter, Tab
from gui.blotter.order_filter import STATE_GROUP, StateGroup
from gui.blotter.order_lines import FILLED, NEXT, ORDER, STATE, TIME, LineKind
from gui.blotter.order_model import OrderModel
from gui.blotter.row_painter import filled_bar
from gui.state.preference_store import PreferenceStore
from gui.style.palette import DARK
from gui.tables.background_ranking import AT_ONCE
from gui.tables.columns import short_date_and_time
from gui.tables.csv_export import Sheet
from gui.tables.row_filter import SIDE, SYMBOL, TODAY, RowFilter
from gui.tables.sorted_model import SPOKEN
from tests.gui.conftest import end
from tests.support.scripted_orders import START_NS, ScriptedOrder


class Now:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.ns = START_NS

    def __call__(self) -> int:
        return self.ns


def checked(model: OrderModel) -> OrderModel:
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.QtTest, model)
    return model


@pytest.fixture
def model(qtbot: QtBot) -> OrderModel:
    return checked(OrderModel(actions=True, by=TIME, descending=False))


@pytest.fixture
def every(qtbot: QtBot) -> OrderModel:
    """As the tab of all orders has it: newest first, closed."""
    return checked(OrderModel(actions=False, by=TIME, descending=True))


@pytest.fixture
def blotter(qtbot: QtBot) -> Blotter:
    blotter = Blotter(DARK, Now())
    qtbot.addWidget(blotter)
    blotter.resize(900, 400)
    blotter.show()
    return blotter


def kinds(model: OrderModel) -> list[LineKind]:
    lines = [model.line(row) for row in range(model.rowCount())]
    return [line.kind for line in lines if line is not None]


def names(model: OrderModel) -> list[str]:
    return [model.index(row, ORDER).data() for row in range(model.rowCount())]


def done(name: str, qty: int = 1000, side: Side = Side.SELL, at: int = START_NS) -> ScriptedOrder:
    return ScriptedOrder(name, side, qty, at=at).working().filled(qty, qty)


def test_an_order_has_its_buttons_its_child_and_what_may_follow_beneath(
    model: OrderModel,
) -> None:
    model.put([ScriptedOrder().working().order])
    assert kinds(model) == [LineKind.PARENT, LineKind.ACTIONS, LineKind.CHILD, LineKind.PLANNED]
    assert model.index(0, ORDER).data() == "SELL 1,000 UVXY"
    assert model.index(2, STATE).data() == "live at the venue"
    assert model.index(3, STATE).data() == "only after proof"


def test_cancel_requested_does_not_look_like_cancelled(model: OrderModel) -> None:
    told = ScriptedOrder().working().cancel_asked()
    model.put([told.order])
    assert model.index(0, STATE).data() == "cancel asked, not proven"
    assert kinds(model) == [LineKind.PARENT, LineKind.CHILD]
    told.reported("canceled")
    model.put([told.order])
    assert model.index(0, STATE).data() == "cancelled"


def test_an_order_through_all_its_states_keeps_the_rows_sound(model: OrderModel) -> None:
    orders = [ScriptedOrder(f"o{number}", at=START_NS + number) for number in range(3)]
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
    second = model.index_of("o2")
    assert model.order_at(second) == orders[2].order
    assert model.order_at(model.index(second.row() - 1, 0)) == orders[0].order


def test_the_newest_stands_first_where_it_is_asked_for(every: OrderModel) -> None:
    for number in range(3):
        every.put([done(f"o{number}", number + 1, at=START_NS + number).order])
    assert names(every) == ["SELL 3 UVXY", "SELL 2 UVXY", "SELL 1 UVXY"]


def test_orders_of_earlier_days_go_to_the_end_and_say_their_date(every: OrderModel) -> None:
    every.today_ns = START_NS
    every.put([done("today", 7).order])
    yesterday = START_NS - 24 * 3600 * NS
    every.put(done(f"old{n}", n + 1, at=yesterday - n * NS).order for n in range(5))
    assert names(every) == [f"SELL {n} UVXY" for n in (7, 1, 2, 3, 4, 5)]
    assert every.index(0, TIME).data(SPOKEN) == "time 2027-01-15 03:00:00"
    assert short_date_and_time(START_NS, every.today_ns) == "03:00:00"
    assert short_date_and_time(yesterday, every.today_ns) == "Jan 14 03:00:00"
    assert short_date_and_time(START_NS, START_NS + 400 * 24 * 3600 * NS) == "2027-01-15 03:00:00"


def test_every_column_sorts_by_value_and_a_change_moves_the_row(every: OrderModel) -> None:
    orders = {f"o{n}": ScriptedOrder(f"o{n}", qty=n, at=START_NS + n) for n in (900, 1000, 95)}
    every.put(told.order for told in orders.values())
    for column in range(every.columnCount()):
        for way in (Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder):
            every.sort(column, way)
            values = [every.columns[column].value(order) for order in every.shown_records()]
            assert values == sorted(values, reverse=way is Qt.SortOrder.DescendingOrder)
    every.sort(FILLED, Qt.SortOrder.AscendingOrder)
    every.put([orders["o900"].working().filled(200, 200).order])
    every.put([orders["o1000"].working().filled(90, 90).order])
    shown = [order.id for order in every.shown_records()]
    assert shown == ["o95", "o1000", "o900"]  # 0, 90, 200: not as texts


def sort_in_menu(blotter: Blotter, title: str) -> str:
    """Choose that column in the menu of columns; the way that is said of it then."""
    (entry,) = (each for each in sorting(blotter) if each.text().split("\t")[0] == title)
    entry.trigger()
    (now,) = (each for each in sorting(blotter) if each.isChecked())
    return now.text()


def sorting(blotter: Blotter) -> list[QAction]:
    """What "Sort by" offers as the menu opens."""
    menu = blotter.bar.columns.menu()
    menu.aboutToShow.emit()
    (sort,) = (each.menu() for each in menu.actions() if each.text() == "Sort by")
    assert isinstance(sort, QMenu)
    return sort.actions()


def test_the_menu_of_columns_sorts_as_the_header_does_and_turns_round_the_second_time(
    blotter: Blotter,
) -> None:
    blotter.show_orders([done(f"o{n}", n, at=START_NS + n).order for n in (900, 1000, 95)])
    blotter.show_tab(Tab.ALL)
    table = blotter.all_orders
    assert sort_in_menu(blotter, "filled") == "filled\tup"
    assert [order.qty for order in table.orders_model.shown_records()] == [95, 900, 1000]
    assert table.horizontalHeader().sortIndicatorSection() == FILLED
    assert sort_in_menu(blotter, "filled") == "filled\tdown"
    assert [order.qty for order in table.orders_model.shown_records()] == [1000, 900, 95]


def test_a_held_order_is_never_said_to_go_to_market(every: OrderModel) -> None:
    every.put([ScriptedOrder().working().held().order])
    said = every.index(0, NEXT).data(SPOKEN)
    assert said == "next paused: works until you say otherwise"


def test_equals_stay_in_the_order_of_time_whatever_they_are_sorted_by(every: OrderModel) -> None:
    for place, number in enumerate((4, 2, 5, 1, 3)):
        every.put([done(f"o{place}", at=START_NS + number).order])
    every.sort(ORDER, Qt.SortOrder.AscendingOrder)
    assert [order.started_ns - START_NS for order in every.shown_records()] == [1, 2, 3, 4, 5]
    every.sort(ORDER, Qt.SortOrder.DescendingOrder)
    assert [order.started_ns - START_NS for order in every.shown_records()] == [5, 4, 3, 2, 1]


def test_what_is_beneath_an_order_can_be_shown_and_hidden(every: OrderModel) -> None:
    every.put(done(f"o{n}", at=START_NS + n).order for n in range(3))
    every.open_order("o1", opened=True)
    assert kinds(every) == [LineKind.PARENT, LineKind.PARENT, LineKind.CHILD, LineKind.PARENT]
    assert every.index(2, ORDER).data(SPOKEN) == "beneath: limit \N{MINUS SIGN}1"
    every.sort(TIME, Qt.SortOrder.AscendingOrder)
    every.open_order("o0", opened=True)
    assert every.rows_of("o1") == (2, 3)
    every.open_order("o0", opened=False)
    every.open_order("o1", opened=False)
    assert every.rowCount() == 3


def test_an_order_that_moves_takes_along_what_is_beneath(every: OrderModel) -> None:
    orders = [ScriptedOrder(f"o{n}", at=START_NS + n).working() for n in range(4)]
    every.put(told.order for told in orders)
    every.sort(FILLED, Qt.SortOrder.AscendingOrder)
    for step, told in enumerate((*orders, *orders)):
        every.put([told.filled(100, 100 * (1 + step // 4)).order])
        rows = [every.line(row) for row in range(every.rowCount())]
        lines = [(line.order.id, line.kind) for line in rows if line is not None]
        assert len(lines) == len(set(lines)) == 3 * len(orders)
        for row, line in enumerate(rows):
            assert line is not None
            first, last = every.rows_of(line.order.id) or (-1, -1)
            assert first <= row <= last


@pytest.mark.parametrize(
    ("row_filter", "expected"),
    [
        (RowFilter(chosen={SIDE: Side.BUY}), ["b"]),
        (RowFilter(chosen={STATE_GROUP: StateGroup.OPEN}), ["w"]),
        (RowFilter(chosen={STATE_GROUP: StateGroup.FILLED, SIDE: Side.SELL}), ["old"]),
        (RowFilter(chosen={SYMBOL: "IBM"}), []),
        (RowFilter(chosen={TODAY: True}), ["b", "w"]),
        (RowFilter("uvxy BUY"), ["b"]),
        (RowFilter("working"), ["w"]),
        (RowFilter("tl-old"), ["old"]),
        (RowFilter(), ["b", "old", "w"]),
    ],
)
def test_orders_are_found_by_state_side_symbol_day_and_words(
    blotter: Blotter, row_filter: RowFilter, expected: list[str]
) -> None:
    table = blotter.all_orders
    table.new_day(START_NS)
    table.show_changes(
        [
            ScriptedOrder("w").working().order,
            done("b", side=Side.BUY).order,
            done("old", at=START_NS - NS).order,
        ]
    )
    table.show_filtered(row_filter)
    assert sorted(order.id for order in table.orders_model.shown_records()) == expected


def test_an_order_leaves_and_enters_a_filter_as_it_changes(every: OrderModel) -> None:
    open_only = ScriptedOrder("a").working()
    every.put([open_only.order, done("b").order])
    every.show_only(lambda order: not order.final)
    assert every.shown_count == 1
    every.put([open_only.filled(1000, 1000).order])
    assert every.shown_count == 0
    every.show_only(lambda order: order.final)
    every.put([ScriptedOrder("c").working().order])
    assert every.shown_count == 2


def test_changes_while_a_new_order_is_worked_out_are_not_lost(
    qtbot: QtBot,
) -> None:
    every = OrderModel(actions=False, by=TIME, descending=True)  # checking so many takes long
    ended = done("x").order
    count = 4 * AT_ONCE
    every.put(
        msgspec.structs.replace(ended, id=f"o{n}", started_ns=START_NS + n) for n in range(count)
    )
    with qtbot.waitSignal(every.ranked):
        every.sort(FILLED, Qt.SortOrder.AscendingOrder)
        assert every.ranking
        every._next_ranking._work()  # a first piece of it
        every.put([ScriptedOrder("late", qty=5, at=START_NS + count).working().order])
        every.put([msgspec.structs.replace(ended, id="o7", state=ended.state, reason="changed")])
        every.remove(["o3"])
    assert every.shown_count == count
    ids = [order.id for order in every.shown_records()]
    assert ids[0] == "late"  # nothing filled yet
    assert len(set(ids)) == count
    assert "o3" not in ids
    assert every.index_of("o7").isValid()


def test_ten_thousand_orders_are_taken_and_the_newest_stands_first() -> None:
    every = OrderModel(actions=False, by=TIME, descending=True)  # checking so many takes long
    ended = done("x").order
    every.put(
        msgspec.structs.replace(ended, id=f"o{n}", started_ns=START_NS + n) for n in range(10_000)
    )
    every.put([ScriptedOrder("late", qty=7, at=START_NS + 10_000).working().filled(7, 7).order])
    assert every.rowCount() == 10_001
    assert every.index(0, 0).data() == "SELL 7 UVXY"
    assert every.index_of("o0").row() == 10_000


def test_the_buttons_of_a_row_ask_for_their_order(blotter: Blotter, qtbot: QtBot) -> None:
    blotter.show_orders([ScriptedOrder().working().order])
    qtbot.waitUntil(lambda: blotter._guard.open)
    asked: list[tuple[OrderAction, str]] = []
    blotter.asked.connect(lambda action, order_id: asked.append((action, order_id)))
    actions = [action for action in ORDER_ACTIONS if action is not OrderAction.ENDED]
    for action in actions:
        chip = blotter.findChild(QPushButton, f"row-{action.value}")
        assert isinstance(chip, QPushButton)
        QTest.mouseClick(chip, Qt.MouseButton.LeftButton)
    assert asked == [(action, "a1") for action in actions]


def test_a_click_just_after_the_rows_moved_does_nothing_and_says_so(blotter: Blotter) -> None:
    blotter.show_orders([ScriptedOrder().working().order])
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
    told = ScriptedOrder().working()
    blotter.show_orders([told.order])
    told.wait(1).filled(1000, 1000)
    blotter.show_orders([told.order])
    model = blotter.working.orders_model
    blotter.slow_tick(told.at + LINGER_NS - NS)
    assert kinds(model) == [LineKind.PARENT, LineKind.CHILD]
    blotter.slow_tick(told.at + LINGER_NS + NS)
    assert model.rowCount() == 0
    assert blotter.all_orders.orders_model.shown_count == 1


def test_an_order_that_came_and_ended_between_two_pictures_is_not_left_working(
    blotter: Blotter,
) -> None:
    told = ScriptedOrder("fast").working()
    began = told.order
    blotter.show_orders((began, told.filled(1000, 1000).order))
    shown = blotter.working.orders_model.order("fast")
    assert shown is not None
    assert shown.final


def test_an_execution_that_comes_twice_is_one_fill(blotter: Blotter) -> None:
    told = ScriptedOrder().working().filled(400, 400)
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
    blotter.show_orders([ScriptedOrder().working().order])
    with qtbot.waitSignal(blotter.painted):
        blotter.tick()


def test_a_countdown_repaints_its_own_cells_only(blotter: Blotter, qtbot: QtBot) -> None:
    blotter.show_orders([ScriptedOrder().working().order, done("b").order])
    table = blotter.working
    qtbot.waitUntil(lambda: table.viewport().visibleRegion().isEmpty() is False)
    QApplication.processEvents()
    areas: list[tuple[int, int]] = []
    before = table.paintEvent

    def painted(event: object) -> None:
        box = event.rect()  # type: ignore[attr-defined]
        areas.append((box.width(), box.height()))
        before(event)  # type: ignore[arg-type]

    table.paintEvent = painted  # type: ignore[method-assign]
    with qtbot.waitSignal(table.painted):
        table.tick()
    assert areas == [(table.columnWidth(5), table.rowHeight(0))]


def test_buttons_stand_only_where_orders_are_in_sight(blotter: Blotter, qtbot: QtBot) -> None:
    blotter.show_orders(ScriptedOrder(f"o{n}", at=START_NS + n).working().order for n in range(60))
    QApplication.processEvents()
    in_sight = blotter.working.viewport().height() // blotter.working.rowHeight(0)
    chips = blotter.working.findChildren(QPushButton, "row-cancel")
    visible = [chip for chip in chips if chip.isVisible()]
    assert 0 < len(visible) <= in_sight
    blotter.working.choose("o0")
    asked: list[str] = []
    blotter.working.asked.connect(lambda _action, order_id: asked.append(order_id))
    QApplication.processEvents()
    line = blotter.working.orders_model.rows_of("o0")
    assert line is not None
    middle = blotter.working.rowViewportPosition(line[0] + 1) + 5
    row = blotter.working.viewport().childAt(5, middle)
    chip = row.findChild(QPushButton, "row-cancel") if row is not None else None
    assert isinstance(chip, QPushButton)
    QTest.mouseClick(chip, Qt.MouseButton.LeftButton)
    assert asked == ["o0"]


def test_enter_opens_the_detail_and_the_menu_key_the_menu(blotter: Blotter, qtbot: QtBot) -> None:
    blotter.show_orders([ScriptedOrder().working().order])
    opened: list[str] = []
    blotter.detail_asked.connect(opened.append)
    QTest.keyClick(blotter.working, Qt.Key.Key_Return)
    assert opened == ["a1"]
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(5, 5), QPoint(5, 5))
    QApplication.sendEvent(blotter.working.viewport(), event)
    menu = blotter.working.findChild(QMenu, "order-menu")
    assert isinstance(menu, QMenu)
    titles = [entry.text().partition("\t")[0] for entry in menu.actions() if entry.text()]
    assert titles == [
        *(info.title for info in ORDER_ACTIONS.values()),
        *("Show detail", "Copy", "Copy its id"),
    ]
    menu.close()


def test_the_arrow_keys_open_and_close_an_order_of_the_list(blotter: Blotter) -> None:
    blotter.show_orders([done("b").order])
    blotter.show_tab(Tab.ALL)
    table = blotter.all_orders
    table.choose("b")
    QTest.keyClick(table, Qt.Key.Key_Right)
    assert table.orders_model.rowCount() == 2
    QTest.keyClick(table, Qt.Key.Key_Left)
    assert table.orders_model.rowCount() == 1


def test_the_search_narrows_the_table_in_front_as_one_types(blotter: Blotter) -> None:
    blotter.show_orders([done("b", side=Side.BUY).order, done("s").order])
    blotter.show_tab(Tab.ALL)
    field = blotter.findChild(QLineEdit, "blotter-search")
    assert isinstance(field, QLineEdit)
    QTest.keyClicks(field, "buy")
    assert [order.id for order in blotter.all_orders.orders_model.shown_records()] == ["b"]
    blotter.show_tab(Tab.FILLS)
    assert field.text() == ""
    assert blotter.fills.fills.shown_count == 2
    blotter.show_tab(Tab.ALL)
    assert field.text() == "buy"


def test_the_filter_opened_many_times_keeps_one_menu(blotter: Blotter) -> None:
    told = [ScriptedOrder(f"a{n}", symbol=f"S{n}").working() for n in range(12)]
    blotter.show_orders([each.order for each in told])
    menu = blotter.bar.filter.menu()
    kept = []
    for _ in range(3):
        menu.aboutToShow.emit()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        kept.append(len(menu.findChildren(QObject)))
    assert kept[0] > 12
    assert len(set(kept)) == 1


def test_chosen_columns_are_shown_in_their_order_and_told(blotter: Blotter) -> None:
    told: list[tuple[str, tuple[str, ...]]] = []
    blotter.columns_changed.connect(lambda name, keys: told.append((name, keys)))
    table = blotter.all_orders
    table.show_columns(["symbol", "id", "nonsense", "order"])
    assert [table.model_shown.columns[c].key for c in table.columns_shown] == [
        "symbol",
        "id",
        "order",
    ]
    table.choose_column(FILLED, shown=True)
    table.horizontalHeader().moveSection(3, 0)
    table.choose_column(FILLED, shown=False)
    assert told == [
        ("orders", ("symbol", "id", "order", "filled")),
        ("orders", ("filled", "symbol", "id", "order")),
        ("orders", ("symbol", "id", "order")),
    ]


def test_chosen_rows_are_copied_with_their_titles(blotter: Blotter) -> None:
    blotter.show_orders([done("b", at=START_NS + 1).order, done("s").order])
    blotter.show_tab(Tab.ALL)
    sheets: list[Sheet] = []
    blotter.copy_asked.connect(sheets.append)
    table = blotter.all_orders
    table.show_columns(["id", "filled"])
    table.selectAll()
    QTest.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert [list(sheet.lines()) for sheet in sheets] == [
        [["id", "filled"], ["b", "1000"], ["s", "1000"]]
    ]


def test_the_row_in_focus_stays_so_under_a_new_order_or_filter(blotter: Blotter) -> None:
    blotter.show_tab(Tab.ALL)
    table = blotter.all_orders
    table.show_changes(done(f"o{n}", n + 1, at=START_NS + n).order for n in range(40))
    table.choose("o30")
    table.model_shown.sort(FILLED, Qt.SortOrder.AscendingOrder)
    focus = table.current_order()
    assert focus is not None
    assert focus.id == "o30"
    assert table.selectionModel().isRowSelected(30, QModelIndex())
    table.show_filtered(RowFilter("o30"))
    assert table.currentIndex().row() == 0
    table.show_filtered(RowFilter("nothing like it"))
    assert table.current_order() is None


def test_chosen_columns_are_kept_for_the_next_start(
    dressed: QApplication, tmp_path: Path, qtbot: QtBot
) -> None:
    path = tmp_path / "window.json"
    desk = build(DARK, PreferenceStore(path))
    desk.window.blotter.fills.choose_column(0, shown=False)
    desk.window.blotter.working.choose_column(TIME, shown=True)
    fills, working = desk.window.blotter.fills.columns_shown, desk.window.blotter.working
    shown = working.columns_shown
    end(desk)
    again = build(DARK, PreferenceStore(path))
    assert again.window.blotter.fills.columns_shown == fills
    assert again.window.blotter.working.columns_shown == shown
    assert TIME in shown
    again.window.blotter.working.use_usual_columns()
    assert TIME not in again.window.blotter.working.columns_shown
    assert "working" not in PreferenceStore(path).values.columns
    end(again)


@pytest.mark.parametrize("number", [8.0, 36.0, 62.0, 90.0])
def test_the_bar_of_what_is_filled_never_cuts_the_number_beside_it(number: float) -> None:
    for room in (60.0, 76.0, 120.0, 200.0):
        bar = filled_bar(room, number)
        assert bar == 0 or bar + number < room
    assert filled_bar(200, number) == filled_bar(240, number), "it grows no wider than it needs"
