"""Paints the blotter's rows: side, filled bar, state, and the countdown by the run's clock.

What is unproven differs from what is proven in shape and pattern, never by colour alone.
"""

from collections.abc import Callable, Iterable

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPolygonF

from core.market.prices import ZERO
from core.orders.execution_quality import gained
from core.orders.state import ParentOrder, State
from core.wording.next_step import NextStep, Phase, next_step, state_words
from core.wording.numbers import DOT, qty
from core.wording.order_words import side_word, told_by
from gui.blotter.order_lines import (
    FILLED,
    GAIN,
    NEXT,
    ORDER,
    ORDER_COLUMNS,
    STATE,
    LineKind,
    OrderLine,
)
from gui.style import style
from gui.style.palette import Palette
from gui.tables.cell_font import CellFont
from gui.tables.columns import start_of_day

PAD = 10
_BAR_WIDTH = 74
_LEAST_BAR = 12
_GAP = 6
_NEXT_BAR = 52
_BAR_HEIGHT = 7
_INDENT = 18
_MARK = 14
HANDLE = 14  # room for what opens an order
_ENDED_WITHOUT = (State.CANCELED, State.REJECTED, State.EXPIRED)

TextRun = tuple[str, str, bool]  # text, colour, bold
Cell = tuple[int, int, int]  # column, left edge, width


def filled_bar(room: float, number: float) -> float:
    """How wide the bar of what is filled is; the number beside it is never cut for it."""
    width = min(_BAR_WIDTH, room * 0.55, room - number - _GAP)
    return width if width >= _LEAST_BAR else 0.0


