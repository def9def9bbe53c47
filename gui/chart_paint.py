"""What is drawn over the spread in logical pixels: orders, gaps, ghosts, axes, price tags.

Colours come from the palette only, sizes from the font only. Knows no quotes
and no orders, only their drawings (`gui.chart_scene`) and where things lie.
"""

from dataclasses import dataclass, field
from math import sqrt

from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontInfo,
    QFontMetricsF,
    QPainter,
    QPen,
    QPolygonF,
)

from core.clock import NS
from core.prices import Side
from gui.chart_scene import FillMark, Mark, MarkKind, OrderDrawing, PriceLine, qty_text
from gui.chart_view import PriceScale, TimeView, price_text, stack
from gui.spread_series import Gap
from gui.theme import Palette

ENDED_OPACITY = 0.55
BACKING_ALPHA = 205
BAR_ALPHA = 150
TICK = 7.0  # half height of a mark, logical pixels
MERGE = 14.0  # fills nearer than this are drawn as one


class Ink:
    """Colours and fonts of one theme and one base font."""

    def __init__(self, palette: Palette, font: QFont) -> None:
        self.palette = palette
        self.font = QFont(font)
        self.small = QFont(font)
        self.small.setPointSizeF(QFontInfo(font).pointSizeF() * 0.9)
        self.strong = QFont(self.small)
        self.strong.setBold(True)
        self.metrics = QFontMetricsF(self.small)
        self.strong_metrics = QFontMetricsF(self.strong)
        self.text = QColor(palette.text)
        self.muted = QColor(palette.muted)
        self.faint = QColor(palette.faint)
        self.panel = QColor(palette.panel)
        self.future = QColor(palette.future)
        self.warn = QColor(palette.warn)
        self.border = QColor(palette.border)
        self.on_side = QColor(palette.on_side)
        self.bid = QColor(palette.bid)
        self.ask = QColor(palette.ask)
        self.backing = QColor(palette.panel)
        self.backing.setAlpha(BACKING_ALPHA)
        self._sides = {Side.SELL: QColor(palette.sell), Side.BUY: QColor(palette.buy)}

    def side(self, side: Side) -> QColor:
        """The colour of a side."""
        return self._sides[side]


@dataclass
class Places:
    """Where things lie in the plot, and which parts of it are taken by labels."""

    plot: QRectF
    view: TimeView
    scale: PriceScale
    ratio: float
    now_ns: int
    taken: list[QRectF] = field(default_factory=list)

    def x(self, at_ns: int) -> float:
        """Logical x of a time."""
        return self.plot.left() + self.view.x(at_ns) / self.ratio

    def y(self, units: int) -> float:
        """Logical y of a price."""
        return self.plot.top() + self.scale.at(units) / self.ratio

    @property
    def now_x(self) -> float:
        """Logical x of now."""
        return self.x(self.now_ns)

    def fit(self, size: QSizeF, wanted: list[QPointF]) -> QRectF:
        """The first wanted place that lies in the plot and touches no label, or the nearest to it.

        What it returns is taken from then on.
        """
        boxes = [self._inside(QRectF(place, size)) for place in wanted]
        whole = [QRectF(place, size) for place in wanted]
        free = [
            box
            for box, asked in zip(boxes, whole, strict=True)
            if box == asked and not any(box.intersects(other) for other in self.taken)
        ]
        chosen = free[0] if free else self._pushed(boxes[0])
        self.taken.append(chosen)
        return chosen

    def _inside(self, box: QRectF) -> QRectF:
        left = min(max(box.left(), self.plot.left()), self.plot.right() - box.width())
        top = min(max(box.top(), self.plot.top()), self.plot.bottom() - box.height())
        return QRectF(QPointF(left, top), box.size())

    def _pushed(self, box: QRectF) -> QRectF:
        """`box` moved up or down by the least that frees it, else as it is."""
        for step in range(1, 24):
            for sign in (1, -1):
                moved = self._inside(box.translated(0, sign * step * box.height() / 3))
                if not any(moved.intersects(other) for other in self.taken):
                    return moved
        return box


