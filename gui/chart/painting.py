"""What is drawn over the spread in logical pixels: gaps, ghosts, now, axes, price tags.

Also the ink of a theme and where labels may lie. Colours come from the palette
only, sizes from the font only. Knows no quotes and no orders.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontInfo,
    QFontMetricsF,
    QPainter,
    QPen,
    QRegion,
    QStaticText,
)

from core.market.prices import Side
from core.market.time import NS
from gui.chart.scales import PriceScale, TimeView, price_text, stack
from gui.chart.series import Gap
from gui.style.palette import Palette

BACKING_ALPHA = 205
MAX_TEXTS = 512  # texts whose layout is remembered
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

    def size(self, ink: "ChartPens") -> QSizeF:
        """The room it takes."""
        first, second = self.lines
        width = ink.width(first, self.strong)
        if not second:
            return QSizeF(width + 2 * PAD, ink.line_height)
        return QSizeF(max(width, ink.width(second)) + 2 * PAD, ink.line_height * 2)


class ChartPens:
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
        self._texts: dict[tuple[str, bool], QStaticText] = {}
        self._widths: dict[tuple[str, bool], float] = {}
        self.line_height = self.metrics.height()
        words = "waiting for proof 10.0 s"
        self.words_width = self.strong_metrics.horizontalAdvance(words) + 24  # right of a deadline
        self.text = QColor(palette.text)
        self.muted = QColor(palette.muted)
        self.faint = QColor(palette.faint)
        self.panel = QColor(palette.panel)
        self.future = QColor(palette.future)
        self.warn = QColor(palette.warn)
        self.border = QColor(palette.border)
        self.raised = QColor(palette.raised)
        self.on_side = QColor(palette.on_side)
        self.bid = QColor(palette.bid)
        self.ask = QColor(palette.ask)
        self._grounds = (QColor(palette.panel), QColor(palette.future))
        for ground in self._grounds:
            ground.setAlpha(BACKING_ALPHA)
        self._sides = {Side.SELL: QColor(palette.sell), Side.BUY: QColor(palette.buy)}

    def width(self, text: str, strong: bool = False) -> float:
        """How wide a text is in the small or the strong font."""
        held = self._widths.get((text, strong))
        if held is None:
            held = self._laid(text, strong).size().width()
            self._widths[(text, strong)] = held
        return held

    def write(self, painter: QPainter, x: float, y: float, text: str, strong: bool = False) -> None:
        """Write a line with its top left corner at x, y, in the painter's pen."""
        painter.setFont(self.strong if strong else self.small)
        painter.drawStaticText(QPointF(x, y), self._laid(text, strong))

    def centred(self, painter: QPainter, box: QRectF, text: str, strong: bool = False) -> None:
        """Write a line in the middle of a box."""
        size = self._laid(text, strong).size()
        left = box.center().x() - size.width() / 2
        self.write(painter, left, box.center().y() - size.height() / 2, text, strong)

    def _laid(self, text: str, strong: bool) -> QStaticText:
        """The text laid out once: the axes' words are the same in every picture."""
        held = self._texts.get((text, strong))
        if held is None:
            if len(self._texts) > MAX_TEXTS:
                self._texts.clear()
                self._widths.clear()
            held = QStaticText(text)
            held.setTextFormat(Qt.TextFormat.PlainText)
            held.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
            held.prepare(font=self.strong if strong else self.small)
            self._texts[(text, strong)] = held
        return held

    def side(self, side: Side) -> QColor:
        """The colour of a side."""
        return self._sides[side]

    def ground(self, future: bool) -> QColor:
        """What words stand on where lines would run through them."""
        return self._grounds[future]


@dataclass(frozen=True, slots=True)
class Spot:
    """Which of its wanted places a label took, moved by how much, and since when."""

    place: int
    shift: float
    since_ns: int


