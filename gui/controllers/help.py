"""Helps a newcomer: the guide, the page of lights, and what empty lists say. Asks for nothing."""

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from core.errors import Refusal
from core.market.venues import profile_of
from gui.actions.action_table import ActionId, WindowAction
from gui.actions.shortcuts import ShortcutTable
from gui.blotter.blotter import Blotter
from gui.controllers.notifier import Notifier
from gui.dialogs.guide import Guide, Step
from gui.dialogs.help_pages import LightsPage
from gui.state.inbox import Frame
from gui.state.preference_store import PreferenceStore
from gui.state.view_state import ViewState
from gui.style.palette import Palette
from gui.ticket.ticket import Ticket
from gui.widgets.empty_hint import EmptyHint, nothing_works
from gui.window.safety_strip import SafetyStrip


class HelpController(QObject):
    """The guide runs over the blotter, and only where shares are simulated."""

    def __init__(
        self,
        window: QWidget,
        ticket: Ticket,
        strip: SafetyStrip,
        blotter: Blotter,
        palette: Palette,
        keys: ShortcutTable,
        preferences: PreferenceStore,
        known: ViewState,
        notifier: Notifier,
    ) -> None:
        super().__init__(window)
        self._strip = strip
        self._palette = palette
        self._preferences = preferences
        self._known = known
        self._notifier = notifier
        sides = tuple(block.button for block in ticket.blocks.values())
        targets = {Step.ARM: (strip.arm,), Step.SEND: sides}
        self.guide = Guide(keys, targets, blotter)
        self.guide.ended.connect(self._on_guide_ended)
        self._lights = LightsPage(window)
        hint = EmptyHint(blotter.working, lambda: nothing_works(keys))
        keys.changed.connect(hint.renew)

    def begin(self, venue: str) -> None:
        """Offer the guide at the start, to whom it was never shown."""
        if profile_of(venue).simulated and self._preferences.values.guide:
            self._begin_guide()

    def actions(self) -> dict[ActionId, Callable[[], None]]:
        """What the keys about help do."""
        return {WindowAction.GUIDE: self.show_guide, WindowAction.LIGHTS: self.show_lights}

    def show_guide(self) -> None:
        """Start the guide, or say why it is not for this account."""
        if not profile_of(self._strip.venue_name).simulated:
            self._notifier.warn(
                "The guide sends a first order with simulated shares: start Touchline on the "
                "embedded exchange for it."
            )
            return
        self._begin_guide()

    def _begin_guide(self) -> None:
        self.guide.begin(self._known.orders, armed=self._strip.armed)

    def on_frame(self, frame: Frame) -> None:
        """Follow what became of orders."""
        if frame.orders:
            self.follow()

    def follow(self) -> None:
        """Follow what the person has done."""
        if self.guide.running:
            self.guide.look(self._known.orders, armed=self._strip.armed)

    def show_lights(self) -> None:
        """Open the page about the lights."""
        self._lights.show_page(self._palette)

    def _on_guide_ended(self) -> None:
        try:
            self._preferences.change(guide=False)
        except Refusal as refusal:
            self._notifier.warn(refusal.sentence)
