"""Asks what becomes of working orders when the window closes. Blocks nothing."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from core.order_state import ParentOrder
from core.words import order_title
from gui.panel import button, label, set_text


class ClosingDialog(QDialog):
    """Cancel and wait, leave working, or stay. Opened with `open()`, never run by itself."""

    cancel_chosen = Signal()
    leave_chosen = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("closing")
        self.setWindowTitle("Orders are working")
        self.setAccessibleName("Orders are working")
        self.setWindowModality(Qt.WindowModality.NonModal)
        self._waiting = False
        self._words = label("closing-words")
        self._words.setWordWrap(True)
        self._words.setMinimumWidth(430)
        self._cancel = button("closing-cancel", "Cancel them and close", "Cancel, wait for proof")
        self._leave = button("closing-leave", "Leave them working", "Close and leave them working")
        self._stay = button("closing-stay", "Stay", "Do not close")
        self._cancel.clicked.connect(self._on_cancel)
        self._leave.clicked.connect(self.leave_chosen)
        self._stay.clicked.connect(self.reject)
        row = QHBoxLayout()
        row.setSpacing(8)
        for choice in (self._cancel, self._leave, self._stay):
            row.addWidget(choice)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(16)
        column.addWidget(self._words)
        column.addLayout(row)

    def ask(self, working: tuple[ParentOrder, ...]) -> None:
        """Show the question for these orders."""
        self._waiting = False
        self._cancel.setEnabled(True)
        self.show_working(working)
        self.show()
        self.raise_()
        self._stay.setFocus()

    def show_working(self, working: tuple[ParentOrder, ...]) -> None:
        """Word the question, or what is waited for, anew."""
        names = ", ".join(order_title(order) for order in working)
        if self._waiting:
            set_text(self._words, f"Waiting for the venue to prove the end of: {names}.")
            return
        set_text(
            self._words,
            f"Still working: {names}. If they are left working, nothing cancels them and nothing "
            "falls back until Touchline runs again and takes them up.",
        )

    @property
    def waiting(self) -> bool:
        """Cancel was chosen, the proof is awaited."""
        return self._waiting and self.isVisible()

    def _on_cancel(self) -> None:
        self._waiting = True
        self._cancel.setEnabled(False)
        self.cancel_chosen.emit()


class RefusedDialog(QDialog):
    """Says in one sentence why nothing could be opened."""

    def __init__(self, sentence: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("refused")
        self.setWindowTitle("Touchline")
        words = label("refused-words", sentence)
        words.setWordWrap(True)
        words.setMinimumWidth(430)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        shut = button("refused-close", "Close", "Close Touchline")
        shut.clicked.connect(self.accept)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(16)
        column.addWidget(words)
        column.addWidget(shut, 0, Qt.AlignmentFlag.AlignRight)
