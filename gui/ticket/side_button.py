"""The two buttons that send: their words in full, their key, and being held down to send."""

from collections.abc import Callable
from time import monotonic

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QApplication, QSizePolicy, QWidget

from core.market.prices import Side
from gui.actions.action_table import WindowAction
from gui.actions.shortcuts import ShortcutTable
from gui.style import style
from gui.style.palette import Palette
from gui.ticket.send_rules import PressAndHold

_HEIGHT = 44
_LEAST_HEIGHT = 38
_TICK_MS = 15


class SideButton(QAbstractButton):
    """A large button in its side's colour; hollow while it would refuse.

    `asked` to send: by a click, or where it is to be held down, after 400 ms by mouse or key.
    `hold_began` as it is pressed there, `hold_released` when it came up before its time.
    """

    asked = Signal()
    hold_began = Signal()
    hold_released = Signal()

    def __init__(
        self,
        side: Side,
        keys: ShortcutTable,
        palette: Palette,
        parent: QWidget,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        super().__init__(parent)
        self.setObjectName(f"ticket-{side.value}")
        self.setAccessibleName(side.value.upper())
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._doing = WindowAction.SELL if side is Side.SELL else WindowAction.BUY
        self._keys = keys
        keys.changed.connect(self.update)
        self._side = side
        self._palette = palette
        self._hold = PressAndHold(clock)
        self._ready = False
        self._press_and_hold = False
        self._by_key = False
        self._timer = QTimer(self, interval=_TICK_MS)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.check_hold)
        self.pressed.connect(self._on_pressed)
        self.released.connect(self.release_hold)
        self.clicked.connect(self._on_clicked)

    def sizeHint(self) -> QSize:
        """One tall line."""
        return QSize(260, max(_HEIGHT, round(_HEIGHT * style.text_scale())))

    def minimumSizeHint(self) -> QSize:
        """Still tall."""
        return QSize(200, max(_LEAST_HEIGHT, round(_LEAST_HEIGHT * style.text_scale())))

    @property
    def ready(self) -> bool:
        """Whether it would send."""
        return self._ready

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

    # -- press-and-hold -------------------------------------------------------

    def set_press_and_hold(self, on: bool) -> None:
        """Whether it has to be held down to send."""
        self.release_hold()
        self._press_and_hold = on

    @property
    def progress(self) -> float:
        """How much of its time it has been held, 0 while it is not."""
        return self._hold.progress

    def begin_hold(self, *, by_key: bool) -> None:
        """Begin to be held; a key is watched until it is let go."""
        if self._hold.under_way:
            return
        if not self._ready:
            self.asked.emit()  # to be told why not, at once
            return
        self._hold.begin()
        self._by_key = by_key
        self._timer.start()
        if by_key:
            _application().installEventFilter(self)
        self.hold_began.emit()
        self.update()

    def check_hold(self) -> None:
        """Ask once the time has passed; until then draw how much has."""
        if self._hold.long_enough:
            self._end_hold()
            self.asked.emit()
        self.update()

    def release_hold(self) -> None:
        """Let go: before its time nothing was asked."""
        if not self._hold.under_way:
            return
        if self._hold.long_enough:
            self.check_hold()
            return
        self._end_hold()
        self.hold_released.emit()
        self.update()

    def drop_hold(self) -> None:
        """End it without a word: what it was about is no more."""
        self._end_hold()
        self.update()

    def _end_hold(self) -> None:
        self._hold.end()
        self._timer.stop()
        if self._by_key:
            _application().removeEventFilter(self)
            self._by_key = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """While a key holds it: any key let go, or another window, ends that."""
        kind = event.type()
        if kind is QEvent.Type.KeyRelease and isinstance(event, QKeyEvent):
            if not event.isAutoRepeat():
                self.release_hold()
        elif kind in (QEvent.Type.ApplicationDeactivate, QEvent.Type.WindowDeactivate):
            self.release_hold()
        return super().eventFilter(watched, event)

    def _on_pressed(self) -> None:
        if self._press_and_hold:
            self.begin_hold(by_key=False)

    def _on_clicked(self) -> None:
        if not self._press_and_hold:
            self.asked.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Its second half is a press like another, which the ticket then knows for a repeat."""
        self.mousePressEvent(event)

    # -- drawing --------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Filled when a click sends, an outline when it refuses; a bar while it is held."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.setPen(QPen(QColor(self._colour), 1.4))
        painter.setBrush(self._ground())
        painter.drawRoundedRect(box, 5, 5)
        self._draw_progress(painter, box)
        self._draw_ring(painter, box)
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

    def _draw_progress(self, painter: QPainter, box: QRectF) -> None:
        share = self.progress
        if not share:
            return
        bar = box.adjusted(3, box.height() - 9, -3, -3)
        bar.setWidth(bar.width() * share)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._palette.on_side))
        painter.drawRoundedRect(bar, 3, 3)

    def _draw_ring(self, painter: QPainter, box: QRectF) -> None:
        guided = self.property("guided") == "true"
        if guided or self.hasFocus():
            ring = self._palette.warn if guided else self._palette.text
            painter.setPen(QPen(QColor(ring), 2.4 if guided else 1.4))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, 5, 5)

    @property
    def _colour(self) -> str:
        return style.side_colour(self._palette, self._side)

    def _ground(self) -> QColor:
        if not self._ready:
            return QColor(style.mix(self._palette.panel, self._colour, 0.08))
        if self.isDown() or self._hold.under_way:
            return QColor(style.mix(self._palette.panel, self._colour, 0.75))
        if self.underMouse():
            return QColor(style.mix(self._palette.text, self._colour, 0.88))
        return QColor(self._colour)


def _application() -> QObject:
    found = QApplication.instance()
    assert found is not None
    return found