class Room:
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
class Places:
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
    memory: dict[str, Spot]
    taken: Room = field(default_factory=Room)
    lines: Room = field(default_factory=Room)
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

    def holds(self, x: float) -> bool:
        """Whether this x is in the plot."""
        return self.left <= x <= self.right

    def fit(self, name: str, size: QSizeF, wanted: list[QPointF]) -> tuple[QRectF, bool]:
        """A box for the label `name`, taken from then on, and whether lines run through it.

        The place it had, while that is good; else the first of the wanted places
        that is free; if none is, the first of them moved up or down by the least.
        """
        box, crossed = self._held(name, size, wanted) or self._found(name, size, wanted)
        self.taken.append(box)
        self.boxes[name] = box
        return box, crossed

    def _held(self, name: str, size: QSizeF, wanted: list[QPointF]) -> tuple[QRectF, bool] | None:
        spot = self.memory.get(name)
        if spot is None or spot.place >= len(wanted):
            return None
        box = QRectF(wanted[spot.place], size)
        if spot.shift:
            box = self._inside(box).translated(0, spot.shift)
        if not (self.plot.contains(box) and self._free(box)):
            return None
        if not self._busy(box):
            return box, False
        # No better place was there a moment ago; words that hop about can't be read.
        return (box, True) if self.now_ns - spot.since_ns < STAY_NS else None

    def _found(self, name: str, size: QSizeF, wanted: list[QPointF]) -> tuple[QRectF, bool]:
        boxes = [QRectF(corner, size) for corner in wanted]
        free = [i for i, box in enumerate(boxes) if self.plot.contains(box) and self._free(box)]
        clear = next((i for i in free if not self._busy(boxes[i])), None)
        if free:
            place = free[0] if clear is None else clear
            self.memory[name] = Spot(place, 0.0, self.now_ns)
            return boxes[place], clear is None
        box = self._inside(boxes[0])
        pushed = self._pushed(box)
        self.memory[name] = Spot(0, pushed.top() - box.top(), self.now_ns)
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
    painter: QPainter, ink: ChartPens, places: Places, label: Label, wanted: list[QPointF]
) -> None:
    """Write one or two lines at the first place that is free, on a ground if lines cross it."""
    first, second = label.lines
    box, crossed = places.fit(label.name, label.size(ink), wanted)
    if crossed:
        painter.fillRect(box, ink.ground(box.left() >= places.now_x))
    painter.setPen(label.color)
    ink.write(painter, box.left() + PAD, box.top(), first, label.strong)
    if second:
        painter.setPen(label.second or label.color)
        ink.write(painter, box.left() + PAD, box.top() + ink.metrics.height(), second)


def paint_gaps(painter: QPainter, ink: ChartPens, places: Places, gaps: list[Gap]) -> None:
    """Hatch where data were lost, with how long."""
    for gap in gaps:
        end = places.now_ns if gap.end_ns is None else gap.end_ns
        if end < places.view.start_ns or gap.start_ns > places.view.stop_ns:
            continue
        left = max(places.x(gap.start_ns), places.plot.left())
        right = min(max(places.x(end), left + 2), places.plot.right())
        box = QRectF(left, places.plot.top(), right - left, places.plot.height())
        _hatch(painter, ink, box)
        text = f"no quotes {(end - gap.start_ns) / NS:.1f} s"
        color = ink.warn if gap.end_ns is None else ink.muted
        label = Label(f"gap {gap.start_ns}", (text, ""), color)
        top, width = places.plot.top() + 2, label.size(ink).width()
        wanted = [QPointF(box.right() + 2, top), QPointF(box.left() - width - 2, top)]
        paint_label(painter, ink, places, label, wanted)


def _hatch(painter: QPainter, ink: ChartPens, box: QRectF) -> None:
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


