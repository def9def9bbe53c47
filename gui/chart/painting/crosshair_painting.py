"""What is drawn over all else while a person points at the chart: crosshair, price being chosen.

Logical pixels. A card of words stands on a ground of its own and stays inside the plot.
"""

from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from gui.chart.model.crosshair import Reading
from gui.chart.model.price_drag import Proposal
from gui.chart.painting.pens import ChartPens
from gui.chart.painting.plot_layout import PlotLayout

CARD_WIDTH = 330.0  # words beyond it are wrapped
CARD_PAD = 7.0
APART = 10.0  # between a card and what it is about
_WRAP = int(Qt.TextFlag.TextWordWrap) | int(Qt.AlignmentFlag.AlignLeft)
_SIDES = ((1, -1), (1, 1), (-1, -1), (-1, 1))  # right and above first


@dataclass(frozen=True, slots=True)
class CardParagraph:
    """One paragraph of a card."""

    text: str
    color: QColor
    strong: bool = False

    def font(self, pens: ChartPens) -> QFont:
        """Its font."""
        return pens.strong if self.strong else pens.small

    def size(self, pens: ChartPens, width: float) -> QSizeF:
        """The room it takes, at most so wide."""
        box = QRectF(0, 0, width, 10_000)
        return QFontMetricsF(self.font(pens)).boundingRect(box, _WRAP, self.text).size()


def paint_card(
    painter: QPainter,
    pens: ChartPens,
    layout: PlotLayout,
    text: list[CardParagraph],
    about: QPointF,
) -> QRectF:
    """Words on a ground beside a point, on the side where they fit, and inside the plot."""
    room = max(min(CARD_WIDTH, layout.plot.width() - 2 * CARD_PAD), 40.0)
    sizes = [each.size(pens, room) for each in text]
    width = max(size.width() for size in sizes) + 2 * CARD_PAD + 1
    height = sum(size.height() for size in sizes) + 2 * CARD_PAD
    box = _beside(about, QSizeF(width, height), layout.plot)
    painter.setPen(QPen(pens.border, 1.0))
    painter.setBrush(pens.raised)
    painter.drawRoundedRect(box, 4, 4)
    top = box.top() + CARD_PAD
    for each, size in zip(text, sizes, strict=True):
        painter.setFont(each.font(pens))
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


def paint_proposal(
    painter: QPainter, pens: ChartPens, layout: PlotLayout, proposal: Proposal
) -> None:
    """A price being chosen: a dashed line through the whole plot, and what it would mean."""
    y, color = layout.y(proposal.move.units), pens.side(proposal.move.side)
    if layout.plot.top() <= y <= layout.plot.bottom():
        pen = QPen(color, 2.0)
        pen.setDashPattern([5.0, 3.0])
        painter.setPen(pen)
        painter.drawLine(QLineF(layout.plot.left(), y, layout.plot.right(), y))
    words = [
        CardParagraph(proposal.head, color, strong=True),
        CardParagraph(proposal.tail, pens.warn if proposal.warns else pens.text),
    ]
    at = min(max(layout.now_x, layout.plot.left()), layout.plot.right())
    layout.boxes["proposal"] = paint_card(painter, pens, layout, words, QPointF(at, y))


def paint_cross(painter: QPainter, pens: ChartPens, layout: PlotLayout, reading: Reading) -> None:
    """Two hairs through the time and the price that are read, and what stood there."""
    at = QPointF(layout.x(reading.at_ns), layout.y(reading.units))
    pen = QPen(pens.muted, 1.0, Qt.PenStyle.CustomDashLine)
    pen.setDashPattern([1.0, 3.0])
    painter.setPen(pen)
    painter.drawLine(QLineF(at.x(), layout.plot.top(), at.x(), layout.plot.bottom()))
    painter.drawLine(QLineF(layout.plot.left(), at.y(), layout.plot.right(), at.y()))
    first, *others = reading.lines
    words = [
        CardParagraph(first, pens.text, strong=True),
        *(CardParagraph(line, pens.muted) for line in others),
    ]
    layout.boxes["crosshair"] = paint_card(painter, pens, layout, words, at)
