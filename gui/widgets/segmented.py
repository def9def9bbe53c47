"""Rows of small buttons of which one is chosen."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QWidget

from gui.widgets.panel import button


class Segmented(QWidget):
    """One of several words. `chosen` carries its index when a person picks it."""

    chosen = Signal(int)

    def __init__(
        self, name: str, options: Sequence[tuple[str, str]], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        self._group = QButtonGroup(self)
        for index, (text, spoken) in enumerate(options):
            chip = button(f"{name}-{index}", text, spoken, role="chip", check=True)
            self._group.addButton(chip, index)
            row.addWidget(chip)
        self._group.idClicked.connect(self.chosen)

    @property
    def index(self) -> int:
        """The chosen one; -1 when none is."""
        return self._group.checkedId()

    def choose(self, index: int) -> None:
        """Choose one without telling; -1 for none."""
        if index < 0:
            checked = self._group.checkedButton()
            self._group.setExclusive(False)
            if checked is not None:
                checked.setChecked(False)
            self._group.setExclusive(True)
        else:
            self._group.button(index).setChecked(True)
