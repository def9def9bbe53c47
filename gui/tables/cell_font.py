"""Fonts and their metrics as the cells of a table are painted with."""

from functools import lru_cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetricsF


class CellFont:
    """Fonts with their metrics, and colours, made once: a cell is painted thirty times a second."""

    def __init__(self, font: QFont) -> None:
        self.font = font
        metrics = QFontMetricsF(font)
        self.baseline = (metrics.ascent() - metrics.descent()) / 2
        self.width = lru_cache(maxsize=2048)(lambda text: metrics.horizontalAdvance(text))
        self.elided = lru_cache(maxsize=512)(
            lambda text, room: metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
        )
