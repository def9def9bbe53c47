"""What clients are told of their orders: queued as it comes about, sent at the end of each step.

Faults that spoil updates strike here.
"""

from collections import deque
from collections.abc import Iterable
from random import Random
from typing import Any

from core.exchange.faults.faults import Faults, Kind, Point
from core.exchange.matching.ids import Ids
from core.exchange.matching.listener import Listener
from core.exchange.matching.order_views import update_view
from core.exchange.matching.orders import Execution, Order
from core.exchange.options import ExchangeOptions
from core.exchange.timing import CallLater, NowNs

_REMEMBERED = 1000
_PENDING = ("pending_cancel", "pending_replace")


class TradeUpdates:
    """The updates of all orders, on their way to `listeners`; the last thousand can be replayed."""

    def __init__(
        self,
        listeners: Iterable[Listener],
        faults: Faults,
        ids: Ids,
        options: ExchangeOptions,
        now_ns: NowNs,
        call_later: CallLater,
    ) -> None:
        self._pending_told = options.knobs.pending_told
        self._chance = Random(f"{options.seed}/pending")
        self._listeners = listeners
        self._faults = faults
        self._ids = ids
        self._now_ns = now_ns
        self._call_later = call_later
        self._outbox: deque[dict[str, Any]] = deque()
        self._history: deque[dict[str, Any]] = deque(maxlen=_REMEMBERED)

    def queue(self, event: str, order: Order, execution: Execution | str | None = None) -> None:
        """One update, unless it is of a kind not always told. `execution` as in `update_view`."""
        if event in _PENDING and self._chance.random() >= self._pending_told:
            return
        now = self._now_ns()
        message = update_view(event, order, now, self._ids.ulid(now), execution)
        self._history.append(message)
        fault = self._faults.take(Point.UPDATE, event=event, client_order_id=order.client_order_id)
        if fault is None:
            self._outbox.append(message)
        elif fault.kind is Kind.UPDATE_TWICE:
            self._outbox.extend((message, message))
        elif fault.kind is Kind.UPDATE_LATE:
            self._call_later(fault.seconds, lambda: self._send(message))

    def flush_soon(self) -> None:
        """Send what is queued after the answer to the call that caused it."""
        self._call_later(0, self.flush)

    def flush(self) -> None:
        """Send what is queued."""
        while self._outbox:
            self._send(self._outbox.popleft())

    def replay(self, client_order_id: str) -> int:
        """Send again, as they were, the updates of orders whose client id starts so; how many."""
        again = [
            m
            for m in self._history
            if m["data"]["order"]["client_order_id"].startswith(client_order_id)
        ]
        for message in again:
            self._send(message)
        return len(again)

    def _send(self, message: dict[str, Any]) -> None:
        for listener in self._listeners:
            listener.on_update(message)
