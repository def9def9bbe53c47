"""Asks about an order that a control does not send unasked. Blocks nothing."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from core.analysis.preview import asked_about
from core.errors import Confirmation
from core.orders.plan import Instruction
from gui.actions.click_guard import ClickGuard
from gui.widgets.dialog import Dialog, buttons_row, wrapped_label
from gui.widgets.panel import button, set_text


class ConfirmationDialog(Dialog):
    """One question at a time. `confirmed` carries what it was about and the controls' names."""

    confirmed = Signal(object, object)
    replaced = Signal(object)  # what a question was about that another one took the place of

    def __init__(
        self,
        parent: QWidget,
        name: str = "confirming",
        title: str = "Send it all the same?",
        yes: tuple[str, str] = ("Send it", "Send it all the same"),
        no: tuple[str, str] = ("Do not send", "Do not send it"),
        guard: ClickGuard | None = None,
    ) -> None:
        super().__init__(parent, name, title)
        self.guard = guard or ClickGuard()
        self._about: object = None
        self._names: tuple[str, ...] = ()
        self._words = wrapped_label(f"{name}-words")
        self._send = button(f"{name}-send", *yes)
        self._keep = button(f"{name}-keep", *no)
        self._send.clicked.connect(self._on_send)
        self._keep.clicked.connect(self.reject)
        self.column.setSpacing(16)
        self.column.addWidget(self._words)
        self.column.addLayout(buttons_row(self._send, self._keep))

    def ask(self, instruction: Instruction, names: tuple[str, ...], asks: Confirmation) -> None:
        """Ask about `instruction`; a question that stood here is given up with its order."""
        order, late = asked_about(instruction)
        self.put(instruction, names, f"{order} was not sent. {asks.sentence} {late}".rstrip())

    def put(self, about: object, names: tuple[str, ...], words: str) -> None:
        """Ask `words` about anything."""
        if self.isVisible():
            self.replaced.emit(self._about)
        self.guard.moved()  # a click in flight was meant for what stood here before
        self._about, self._names = about, names
        set_text(self._words, words)
        self.bring_up()
        self._keep.setFocus()

    def _on_send(self) -> None:
        if not self.guard.open:
            return
        about = self._about
        self.accept()
        self.confirmed.emit(about, self._names)
