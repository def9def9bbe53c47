"""A truthful broker in a few lines, for the state machine tests: what is really so.

It keeps orders by client id, never lies and never forgets. What it says about
them (`frames`) is handed over by the test, which may lose, repeat or shuffle it.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from core.market.prices import ZERO
from core.orders.facts import Execution, Reported, Source

PRICE = Decimal("15.24")
OPEN = frozenset({"new", "partially_filled", "pending_cancel"})


@dataclass
class BrokerOrder:
    """One order as it really is. `records` holds every state it was in, newest last."""

    name: str  # our client id; the broker's own id where someone made it at the broker
    broker_id: str
    qty: Decimal
    market: bool
    status: str = "new"
    filled: Decimal = ZERO
    replaced_by: str | None = None
    cancel_pending: bool = False
    records: list[Reported] = field(default_factory=list)

    @property
    def open(self) -> bool:
        """Whether it can still fill."""
        return self.status in OPEN

    @property
    def leaves(self) -> Decimal:
        """Shares that can still fill."""
        return self.qty - self.filled if self.open else ZERO


class ModelBroker:
    """Orders by name, and the frames that it has sent and nobody has heard yet."""

    def __init__(self) -> None:
        self.orders: dict[str, BrokerOrder] = {}
        self.frames: list[Reported] = []
        self.busted = False
        self._made = 0
        self._fills = 0

    @property
    def open_orders(self) -> list[BrokerOrder]:
        """Orders that can still fill."""
        return [o for o in self.orders.values() if o.open]

    @property
    def filled(self) -> Decimal:
        """Shares filled over all orders."""
        return sum((o.filled for o in self.orders.values()), ZERO)

    def accept(self, name: str, qty: Decimal, *, market: bool) -> BrokerOrder:
        """Take an order; a client id is good for one."""
        assert name not in self.orders, f"two orders at the broker under {name}"
        return self._make(name, qty, market=market)

    def fill(self, order: BrokerOrder, qty: Decimal) -> None:
        """Fill `qty` shares of an open order."""
        self._fills += 1
        order.filled += qty
        full = order.filled == order.qty
        order.status = "filled" if full else order.status
        if order.status == "new":
            order.status = "partially_filled"
        self._tell(
            order,
            "fill" if full else "partial_fill",
            Execution(f"x{self._fills}", qty, PRICE, self._fills),
        )

    def ask_cancel(self, order: BrokerOrder) -> bool:
        """Whether a DELETE is taken: only for an open order. The end comes later."""
        taken = order.open
        if taken and not order.cancel_pending:
            order.cancel_pending = True
            order.status = "pending_cancel"
            self._tell(order, "pending_cancel")
        return taken

    def end(self, order: BrokerOrder, status: str) -> None:
        """The order ends with what has filled."""
        order.status = status
        self._tell(order, status)

    def replace(self, order: BrokerOrder) -> None:
        """A person replaces the order at the broker by one for the same rest."""
        rest = order.leaves
        order.replaced_by = f"b{self._made + 1}"
        self.end(order, "replaced")
        self._make(order.replaced_by, rest, market=False)

    def bust(self, order: BrokerOrder, qty: Decimal) -> None:
        """Take a part of a fill back."""
        self.busted = True
        order.filled -= qty
        self._tell(order, "trade_bust")

    def _make(self, name: str, qty: Decimal, *, market: bool, status: str = "new") -> BrokerOrder:
        self._made += 1
        order = BrokerOrder(name, f"b{self._made}", qty, market, status)
        self.orders[name] = order
        self._tell(order, status)
        return order

    def _tell(self, order: BrokerOrder, event: str, execution: Execution | None = None) -> None:
        record = Reported(
            order_id="o1",
            at=0,
            client_id=order.name,
            source=Source.STREAM,
            broker_id=order.broker_id,
            status=order.status,
            filled=order.filled,
            avg_price=PRICE if order.filled else None,
            event=event,
            execution=execution,
            qty=order.qty,
            replaced_by=order.replaced_by,
        )
        order.records.append(record)
        self.frames.append(record)
