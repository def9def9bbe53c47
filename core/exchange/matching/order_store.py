"""All orders there were: the only place that changes one. Each change is kept and told."""

from typing import Any

from core.exchange.matching import orders
from core.exchange.matching.ids import Ids
from core.exchange.matching.orders import Execution, Order
from core.exchange.matching.refusals import invalid, not_found
from core.exchange.matching.trade_updates import TradeUpdates
from core.exchange.timing import NowNs


class OrderStore:
    """Orders by the exchange's id and by the client's, and which of them are open."""

    def __init__(self, updates: TradeUpdates, ids: Ids, now_ns: NowNs) -> None:
        self.by_id: dict[str, Order] = {}
        self._by_client: dict[str, str] = {}
        self._open: dict[str, None] = {}
        self._updates = updates
        self._ids = ids
        self._now_ns = now_ns

    def keep(self, order: Order) -> None:
        """Put an order in its own place, or in a new one."""
        self.by_id[order.id] = order
        self._by_client[order.client_order_id] = order.id
        if order.is_open:
            self._open[order.id] = None
        else:
            self._open.pop(order.id, None)

    def advance(self, order: Order, event: str, **changes: Any) -> Order:
        """The order after `event`, which is kept and told."""
        order = orders.advance(order, event, self._now_ns(), **changes)
        self.keep(order)
        self._updates.queue(event, order, self._ids.uuid() if event == "new" else None)
        return order

    def execute(self, order: Order, execution: Execution) -> None:
        """Keep and tell an execution."""
        event, order = orders.execute(order, execution)
        self.keep(order)
        self._updates.queue(event, order, execution)

    def order(self, order_id: str) -> Order:
        """One order by its id. Raises `refusals.Refused`."""
        order = self.by_id.get(order_id)
        if order is None:
            raise not_found(f"order not found for {order_id}")
        return order

    def order_by_client_id(self, client_order_id: str) -> Order:
        """One order by the client's id. Raises `refusals.Refused`."""
        order_id = self._by_client.get(client_order_id)
        if order_id is None:
            raise not_found(f"order not found for {client_order_id}")
        return self.by_id[order_id]

    def check_unused(self, client_order_id: str) -> None:
        """Raises `refusals.Refused` when an order, open or ended, has that client id."""
        if client_order_id in self._by_client:
            raise invalid("client_order_id must be unique")

    def open_orders(self) -> tuple[Order, ...]:
        """All that may still execute, oldest first."""
        return tuple(self.by_id[order_id] for order_id in self._open)
