"""The order in hand against crossing the spread at the click, each figure with its formula."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from core.analysis.benchmark import Metric, figures, rest
from core.market.quotes import Quote
from core.orders.state import ParentOrder
from core.wording.venue_words import venue_words
from gui.widgets.panel import Panel, label, set_explanation, set_text

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_EMPTY = (
    "What the order in hand has gained or lost against simply crossing the spread when it was "
    "clicked, its fees, and what its rest is worth now."
)
_LEAST_NAME = 72
_REST = 1  # which of the figures moves with the market


class BenchmarkPanel(Panel):
    """The order in hand against crossing the spread at the click."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("so-far", "Against crossing at the click", parent)
        self.hint = label("so-far-hint", _EMPTY, role="muted")
        self.hint.setWordWrap(True)
        self.whose = label("so-far-whose", role="small")
        self.whose.setWordWrap(True)
        self._grid = QGridLayout()
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(0, 1)
        self._rows: list[tuple[QLabel, QLabel]] = []
        column = QVBoxLayout()
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(8)
        column.addWidget(self.hint)
        column.addLayout(self._grid)
        column.addStretch(1)
        column.addWidget(self.whose)
        self.body.addLayout(column)
        self.figures: tuple[Metric, ...] = ()

    def show_order(self, order: ParentOrder, quote: Quote | None, why_not: str) -> None:
        """All figures of `order`; `quote` None: there is no usable one, `why_not`."""
        self.hint.hide()
        words = venue_words(order)
        mixed = "one order alone, never mixed with results of another account"
        set_text(self.whose, f"{words}: {mixed}")
        self.figures = figures(order, quote, why_not)
        while len(self._rows) < len(self.figures):
            self._add_row(len(self._rows))
        for row in range(len(self._rows)):
            self._show_row(row)

    def show_rest(self, order: ParentOrder, quote: Quote | None, why_not: str) -> None:
        """The one figure that moves with the market."""
        figure = rest(order, quote, why_not)
        if self.figures and figure != self.figures[_REST]:
            before, after = self.figures[:_REST], self.figures[_REST + 1 :]
            self.figures = (*before, figure, *after)
            self._show_row(_REST)

    def _show_row(self, row: int) -> None:
        figure = self.figures[row]
        name, value = self._rows[row]
        for target, text in ((name, figure.name), (value, figure.value)):
            set_text(target, text)
            set_explanation(target, figure.meaning)
        value.setAccessibleName(f"{figure.name}: {figure.value}")

    def _add_row(self, row: int) -> None:
        name, value = label(f"so-far-label-{row}", role="muted"), label(f"so-far-{row}")
        name.setWordWrap(True)  # in a narrow window no name is cut
        name.setMinimumWidth(_LEAST_NAME)
        value.setAlignment(_RIGHT)
        self._grid.addWidget(name, row, 0)
        self._grid.addWidget(value, row, 1)
        self._rows.append((name, value))
