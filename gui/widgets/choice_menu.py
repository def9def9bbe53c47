"""A quiet button that says what is chosen and opens a menu of what could be."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from gui.style.text_scale import px

_DOWN = "\N{BLACK DOWN-POINTING SMALL TRIANGLE}"


class ChoiceMenu(QPushButton):
    """One of several words. `chosen` carries its index when a person picks it.

    A long word is cut to `width` pixels and read in full in the tooltip.
    """

    chosen = Signal(int)

    def __init__(
        self, name: str, spoken: str, parent: QWidget | None = None, *, width: int = 0
    ) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setProperty("role", "tab")
        self.setAutoDefault(False)
        self._spoken = spoken
        self._width = width
        self._group: QActionGroup | None = None
        self.menu_shown = QMenu(self)
        self.menu_shown.setObjectName(f"{name}-menu")
        self.menu_shown.setToolTipsVisible(True)
        self.clicked.connect(self.open)

    def offer(self, options: Sequence[tuple[str, str]], index: int) -> None:
        """Offer these words, each with what it means; `index` is chosen, -1 for none."""
        self.menu_shown.clear()
        group = QActionGroup(self.menu_shown)
        for number, (words, meaning) in enumerate(options):
            entry = QAction(words.replace("&", "&&"), group)
            entry.setObjectName(f"{self.objectName()}-{number}")
            entry.setCheckable(True)
            entry.setChecked(number == index)
            entry.setToolTip(meaning)
            entry.triggered.connect(lambda _=False, number=number: self.chosen.emit(number))
            self.menu_shown.addAction(entry)
        if self._group is not None:
            self._group.deleteLater()
        self._group = group

    def say(self, words: str) -> None:
        """What stands on the button."""
        shown = words
        if self._width:
            metrics = self.fontMetrics()
            shown = metrics.elidedText(words, Qt.TextElideMode.ElideMiddle, px(self._width))
        text = f"{shown} {_DOWN}".replace("&", "&&")
        if text != self.text():
            self.setText(text)
            self.setAccessibleName(f"{self._spoken}: {words}")
            self.setToolTip(f"{self._spoken}: {words}")

    def open(self) -> None:
        """Show the menu beneath the button."""
        self.menu_shown.popup(self.mapToGlobal(QPoint(0, self.height() + 2)))
        entries = self.menu_shown.actions()
        first = next((entry for entry in entries if entry.isChecked()), entries[0])
        self.menu_shown.setActiveAction(first)
