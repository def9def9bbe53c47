"""What lies beneath the orders: gaps, the line at now, and where an order would be priced."""

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from core.market.time import NS
from gui.chart.model.series import Gap
from gui.chart.model.view_model import Ghost
from gui.chart.painting.pens import ChartPens
from gui.chart.painting.plot_layout import Label, PlotLayout, paint_label


def paint_gaps(painter: QPainter, pens: ChartPens, layout: PlotLayout, gaps: list[Gap]) -> None:
    """Hatch where data were lost, with how long."""
    for gap in gaps:
        end = layout.now_ns if gap.end_ns is None else gap.end_ns
        if end < layout.view.start_ns or gap.start_ns > layout.view.stop_ns:
            continue
        left = max(layout.x(gap.start_ns), layout.plot.left())
        right = min(max(layout.x(end), left + 2), layout.plot.right())
        box = QRectF(left, layout.plot.top(), right - left, layout.plot.height())
        _hatch(painter, pens, box)
        text = f"no quotes {(end - gap.start_ns) / NS:.1f} s"
        color = pens.warn if gap.end_ns is None else pens.muted
        label = Label(f"gap {gap.start_ns}", (text, ""), color)
        top, width = layout.plot.top() + 2, label.size(pens).width()
        wanted = [QPointF(box.right() + 2, top), QPointF(box.left() - width - 2, top)]
        paint_label(painter, pens, layout, label, wanted)


def _hatch(painter: QPainter, pens: ChartPens, box: QRectF) -> None:
    pen = QPen(pens.border, 1.2)
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


def paint_now(painter: QPainter, pens: ChartPens, layout: PlotLayout) -> None:
    """The dotted line at now, and its name."""
    x = layout.now_x
    if not layout.plot.left() <= x <= layout.plot.right():
        return
    pen = QPen(pens.muted, 1.0, Qt.PenStyle.CustomDashLine)
    pen.setDashPattern([2.0, 3.0])
    painter.setPen(pen)
    middle = (int(x * layout.ratio) + 0.5) / layout.ratio  # of a device pixel, so that it is crisp
    painter.drawLine(QLineF(middle, layout.plot.top(), middle, layout.plot.bottom()))
    label = Label("now", ("now", ""), pens.muted)
    place = QPointF(x + 2, layout.plot.bottom() - pens.metrics.height() - 2)
    paint_label(painter, pens, layout, label, [place])


def paint_ghost(painter: QPainter, pens: ChartPens, layout: PlotLayout, ghost: Ghost) -> None:
    """Where an order of its side would be priced if it were sent now."""
    color, units, text = pens.side(ghost.side), ghost.units, ghost.text
    y, left, right = layout.y(units), max(layout.now_x, layout.plot.left()), layout.plot.right()
    if not layout.plot.top() <= y <= layout.plot.bottom() or left >= right:
        return
    pen = QPen(color, 1.4, Qt.PenStyle.CustomDashLine)
    pen.setDashPattern([2.0, 2.5])
    painter.setPen(pen)
    painter.drawLine(QLineF(left, y, right, y))
    layout.lines.append(QRectF(left, y - 1, right - left, 2))
    if text:
        label = Label(f"ghost {ghost.side}", (text, ""), color)
        size = label.size(pens)
        x = right - size.width() - 2
        wanted = [QPointF(x, y - size.height() - 2), QPointF(x, y + 3)]
        paint_label(painter, pens, layout, label, wanted)
