"""Says what a lost link means and when it is back; disarms where fills or prices are not seen."""

from core.market.links import Link, LinkName, LinkState
from core.wording.link_outages import back, lost
from gui.controllers.notifier import Notifier
from gui.controllers.ticket import TicketController
from gui.state.inbox import Frame
from gui.state.view_state import ViewState


class LinkController:
    """Hears of a frame before `known` does, so that it sees which links were up."""

    def __init__(self, known: ViewState, ticket: TicketController, notifier: Notifier) -> None:
        self._known = known
        self._ticket = ticket
        self._notifier = notifier
        self._lost: set[LinkName] = set()  # told to be lost, and not back yet
        self._disarmed = False  # by a lost stream, and not armed again since

    def before_frame(self, frame: Frame) -> None:
        """Each link as it stands now."""
        for link in frame.links:
            self._take(link)

    def _take(self, link: Link) -> None:
        if link.state is LinkState.UP:
            if link.name in self._lost:
                self._on_back(link.name)
        elif self._known.up(link.name):
            self._on_lost(link.name)

    def _on_lost(self, name: LinkName) -> None:
        self._lost.add(name)
        if name is not LinkName.REST and self._ticket.armed:
            self._ticket.arm(False)
            self._disarmed = True
        sentence = lost(name, len(self._known.working()))
        if name is not LinkName.REST and self._still_disarmed():
            sentence = f"Disarmed. {sentence}"
        self._notifier.warn(sentence)

    def _on_back(self, name: LinkName) -> None:
        self._lost.discard(name)
        sentence = back(name)
        if not self._lost and self._still_disarmed():
            self._disarmed = False
            sentence += " The ticket stays disarmed until you arm it."
        self._notifier.say(sentence)

    def _still_disarmed(self) -> bool:
        self._disarmed = self._disarmed and not self._ticket.armed
        return self._disarmed
