"""What the ticket showed at the click beside what came of the order, line by line."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QVBoxLayout, QWidget

from core.analysis.preview_outcome import NOT_KEPT, compared
from core.orders.state import ParentOrder
from gui.style.text_scale import px
from gui.widgets.panel import label, set_explanation, set_text

_LEAST_NAME, _LEAST_CAME = 58, 78
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class PreviewOutcomeTable(QFrame):
    """The preview as it was at the click, beside the outcome."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("compared")
        self.setAccessibleName("Shown at the click, and what came of it")
        self.missing = label("compared-missing", NOT_KEPT, role="small")
        self.missing.setWordWrap(True)
        self.missing.setMinimumWidth(1)  # it wraps wherever the figures have room
        self._grid = QGridLayout()
        self._grid.setVerticalSpacing(3)
        self._grid.setHorizontalSpacing(6)
        self._grid.setColumnStretch(0, 1)
        for column, title in ((1, "shown"), (2, "came to")):
            head = label(f"compared-head-{column}", title, role="small")
            head.setAlignment(_RIGHT)
            self._grid.addWidget(head, 0, column)
        self._rows: list[tuple[QLabel, QLabel, QLabel]] = []
        column_of_all = QVBoxLayout(self)
        column_of_all.setContentsMargins(12, 6, 12, 8)
        column_of_all.setSpacing(4)
        column_of_all.addWidget(self.missing)
        column_of_all.addLayout(self._grid)

    def show_order(self, order: ParentOrder) -> None:
        """Compare what was shown of `order` with what came of it so far."""
        self.missing.setVisible(order.instruction.preview is None)
        lines = compared(order)
        while len(self._rows) < len(lines):
            self._add_row(len(self._rows) + 1)
        for row, line in zip(self._rows, lines, strict=True):
            for target, text in zip(row, (line.name, line.shown, line.came), strict=True):
                set_text(target, text)
                set_explanation(target, line.meaning)
            whole = row[2].fontMetrics().horizontalAdvance(line.came) + 1
            row[2].setMinimumWidth(min(whole, px(_LEAST_CAME)))
            row[1].setAccessibleName(f"{line.name}, shown at the click: {line.shown}")
            row[2].setAccessibleName(f"{line.name}, came to: {line.came}")

    def _add_row(self, at: int) -> None:
        name = label(f"compared-name-{at}", role="muted")
        shown, came = (label(f"compared-{which}-{at}") for which in ("shown", "came"))
        for part in (name, came):
            part.setWordWrap(True)  # where there is little room no figure is cut
        name.setMinimumWidth(_LEAST_NAME)
        for column, part in enumerate((name, shown, came)):
            if column:
                part.setAlignment(_RIGHT)
            self._grid.addWidget(part, at, column)
        self._rows.append((name, shown, came))