def paint_gaps(painter: QPainter, ink: Ink, places: Places, gaps: list[Gap]) -> None:
    """Hatch where data were lost, with how long."""
    for gap in gaps:
        end = places.now_ns if gap.end_ns is None else gap.end_ns
        if end < places.view.start_ns or gap.start_ns > places.view.stop_ns:
            continue
        left = max(places.x(gap.start_ns), places.plot.left())
        right = min(max(places.x(end), left + 2), places.plot.right())
        box = QRectF(left, places.plot.top(), right - left, places.plot.height())
        painter.fillRect(box, ink.backing)
        _hatch(painter, ink, box)
        text = f"no quotes {(end - gap.start_ns) / NS:.1f} s"
        _gap_label(painter, ink, places, box, text, gap.end_ns is None)


def _hatch(painter: QPainter, ink: Ink, box: QRectF) -> None:
    pen = QPen(ink.border, 1.2)
    painter.save()
    painter.setClipRect(box, Qt.ClipOperation.IntersectClip)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(pen)
    step, rise = 7.0, box.height()
    count = int((box.width() + rise) / step) + 1
    lines = [
        QLineF(box.left() + i * step - rise, box.bottom(), box.left() + i * step, box.top())
        for i in range(count)
    ]
    painter.drawLines(lines)
    painter.restore()


def _gap_label(
    painter: QPainter, ink: Ink, places: Places, box: QRectF, text: str, still: bool
) -> None:
    size = QSizeF(ink.metrics.horizontalAdvance(text) + 6, ink.metrics.height())
    top = places.plot.top() + 2
    wanted = [QPointF(box.right() + 3, top), QPointF(box.left() - size.width() - 3, top)]
    painter.setFont(ink.small)
    painter.setPen(ink.warn if still else ink.muted)
    place = places.fit(size, wanted)
    painter.fillRect(place, ink.backing)
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)


def paint_future(painter: QPainter, ink: Ink, places: Places) -> None:
    """The dotted line at now, and its name."""
    x = places.now_x
    if not places.plot.left() <= x <= places.plot.right():
        return
    pen = QPen(ink.muted, 1.2, Qt.PenStyle.CustomDashLine)
    pen.setDashPattern([1.5, 3.0])
    painter.setPen(pen)
    painter.drawLine(QLineF(x, places.plot.top(), x, places.plot.bottom()))
    painter.setFont(ink.small)
    painter.setPen(ink.muted)
    size = QSizeF(ink.metrics.horizontalAdvance("now"), ink.metrics.height())
    box = places.fit(size, [QPointF(x + 5, places.plot.bottom() - size.height() - 2)])
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "now")


