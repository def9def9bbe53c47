"""The price axis with its tags, and the time axis."""

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from gui.chart.model.scales import price_text, stack
from gui.chart.model.view_model import PriceTag
from gui.chart.painting.pens import ChartPens
from gui.chart.painting.plot_layout import PlotLayout


def paint_prices(
    painter: QPainter,
    pens: ChartPens,
    layout: PlotLayout,
    grid: range,
    tags: list[tuple[PriceTag, QColor]],
) -> None:
    """The price axis right of the plot: a tag for each of `tags`, and the grid's prices between.

    A tag that is out of view lies at the edge with an arrow.
    """
    texts = [tag.text(layout.scale.low, layout.scale.high) for tag, _ in tags]
    height, left = pens.metrics.height() + 3, layout.plot.right() + 3
    width = max((pens.width(text, strong=True) for text in texts), default=0.0) + 14
    tops = stack([(layout.y(tag.units), height + 2) for tag, _ in tags], 0.0, layout.plot.bottom())
    boxes = [QRectF(left, top + 1, width, height) for top in tops]
    painter.setPen(pens.faint)
    for units in grid:
        top = layout.y(units) - pens.metrics.height() / 2
        box = QRectF(left, top, width, pens.metrics.height())
        if not any(box.intersects(taken) for taken in boxes):
            pens.write(painter, left + 7, top, price_text(units))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for (tag, color), text, box in zip(tags, texts, boxes, strict=True):
        y = min(max(layout.y(tag.units), layout.plot.top()), layout.plot.bottom())
        painter.setPen(QPen(color, 1.2))
        painter.drawLine(QLineF(layout.plot.right() - 3, y, left, box.center().y()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawRoundedRect(box, 3, 3)
        painter.setPen(pens.on_side)
        pens.centred(painter, box, text, strong=True)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def paint_times(
    painter: QPainter, pens: ChartPens, layout: PlotLayout, labels: list[tuple[int, str]]
) -> None:
    """The time axis below the plot; words that would be cut at an edge are left out."""
    painter.setPen(pens.faint)
    top = layout.plot.bottom() + 4
    for at_ns, text in labels:
        x, width = layout.x(at_ns), pens.width(text)
        if x - width / 2 < 0 or x + width / 2 > layout.plot.right() + 8:
            continue
        painter.drawLine(QLineF(x, layout.plot.bottom(), x, layout.plot.bottom() + 3))
        pens.write(painter, x - width / 2, top, text)
