"""What it takes to send from the ticket: the rules between a press and an order.

A press sends at once, opens a review first, or counts only when the button is held down, as the
person chose. Whichever it is, nothing goes out just after the window moved, nothing that refuses
or refused as it was seen, and nothing twice for one press. No Qt may enter: a press comes in,
an `Outcome` goes out, and the ticket carries it out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from core.analysis.preview import Outlook
from core.market.prices import Side
from core.orders.plan import Instruction
from gui.actions.click_guard import AGAIN_S, ClickGuard, PressDebounce
from gui.state.preferences import SendMode

HOLD_S = 0.4


@dataclass(frozen=True, slots=True)
class Review:
    """This order is to be reviewed before it is sent."""

    outlook: Outlook


Outcome = Instruction | Review | str  # an order to send, one to review, or why nothing is sent


class SendRules:
    """Says what a press comes to.

    `now` gives a side's outlook as it is at that moment; what a press is about is the outlook
    that was seen. `held` are those of the sides whose buttons are held down.
    """

    def __init__(
        self, guard: ClickGuard, presses: PressDebounce, now: Callable[[Side], Outlook]
    ) -> None:
        self._guard = guard
        self._presses = presses
        self._now = now
        self.held: dict[Side, Outlook] = {}

    def press(self, seen: Outlook, mode: SendMode) -> Outcome:
        """A click or a key, or the end of a press-and-hold where the button is to be held."""
        if mode is SendMode.REVIEW:
            return self.review(seen.side)
        if mode is SendMode.HOLD:
            return self._held_long_enough(seen)
        return self.send(seen)

    def review(self, side: Side) -> Review:
        """Show the order as it is now, to be sent by a second press."""
        return Review(self._now(side))

    def send(self, seen: Outlook) -> Instruction | str:
        """The order as it was seen, or why it is not sent."""
        if not self._guard.open:
            return "The window changed just before the click: nothing was sent."
        now = self._now(seen.side)
        if seen.refusal or now.refusal or seen.qty is None:
            return seen.refusal or now.refusal
        if self._presses.is_repeat(seen.side):
            return f"Pressed again within {AGAIN_S} s: that press sent nothing."
        return Instruction(str(uuid4()), seen.symbol, seen.side, seen.qty, seen.plan, seen.shown)

    # -- press-and-hold -------------------------------------------------------

    def begin_hold(self, seen: Outlook) -> None:
        """What stands there as the button is pressed is what the person wants."""
        self.held[seen.side] = seen

    def _held_long_enough(self, seen: Outlook) -> Outcome:
        if seen.side in self.held:
            return self.send(self.held.pop(seen.side))
        return seen.refusal  # it would have refused as it was pressed, so it was never held

    def release(self, side: Side) -> str:
        """The button came up before its time."""
        self.held.pop(side, None)
        return "Released before its time: nothing was sent."

    def drop_hold(self, side: Side) -> str:
        """The order on the button became another one: nobody has held that one down."""
        del self.held[side]
        return "The ticket changed while it was held: nothing was sent."


class PressAndHold:
    """How long one button has been held down, of the `HOLD_S` that it takes to send."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._since: float | None = None

    @property
    def under_way(self) -> bool:
        """Whether the button is held down."""
        return self._since is not None

    @property
    def progress(self) -> float:
        """How much of its time has passed, 0 while it is not held."""
        if self._since is None:
            return 0.0
        return min(max((self._clock() - self._since) / HOLD_S, 0.0), 1.0)

    @property
    def long_enough(self) -> bool:
        """Whether all of its time has passed."""
        return self._since is not None and self._clock() - self._since >= HOLD_S

    def begin(self) -> None:
        """The button is pressed."""
        self._since = self._clock()

    def end(self) -> None:
        """It is held no more."""
        self._since = None