def paint_ghost(
    painter: QPainter, ink: Ink, places: Places, side: Side, units: int, text: str
) -> None:
    """Where an order of `side` would be priced if it were sent now."""
    y, left, right = places.y(units), max(places.now_x, places.plot.left()), places.plot.right()
    if not places.plot.top() <= y <= places.plot.bottom() or left >= right:
        return
    pen = QPen(ink.side(side), 1.4, Qt.PenStyle.CustomDashLine)
    pen.setDashPattern([2.0, 2.5])
    painter.setPen(pen)
    painter.drawLine(QLineF(left, y, right, y))
    if not text:
        return
    size = QSizeF(ink.metrics.horizontalAdvance(text) + 6, ink.metrics.height())
    x = right - size.width() - 4
    box = places.fit(size, [QPointF(x, y - size.height() - 2), QPointF(x, y + 3)])
    painter.fillRect(box, ink.backing)
    painter.setFont(ink.small)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def paint_order(
    painter: QPainter, ink: Ink, places: Places, order: OrderDrawing, text: tuple[str, str]
) -> None:
    """Lines, the bar that burns down, marks, fills and words of one order."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    color = ink.side(order.side)
    if order.final:
        painter.setOpacity(ENDED_OPACITY)
    for line in order.lines:
        _line(painter, places, line, color)
    if order.counting and order.deadline_ns is not None:
        _bar(painter, places, order, order.deadline_ns, color)
    for mark in order.marks:
        _mark(painter, ink, places, mark, order, color)
    painter.setOpacity(1.0)
    _fills(painter, ink, places, order, color)
    _title(painter, ink, places, order, color)
    _words(painter, ink, places, order, text, color)
    painter.restore()


def _line(painter: QPainter, places: Places, line: PriceLine, color: QColor) -> None:
    y = places.y(line.units)
    end = min(line.end_ns or places.now_ns, places.now_ns)
    confirmed = end if line.confirmed_ns is None else min(line.confirmed_ns, end)
    asked = end if line.cancel_ns is None else max(min(line.cancel_ns, end), confirmed)
    if places.x(end) < places.plot.left():
        return
    parts = (
        (line.start_ns, confirmed, (3.0, 2.5)),
        (confirmed, asked, ()),
        (asked, end, (1.0, 1.5)),
    )
    for start, stop, dashes in parts:
        if stop <= start:
            continue
        pen = QPen(color, 2.0)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if dashes:
            pen.setDashPattern(dashes)
        painter.setPen(pen)
        left = max(places.x(start), places.plot.left())
        painter.drawLine(QLineF(left, y, min(places.x(stop), places.plot.right()), y))


def _bar(
    painter: QPainter, places: Places, order: OrderDrawing, deadline_ns: int, color: QColor
) -> None:
    """Thick from now to the deadline, ending in a diamond, or in an arrow at the edge."""
    y, right = places.y(order.units), places.plot.right()
    left, end = max(places.now_x, places.plot.left()), places.x(deadline_ns)
    bar = QColor(color)
    bar.setAlpha(BAR_ALPHA)
    live = any(line.confirmed_ns is not None for line in order.lines)
    if end > left:
        box = QRectF(left, y - 3, min(end, right) - left, 6)
        painter.setPen(Qt.PenStyle.NoPen if live else QPen(bar, 1.0))
        painter.setBrush(bar if live else Qt.BrushStyle.NoBrush)
        painter.drawRect(box)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    if end > right:
        painter.drawPolygon(_shape(right - 1, y, ((0, 0), (-8, -6), (-8, 6))))
    elif end >= places.plot.left():
        painter.drawPolygon(_shape(end, y, ((0, -TICK), (TICK, 0), (0, TICK), (-TICK, 0))))


def _shape(x: float, y: float, corners: tuple[tuple[float, float], ...]) -> QPolygonF:
    return QPolygonF([QPointF(x + dx, y + dy) for dx, dy in corners])


def _mark(
    painter: QPainter, ink: Ink, places: Places, mark: Mark, order: OrderDrawing, color: QColor
) -> None:
    x, y = places.x(mark.at_ns), places.y(mark.units)
    if not places.plot.left() <= x <= places.plot.right():
        return
    solid = QBrush(color)
    painter.setPen(QPen(color, 1.6))
    match mark.kind:
        case MarkKind.CLICKED:
            taken = any(line.confirmed_ns is not None for line in order.lines)
            painter.setBrush(solid if taken else QBrush(ink.panel))
            painter.drawEllipse(QPointF(x, y), 4.0, 4.0)
        case MarkKind.ACKNOWLEDGED:
            painter.drawLine(QLineF(x, y - 5, x, y + 5))
        case MarkKind.CANCEL_ASKED:
            painter.setPen(QPen(ink.warn, 1.6))
            painter.setBrush(ink.panel)
            painter.drawEllipse(QPointF(x, y), 5.0, 5.0)
            _cross(painter, x, y, 2.4)
        case MarkKind.CANCEL_PROVEN:
            painter.setBrush(solid)
            painter.drawEllipse(QPointF(x, y), 5.0, 5.0)
            painter.setPen(QPen(ink.panel, 1.6))
            _cross(painter, x, y, 2.4)
        case MarkKind.ENDED:
            painter.fillRect(QRectF(x - 1.5, y - TICK, 3, 2 * TICK), color)


def _cross(painter: QPainter, x: float, y: float, arm: float) -> None:
    painter.drawLine(QLineF(x - arm, y - arm, x + arm, y + arm))
    painter.drawLine(QLineF(x - arm, y + arm, x + arm, y - arm))


def _fills(painter: QPainter, ink: Ink, places: Places, order: OrderDrawing, color: QColor) -> None:
    """Triangles that point at the price filled: from below for a sell, from above for a buy."""
    down = -1 if order.side is Side.BUY else 1
    for fill in merge_fills(order.fills, places):
        x, y = places.x(fill.at_ns), places.y(fill.units)
        if not places.plot.left() <= x <= places.plot.right():
            continue
        size = 4.5 + 4.5 * sqrt(min(float(fill.qty / order.qty), 1.0))
        tip, base = y + down * 4, y + down * (4 + 1.6 * size)
        painter.setPen(QPen(color, 1.5))
        painter.setBrush(QBrush(ink.panel) if fill.fallback else QBrush(color))
        painter.drawPolygon(
            QPolygonF([QPointF(x, tip), QPointF(x - size, base), QPointF(x + size, base)])
        )
        places.taken.append(QRectF(x - size, min(tip, base), 2 * size, abs(base - tip)))
        text = f"{qty_text(fill.qty)} market" if fill.fallback else qty_text(fill.qty)
        _fill_label(painter, ink, places, (x, base, size, down), text, color)


def _fill_label(
    painter: QPainter,
    ink: Ink,
    places: Places,
    at: tuple[float, float, float, int],
    text: str,
    color: QColor,
) -> None:
    x, base, half, down = at
    size = QSizeF(ink.metrics.horizontalAdvance(text) + 4, ink.metrics.height())
    above, middle = base - size.height() - 1, base - down * half - size.height() / 2
    under = QPointF(x - size.width() / 2, base + 1 if down > 0 else above)
    beside = [QPointF(x - half - size.width() - 2, middle), QPointF(x + half + 2, middle)]
    box = places.fit(size, [under, *beside])
    painter.fillRect(box, ink.backing)
    painter.setFont(ink.small)
    painter.setPen(color)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def merge_fills(fills: tuple[FillMark, ...], places: Places) -> list[FillMark]:
    """Fills at one price that would be drawn over each other, as one with their sum."""
    merged: list[FillMark] = []
    for fill in sorted(fills, key=lambda f: (f.fallback, f.units, f.at_ns)):
        last = merged[-1] if merged else None
        if (
            last is not None
            and (last.fallback, last.units) == (fill.fallback, fill.units)
            and places.x(fill.at_ns) - places.x(last.at_ns) < MERGE
        ):
            merged[-1] = FillMark(fill.at_ns, fill.units, last.qty + fill.qty, fill.fallback)
        else:
            merged.append(fill)
    return merged


def _title(painter: QPainter, ink: Ink, places: Places, order: OrderDrawing, color: QColor) -> None:
    size = QSizeF(
        ink.strong_metrics.horizontalAdvance(order.title) + 6, ink.strong_metrics.height()
    )
    y = places.y(order.units)
    start = max(places.x(order.start_ns), places.plot.left())
    left = start - size.width() - 8
    above, below = y - size.height() - 7, y + 7
    wanted = [
        QPointF(left, y - size.height() / 2),
        QPointF(start, above),
        QPointF(start, below),
        QPointF(left, above),
        QPointF(left, below),
    ]
    box = places.fit(size, wanted if places.x(order.start_ns) > places.plot.left() else wanted[1:3])
    painter.fillRect(box, ink.backing)
    painter.setFont(ink.strong)
    painter.setPen(color)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, order.title)


def _words(
    painter: QPainter,
    ink: Ink,
    places: Places,
    order: OrderDrawing,
    text: tuple[str, str],
    color: QColor,
) -> None:
    """What it waits for, and what follows, right of where its line ends."""
    first, second = text
    end = order.deadline_ns if order.counting and order.deadline_ns else order.end_ns
    x = min(places.x(end or places.now_ns), places.plot.right()) + TICK + 6
    height = ink.metrics.height()
    widths = (ink.strong_metrics.horizontalAdvance(first), ink.metrics.horizontalAdvance(second))
    # Digits burn down; the box keeps their place so that the words do not tremble.
    size = QSizeF(max(widths) + 8, height * (2 if second else 1))
    y = places.y(order.units)
    above, below = y - size.height() - 9, y + 9
    back = x - size.width()
    wanted = [
        QPointF(x, y - size.height() / 2),
        QPointF(x, above),
        QPointF(x, below),
        QPointF(back, above),
        QPointF(back, below),
    ]
    box = places.fit(size, wanted)
    painter.fillRect(box, ink.backing)
    top = QRectF(box.left() + 3, box.top(), box.width(), height)
    painter.setFont(ink.strong)
    painter.setPen(ink.muted if order.final else color)
    painter.drawText(top, Qt.AlignmentFlag.AlignVCenter, first)
    if second:
        painter.setFont(ink.small)
        painter.setPen(ink.text if not order.final else ink.muted)
        painter.drawText(top.translated(0, height), Qt.AlignmentFlag.AlignVCenter, second)


def paint_prices(
    painter: QPainter,
    ink: Ink,
    places: Places,
    grid: range,
    tags: list[tuple[int, QColor]],
) -> None:
    """The price axis right of the plot: a tag for each of `tags`, and the grid's prices between."""
    height = ink.metrics.height() + 3
    left = places.plot.right() + 3
    width = max((ink.strong_metrics.horizontalAdvance(price_text(u)) for u, _ in tags), default=0.0)
    tops = stack([(places.y(u), height + 2) for u, _ in tags], 0.0, places.plot.bottom())
    boxes = [QRectF(left, top + 1, width + 14, height) for top in tops]
    painter.setFont(ink.small)
    painter.setPen(ink.faint)
    for units in grid:
        y = places.y(units)
        box = QRectF(left + 7, y - height / 2, width + 40, height)
        if not any(box.intersects(tag) for tag in boxes):
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, price_text(units))
    painter.setFont(ink.strong)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for (units, color), box in zip(tags, boxes, strict=True):
        painter.setPen(QPen(color, 1.2))
        y = min(max(places.y(units), places.plot.top()), places.plot.bottom())
        painter.drawLine(QLineF(places.plot.right() - 3, y, left, box.center().y()))
        painter.setBrush(color)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawRoundedRect(box, 3, 3)
        painter.setPen(ink.on_side)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, price_text(units))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def paint_times(painter: QPainter, ink: Ink, places: Places, labels: list[tuple[int, str]]) -> None:
    """The time axis below the plot; words that would be cut at an edge are left out."""
    painter.setFont(ink.small)
    painter.setPen(ink.faint)
    top, height = places.plot.bottom() + 4, ink.metrics.height()
    for at_ns, text in labels:
        x, width = places.x(at_ns), ink.metrics.horizontalAdvance(text)
        if x - width / 2 < 0 or x + width / 2 > places.plot.right() + 8:
            continue
        painter.drawLine(QLineF(x, places.plot.bottom(), x, places.plot.bottom() + 3))
        box = QRectF(x - width / 2 - 2, top, width + 4, height)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
