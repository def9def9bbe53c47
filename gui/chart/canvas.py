"""Mouse and keys of the spread chart: zoom, pan, crosshair, and the line that is dragged.

Decides nothing about orders: what a price would mean it asks `price_drag.judge`, and a price that
was chosen it hands on.
"""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from gui.chart.model.order_scene import OrderDrawing
from gui.chart.model.price_drag import PriceDrag
from gui.chart.surface import ChartSurface

ZOOM = 1.25
SLIP = 4.0  # logical pixels that a click may move without being a drag
KEYBOARD = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)
_STEPS: dict[int, int] = {
    Qt.Key.Key_Up: 1,
    Qt.Key.Key_Down: -1,
    Qt.Key.Key_PageUp: 10,
    Qt.Key.Key_PageDown: -10,
}
_ARROWS: dict[int, tuple[int, int]] = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_CONTROL = Qt.KeyboardModifier.ControlModifier


@dataclass(frozen=True, slots=True)
class Drag:
    """What the left button took: the view, or the line of an order `off` pixels below it."""

    at: QPointF
    start_ns: int
    high: int
    line: OrderDrawing | None
    off: float


class ChartCanvas(ChartSurface):
    """The chart in a person's hands. `price_chosen` carries an order's id and its new price."""

    price_chosen = Signal(str, object)
    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.price_drag = PriceDrag()
        self._drag: Drag | None = None
        self._prices_fixed_before = False

    # Time and price ----------------------------------------------------------------------

    def zoom(self, factor: float, about_x: float | None = None) -> None:
        """Show `factor` times as much time; not following, `about_x` (logical) stays in place."""
        plot = self.frame().plot
        x = plot.left + plot.width / 2 if about_x is None else about_x
        share = min(max((x - plot.left) / plot.width, 0.0), 1.0)
        self.set_span(round(self.span_ns * factor), share)

    def zoom_prices(self, factor: float, about_y: float | None = None) -> None:
        """Show `factor` times as many prices; `about_y` (logical) stays in place."""
        frame = self.frame()
        plot = frame.plot
        y = plot.top + plot.height / 2 if about_y is None else about_y
        self.model.viewport.zoom_prices(factor, frame.units(y), frame.tick)
        self._changed()

    def reset_prices(self) -> None:
        """Let the prices follow the market again."""
        self.model.viewport.forget_prices()
        self._changed()

    def reset(self) -> None:
        """Back to now, and to the market's prices."""
        self.reset_prices()
        self.set_follow(True)

    def pan(self, pixels: float) -> None:
        """Move the view by logical pixels (positive: later) and stop following."""
        self.set_follow(False)
        frame = self.frame()
        moved = round(pixels * frame.ratio * frame.view.width_ns)
        self.model.viewport.move_to(frame.view.start_ns + moved)
        self._changed()

    # A price being chosen ----------------------------------------------------------------

    def step_price(self, ticks: int) -> None:
        """Choose the next price of the order in hand, by key."""
        drawing = self.model.order_in_hand()
        if self.price_drag.move is None and drawing is None:
            self.refused.emit("No order works on this chart.")
            return
        if self.price_drag.move is None and drawing is not None:
            self._begin_move(drawing, by_key=True)
        self.price_drag.step(ticks)
        self.show_move()
        if self.model.proposal is not None and QAccessible.isActive():
            said = f"{self.model.proposal.head}. {self.model.proposal.tail}"
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, said))

    def _begin_move(self, drawing: OrderDrawing, *, by_key: bool) -> None:
        self.price_drag.begin(drawing.id, drawing.side, drawing.aim_units, by_key=by_key)
        self._prices_fixed_before = self.model.viewport.prices_fixed
        self.model.viewport.prices_fixed |= not by_key  # what is pointed at stays under the pointer

    def show_move(self) -> None:
        """Draw the chosen price as it would be judged now; the market may have moved."""
        proposal = self.price_drag.proposal()
        if proposal is None and self.model.proposal is not None:
            self.model.viewport.prices_fixed = self._prices_fixed_before
        self.propose(proposal)

    def send_move(self) -> None:
        """Hand the chosen price on, or say why it cannot be."""
        chosen, refusal = self.price_drag.end()
        self.show_move()
        if refusal:
            self.refused.emit(refusal)
        elif chosen is not None:
            self.price_chosen.emit(chosen.order_id, chosen.limit)

    def give_up_move(self) -> None:
        """Leave the price as it is."""
        self._drag = None
        self.price_drag.give_up()
        self.show_move()

    def advance(self, now_ns: int) -> None:
        """Time moves on, and what a chosen price would mean with it."""
        if self.price_drag.move is not None:
            self.show_move()
        super().advance(now_ns)

    # Mouse -------------------------------------------------------------------------------

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom the time, about now while following; on the price axis, or with Ctrl, the prices."""
        turned = event.angleDelta().y() or event.angleDelta().x()
        at, factor = event.position(), ZOOM ** (-turned / 120)
        on_axis = at.x() > self.frame().plot.right
        if turned and (on_axis or event.modifiers() & _CONTROL):
            self.zoom_prices(factor, at.y())
        elif turned:
            self.zoom(factor, at.x())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take a line, or the view. Another button gives up what was being dragged."""
        self.focus_shown = False
        if event.button() is not Qt.MouseButton.LeftButton:
            self.give_up_move()
            return
        at, frame = event.position(), self.frame()
        line = None if self.price_drag.move is not None else self._line_at(at)
        y = 0.0 if line is None else frame.y(line.live_units)
        self._drag = Drag(at, frame.view.start_ns, frame.scale.high, line, at.y() - y)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag what was taken; else read what is pointed at."""
        at, drag = event.position(), self._drag
        if drag is None:
            self._hover(at)
        elif drag.line is None:
            self._drag_view(drag, at)
        else:
            self._drag_line(drag, drag.line, at)

    def _line_at(self, at: QPointF) -> OrderDrawing | None:
        return self.model.line_at(self.frame(), at.x(), at.y())

    def _hover(self, at: QPointF) -> None:
        on_line = self.price_drag.move is None and self._line_at(at) is not None
        self.setCursor(Qt.CursorShape.SizeVerCursor if on_line else Qt.CursorShape.ArrowCursor)
        self.point(at)

    def _drag_view(self, drag: Drag, at: QPointF) -> None:
        moved = at - drag.at
        if self.follow and abs(moved.x()) < SLIP:
            return
        self.point(None)
        self.set_follow(False)
        frame, viewport = self.frame(), self.model.viewport
        viewport.move_to(drag.start_ns - round(moved.x() * frame.ratio * frame.view.width_ns))
        lifted = round(moved.y() * frame.units_per_pixel)
        viewport.shift_prices(drag.high + lifted - frame.scale.high)
        self._changed()

    def _drag_line(self, drag: Drag, line: OrderDrawing, at: QPointF) -> None:
        if self.price_drag.move is None:
            if abs(at.y() - drag.at.y()) < SLIP:
                return
            self._begin_move(line, by_key=False)
        plot = self.frame().plot
        y = min(max(at.y() - drag.off, plot.top), plot.bottom)
        self.price_drag.to(self.frame().units(y))
        self.show_move()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go: a dragged line asks for its price."""
        drag, self._drag = self._drag, None
        if drag is not None and drag.line is not None and self.price_drag.move is not None:
            self.send_move()
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Back to now; on the price axis, back to the market's prices."""
        self._drag = None
        if event.position().x() > self.frame().plot.right:
            self.reset_prices()
        else:
            self.reset()
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is pointed at any more."""
        super().leaveEvent(event)
        self.point(None)

    # Keys --------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """While a price is being chosen Escape gives it up, and never means the window's Cancel."""
        is_key = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        moving = is_key and self.price_drag.move is not None
        if moving and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows pan and choose a price, with Shift move the crosshair; plus and minus zoom."""
        if event.modifiers() & _SHIFT and event.key() in _ARROWS:
            self.step_cross(*_ARROWS[event.key()])
        elif event.key() in _STEPS:
            self.step_price(_STEPS[event.key()])
        elif self.price_drag.move is not None and event.key() in _ENTER:
            if not event.isAutoRepeat():
                self.send_move()
        elif self.price_drag.move is not None and event.key() == Qt.Key.Key_Escape:
            self.give_up_move()
        elif (action := self._key_actions().get(event.key())) is not None:
            action()
        else:
            super().keyPressEvent(event)
            return
        event.accept()

    def _key_actions(self) -> dict[int, Callable[[], None]]:
        step = self.frame().plot.width / 8
        return {
            Qt.Key.Key_Left: lambda: self.pan(-step),
            Qt.Key.Key_Right: lambda: self.pan(step),
            Qt.Key.Key_Plus: lambda: self.zoom(1 / ZOOM),
            Qt.Key.Key_Equal: lambda: self.zoom(1 / ZOOM),
            Qt.Key.Key_Minus: lambda: self.zoom(ZOOM),
            Qt.Key.Key_Home: self.reset_prices,
            Qt.Key.Key_End: self.reset,
        }

    def step_cross(self, right: int, up: int) -> None:
        """Move the crosshair by a fiftieth of the width and by ticks; it begins at now."""
        self.point(QPointF(*self.model.crosshair_moved(self.frame(), right, up)))

    def toggle_cross(self) -> None:
        """Show the crosshair at now, or take it away."""
        if self.model.pointed is None:
            self.step_cross(0, 0)
        else:
            self.point(None)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus."""
        super().focusInEvent(event)
        self.focus_shown = event.reason() in KEYBOARD
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the focus frame away; a price that was being chosen stays what it was."""
        super().focusOutEvent(event)
        self.give_up_move()
        self.update()
