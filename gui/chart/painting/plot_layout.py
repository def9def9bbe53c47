"""Where things lie in the plot in logical pixels, and where a label finds a free place."""

from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QColor, QPainter, QRegion

from core.market.time import NS
from gui.chart.model.frame import PlotRect
from gui.chart.model.scales import PriceScale, TimeView
from gui.chart.painting.pens import ChartPens

STAY_NS = NS // 2  # words in a poor place look for a better one so often
PAD = 3.0  # beside the words of a label


@dataclass(frozen=True, slots=True)
class Label:
    """One or two lines of words; `name` tells it from the others from frame to frame."""

    name: str
    lines: tuple[str, str]
    color: QColor
    strong: bool = False
    second: QColor | None = None

    def size(self, pens: ChartPens) -> QSizeF:
        """The room it takes."""
        first, second = self.lines
        width = pens.width(first, self.strong)
        if not second:
            return QSizeF(width + 2 * PAD, pens.line_height)
        return QSizeF(max(width, pens.width(second)) + 2 * PAD, pens.line_height * 2)


@dataclass(frozen=True, slots=True)
class LabelPlace:
    """Which of its wanted places a label took, moved by how much, and since when."""

    place: int
    shift: float
    since_ns: int


def plot_box(plot: PlotRect) -> QRectF:
    """The plot as Qt takes it."""
    return QRectF(plot.left, plot.top, plot.width, plot.height)


class CoveredArea:
    """Parts of the plot, asked for by one call each: a picture asks a thousand times."""

    def __init__(self) -> None:
        self._parts = QRegion()

    def append(self, box: QRectF) -> None:
        """One part more."""
        self._parts += box.toAlignedRect()

    def meets(self, box: QRectF) -> bool:
        """Whether a box lies over any part, to the logical pixel."""
        return self._parts.intersects(box.toRect())


@dataclass
class PlotLayout:
    """Where things lie in the plot, and which parts of it are taken.

    Labels never touch what is `taken`, and shun `lines` and whatever `crossed`
    says a box would cover. `memory` keeps where each label was, so that it stays
    there while it can.
    """

    plot: QRectF
    view: TimeView
    scale: PriceScale
    ratio: float
    now_ns: int
    crossed: Callable[[QRectF], bool]
    memory: dict[str, LabelPlace]
    taken: CoveredArea = field(default_factory=CoveredArea)
    lines: CoveredArea = field(default_factory=CoveredArea)
    boxes: dict[str, QRectF] = field(default_factory=dict)  # where each label lies

    def __post_init__(self) -> None:
        # Asked for some hundred times a picture, and each question to Qt costs.
        self.left, self.right, self.top = self.plot.left(), self.plot.right(), self.plot.top()
        self.start_ns, self.ns_a_pixel = self.view.start_ns, self.view.width_ns * self.ratio

    def x(self, at_ns: int) -> float:
        """Logical x of a time."""
        return self.left + (at_ns - self.start_ns) / self.ns_a_pixel

    def y(self, units: int) -> float:
        """Logical y of a price."""
        return self.top + self.scale.at(units) / self.ratio

    @property
    def now_x(self) -> float:
        """Logical x of now."""
        return self.x(self.now_ns)

    def shows(self, x: float) -> bool:
        """Whether this x is in the plot."""
        return self.left <= x <= self.right

    def fit(self, name: str, size: QSizeF, wanted: list[QPointF]) -> tuple[QRectF, bool]:
        """A box for the label `name`, taken from then on, and whether lines run through it.

        The place it had, while that is good; else the first of the wanted places
        that is free; if none is, the first of them moved up or down by the least.
        """
        box, crossed = self._as_before(name, size, wanted) or self._best_place(name, size, wanted)
        self.taken.append(box)
        self.boxes[name] = box
        return box, crossed

    def _as_before(
        self, name: str, size: QSizeF, wanted: list[QPointF]
    ) -> tuple[QRectF, bool] | None:
        last = self.memory.get(name)
        if last is None or last.place >= len(wanted):
            return None
        box = QRectF(wanted[last.place], size)
        if last.shift:
            box = self._inside(box).translated(0, last.shift)
        if not (self.plot.contains(box) and self._free(box)):
            return None
        if not self._busy(box):
            return box, False
        # No better place was there a moment ago; words that hop about can't be read.
        return (box, True) if self.now_ns - last.since_ns < STAY_NS else None

    def _best_place(self, name: str, size: QSizeF, wanted: list[QPointF]) -> tuple[QRectF, bool]:
        boxes = [QRectF(corner, size) for corner in wanted]
        free = [i for i, box in enumerate(boxes) if self.plot.contains(box) and self._free(box)]
        clear = next((i for i in free if not self._busy(boxes[i])), None)
        if free:
            place = free[0] if clear is None else clear
            self.memory[name] = LabelPlace(place, 0.0, self.now_ns)
            return boxes[place], clear is None
        box = self._inside(boxes[0])
        pushed = self._pushed(box)
        self.memory[name] = LabelPlace(0, pushed.top() - box.top(), self.now_ns)
        return pushed, True

    def _free(self, box: QRectF) -> bool:
        return not self.taken.meets(box)

    def _busy(self, box: QRectF) -> bool:
        return self.lines.meets(box) or self.crossed(box)

    def _inside(self, box: QRectF) -> QRectF:
        left = max(min(box.left(), self.plot.right() - box.width()), self.plot.left())
        top = max(min(box.top(), self.plot.bottom() - box.height()), self.plot.top())
        return QRectF(QPointF(left, top), box.size())

    def _pushed(self, box: QRectF) -> QRectF:
        for step in range(1, 24):
            for sign in (1, -1):
                moved = self._inside(box.translated(0, sign * step * box.height() / 3))
                if self._free(moved):
                    return moved
        return box


def paint_label(
    painter: QPainter, pens: ChartPens, layout: PlotLayout, label: Label, wanted: list[QPointF]
) -> None:
    """Write one or two lines at the first place that is free, on a ground if lines cross it."""
    first, second = label.lines
    box, crossed = layout.fit(label.name, label.size(pens), wanted)
    if crossed:
        painter.fillRect(box, pens.ground(box.left() >= layout.now_x))
    painter.setPen(label.color)
    pens.write(painter, box.left() + PAD, box.top(), first, label.strong)
    if second:
        painter.setPen(label.second or label.color)
        pens.write(painter, box.left() + PAD, box.top() + pens.metrics.height(), second)
