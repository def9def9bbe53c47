"""What executions do to the account, and what open orders leave of it."""

from collections.abc import Iterable
from decimal import Decimal

from core.exchange.matching.account import Account, reserved_shares, settle
from core.exchange.matching.book import Fill
from core.exchange.matching.ids import Ids
from core.exchange.matching.order_store import OrderStore
from core.exchange.matching.orders import Execution, Order
from core.exchange.timing import NowNs
from core.exchange.units import dollars
from core.market.prices import Side


class Clearing:
    """The one account; it changes here only."""

    def __init__(self, account: Account, store: OrderStore, ids: Ids, now_ns: NowNs) -> None:
        self.account = account
        self._store = store
        self._ids = ids
        self._now_ns = now_ns

    def execute(self, symbol: str, fills: Iterable[Fill]) -> None:
        """Settle what matching decided, then keep and tell it."""
        for fill in fills:
            order = self._store.by_id[fill.order_id]
            self.account = settle(self.account, symbol, order.side, fill.qty, dollars(fill.price))
            execution = Execution(
                self._ids.uuid(),
                fill.qty,
                fill.price,
                self._now_ns(),
                self.account.shares(symbol),
            )
            self._store.execute(order, execution)

    def available(self, symbol: str) -> Decimal:
        """Shares of `symbol` that no open order reserves, negative for a short position."""
        shares = self.account.shares(symbol)
        side = Side.SELL if shares > 0 else Side.BUY
        reserved = reserved_shares(self._store.open_orders(), symbol, side)
        free = max(Decimal(0), abs(shares) - reserved)
        return free if shares > 0 else -free

    def covers(self, new: Order, old: Order) -> bool:
        """Whether the shares `new` is to close in place of `old` are still there."""
        if not new.intent.endswith("to_close"):
            return True
        others = (o for o in self._store.open_orders() if o.id not in (new.id, old.id))
        reserved = reserved_shares(others, new.symbol, new.side)
        return new.qty <= abs(self.account.shares(new.symbol)) - reserved
