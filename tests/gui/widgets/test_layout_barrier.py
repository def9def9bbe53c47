"""A part whose words change lays out nothing around it, and is still given the room it needs."""

from PySide6.QtCore import QEvent, QObject, QSize
from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from gui.widgets.layout_barrier import LayoutBarrier


class Requests(QObject):
    """Counts how often a widget is asked to lay its parts out anew."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Count, and let it pass."""
        self.count += event.type() is QEvent.Type.LayoutRequest
        return super().eventFilter(watched, event)


def framed(qtbot: QtBot, *, still: bool) -> tuple[QLabel, QWidget, QWidget, Requests]:
    """Words in a part, in a frame or without one, in a window that counts."""
    words, part, window, requests = QLabel("85 %"), QWidget(), QWidget(), Requests()
    QVBoxLayout(part).addWidget(words)
    QVBoxLayout(window).addWidget(LayoutBarrier(part) if still else part)
    qtbot.addWidget(window)
    window.show()
    QApplication.processEvents()
    window.installEventFilter(requests)
    return words, part, window, requests


def settle() -> None:
    for _ in range(4):
        QApplication.processEvents()


def test_words_that_change_reach_the_window_only_without_the_frame(qtbot: QtBot) -> None:
    for still in (True, False):
        words, part, _, requests = framed(qtbot, still=still)
        part.setMinimumWidth(80)  # as every part of the window has one
        settle()
        requests.count = 0
        for number in range(5):
            words.setText(f"{number} %")
            settle()
        assert (requests.count == 0) is still
        assert words.geometry().right() < part.width()


def test_a_part_that_needs_more_room_is_given_it(qtbot: QtBot) -> None:
    words, part, window, requests = framed(qtbot, still=True)
    words.setMinimumSize(300, 200)
    settle()
    assert requests.count
    assert part.size().width() >= 300
    assert part.size().height() >= 200
    part.setMinimumWidth(500)
    settle()
    assert window.width() >= 500


def test_what_changed_while_it_was_hidden_counts_when_it_is_shown(qtbot: QtBot) -> None:
    words, part, window, _ = framed(qtbot, still=True)
    frame = part.parentWidget()
    assert frame is not None
    frame.hide()
    words.setMinimumSize(300, 200)
    settle()
    frame.show()
    settle()
    assert window.size().expandedTo(QSize(300, 200)) == window.size()
    assert part.size() == frame.size()
