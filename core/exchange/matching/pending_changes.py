"""What follows a DELETE or a PATCH that was taken: the order waits until it is confirmed.

Faults that spoil cancels strike here.
"""

from core.exchange.faults.faults import Faults, Kind, Point
from core.exchange.matching.clearing import Clearing
from core.exchange.matching.matching_engine import MatchingEngine
from core.exchange.matching.order_store import OrderStore
from core.exchange.matching.orders import Order
from core.exchange.matching.trade_updates import TradeUpdates
from core.exchange.options import Knobs
from core.exchange.timing import CallLater


class PendingChanges:
    """Cancels and replacements under way, in `pending_cancel` and `pending_replace`."""

    def __init__(
        self,
        knobs: Knobs,
        faults: Faults,
        store: OrderStore,
        clearing: Clearing,
        engine: MatchingEngine,
        updates: TradeUpdates,
        call_later: CallLater,
    ) -> None:
        self._knobs = knobs
        self._faults = faults
        self._store = store
        self._clearing = clearing
        self._engine = engine
        self._updates = updates
        self._call_later = call_later
        self._stuck: dict[str, None] = {}

    def cancel(self, order: Order) -> None:
        """Confirm a cancel after the usual delay, or as a fault wants it."""
        delay = self._knobs.cancel_delay
        fault = self._faults.take(Point.CANCEL, client_order_id=order.client_order_id)
        kind = fault.kind if fault else None
        if kind is Kind.CANCEL_STUCK:
            self._stuck[order.id] = None
        elif kind is Kind.CANCEL_REJECTED:
            self._call_later(delay, lambda: self._refuse_cancel(order.id))
        else:
            late = fault.seconds if fault else 0.0
            self._call_later(delay + late, lambda: self._confirm_cancel(order.id))

    def replace(self, old: Order, new: Order) -> None:
        """Replace one order by another after the usual delay."""
        self._call_later(self._knobs.ack_delay, lambda: self._swap(old.id, new.id))

    def release_cancels(self) -> None:
        """Confirm every cancel that a fault has stuck."""
        for order_id in list(self._stuck):
            self._confirm_cancel(order_id)
        self._stuck.clear()

    def _confirm_cancel(self, order_id: str) -> None:
        order = self._store.by_id[order_id]
        if order.status == "pending_cancel":
            self._engine.leave(order)
            self._store.advance(order, "canceled")
            self._updates.flush()

    def _refuse_cancel(self, order_id: str) -> None:
        order = self._store.by_id[order_id]
        if order.status == "pending_cancel":
            self._store.advance(order, "order_cancel_rejected")
            self._updates.flush()

    def _swap(self, old_id: str, new_id: str) -> None:
        """Replace for real, unless either order ended or the old one grew meanwhile."""
        old, new = self._store.by_id[old_id], self._store.by_id[new_id]
        replaceable = old.status == "pending_replace"
        waiting = new.status in ("pending_new", "accepted")
        if replaceable and waiting and self._clearing.covers(new, old):
            self._engine.leave(old)
            self._store.advance(old, "replaced", replaced_by=new_id)
            self._engine.arrive(self._store.advance(new, "new"))
        else:
            if replaceable:
                self._store.advance(old, "order_replace_rejected")
            if waiting:
                self._store.advance(new, "rejected")
        self._updates.flush()
