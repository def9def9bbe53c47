"""pyqtgraph behind typed names: numpy arrays reach QPainter without a Python loop.

The one file that knows pyqtgraph, which has no types. Its plot widget is not
used: it lays the axes out anew whenever time moves (2-4 ms a frame), where our
canvas moves a picture of the past by whole pixels. What is used is its bridge
from an array to QPainter's array calls. It is loaded at the first drawing,
since it takes a third of a second.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPixmap

Floats = NDArray[np.float64]


def _primitives(kind: type, fields: int) -> Any:
    from pyqtgraph.Qt import internals  # type: ignore[import-untyped,unused-ignore]

    return internals.PrimitiveArray(kind, fields)


class RectBatch:
    """Draws many filled rectangles with one call. Keeps its memory between calls."""

    def __init__(self) -> None:
        self._array = _primitives(QRectF, 4)

    def draw(self, painter: QPainter, rects: Floats, color: QColor) -> None:
        """Fill `rects`, rows of x, y, width, height in the painter's coordinates."""
        if not len(rects):
            return
        self._array.resize(len(rects))
        self._array.ndarray()[:] = rects
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QBrush(color))
        painter.drawRects(*self._array.drawargs())


class DotBatch:
    """Draws one small picture at many places with one call."""

    def __init__(self) -> None:
        self._array = _primitives(QPainter.PixmapFragment, 10)

    def draw(self, painter: QPainter, centres: Floats, dot: QPixmap) -> None:
        """Draw `dot`, not scaled, at `centres`, rows of x, y in the painter's coordinates."""
        if not len(centres):
            return
        self._array.resize(len(centres))
        rows = self._array.ndarray()
        rows[:, 0:2] = centres
        # source x, y, width, height; scale x, y; rotation; opacity
        rows[:, 2:10] = (0, 0, dot.width(), dot.height(), 1, 1, 0, 1)
        draw: Any = painter.drawPixmapFragments  # its stub leaves the count out
        draw(*self._array.drawargs(), dot)
