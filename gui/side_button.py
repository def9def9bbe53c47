"""The two buttons that send: their words in full, their key, and the lines beneath."""

from html import escape
from math import ceil

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from core.preview import Outlook
from core.prices import Side
from gui import style
from gui.actions import Command
from gui.keys import KeyTable
from gui.panel import label, set_text
from gui.theme import Palette

_HEIGHT = 46
_LINES = 4
_NARROWEST = 290  # no label is narrower, even before it is laid out
_WRAPPED = 1.08  # lines end at words


class SideButton(QAbstractButton):
    """A large button in its side's colour; hollow while it would refuse."""

    def __init__(self, side: Side, keys: KeyTable, palette: Palette, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(f"ticket-{side.value}")
        self.setAccessibleName(side.value.upper())
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._doing = Command.SELL if side is Side.SELL else Command.BUY
        self._keys = keys
        keys.changed.connect(self.update)
        self._side = side
        self._palette = palette
        self._ready = False

    def sizeHint(self) -> QSize:
        """One tall line."""
        return QSize(260, _HEIGHT)

    def show_words(self, words: str, refusal: str) -> None:
        """Show what a click would send, or that it would refuse."""
        ready = not refusal
        if words == self.text() and ready == self._ready:
            return
        self._ready = ready
        self.setText(words)
        self.setAccessibleName(words)
        self.setAccessibleDescription(refusal)
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Its second half is a press like another, which the ticket then knows for a repeat."""
        self.mousePressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Filled when a click sends, an outline when it refuses."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.setPen(QPen(QColor(self._colour), 1.4))
        painter.setBrush(self._ground())
        painter.drawRoundedRect(box, 5, 5)
        guided = self.property("guided") == "true"
        if guided or self.hasFocus():
            ring = self._palette.warn if guided else self._palette.text
            painter.setPen(QPen(QColor(ring), 2.4 if guided else 1.4))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, 5, 5)
        painter.setPen(QColor(self._palette.on_side if self._ready else self._colour))
        painter.setFont(style.font(style.LARGE_PT, bold=True))
        text = box.adjusted(12, 0, -44, 0)
        words = painter.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, int(text.width())
        )
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, words)
        painter.setFont(style.font(style.BASE_PT, bold=True))
        painter.drawText(
            box.adjusted(0, 0, -12, 0),
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
            self._keys.text(self._doing),
        )

    @property
    def _colour(self) -> str:
        return style.side_colour(self._palette, self._side)

    def _ground(self) -> QColor:
        if not self._ready:
            return QColor(style.mix(self._palette.panel, self._colour, 0.08))
        if self.isDown():
            return QColor(style.mix(self._palette.panel, self._colour, 0.75))
        if self.underMouse():
            return QColor(style.mix(self._palette.text, self._colour, 0.88))
        return QColor(self._colour)


class SideBlock(QWidget):
    """A side's button and its preview, of a fixed height so that nothing beneath ever moves."""

    pressed = Signal()

    def __init__(self, side: Side, keys: KeyTable, palette: Palette, parent: QWidget) -> None:
        super().__init__(parent)
        self._palette = palette
        self.button = SideButton(side, keys, palette, self)
        self.button.clicked.connect(self.pressed)
        self.words = label(f"ticket-{side.value}-preview", role="muted", rich=True)
        self.words.setAccessibleName(f"{side.value} preview")
        self.words.setWordWrap(True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.words.setFixedHeight(_LINES * self.words.fontMetrics().lineSpacing() + 8)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.button)
        column.addWidget(self.words)

    def show_outlook(self, view: Outlook) -> None:
        """Word one side of the ticket."""
        self.button.show_words(view.button, view.refusal)
        set_text(self.words, self._html(view))

    def _html(self, view: Outlook) -> str:
        strong = f'<span style="color:{self._palette.text};font-weight:600">'
        warning = view.refusal or (f"Asks first. {view.question}" if view.question else "")
        lines = []
        if view.headline:
            lines.append(f"{strong}{escape(view.headline)}</span> {escape(view.condition)}")
            room = _LINES - 1 - self._rows(warning)
            lines += [escape(words) for words in (view.otherwise, view.afterwards)[: max(room, 0)]]
        if warning:
            lines.append(f'<span style="color:{self._palette.warn}">{escape(warning)}</span>')
        return "<br>".join(lines)

    def _rows(self, words: str) -> int:
        """How many lines `words` take: a long warning goes before what it makes idle."""
        width = self.words.fontMetrics().horizontalAdvance(words) * _WRAPPED
        return ceil(width / max(self.words.width(), _NARROWEST))
