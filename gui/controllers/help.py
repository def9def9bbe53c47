"""Helps a newcomer: the guide, the page of lights, and what empty lists say. Asks for nothing."""

from PySide6.QtCore import QObject

from core.errors import Refusal
from core.market.venues import profile_of
from gui.controllers.notifier import Notifier
from gui.dialogs.guide import Guide, Step
from gui.dialogs.help_pages import LightsPage
from gui.state.view_state import ViewState
from gui.widgets.empty_hint import EmptyHint, nothing_works
from gui.window.main_window import MainWindow


class HelpController(QObject):
    """The guide runs over the blotter, and only where shares are simulated."""

    def __init__(self, window: MainWindow, known: ViewState, tell: Notifier) -> None:
        super().__init__(window)
        self._window = window
        self._known = known
        self._tell = tell
        ticket, strip, blotter = window.ticket, window.strip, window.blotter
        sides = tuple(block.button for block in ticket.blocks.values())
        targets = {Step.ARM: (strip.arm,), Step.SEND: sides}
        self.guide = Guide(window.keys, targets, blotter)
        self.guide.ended.connect(self._on_guide_ended)
        self._lights = LightsPage(window)
        hint = EmptyHint(blotter.working, lambda: nothing_works(window.keys))
        window.keys.changed.connect(hint.renew)

    def begin(self, venue: str) -> None:
        """Offer the guide at the start, to whom it was never shown."""
        if profile_of(venue).simulated and self._window.preferences.values.guide:
            self._begin_guide()

    def show_guide(self) -> None:
        """Start the guide, or say why it is not for this account."""
        if not profile_of(self._window.strip.venue_name).simulated:
            self._tell.warn(
                "The guide sends a first order with simulated shares: start Touchline on the "
                "embedded exchange for it."
            )
            return
        self._begin_guide()

    def _begin_guide(self) -> None:
        self.guide.begin(self._known.orders, armed=self._window.strip.armed)

    def look(self) -> None:
        """Follow what the person has done."""
        if self.guide.running:
            self.guide.look(self._known.orders, armed=self._window.strip.armed)

    def show_lights(self) -> None:
        """Open the page about the lights."""
        self._lights.show_page(self._window.palette_table)

    def _on_guide_ended(self) -> None:
        try:
            self._window.preferences.change(guide=False)
        except Refusal as refusal:
            self._tell.warn(refusal.sentence)
