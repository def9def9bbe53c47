"""How an order is drawn: its line in time, the bar to its deadline, marks, fills, words.

Shapes first, for every order, then words, which keep clear of the shapes.
Logical pixels; what is drawn comes from `gui.chart.model.order_scene`.
"""

from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPolygonF

from core.market.prices import Side
from gui.chart.model.order_scene import FillMark, Mark, MarkKind, OrderDrawing, PriceLine
from gui.chart.painting.pens import ChartPens
from gui.chart.painting.plot_layout import Label, PlotLayout, paint_label

ENDED_OPACITY = 0.55
BAR_ALPHA = 150
MARK = 7.0  # half height of a mark, logical pixels
LINE, CHOSEN = 2.0, 3.0  # how thick an order's line is
LATER = 4.5  # that of the end of a later step
MERGE = 14.0  # fills nearer than this are drawn as one


def paint_shapes(
    painter: QPainter, pens: ChartPens, layout: PlotLayout, order: OrderDrawing, *, chosen: bool
) -> None:
    """Lines, the bar that burns down, marks and fills of one order; thicker if it is in hand."""
    color = pens.side(order.side)
    if order.final:
        painter.setOpacity(ENDED_OPACITY)
    for line in order.lines:
        _line(painter, layout, line, color, CHOSEN if chosen else LINE)
    for before, after in pairwise(order.lines):
        _stair(painter, layout, before, after, color)
    if order.replacing:
        _target(painter, layout, order, color)
    if order.counting and order.deadline_ns is not None:
        _bar(painter, layout, order, order.deadline_ns, color)
        _diamonds(painter, layout, order, color)
    for mark in order.marks:
        _mark(painter, pens, layout, mark, order, color)
    if order.final:
        painter.setOpacity(1.0)
    for fill in merge_fills(order.fills, layout):
        _fill(painter, pens, layout, order, fill)


def paint_words(
    painter: QPainter,
    pens: ChartPens,
    layout: PlotLayout,
    order: OrderDrawing,
    text: tuple[str, str],
) -> None:
    """What the order is, what it waits for, and how much each fill was."""
    _waiting(painter, pens, layout, order, text)
    if len(order.step_ends) > 1:
        _last_end(painter, pens, layout, order)
    _title(painter, pens, layout, order)
    for place, fill in enumerate(merge_fills(order.fills, layout)):
        _fill_words(painter, pens, layout, order, (place, fill))


def _line(
    painter: QPainter, layout: PlotLayout, line: PriceLine, color: QColor, width: float
) -> None:
    y = layout.y(line.units)
    end = min(line.end_ns or layout.now_ns, layout.now_ns)
    confirmed = end if line.confirmed_ns is None else min(line.confirmed_ns, end)
    asked = end if line.cancel_ns is None else max(min(line.cancel_ns, end), confirmed)
    if layout.x(end) < layout.left:
        return
    parts = (
        (line.start_ns, confirmed, (3.0, 2.5)),
        (confirmed, asked, ()),
        (asked, end, (1.0, 1.5)),
    )
    for start, stop, dashes in parts:
        if stop <= start:
            continue
        pen = QPen(color, width)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if dashes:
            pen.setDashPattern(dashes)
        painter.setPen(pen)
        left, right = max(layout.x(start), layout.left), layout.x(stop)
        painter.drawLine(QLineF(left, y, min(right, layout.right), y))
        layout.lines.append(QRectF(left, y - 3, right - left, 6))


def _stair(
    painter: QPainter, layout: PlotLayout, before: PriceLine, after: PriceLine, color: QColor
) -> None:
    """The upright from one price of an order to its next, dotted until that is proven."""
    x = layout.x(after.start_ns)
    if before.kind is not after.kind or not layout.shows(x):
        return
    pen = QPen(color, 1.2)
    if after.confirmed_ns is None:
        pen.setDashPattern([1.0, 2.0])
    painter.setPen(pen)
    painter.drawLine(QLineF(x, layout.y(before.units), x, layout.y(after.units)))


def _target(painter: QPainter, layout: PlotLayout, order: OrderDrawing, color: QColor) -> None:
    """Where another price was asked for and is not proven: dashed from now on."""
    y, left = layout.y(order.aim_units), max(layout.now_x, layout.left)
    pen = QPen(color, 1.6)
    pen.setDashPattern([3.0, 2.5])
    painter.setPen(pen)
    painter.drawLine(QLineF(left, y, layout.right, y))
    if order.aim_units != order.live_units:
        painter.drawLine(QLineF(left, layout.y(order.live_units), left, y))
    layout.lines.append(QRectF(left, y - 2, layout.right - left, 4))


