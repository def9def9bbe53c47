"""Asks about an order that a control does not send unasked. Blocks nothing."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from core.errors import Confirmation
from core.plan import Instruction
from core.words import qty, side_word
from gui.panel import button, label, set_text


class ConfirmingDialog(QDialog):
    """One question at a time. `confirmed` carries the Instruction and the controls' names."""

    confirmed = Signal(object, object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("confirming")
        self.setWindowTitle("Send it all the same?")
        self.setAccessibleName("Send it all the same?")
        self.setWindowModality(Qt.WindowModality.NonModal)
        self._instruction: Instruction | None = None
        self._names: tuple[str, ...] = ()
        self._words = label("confirming-words")
        self._words.setWordWrap(True)
        self._words.setMinimumWidth(430)
        self._send = button("confirming-send", "Send it", "Send it all the same")
        self._keep = button("confirming-keep", "Do not send", "Do not send it")
        self._send.clicked.connect(self._on_send)
        self._keep.clicked.connect(self.reject)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        row.addWidget(self._send)
        row.addWidget(self._keep)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(16)
        column.addWidget(self._words)
        column.addLayout(row)

    def ask(self, instruction: Instruction, names: tuple[str, ...], asks: Confirmation) -> None:
        """Ask about `instruction`; a question that stood here is given up with its order."""
        self._instruction, self._names = instruction, names
        order = f"{side_word(instruction.side)} {qty(instruction.qty)} {instruction.symbol}"
        set_text(self._words, f"{order} was not sent. {asks.sentence}")
        self.show()
        self.raise_()
        self._keep.setFocus()

    def _on_send(self) -> None:
        instruction = self._instruction
        self.accept()
        self.confirmed.emit(instruction, self._names)
