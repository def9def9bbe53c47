"""Colours and fonts of one theme, and words laid out once. Sizes come from the font only."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontInfo, QFontMetricsF, QPainter, QStaticText

from core.market.prices import Side
from gui.style.palette import Palette

BACKING_ALPHA = 205
MAX_TEXTS = 512  # texts whose layout is remembered


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
        self.sell = QColor(palette.sell)
        self.buy = QColor(palette.buy)

    def width(self, text: str, strong: bool = False) -> float:
        """How wide a text is in the small or the strong font."""
        laid_out = self._widths.get((text, strong))
        if laid_out is None:
            laid_out = self._laid(text, strong).size().width()
            self._widths[(text, strong)] = laid_out
        return laid_out

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
        laid_out = self._texts.get((text, strong))
        if laid_out is None:
            if len(self._texts) > MAX_TEXTS:
                self._texts.clear()
                self._widths.clear()
            laid_out = QStaticText(text)
            laid_out.setTextFormat(Qt.TextFormat.PlainText)
            laid_out.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
            laid_out.prepare(font=self.strong if strong else self.small)
            self._texts[(text, strong)] = laid_out
        return laid_out

    def side(self, side: Side) -> QColor:
        """The colour of a side."""
        return self.sell if side is Side.SELL else self.buy

    def ground(self, future: bool) -> QColor:
        """What words stand on where lines would run through them."""
        return self._grounds[future]
