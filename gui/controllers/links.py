"""Says what a lost link means and when it is back; disarms where fills or prices are not seen."""

from core.market.links import Link, LinkName, LinkState
from core.wording.link_outages import back, lost
from gui.controllers.notifier import Notifier
from gui.controllers.orders import OrderController
from gui.state.view_state import ViewState
from gui.window.main_window import MainWindow


class LinkController:
    """Hears of each link before `known` does, so that it sees which ones were up."""

    def __init__(
        self, window: MainWindow, known: ViewState, ask: OrderController, tell: Notifier
    ) -> None:
        self._window = window
        self._known = known
        self._ask = ask
        self._tell = tell
        self._lost: set[LinkName] = set()  # told to be lost, and not back yet
        self._disarmed = False  # by a lost stream, and not armed again since

    def take(self, link: Link) -> None:
        """One link as it stands now."""
        if link.state is LinkState.UP:
            if link.name in self._lost:
                self._on_back(link.name)
        elif self._known.up(link.name):
            self._on_lost(link.name)

    def _on_lost(self, name: LinkName) -> None:
        self._lost.add(name)
        if name is not LinkName.REST and self._window.strip.armed:
            self._ask.arm(False)
            self._disarmed = True
        sentence = lost(name, len(self._known.working()))
        if name is not LinkName.REST and self._still_disarmed():
            sentence = f"Disarmed. {sentence}"
        self._tell.warn(sentence)

    def _on_back(self, name: LinkName) -> None:
        self._lost.discard(name)
        sentence = back(name)
        if not self._lost and self._still_disarmed():
            self._disarmed = False
            sentence += " The ticket stays disarmed until you arm it."
        self._tell.say(sentence)

    def _still_disarmed(self) -> bool:
        self._disarmed = self._disarmed and not self._window.strip.armed
        return self._disarmed
