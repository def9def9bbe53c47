"""Rows leave the window: onto the clipboard, and into a file that a person names."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu, QPushButton

from core.engine.events import OrderChanged
from gui.blotter.blotter import Tab
from gui.controllers.desk import Desk
from gui.state.inbox import Frame
from tests.gui.conftest import Story
from tests.gui.waiting import until
from tests.support.scripted_orders import ScriptedOrder

Play = Callable[[Story], None]


def put(desk: Desk, *told: ScriptedOrder) -> None:
    for each in told:
        desk.order_display.on_frame(Frame(orders=(OrderChanged(each.order, None),)))


def ended(name: str) -> ScriptedOrder:
    return ScriptedOrder(name).working().filled(1000, 1000)


def test_the_copy_key_puts_the_chosen_order_on_the_clipboard(desk: Desk) -> None:
    put(desk, ended("a1"))
    desk.window.blotter.show_tab(Tab.ALL)
    table = desk.window.blotter.all_orders
    table.show_columns(["id", "filled", "avg"])
    table.choose("a1")
    QTest.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == "id\tfilled\tavg\na1\t1000\t15.24\n"
    assert desk.window.notice.words.text().endswith("Copied: 1 row of orders.")


def test_nothing_is_asked_when_there_is_nothing_to_save(desk: Desk) -> None:
    csv = desk.window.findChild(QPushButton, "blotter-csv")
    assert isinstance(csv, QPushButton)
    csv.click()
    assert desk.window.findChild(QFileDialog) is None


def test_the_rows_shown_are_saved_where_the_person_says(play: Play, tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"

    async def story(desk: Desk) -> None:
        put(desk, ended("a1"), ended("a2"))
        desk.window.blotter.show_tab(Tab.ALL)
        csv = desk.window.findChild(QPushButton, "blotter-csv")
        assert isinstance(csv, QPushButton)
        csv.click()
        dialog = desk.window.findChild(QFileDialog, "save-csv")
        assert isinstance(dialog, QFileDialog)
        assert dialog.isVisible()
        dialog.fileSelected.emit(str(path))
        dialog.close()
        await until(path.exists)

    play(story)
    lines = path.read_text("utf-8-sig").splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("time,side,quantity,symbol,filled")
    assert ",sell,1000,UVXY,1000,15.24,15.24," in lines[1]


def test_a_file_that_cannot_be_written_is_told(play: Play, tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        put(desk, ended("a1"))
        desk.tables.save(desk.window.blotter.all_orders.sheet(), tmp_path / "no" / "a.csv")
        await until(lambda: "could not be saved" in desk.window.notice.words.text())

    play(story)


def test_the_copied_id_of_an_order_is_said(desk: Desk) -> None:
    put(desk, ended("a1"))
    desk.window.blotter.show_tab(Tab.ALL)
    table = desk.window.blotter.all_orders
    table.choose("a1")
    table.menu_asked.emit(QPoint(5, 5))
    menu = table.findChild(QMenu, "order-menu")
    assert isinstance(menu, QMenu)
    next(entry for entry in menu.actions() if entry.text() == "Copy its id").trigger()
    menu.close()
    assert QApplication.clipboard().text() == "a1"
    assert desk.window.notice.words.text() == "Copied: the id a1."
