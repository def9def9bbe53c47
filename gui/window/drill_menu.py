"""The menu of fault drills, offered on the embedded exchange only, where nothing real can break."""

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

_TITLE = "Drills"
_SPOKEN = "Fault drills: watch what Touchline does when the embedded exchange misbehaves"


class DrillMenu(QPushButton):
    """A quiet button with a menu. `asked` carries a drill's name, empty to end all.

    Not to be seen until `offer` gives it something to offer.
    """

    asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_TITLE, parent)
        self.setObjectName("drills")
        self.setAccessibleName(_SPOKEN)
        self.setToolTip(_SPOKEN)
        self.setProperty("role", "tab")
        self.setAutoDefault(False)
        self.hide()

    def offer(self, drills: Mapping[str, str]) -> None:
        """Offer these, each with the sentence that says what it does."""
        menu = QMenu(self)
        menu.setObjectName("drills-menu")
        menu.setToolTipsVisible(True)
        for name, sentence in drills.items():
            entry = menu.addAction(f"{name}\t{sentence}")
            entry.setToolTip(sentence)
            entry.triggered.connect(lambda _=False, name=name: self.asked.emit(name))
        menu.addSeparator()
        menu.addAction("End all drills").triggered.connect(lambda _=False: self.asked.emit(""))
        self.setMenu(menu)
        self.setVisible(bool(drills))

    def show_begun(self, names: tuple[str, ...]) -> None:
        """Say which drills are in force."""
        self.setText(f"{_TITLE}: {', '.join(names)}" if names else _TITLE)
