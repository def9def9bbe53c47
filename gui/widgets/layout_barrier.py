"""A frame around a part whose words change often: what stands around it is not laid out for them.

Qt hands every new text of a label on to the top of the window, which asks everything in it
anew how large it wants to be. Around a part in this frame only a smallest size that really
changed is handed on: 250 questions a picture less while quotes come in.
"""

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget, QWidgetItem


class LayoutBarrier(QWidget):
    """Holds one part, as large as itself."""

    def __init__(self, part: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.part = part
        part.setParent(self)
        self._item = QWidgetItem(part)
        self.setSizePolicy(part.sizePolicy())
        self._last_wants = self._wants()

    def sizeHint(self) -> QSize:
        """The part's."""
        return self._item.sizeHint()

    def minimumSizeHint(self) -> QSize:
        """The part's smallest size, by whatever means it was set."""
        return self._item.minimumSize()

    def _wants(self) -> tuple[int, int, int]:
        """Smallest width and height, and the usual height: places are shared out by these."""
        least = self._item.minimumSize()
        return least.width(), least.height(), self._item.sizeHint().height()

    def _hand_on(self) -> None:
        wants = self._wants()
        if wants != self._last_wants:
            self._last_wants = wants
            self.updateGeometry()

    def event(self, event: QEvent) -> bool:
        """The part was laid out anew."""
        if event.type() is QEvent.Type.LayoutRequest:
            self._hand_on()
        return super().event(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Nothing was heard while it was hidden."""
        super().showEvent(event)
        self._hand_on()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The part fills it."""
        super().resizeEvent(event)
        self.part.setGeometry(self.rect())