def paint_future(painter: QPainter, ink: ChartPens, places: Places) -> None:
    """The dotted line at now, and its name."""
    x = places.now_x
    if not places.plot.left() <= x <= places.plot.right():
        return
    pen = QPen(ink.muted, 1.0, Qt.PenStyle.CustomDashLine)
    pen.setDashPattern([2.0, 3.0])
    painter.setPen(pen)
    middle = (int(x * places.ratio) + 0.5) / places.ratio  # of a device pixel, so that it is crisp
    painter.drawLine(QLineF(middle, places.plot.top(), middle, places.plot.bottom()))
    label = Label("now", ("now", ""), ink.muted)
    place = QPointF(x + 2, places.plot.bottom() - ink.metrics.height() - 2)
    paint_label(painter, ink, places, label, [place])


def paint_ghost(
    painter: QPainter, ink: ChartPens, places: Places, side: Side, units: int, text: str
) -> None:
    """Where an order of `side` would be priced if it were sent now."""
    y, left, right = places.y(units), max(places.now_x, places.plot.left()), places.plot.right()
    if not places.plot.top() <= y <= places.plot.bottom() or left >= right:
        return
    pen = QPen(ink.side(side), 1.4, Qt.PenStyle.CustomDashLine)
    pen.setDashPattern([2.0, 2.5])
    painter.setPen(pen)
    painter.drawLine(QLineF(left, y, right, y))
    places.lines.append(QRectF(left, y - 1, right - left, 2))
    if text:
        label = Label(f"ghost {side}", (text, ""), ink.side(side))
        size = label.size(ink)
        x = right - size.width() - 2
        wanted = [QPointF(x, y - size.height() - 2), QPointF(x, y + 3)]
        paint_label(painter, ink, places, label, wanted)


def paint_prices(
    painter: QPainter,
    ink: ChartPens,
    places: Places,
    grid: range,
    tags: list[tuple[int, QColor]],
) -> None:
    """The price axis right of the plot: a tag for each of `tags`, and the grid's prices between.

    A tag that is out of view lies at the edge with an arrow.
    """
    texts = [tag_text(units, places.scale.low, places.scale.high) for units, _ in tags]
    height, left = ink.metrics.height() + 3, places.plot.right() + 3
    width = max((ink.width(text, strong=True) for text in texts), default=0.0) + 14
    tops = stack([(places.y(u), height + 2) for u, _ in tags], 0.0, places.plot.bottom())
    boxes = [QRectF(left, top + 1, width, height) for top in tops]
    painter.setPen(ink.faint)
    for units in grid:
        top = places.y(units) - ink.metrics.height() / 2
        box = QRectF(left, top, width, ink.metrics.height())
        if not any(box.intersects(tag) for tag in boxes):
            ink.write(painter, left + 7, top, price_text(units))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for (units, color), text, box in zip(tags, texts, boxes, strict=True):
        y = min(max(places.y(units), places.plot.top()), places.plot.bottom())
        painter.setPen(QPen(color, 1.2))
        painter.drawLine(QLineF(places.plot.right() - 3, y, left, box.center().y()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawRoundedRect(box, 3, 3)
        painter.setPen(ink.on_side)
        ink.centred(painter, box, text, strong=True)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def tag_text(units: int, low: int, high: int) -> str:
    """The words of a price tag, with an arrow if the price lies outside `low`..`high`."""
    arrow = "↑" if units > high else "↓" if units < low else ""
    return price_text(units) + arrow


def paint_times(
    painter: QPainter, ink: ChartPens, places: Places, labels: list[tuple[int, str]]
) -> None:
    """The time axis below the plot; words that would be cut at an edge are left out."""
    painter.setPen(ink.faint)
    top = places.plot.bottom() + 4
    for at_ns, text in labels:
        x, width = places.x(at_ns), ink.width(text)
        if x - width / 2 < 0 or x + width / 2 > places.plot.right() + 8:
            continue
        painter.drawLine(QLineF(x, places.plot.bottom(), x, places.plot.bottom() + 3))
        ink.write(painter, x - width / 2, top, text)
