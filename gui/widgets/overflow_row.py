"""Lets a row that has no room for all its parts do without the least important ones, whole."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QHBoxLayout, QWidget


class OverflowRow(QObject):
    """Shows and hides `parts` of `row`, the least important first; nobody else may."""

    def __init__(self, row: QWidget, parts: Sequence[QWidget]) -> None:
        super().__init__(row)
        self._row = row
        self._parts = tuple(parts)
        row.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The row or a text in it changed its size."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest, QEvent.Type.Show):
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        layout = self._row.layout()
        assert isinstance(layout, QHBoxLayout)
        items = (layout.itemAt(index) for index in range(layout.count()))
        found = (item.widget() for item in items if item is not None)
        wide = {part: _width(part) for part in found if part is not None and self._counts(part)}
        margins = layout.contentsMargins()
        room = self._row.width() - margins.left() - margins.right() + layout.spacing()
        wanted = sum(width + layout.spacing() for width in wide.values())
        for part in self._parts:
            spared = wanted > room
            if spared:
                wanted -= wide[part] + layout.spacing()
            if part.isHidden() is not spared:
                part.setHidden(spared)

    def _counts(self, part: QWidget) -> bool:
        """What somebody else hides takes no room."""
        return part in self._parts or not part.isHidden()


def _width(part: QWidget) -> int:
    return max(part.sizeHint().width(), part.minimumWidth())
