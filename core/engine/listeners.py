"""Who hears the engine's events, and the counts that go with them.

A listener that fails is isolated, counted and told of. Everything happens on the engine's loop.
"""

import logging
from collections import deque
from collections.abc import Callable

import msgspec

from core.engine.events import Event, Level, Notice
from core.runtime.clock import Clock

_LOG = logging.getLogger(__name__)

MOST_UNHEARD = 100

Listener = Callable[[Event], None]


class Counters(msgspec.Struct):
    """What the engine did since it started, for the status line; every part adds its own."""

    posts: int = 0
    cancels: int = 0
    reads: int = 0
    facts: int = 0
    bad_frames: int = 0
    early_quotes: int = 0  # stamped ahead of the venue's time, and dropped
    untimed_quotes: int = 0  # stamped with no time
    listener_errors: int = 0
    journal_error: str = ""


class Listeners:
    """They hear every event in the order in which it happened.

    The first one hears at once what a person was to be told before anybody listened.
    """

    def __init__(self, counters: Counters, clock: Clock) -> None:
        self._counters = counters
        self._clock = clock
        self._listeners: list[Listener] = []
        self._unheard: deque[Notice] = deque(maxlen=MOST_UNHEARD)

    def add(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with every event; returns the way to end it."""
        self._listeners.append(listener)
        while self._unheard:
            self.tell(self._unheard.popleft())

        def remove() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return remove

    def notice(self, level: Level, sentence: str, order_id: str | None = None) -> None:
        """Tell a person something."""
        self.tell(Notice(level, sentence, self._clock.now_ns(), order_id))

    def tell(self, event: Event) -> None:
        """Hand `event` to every listener."""
        if not self._listeners and isinstance(event, Notice):
            self._unheard.append(event)
        for listener in tuple(self._listeners):
            try:
                listener(event)
            except Exception as error:  # noqa: BLE001 - a listener's fault must not stop the engine
                self._failed(event, error)

    def _failed(self, event: Event, error: Exception) -> None:
        self._counters.listener_errors += 1
        _LOG.error("a listener failed on %s", type(event).__name__, exc_info=error)
        if not isinstance(event, Notice):
            sentence = f"A part of the display failed ({type(error).__name__}); orders go on."
            self.notice(Level.WARNING, sentence)
