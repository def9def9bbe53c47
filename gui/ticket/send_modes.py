"""What it takes to send from the ticket: a review, a held button, or one click. Kept."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from core.errors import Refusal
from gui.state.preference_store import PreferenceStore
from gui.state.preferences import SendMode
from gui.widgets.choice_menu import ChoiceMenu

WORDS = {
    SendMode.REVIEW: ("review", "A click opens a review of the order; a second one sends it"),
    SendMode.HOLD: ("hold", "Held for 0.4 s the button sends; released before, it does not"),
    SendMode.ONE_CLICK: ("one click", "One click sends while the ticket is armed"),
}
_MODES = tuple(WORDS)


class SendModes(QObject):
    """The button in the ticket's header. `changed` when another mode holds."""

    changed = Signal()
    refused = Signal(str)

    def __init__(self, preferences: PreferenceStore, parent: QWidget) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self.button = ChoiceMenu("ticket-send-mode", "Sell and Buy send", parent)
        self.button.chosen.connect(lambda index: self.choose(_MODES[index]))
        self.mode = preferences.values.send_mode
        self._say()
        preferences.changed.connect(self._renew)

    def choose(self, mode: SendMode) -> None:
        """Send like that from now on."""
        try:
            self._preferences.change(send_mode=mode)
        except Refusal as refusal:
            self.refused.emit(refusal.sentence)

    def _renew(self) -> None:
        if self.mode is not self._preferences.values.send_mode:
            self.mode = self._preferences.values.send_mode
            self._say()
            self.changed.emit()

    def _say(self) -> None:
        self.button.offer([WORDS[mode] for mode in _MODES], _MODES.index(self.mode))
        self.button.say(WORDS[self.mode][0])
