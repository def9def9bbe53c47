"""A side's button and its preview beneath, placed so that nothing moves when words change."""

from collections.abc import Callable
from html import escape
from math import ceil
from time import monotonic

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from core.analysis.preview import Outlook
from core.market.prices import Side
from gui.actions.shortcuts import ShortcutTable
from gui.style.palette import Palette
from gui.ticket.side_button import SideButton
from gui.widgets.panel import set_text

FEWEST, MOST = 4, 7  # rows of the preview
_NARROWEST = 284  # no label is narrower, even before it is laid out
_WRAPPED = 1.08  # lines end at words
_GAP = 3


class PreviewLabel(QLabel):
    """Lines whose place depends on the window alone, never on what stands in them."""

    resized = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setProperty("role", "small")
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)

    @property
    def rows(self) -> int:
        """Lines that there is room for."""
        return max(self.height() // self.fontMetrics().lineSpacing(), FEWEST)

    def hasHeightForWidth(self) -> bool:
        """Not even when its words take more lines."""
        return False

    def sizeHint(self) -> QSize:
        """Room for the most it says."""
        return self._room_for(MOST)

    def minimumSizeHint(self) -> QSize:
        """Room for what must be said."""
        return self._room_for(FEWEST)

    def _room_for(self, rows: int) -> QSize:
        return QSize(_NARROWEST, rows * self.fontMetrics().lineSpacing() + 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Other lines may fit now."""
        super().resizeEvent(event)
        self.resized.emit()


class SideBlock(QWidget):
    """One side of the ticket."""

    def __init__(
        self,
        side: Side,
        keys: ShortcutTable,
        palette: Palette,
        parent: QWidget,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        super().__init__(parent)
        self._palette = palette
        self._view: Outlook | None = None
        self.button = SideButton(side, keys, palette, self, clock)
        self.words = PreviewLabel(f"ticket-{side.value}-preview")
        self.words.setAccessibleName(f"{side.value} preview")
        self.words.resized.connect(self._renew)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(_GAP)
        column.addWidget(self.button)
        column.addWidget(self.words)

    def _renew(self) -> None:
        if self._view is not None:
            self.show_outlook(self._view)

    def show_outlook(self, view: Outlook) -> None:
        """Word one side of the ticket."""
        self._view = view
        self.button.show_words(view.button, view.refusal)
        set_text(self.words, self._html(view))
        everything = "\n".join((*view.lines, view.refusal or view.question)).strip()
        if everything != self.words.toolTip():
            self.words.setToolTip(everything)
            self.words.setAccessibleDescription(everything)

    def _html(self, view: Outlook) -> str:
        """What fits, the most important first; a warning goes before all but the first line."""
        strong = f'<span style="color:{self._palette.text};font-weight:600">'
        warning = view.refusal or (f"Asks first. {view.question}" if view.question else "")
        room = self.words.rows - self._height_in_rows(warning)
        lines = []
        for number, words in enumerate(view.lines):
            rows = self._height_in_rows(words)
            if rows > room:
                continue
            room -= rows
            head = f"{strong}{escape(view.headline)}</span> {escape(view.condition)}"
            lines.append(escape(words) if number else head)
        if warning:
            place = 1 if lines else 0
            warn = f'<span style="color:{self._palette.warn}">{escape(warning)}</span>'
            lines.insert(place, warn)
        return "<br>".join(lines)

    def _height_in_rows(self, words: str) -> int:
        width = self.words.fontMetrics().horizontalAdvance(words)
        room = max(self.words.width(), _NARROWEST)
        return ceil(width / room) if width <= room else ceil(width * _WRAPPED / room)
