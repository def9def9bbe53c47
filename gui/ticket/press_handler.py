"""Carries a press of a side's button or key through the rules of sending, and carries out the rest.

The rules are in `gui.ticket.send_rules`; here the button, the review and the chosen mode meet them.
"""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, Signal

from core.analysis.preview import Outlook
from core.market.prices import Side
from core.orders.plan import Instruction
from gui.actions.click_guard import ClickGuard, PressDebounce
from gui.state.preferences import SendMode
from gui.ticket.review_dialog import ReviewDialog
from gui.ticket.send_modes import SendModes
from gui.ticket.send_rules import Outcome, Review, SendRules
from gui.ticket.side_button import SideButton


class PressHandler(QObject):
    """Both buttons of a ticket. `send` carries an Instruction, `refused` a sentence.

    `seen` is a side's outlook as it stands on the screen, `now` the same as it is by now.
    """

    send = Signal(object)
    refused = Signal(str)

    def __init__(
        self,
        buttons: Mapping[Side, SideButton],
        modes: SendModes,
        review: ReviewDialog,
        guard: ClickGuard,
        presses: PressDebounce,
        seen: Callable[[Side], Outlook],
        now: Callable[[Side], Outlook],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._buttons = buttons
        self._modes = modes
        self._review = review
        self._guard = guard
        self._seen = seen
        self._rules = SendRules(guard, presses, now)
        modes.changed.connect(self._take_mode)
        review.confirmed.connect(lambda side: self._carry_out(self._rules.send(seen(side))))
        for side, button in buttons.items():
            button.asked.connect(lambda side=side: self._on_asked(side))
            button.hold_began.connect(lambda side=side: self._rules.begin_hold(seen(side)))
            button.hold_released.connect(lambda side=side: self._on_released(side))
        self._take_mode()

    def press(self, side: Side) -> None:
        """The side's key: send, begin to hold, or review, as the person chose."""
        if self._modes.mode is SendMode.HOLD:
            self._buttons[side].begin_hold(by_key=True)
        else:
            self._on_asked(side)

    def press_in_menu(self, side: Side) -> None:
        """As the key; a menu cannot be held, so there the order is reviewed."""
        if self._modes.mode is SendMode.HOLD:
            self._carry_out(self._rules.review(side))
        else:
            self._on_asked(side)

    def drop_holds(self) -> None:
        """The order on the buttons becomes another one: nobody has held that one down."""
        for side in tuple(self._rules.held):
            sentence = self._rules.drop_hold(side)
            self._buttons[side].drop_hold()
            self.refused.emit(sentence)

    def _take_mode(self) -> None:
        self._guard.moved()
        self._review.reject()
        for button in self._buttons.values():
            button.set_press_and_hold(self._modes.mode is SendMode.HOLD)

    def _on_asked(self, side: Side) -> None:
        self._carry_out(self._rules.press(self._seen(side), self._modes.mode))

    def _on_released(self, side: Side) -> None:
        self.refused.emit(self._rules.release(side))

    def _carry_out(self, outcome: Outcome) -> None:
        if isinstance(outcome, Instruction):
            self.send.emit(outcome)
        elif isinstance(outcome, Review):
            self._review.ask(outcome.outlook)
        else:
            self.refused.emit(outcome)
