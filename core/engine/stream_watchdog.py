"""Notices when the order stream says nothing of what the venue has answered over REST.

A stream that has gone mute may still answer every ping. But whatever order the venue takes,
and whatever cancel, it also tells on the stream; what it does not tell there in time shows it.
"""

import asyncio

from core.engine.account_state import AccountState
from core.engine.dispatcher import Dispatcher
from core.engine.events import Level
from core.engine.listeners import Listeners
from core.orders.commands import Read
from core.orders.facts import (
    AnyFact,
    CancelFailed,
    CancelRefused,
    CancelSent,
    CancelTaken,
    ChildFact,
    PostRefused,
    PostSent,
    PostUnanswered,
    PostWithheld,
    Reported,
    Source,
)
from core.venue.interface import Venue

ACKNOWLEDGED_WITHIN_S = 3.0

_LEFT = (PostSent, CancelSent)
_CAME_TO_NOTHING = (PostWithheld, PostRefused, PostUnanswered, CancelRefused, CancelFailed)


class StreamWatchdog:
    """What the venue has answered and the stream has yet to tell.

    While the stream is not up nothing is expected of it: it is read for when it comes.
    """

    def __init__(
        self,
        venue: Venue,
        account_state: AccountState,
        dispatcher: Dispatcher,
        listeners: Listeners,
    ) -> None:
        self._venue = venue
        self._account_state = account_state
        self._dispatcher = dispatcher
        self._listeners = listeners
        self._frames = 0
        self._told: dict[str, bool] = {}  # requests on their way: has the stream told already?
        self._due: dict[str, asyncio.TimerHandle] = {}

    def heard(self) -> None:
        """The stream told something, of whichever order."""
        self._frames += 1

    def see(self, fact: AnyFact) -> None:
        """Whatever becomes known of our orders."""
        if not isinstance(fact, ChildFact):
            return
        name = fact.client_id
        if isinstance(fact, _LEFT):
            self._told[name] = False
        elif isinstance(fact, _CAME_TO_NOTHING):
            self._told.pop(name, None)
        elif isinstance(fact, Reported) and fact.source is Source.STREAM:
            self._tell(name)
        elif _answers(fact) and self._told.pop(name, True) is False:
            self._expect(fact.order_id, name)

    def forget(self) -> None:
        """The stream is down or has come anew: what it did not tell is read anyway."""
        for due in self._due.values():
            due.cancel()
        self._due.clear()
        self._told.clear()

    def _tell(self, name: str) -> None:
        if name in self._told:
            self._told[name] = True
        due = self._due.pop(name, None)
        if due is not None:
            due.cancel()

    def _expect(self, order_id: str, name: str) -> None:
        if name not in self._due and self._account_state.hears_orders:
            self._due[name] = asyncio.get_running_loop().call_later(
                ACKNOWLEDGED_WITHIN_S, self._overdue, order_id, name, self._frames
            )

    def _overdue(self, order_id: str, name: str, frames: int) -> None:
        del self._due[name]
        if self._frames != frames:  # one frame was lost
            self._dispatcher.carry_out(order_id, Read(name))
            return
        self._listeners.notice(
            Level.WARNING,
            "The order stream is silent: it has not told what the venue answered "
            f"{ACKNOWLEDGED_WITHIN_S:g} s ago. Open orders are read, and it is connected anew.",
            order_id,
        )
        self._dispatcher.read_open()
        self._venue.renew_orders("it did not tell what the venue had answered")


def _answers(fact: ChildFact) -> bool:
    posted = isinstance(fact, Reported) and fact.source is Source.POST
    return posted or isinstance(fact, CancelTaken)
