"""Draws the cells of a plain table: one line of text each, cut off at its end where it is long.

Qt's own way asks a style sheet about every cell and lays its text out anew: five to ten times
as long, in tables whose numbers change with every quote.
"""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from gui.style import style
from gui.style.palette import Palette
from gui.tables.cell_font import CellFont
from gui.tables.sorted_model import ALIGN, COLOUR, DISPLAY, Index

_FONT = Qt.ItemDataRole.FontRole
_MARGIN = 3  # left and right of a text, as Qt leaves it
_MIDDLE = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


class CellDelegate(QStyledItemDelegate):
    """Text in its colour, bold where the model names a font, on the ground of a chosen row."""

    def __init__(self, palette: Palette, view: QAbstractItemView) -> None:
        super().__init__(view)
        self._palette = palette
        self._cell_fonts: dict[tuple[float, bool], CellFont] = {}

    def _cell_font(self, *, bold: bool) -> CellFont:
        key = style.text_scale(), bold
        if key not in self._cell_fonts:
            self._cell_fonts[key] = CellFont(style.font(bold=bold))
        return self._cell_fonts[key]

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One cell."""
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, option.palette.highlight())
        text = index.data(DISPLAY)
        if not text:
            return
        box = QRectF(option.rect).adjusted(_MARGIN, 0, -_MARGIN, 0)
        font = self._cell_font(bold=index.data(_FONT) is not None)
        painter.setFont(font.font)
        painter.setPen(index.data(COLOUR) or style.colour(self._palette.text))
        painter.drawText(box, index.data(ALIGN) or _MIDDLE, font.elided(text, box.width()))