class RowPainter:
    """Draws from the line, never from the texts; asks the clock only for what moves."""

    def __init__(self, palette: Palette, now_ns: Callable[[], int]) -> None:
        self._palette = palette
        self._now_ns = now_ns
        self.narrow = False  # the state stands in the last column then
        self.today_ns = start_of_day(now_ns())
        self.restyle()

    def restyle(self) -> None:
        """Colours and fonts of the theme."""
        self._plain = CellFont(style.font())
        self._bold = CellFont(style.font(bold=True))
        self._small = CellFont(style.font(style.SMALL_PT))
        self._chosen = QColor(style.mix(self._palette.panel, self._palette.buy, 0.13))

    def paint_row(
        self,
        painter: QPainter,
        line: OrderLine,
        row: QRectF,
        cells: Iterable[Cell],
        *,
        chosen: bool,
        opened: bool | None = None,
    ) -> None:
        """The `cells` of a row that need it. The view's own way, cell by cell, costs more.

        `opened`: whether what is beneath is shown; None where that cannot be chosen.
        """
        if line.kind is LineKind.ACTIONS:
            return
        if chosen:
            painter.fillRect(row, self._chosen)
        for column, left, width in cells:
            box = QRectF(left + PAD, row.top(), width - 2 * PAD, row.height())
            if line.kind is not LineKind.PARENT:
                self._paint_beneath(painter, box, line, column)
                continue
            if column == ORDER and opened is not None:
                self._handle(painter, QPointF(box.left() + 3, box.center().y()), opened)
                box.adjust(HANDLE, 0, 0, 0)
            self._paint_parent(painter, box, line, column)

    def focus(self, painter: QPainter, row: QRectF) -> None:
        """The row that keys speak to."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QPen(style.colour(self._palette.muted), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(row.adjusted(0, 0, -1, -1))

    # -- a parent -------------------------------------------------------------

    def _paint_parent(self, painter: QPainter, box: QRectF, line: OrderLine, column: int) -> None:
        order, text = line.order, self._palette.text
        if column == ORDER:
            side = style.side_colour(self._palette, order.side)
            self._write(
                painter,
                box,
                (side_word(order.side) + " ", side, True),
                (qty(order.qty) + " ", text, False),
                (order.symbol, text, True),
            )
        elif column == FILLED:
            self._filled(painter, box, order)
        elif column == STATE:
            self._state(painter, box, order)
        elif column == NEXT:
            self._next(painter, box, order)
        elif column == GAIN:
            gain = gained(order)
            colour = self._palette.bad if gain < ZERO else text
            self._number(painter, box, line.text(column), colour)
        elif ORDER_COLUMNS[column].number:
            self._number(painter, box, line.text(column), text)
        else:
            short = ORDER_COLUMNS[column].short
            words = line.text(column) if short is None else short(order, self.today_ns)
            self._write(painter, box, (words, text, False))

    def _state(self, painter: QPainter, box: QRectF, order: ParentOrder) -> None:
        colour = style.state_colour(self._palette, order.state)
        self._mark(painter, QPointF(box.left() + 4, box.center().y()), order.state, colour)
        self._write(painter, box.adjusted(_MARK, 0, 0, 0), (state_words(order), colour, False))

    def _filled(self, painter: QPainter, box: QRectF, order: ParentOrder) -> None:
        share = float(order.filled / order.qty)
        filled = qty(order.filled)
        width = filled_bar(box.width(), self._plain.width(filled))
        if width:
            bar = QRectF(box.left(), box.center().y() - _BAR_HEIGHT / 2, width, _BAR_HEIGHT)
            self._bar(painter, bar, share, style.side_colour(self._palette, order.side))
            box = box.adjusted(width + _GAP, 0, 0, 0)
        self._write(painter, box, (filled, self._palette.text, False))

    def _next(self, painter: QPainter, box: QRectF, order: ParentOrder) -> None:
        step = next_step(order, self._now_ns())
        if step.phase is not Phase.NONE:
            width = min(_NEXT_BAR, box.width() * 0.16)
            bar = QRectF(box.left(), box.center().y() - _BAR_HEIGHT / 2, width, _BAR_HEIGHT)
            proof = step.phase is Phase.PROOF
            colour = self._palette.warn if proof else self._palette.trade
            self._bar(painter, bar, step.share, colour, hatched=proof)
            box = box.adjusted(width + 8, 0, 0, 0)
        self._write(painter, box, *self._step_runs(step, order))

    def _step_runs(self, step: NextStep, order: ParentOrder) -> tuple[TextRun, ...]:
        text, muted = self._palette.text, self._palette.muted
        if step.phase is Phase.NONE:
            state = state_words(order) + "  " if self.narrow else ""
            words = order.alarm or step.lead
            return (
                (state, style.state_colour(self._palette, order.state), False),
                (words, self._palette.bad if order.alarm else muted, False),
            )
        return ((step.lead + " ", text, False), (step.time, text, True), (step.tail, text, False))

    # -- what is beneath ------------------------------------------------------

    def _paint_beneath(self, painter: QPainter, box: QRectF, line: OrderLine, column: int) -> None:
        muted, text = self._palette.muted, line.text(column)
        if column == ORDER:
            self._write(painter, box.adjusted(_INDENT, 0, 0, 0), (text, muted, False))
        elif column == NEXT:
            self._source(painter, box, line)
        elif column == STATE:
            self._write(painter, box.adjusted(_MARK, 0, 0, 0), (text, muted, False))
        elif ORDER_COLUMNS[column].number:
            self._number(painter, box, text, muted)
        else:
            fits = self._plain.width(text) <= box.width()
            self._write(painter, box, (text, muted, False), font=None if fits else self._small)

    def _source(self, painter: QPainter, box: QRectF, line: OrderLine) -> None:
        if line.child is None:
            return
        words = told_by(line.child, self._now_ns())
        if line.order.final:
            words = words.partition(",")[0]  # how old an ended order's last word is tells nothing
        if self.narrow:
            words = f"{line.text(STATE)} {DOT} {words}"
        colour = self._palette.muted
        if line.child.error:
            words, colour = f"{words} {DOT} {line.child.error}", self._palette.bad
        self._write(painter, box, (words, colour, False), font=self._small)

    # -- strokes --------------------------------------------------------------

    def _bar(
        self, painter: QPainter, box: QRectF, share: float, colour: str, *, hatched: bool = False
    ) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(style.colour(self._palette.border))
        painter.drawRoundedRect(box, 3, 3)
        if share > 0:
            style_of = Qt.BrushStyle.Dense4Pattern if hatched else Qt.BrushStyle.SolidPattern
            painter.setBrush(QBrush(style.colour(colour), style_of))
            full = max(box.width() * min(share, 1.0), 3)
            painter.drawRoundedRect(QRectF(box.left(), box.top(), full, box.height()), 3, 3)

    def _mark(self, painter: QPainter, at: QPointF, state: State, colour: str) -> None:
        """A shape for each kind of state: told apart without its colour."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(style.colour(colour), 1.4))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        around = QRectF(at.x() - 3.5, at.y() - 3.5, 7, 7)
        if state in _ENDED_WITHOUT:
            painter.drawLine(QLineF(around.topLeft(), around.bottomRight()))
            painter.drawLine(QLineF(around.bottomLeft(), around.topRight()))
        elif state is State.ATTENTION:
            corners = [QPointF(at.x(), around.top()), around.bottomRight(), around.bottomLeft()]
            painter.drawPolygon(QPolygonF(corners))
        elif state is State.FILLED:
            painter.fillRect(around, style.colour(colour))
        else:
            painter.setBrush(
                style.colour(colour) if state is State.WORKING else Qt.BrushStyle.NoBrush
            )
            painter.drawEllipse(around)

    def _handle(self, painter: QPainter, at: QPointF, opened: bool) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(style.colour(self._palette.muted), 1.4))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        along, across = QPointF(3.5, 0), QPointF(0, 3.5)
        if opened:
            along, across = across, along
        tip = at + along / 2
        painter.drawPolyline(QPolygonF([tip - along - across, tip, tip - along + across]))

    def _write(
        self, painter: QPainter, box: QRectF, *runs: TextRun, font: CellFont | None = None
    ) -> None:
        """Texts one after another, the last one shortened when the cell ends."""
        x, right, middle = box.left(), box.right(), box.center().y()
        for text, colour, bold in runs:
            used = font or (self._bold if bold else self._plain)
            room = right - x
            if room <= 0 or not text:
                continue
            width = used.width(text)
            if width > room:
                text = used.elided(text, room)
            painter.setFont(used.font)
            painter.setPen(style.colour(colour))
            painter.drawText(QPointF(x, middle + used.baseline), text)
            x += width

    def _number(self, painter: QPainter, box: QRectF, text: str, colour: str) -> None:
        used = self._plain
        painter.setFont(used.font)
        painter.setPen(style.colour(colour))
        at = QPointF(box.right() - used.width(text), box.center().y() + used.baseline)
        painter.drawText(at, text)