def _bar(
    painter: QPainter, layout: PlotLayout, order: OrderDrawing, deadline_ns: int, color: QColor
) -> None:
    """Thick from now to the deadline, or to an arrow at the edge; hollow until it is live."""
    y, right = layout.y(order.live_units), layout.right
    left, end = max(layout.now_x, layout.left), layout.x(deadline_ns)
    bar = QColor(color)
    bar.setAlpha(BAR_ALPHA)
    live = any(line.confirmed_ns is not None for line in order.lines)
    if end > left:
        box = QRectF(left, y - 3, min(end, right) - left, 6)
        painter.setPen(Qt.PenStyle.NoPen if live else QPen(bar, 1.0))
        painter.setBrush(bar if live else Qt.BrushStyle.NoBrush)
        painter.drawRect(box)
        layout.lines.append(box)
    if end > right:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawPolygon(_shape(right - 1, y, ((0, 0), (-8, -6), (-8, 6))))


def _diamonds(painter: QPainter, layout: PlotLayout, order: OrderDrawing, color: QColor) -> None:
    """The end of every step; what comes next is the largest."""
    y = layout.y(order.live_units)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    for end in order.step_ends:
        x, half = layout.x(end.at_ns), MARK if end.next else LATER
        if layout.shows(x):
            layout.taken.append(QRectF(x - half, y - half, 2 * half, 2 * half))
            painter.drawPolygon(_shape(x, y, ((0, -half), (half, 0), (0, half), (-half, 0))))


def _shape(x: float, y: float, corners: tuple[tuple[float, float], ...]) -> QPolygonF:
    return QPolygonF([QPointF(x + dx, y + dy) for dx, dy in corners])


def _mark(
    painter: QPainter,
    pens: ChartPens,
    layout: PlotLayout,
    mark: Mark,
    order: OrderDrawing,
    color: QColor,
) -> None:
    x, y = layout.x(mark.at_ns), layout.y(mark.units)
    if not layout.shows(x):
        return
    solid = QBrush(color)
    painter.setPen(QPen(color, 1.6))
    match mark.kind:
        case MarkKind.CLICKED:
            taken = any(line.confirmed_ns is not None for line in order.lines)
            painter.setBrush(solid if taken else QBrush(pens.panel))
            painter.drawEllipse(QPointF(x, y), 4.0, 4.0)
        case MarkKind.ACKNOWLEDGED:
            if x - layout.x(order.start_ns) > MARK:  # else it would hide the click
                painter.drawLine(QLineF(x, y - 5, x, y + 5))
        case MarkKind.CANCEL_ASKED:
            painter.setPen(QPen(pens.warn, 1.6))
            painter.setBrush(pens.panel)
            painter.drawEllipse(QPointF(x, y), 5.0, 5.0)
            _cross(painter, x, y, 2.4)
        case MarkKind.CANCEL_PROVEN:
            painter.setBrush(solid)
            painter.drawEllipse(QPointF(x, y), 5.0, 5.0)
            painter.setPen(QPen(pens.panel, 1.6))
            _cross(painter, x, y, 2.4)
        case MarkKind.REPLACING:
            painter.setBrush(pens.panel)
            painter.drawEllipse(QPointF(x, y), 3.0, 3.0)
        case MarkKind.REPLACED:
            painter.setBrush(solid)
            painter.drawEllipse(QPointF(x, y), 3.0, 3.0)
        case MarkKind.FALLBACK:
            painter.setBrush(pens.panel)
            painter.drawPolygon(_shape(x, y, ((-4, -5), (5, 0), (-4, 5))))
        case MarkKind.ENDED:
            painter.fillRect(QRectF(x - 1.5, y - MARK, 3, 2 * MARK), color)


def _cross(painter: QPainter, x: float, y: float, arm: float) -> None:
    painter.drawLine(QLineF(x - arm, y - arm, x + arm, y + arm))
    painter.drawLine(QLineF(x - arm, y + arm, x + arm, y - arm))


@dataclass(frozen=True, slots=True)
class Triangle:
    """Points at the price filled: from below for a sell, from above for a buy."""

    x: float
    tip: float
    base: float
    half: float
    down: int

    @property
    def box(self) -> QRectF:
        """The room it takes."""
        top = min(self.tip, self.base)
        return QRectF(self.x - self.half, top, 2 * self.half, abs(self.base - self.tip))


def _triangle(layout: PlotLayout, order: OrderDrawing, fill: FillMark) -> Triangle:
    down = -1 if order.side is Side.BUY else 1
    half = 4.5 + 4.5 * sqrt(min(float(fill.qty / order.qty), 1.0))
    y = layout.y(fill.units)
    return Triangle(layout.x(fill.at_ns), y + down * 4, y + down * (4 + 1.6 * half), half, down)


