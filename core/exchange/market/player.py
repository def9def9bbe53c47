"""Plays the market: merges the sources and hands over each event when it is due.

Lazy: one event of each source is held. Knows neither what an event means nor who listens.
"""

import heapq
from collections.abc import Callable, Iterable

from core.exchange.market.events import MarketEvent, Source
from core.exchange.market.trading_day import MarketTime
from core.exchange.timing import CallLater, Handle, NowNs
from core.market.time import NS

_MOST_AT_ONCE = 1000

OnEvent = Callable[[MarketEvent, int], None]


class Player:
    """Calls `on_event(event, at)` in order; `at` is the event's time on the exchange's clock."""

    def __init__(
        self,
        sources: Iterable[Source],
        time: MarketTime,
        now_ns: NowNs,
        call_later: CallLater,
        on_event: OnEvent,
    ) -> None:
        self._events = heapq.merge(*sources, key=lambda event: event.at)
        self._time = time
        self._now_ns = now_ns
        self._call_later = call_later
        self._on_event = on_event
        self._next: MarketEvent | None = None
        self._handle: Handle | None = None

    def start(self) -> None:
        """Play what is due now and go on by itself."""
        self._next = next(self._events, None)
        self._play()

    def stop(self) -> None:
        """Play nothing more."""
        if self._handle is not None:
            self._handle.cancel()
        self._next = None

    def _play(self) -> None:
        now = self._now_ns()
        for _ in range(_MOST_AT_ONCE):
            event = self._next
            if event is None:
                return
            due = self._time.due(event.at)
            if due > now:
                self._handle = self._call_later((due - now) / NS, self._play)
                return
            self._next = next(self._events, None)
            self._on_event(event, due)
        self._handle = self._call_later(0, self._play)
