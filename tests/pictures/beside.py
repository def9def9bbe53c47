"""Beside the program: tells where its parts stand on the screen and what they say.

Nothing is pressed or changed from here; the mouse and the keys do that.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from decimal import Decimal
from multiprocessing.connection import Client, Connection
from typing import Any

from PySide6.QtCore import QObject, QPoint, QRect, Qt, Signal
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QMenu, QTableView, QWidget

Box = tuple[int, int, int, int]  # left, top, width, height in pixels of the screen
Question = tuple[str, ...]


class Beside(QObject):
    """Answers on Qt's thread what is asked from another one."""

    asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.asked.connect(self._answer, Qt.ConnectionType.QueuedConnection)

    def listen(self, maker: Connection) -> None:
        """Answer until the maker hangs up; runs on a thread of its own."""
        while True:
            try:
                question: Question = maker.recv()
            except EOFError:
                return
            answer: Future[Any] = Future()
            self.asked.emit((question, answer))
            maker.send(answer.result())

    def _answer(self, asked: tuple[Question, Future[Any]]) -> None:
        (what, *names), answer = asked
        answers: dict[str, Callable[..., Any]] = {
            "box": _box_of,
            "entry": _entry,
            "cell": _cell,
            "rows": _rows,
            "words": _words,
            "price": _price,
        }
        answer.set_result(answers[what](*names))


def _shown(name: str) -> QWidget | None:
    found = (w for w in QApplication.allWidgets() if w.objectName() == name and w.isVisible())
    return next(found, None)


def _on_screen(widget: QWidget, part: QRect) -> Box:
    """A part of a widget in pixels of the screen."""
    ratio = widget.devicePixelRatioF()
    corner = widget.mapToGlobal(QPoint(part.x(), part.y()))
    sides = (corner.x(), corner.y(), part.width(), part.height())
    left, top, width, height = (round(side * ratio) for side in sides)
    return left, top, width, height


def _box_of(name: str) -> Box | None:
    widget = _shown(name)
    return None if widget is None else _on_screen(widget, widget.rect())


def _entry(words: str) -> Box | None:
    """The entry of an open menu that begins with these words."""
    for menu in QApplication.allWidgets():
        if isinstance(menu, QMenu) and menu.isVisible():
            for entry in menu.actions():
                if entry.text().replace("&", "").startswith(words):
                    return _on_screen(menu, menu.actionGeometry(entry))
    return None


def _table(name: str) -> QTableView | None:
    table = _shown(name)
    return table if isinstance(table, QTableView) else None


def _cell(name: str, row: str, column: str) -> Box | None:
    table = _table(name)
    if table is None:
        return None
    index = table.model().index(int(row), int(column))
    return _on_screen(table.viewport(), table.visualRect(index))


def _rows(name: str) -> list[str]:
    """What each row says to who hears it, its cells apart by a bar."""
    table = _table(name)
    if table is None:
        return []
    model = table.model()
    columns, heard = range(model.columnCount()), Qt.ItemDataRole.AccessibleTextRole
    return [
        " | ".join(str(model.index(row, column).data(heard) or "") for column in columns)
        for row in range(model.rowCount())
    ]


def _words(name: str) -> str:
    widget = _shown(name)
    return widget.text() if isinstance(widget, QLabel | QAbstractButton) else ""


def _price(price: str) -> Box | None:
    """Where a price lies on the chart, a little left of now."""
    from gui.chart.canvas import ChartCanvas  # numpy comes after the first paint
    from gui.chart.model.series import to_units

    canvas = _shown("chartCanvas")
    if not isinstance(canvas, ChartCanvas):
        return None
    frame = canvas.frame()
    y = frame.plot.top + frame.scale.at(to_units(Decimal(price))) / frame.ratio
    x = frame.plot.left + frame.view.x(canvas.model.now_ns) / frame.ratio
    return _on_screen(canvas, QRect(round(x), round(y), 1, 1))


def stand_beside(address: str) -> None:
    """Answer the maker who listens at `address`, on a thread of its own; once Qt is loaded."""
    maker = Client(address)
    listening = threading.Thread(target=Beside().listen, args=(maker,), daemon=True)
    listening.start()
