"""Orders as the reducer makes them from facts, for tests about what is said and drawn."""

from decimal import Decimal

from core.engine.events import OrderChanged
from core.market.limit_price import limit_price
from core.market.prices import Side
from core.market.quotes import Quote
from core.market.time import NS
from core.orders import facts as f
from core.orders.facts import Execution, Source
from core.orders.plan import DEFAULTS, Instruction, Plan, preview_of
from core.orders.reducer import reduce
from core.orders.state import ParentOrder

START_NS = 1_800_000_000 * NS


class ScriptedOrder:
    """One order and everything told about it so far. `at` is nanoseconds on the run's clock."""

    def __init__(
        self,
        order_id: str = "a1",
        side: Side = Side.SELL,
        qty: int = 1000,
        symbol: str = "UVXY",
        plan: Plan | None = None,
        at: int = START_NS,
    ) -> None:
        self.at = at
        self.id = order_id
        self.changes: list[OrderChanged] = []
        self._order: ParentOrder | None = None
        bid, ask = Decimal("15.23"), Decimal("15.32")
        plan = plan or DEFAULTS[side]
        price = limit_price(side, bid, ask, plan.fraction)
        self.take(
            f.OrderAccepted(
                order_id=order_id,
                at=at,
                instruction=Instruction(
                    order_id, symbol, side, Decimal(qty), plan, preview_of(bid, ask, price)
                ),
                quote=Quote(symbol, bid, ask, 1200, 900, at, at, "iex"),
                limit_price=price.price,
                ticks_better=price.ticks_better,
                venue="embedded",
                account="A",
            )
        )

    @property
    def order(self) -> ParentOrder:
        """Its present state."""
        assert self._order is not None
        return self._order

    @property
    def child_id(self) -> str:
        """Client order id of the first child."""
        return self.order.children[0].client_id

    def take(self, fact: f.AnyFact) -> OrderChanged:
        """One more fact."""
        self._order, _ = reduce(self._order, fact)
        self.changes.append(OrderChanged(self._order, fact))
        return self.changes[-1]

    def wait(self, seconds: float) -> "ScriptedOrder":
        """Let time pass."""
        self.at += round(seconds * NS)
        return self

    def sent(self) -> "ScriptedOrder":
        """The POST left."""
        self.take(f.PostSent(order_id=self.id, at=self.at, client_id=self.child_id))
        return self

    def reported(
        self, status: str, filled: int = 0, execution: Execution | None = None
    ) -> "ScriptedOrder":
        """The stream says so about the first child."""
        self.take(
            f.Reported(
                order_id=self.id,
                at=self.at,
                client_id=self.child_id,
                source=Source.STREAM,
                broker_id=f"b-{self.child_id}",
                status=status,
                filled=Decimal(filled),
                avg_price=Decimal("15.24") if filled else None,
                event=status,
                execution=execution,
            )
        )
        return self

    def filled(self, shares: int, total: int) -> "ScriptedOrder":
        """A fill of `shares`, `total` so far."""
        execution = Execution(f"{self.id}-{total}", Decimal(shares), Decimal("15.24"), self.at)
        done = Decimal(total) == self.order.qty
        return self.reported("filled" if done else "partially_filled", total, execution)

    def working(self) -> "ScriptedOrder":
        """Sent and live."""
        return self.sent().reported("new")

    def cancel_asked(self) -> "ScriptedOrder":
        """A person asked to cancel and the DELETE left."""
        self.take(f.CancelAsked(order_id=self.id, at=self.at))
        self.take(f.CancelSent(order_id=self.id, at=self.at, client_id=self.child_id))
        return self

    def held(self) -> "ScriptedOrder":
        """A person took the deadline away."""
        self.take(f.DeadlineMoved(order_id=self.id, at=self.at, deadline_ns=None))
        return self

    def timed_out(self) -> "ScriptedOrder":
        """The deadline came and the DELETE left."""
        self.take(f.DeadlineReached(order_id=self.id, at=self.at))
        self.take(f.CancelSent(order_id=self.id, at=self.at, client_id=self.child_id))
        return self
