"""What is drawn over all else while a person points at the chart: crosshair, price being chosen.

Logical pixels. A card of words stands on a ground of its own and stays inside the plot.
"""

from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from gui.chart.crosshair import Reading
from gui.chart.painting import ChartPens, Places
from gui.chart.price_drag import Proposal

CARD_WIDTH = 330.0  # words beyond it are wrapped
CARD_PAD = 7.0
APART = 10.0  # between a card and what it is about
_WRAP = int(Qt.TextFlag.TextWordWrap) | int(Qt.AlignmentFlag.AlignLeft)
_SIDES = ((1, -1), (1, 1), (-1, -1), (-1, 1))  # right and above first


@dataclass(frozen=True, slots=True)
class Words:
    """One paragraph of a card."""

    text: str
    color: QColor
    strong: bool = False

    def font(self, ink: ChartPens) -> QFont:
        """Its font."""
        return ink.strong if self.strong else ink.small

    def size(self, ink: ChartPens, width: float) -> QSizeF:
        """The room it takes, at most so wide."""
        box = QRectF(0, 0, width, 10_000)
        return QFontMetricsF(self.font(ink)).boundingRect(box, _WRAP, self.text).size()


def paint_card(
    painter: QPainter, ink: ChartPens, places: Places, words: list[Words], about: QPointF
) -> QRectF:
    """Words on a ground beside a point, on the side where they fit, and inside the plot."""
    room = max(min(CARD_WIDTH, places.plot.width() - 2 * CARD_PAD), 40.0)
    sizes = [each.size(ink, room) for each in words]
    width = max(size.width() for size in sizes) + 2 * CARD_PAD + 1
    height = sum(size.height() for size in sizes) + 2 * CARD_PAD
    box = _beside(about, QSizeF(width, height), places.plot)
    painter.setPen(QPen(ink.border, 1.0))
    painter.setBrush(ink.raised)
    painter.drawRoundedRect(box, 4, 4)
    top = box.top() + CARD_PAD
    for each, size in zip(words, sizes, strict=True):
        painter.setFont(each.font(ink))
        painter.setPen(each.color)
        line = QRectF(box.left() + CARD_PAD, top, width - 2 * CARD_PAD, size.height())
        painter.drawText(line, _WRAP, each.text)
        top += size.height()
    return box


def _beside(about: QPointF, size: QSizeF, plot: QRectF) -> QRectF:
    boxes = []
    for right, below in _SIDES:
        left = about.x() + APART if right > 0 else about.x() - APART - size.width()
        top = about.y() + APART if below > 0 else about.y() - APART - size.height()
        boxes.append(QRectF(QPointF(left, top), size))
    return next((box for box in boxes if plot.contains(box)), None) or _inside(boxes[0], plot)


def _inside(box: QRectF, plot: QRectF) -> QRectF:
    left = max(min(box.left(), plot.right() - box.width()), plot.left())
    top = max(min(box.top(), plot.bottom() - box.height()), plot.top())
    return QRectF(QPointF(left, top), box.size())


def paint_proposal(painter: QPainter, ink: ChartPens, places: Places, proposal: Proposal) -> None:
    """A price being chosen: a dashed line through the whole plot, and what it would mean."""
    y, color = places.y(proposal.move.units), ink.side(proposal.move.side)
    if places.plot.top() <= y <= places.plot.bottom():
        pen = QPen(color, 2.0)
        pen.setDashPattern([5.0, 3.0])
        painter.setPen(pen)
        painter.drawLine(QLineF(places.plot.left(), y, places.plot.right(), y))
    words = [
        Words(proposal.head, color, strong=True),
        Words(proposal.tail, ink.warn if proposal.warns else ink.text),
    ]
    at = min(max(places.now_x, places.plot.left()), places.plot.right())
    places.boxes["proposal"] = paint_card(painter, ink, places, words, QPointF(at, y))


def paint_cross(painter: QPainter, ink: ChartPens, places: Places, reading: Reading) -> None:
    """Two hairs through the time and the price that are read, and what stood there."""
    at = QPointF(places.x(reading.at_ns), places.y(reading.units))
    pen = QPen(ink.muted, 1.0, Qt.PenStyle.CustomDashLine)
    pen.setDashPattern([1.0, 3.0])
    painter.setPen(pen)
    painter.drawLine(QLineF(at.x(), places.plot.top(), at.x(), places.plot.bottom()))
    painter.drawLine(QLineF(places.plot.left(), at.y(), places.plot.right(), at.y()))
    first, *others = reading.lines
    words = [Words(first, ink.text, strong=True), *(Words(line, ink.muted) for line in others)]
    places.boxes["crosshair"] = paint_card(painter, ink, places, words, at)
