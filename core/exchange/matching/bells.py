"""What the opening and the close of the market do to orders."""

from collections.abc import Callable

from core.exchange.market.trading_day import MarketTime
from core.exchange.matching.matching_engine import MatchingEngine
from core.exchange.matching.order_store import OrderStore
from core.exchange.matching.orders import RESTING
from core.exchange.matching.trade_updates import TradeUpdates
from core.exchange.timing import CallLater, Handle, NowNs
from core.market.time import NS


class Bells:
    """Rings at each opening, close and end of extended hours.

    `acknowledge` is what becomes of an order, by its id, that has waited for the opening.
    """

    def __init__(
        self,
        time: MarketTime,
        store: OrderStore,
        engine: MatchingEngine,
        updates: TradeUpdates,
        acknowledge: Callable[[str], None],
        now_ns: NowNs,
        call_later: CallLater,
    ) -> None:
        self._time = time
        self._store = store
        self._engine = engine
        self._updates = updates
        self._acknowledge = acknowledge
        self._now_ns = now_ns
        self._call_later = call_later
        self._next: Handle | None = None

    def start(self) -> None:
        """Ring from now on; a market that is always open has no bell."""
        if self._time.always_open:
            return
        now, time = self._now_ns(), self._time
        bells = (
            (time.next_open(now), self._open),
            (time.next_close(now), lambda: self._close(extended=False)),
            (time.next_end(now), lambda: self._close(extended=True)),
        )
        due, ring = min(bells, key=lambda bell: bell[0])
        self._next = self._call_later((due - now) / NS, ring)

    def stop(self) -> None:
        """Ring no more."""
        if self._next is not None:
            self._next.cancel()

    def _open(self) -> None:
        for order in self._store.open_orders():
            if order.status == "accepted":
                self._store.advance(order, "pending_new")
                self._acknowledge(order.id)
        self.start()

    def _close(self, *, extended: bool) -> None:
        """Day orders expire, those for extended hours only with these."""
        for order in self._store.open_orders():
            ends = order.time_in_force == "day" and (extended or not order.extended_hours)
            if ends and order.status in (*RESTING, "pending_new"):
                self._engine.leave(order)
                self._store.advance(order, "expired")
        self._updates.flush()
        self.start()