def _fill(
    painter: QPainter, pens: ChartPens, layout: PlotLayout, order: OrderDrawing, fill: FillMark
) -> None:
    triangle = _triangle(layout, order, fill)
    if not layout.shows(triangle.x):
        return
    color, x, half = pens.side(order.side), triangle.x, triangle.half
    painter.setPen(QPen(color, 1.5))
    painter.setBrush(QBrush(pens.panel) if fill.fallback else QBrush(color))
    left, right = QPointF(x - half, triangle.base), QPointF(x + half, triangle.base)
    painter.drawPolygon(QPolygonF([QPointF(x, triangle.tip), left, right]))
    layout.taken.append(triangle.box)


def _fill_words(
    painter: QPainter,
    pens: ChartPens,
    layout: PlotLayout,
    order: OrderDrawing,
    numbered: tuple[int, FillMark],
) -> None:
    number, fill = numbered
    at = _triangle(layout, order, fill)
    if not layout.shows(at.x):
        return
    label = Label(f"{order.id} fill {number}", (fill.words, ""), pens.side(order.side))
    size = label.size(pens)
    outward = at.base + 1 if at.down > 0 else at.base - size.height() - 1
    middle = at.box.center().y() - size.height() / 2
    beside = (at.x - at.half - size.width() - 1, at.x + at.half + 1)
    wanted = [
        QPointF(at.x - size.width() / 2, outward),
        QPointF(beside[1], middle),
        QPointF(beside[0], middle),
        QPointF(beside[1], outward),
    ]
    paint_label(painter, pens, layout, label, wanted)


def merge_fills(fills: tuple[FillMark, ...], layout: PlotLayout) -> list[FillMark]:
    """Fills at one price that would be drawn over each other, as one with their sum."""
    merged: list[FillMark] = []
    for fill in sorted(fills, key=lambda f: (f.kind, f.units, f.at_ns)):
        last = merged[-1] if merged else None
        if (
            last is not None
            and (last.kind, last.units) == (fill.kind, fill.units)
            and layout.x(fill.at_ns) - layout.x(last.at_ns) < MERGE
        ):
            merged[-1] = FillMark(fill.at_ns, fill.units, last.qty + fill.qty, fill.kind)
        else:
            merged.append(fill)
    return merged


def _title(painter: QPainter, pens: ChartPens, layout: PlotLayout, order: OrderDrawing) -> None:
    label = Label(f"{order.id} title", (order.title, ""), pens.side(order.side), strong=True)
    start_ns, units = order.titled
    size, y, start = label.size(pens), layout.y(units), layout.x(start_ns)
    left, above, below = start - size.width() - 6, y - size.height() - 7, y + 7
    beginning = max(start, layout.left)
    wanted = [QPointF(beginning, above), QPointF(beginning, below)]
    if start > layout.left:
        wanted = [
            QPointF(left, y - size.height() / 2),
            QPointF(left, below - 4),
            QPointF(left, above + 4),
            *wanted,
        ]
    paint_label(painter, pens, layout, label, wanted)


def _waiting(
    painter: QPainter,
    pens: ChartPens,
    layout: PlotLayout,
    order: OrderDrawing,
    text: tuple[str, str],
) -> None:
    """Right of where the line ends; if there is no room, above or below it."""
    color = pens.muted if order.final else pens.side(order.side)
    label = Label(f"{order.id} waiting", text, color, strong=True, second=pens.text)
    size, y = label.size(pens), layout.y(order.live_units)
    end = order.step_ends[0].at_ns if order.step_ends else order.end_ns
    x = min(layout.x(layout.now_ns if end is None else end), layout.right) + MARK + 3
    above, below, back = y - size.height() - 9, y + 9, x - size.width()
    wanted = [
        QPointF(x, y - size.height() / 2),
        QPointF(x, above),
        QPointF(x, below),
        QPointF(back, above),
        QPointF(back, below),
    ]
    paint_label(painter, pens, layout, label, wanted)


def _last_end(painter: QPainter, pens: ChartPens, layout: PlotLayout, order: OrderDrawing) -> None:
    """What follows the last step, at its end, where there is room for it."""
    end, y = order.step_ends[-1], layout.y(order.live_units)
    x = layout.x(end.at_ns)
    label = Label(f"{order.id} last", (end.words, ""), pens.muted)
    size = label.size(pens)
    if layout.shows(x + size.width()):
        middle = x + MARK + 2, y - size.height() / 2
        wanted = [QPointF(*middle), QPointF(x, y + 9), QPointF(x, y - size.height() - 9)]
        paint_label(painter, pens, layout, label, wanted)
