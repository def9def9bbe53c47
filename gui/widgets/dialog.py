"""What all dialogs have in common: they stand beside the window and shut nothing out.

A modal dialog would keep the keys that work everywhere, Cancel all and Kill, from the window
behind it. So none is modal, file dialogs included, and none is ever run by itself.
"""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from gui.widgets.panel import label

WORDS_WIDTH = 430


class Dialog(QDialog):
    """One dialog with its name, its title and a column for what stands in it."""

    def __init__(self, parent: QWidget, name: str, title: str) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setWindowModality(Qt.WindowModality.NonModal)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(20, 18, 20, 16)
        self.column.setSpacing(12)

    def event(self, event: QEvent) -> bool:
        """Words that take more lines than before get the room, which Qt gives to none."""
        done = super().event(event)
        if event.type() is QEvent.Type.LayoutRequest and self.column.hasHeightForWidth():
            needed = self.column.totalHeightForWidth(self.width())
            if needed > self.height():
                self.resize(self.width(), needed)
        return done

    def bring_up(self) -> None:
        """Show it, before all others."""
        self.show()
        self.raise_()


def buttons_row(*buttons: QWidget) -> QHBoxLayout:
    """Buttons at the right, where the eye ends."""
    row = QHBoxLayout()
    row.setSpacing(8)
    row.addStretch(1)
    for each in buttons:
        row.addWidget(each)
    return row


def wrapped_label(name: str, *, role: str = "", width: int = WORDS_WIDTH) -> QLabel:
    """Words that may take several lines."""
    words = label(name, role=role)
    words.setWordWrap(True)
    words.setMinimumWidth(width)
    return words


def ask_where(
    parent: QWidget, name: str, title: str, start: Path, kinds: str, chosen: Callable[[Path], None]
) -> None:
    """Ask for a file to be written; `start` is offered, and its ending is the usual one.

    `kinds` are Qt's filters. The dialog goes by itself.
    """
    dialog = QFileDialog(parent, title, str(start.parent), kinds)
    dialog.setObjectName(name)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(start.suffix.removeprefix("."))
    dialog.selectFile(start.name)
    dialog.setWindowModality(Qt.WindowModality.NonModal)
    dialog.fileSelected.connect(lambda path: chosen(Path(path)))
    dialog.finished.connect(dialog.deleteLater)
    dialog.show()
