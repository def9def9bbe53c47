"""The review of an order before it is sent: everything about it, live, and a second click."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from core.analysis.preview import Outlook
from core.market.prices import Side
from gui.actions.action_table import WindowAction
from gui.actions.click_guard import ClickGuard
from gui.actions.shortcuts import ShortcutTable
from gui.widgets.dialog import Dialog, buttons_row, wrapped_label
from gui.widgets.panel import button, label, set_text

_WIDTH = 460


class ReviewDialog(Dialog):
    """One order at a time; its words follow the market. `confirmed` carries its Side."""

    confirmed = Signal(object)

    def __init__(self, keys: ShortcutTable, guard: ClickGuard, parent: QWidget) -> None:
        super().__init__(parent, "review", "Review the order")
        self._keys = keys
        self._guard = guard
        self.side: Side | None = None
        self._account = label("review-account", role="muted")
        self._words = wrapped_label("review-words", width=_WIDTH)
        self._warning = wrapped_label("review-warning", role="warn", width=_WIDTH)
        for words in (self._words, self._warning):
            words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.send = button("review-send", "Send", "Send the order")
        self.keep = button("review-keep", "Do not send", "Do not send the order")
        self.send.clicked.connect(self._on_send)
        self.keep.clicked.connect(self.reject)
        self._key = QShortcut(self)
        self._key.setAutoRepeat(False)
        self._key.activated.connect(self._on_send)
        for part in (self._account, self._words, self._warning):
            self.column.addWidget(part)
        self.column.addStretch(1)
        self.column.addLayout(buttons_row(self.send, self.keep))

    def ask(self, view: Outlook) -> None:
        """Show the order of `view`; the same side's key sends it, too."""
        self.side = view.side
        action_id = WindowAction.SELL if view.side is Side.SELL else WindowAction.BUY
        self._key.setKey(QKeySequence.fromString(self._keys.portable(action_id)))
        self._guard.moved()
        self.follow(view)
        self.bring_up()
        self.activateWindow()
        self.keep.setFocus()

    def follow(self, view: Outlook) -> None:
        """The same order as the market makes it now."""
        about = view.background
        set_text(
            self._account, f"{about.venue or 'no venue'}, account {about.account or 'unknown'}"
        )
        set_text(self._words, "\n".join((view.button, *view.lines)))
        set_text(self._warning, view.refusal or view.question)
        set_text(self.send, f"Send {view.button}".replace("&", "&&"))
        self.send.setAccessibleName(f"Send {view.button}")
        self.send.setEnabled(view.ready)

    def _on_send(self) -> None:
        if self.side is None or not self.isVisible() or not self.send.isEnabled():
            return
        if not self._guard.open:
            return  # a click or key that was meant for what stood here before
        self.accept()
        self.confirmed.emit(self.side)
