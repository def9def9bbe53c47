"""The books of all symbols: our orders and the market's events in, executions out.

When and at what price an order executes is in `fill_rules`; here is which book it is in, and
whether it may trade at this hour.
"""

from collections.abc import Iterable
from random import Random

from msgspec.structs import replace

from core.exchange.market.events import OFF_EXCHANGE, MarketEvent, QuoteEvent
from core.exchange.market.trading_day import MarketTime
from core.exchange.matching import fill_rules
from core.exchange.matching.book import Book, Fill, Resting
from core.exchange.matching.clearing import Clearing
from core.exchange.matching.order_store import OrderStore
from core.exchange.matching.orders import Order
from core.exchange.options import Knobs
from core.exchange.timing import NowNs


class MatchingEngine:
    """A book for each symbol, and for which of them short sales are restricted."""

    def __init__(
        self,
        symbols: Iterable[str],
        knobs: Knobs,
        chance: Random,
        time: MarketTime,
        store: OrderStore,
        clearing: Clearing,
        now_ns: NowNs,
    ) -> None:
        self.time = time
        self.books = {symbol: Book() for symbol in symbols}
        self.restricted: set[str] = set()
        self._knobs = knobs
        self._chance = chance
        self._store = store
        self._clearing = clearing
        self._now_ns = now_ns

    def arrive(self, order: Order) -> None:
        """An order comes to its book: what it reaches executes, the remainder rests or ends."""
        resting = Resting(order.id, order.side, order.limit, order.leaves)
        book, knobs = self.books[order.symbol], self._knobs
        rests = order.time_in_force not in ("ioc", "fok")
        if not self._trades(order, self._now_ns()):
            after, _ = fill_rules.arrive(fill_rules.halt(book), resting, knobs, rests=rests)
            self.books[order.symbol] = replace(after, halted=book.halted)
            return
        after, fills = fill_rules.arrive(book, resting, knobs, rests=rests)
        if order.time_in_force == "fok" and sum(f.qty for f in fills) < order.qty:
            fills = ()
        else:
            self.books[order.symbol] = after
        self._clearing.execute(order.symbol, fills)
        order = self._store.by_id[order.id]
        if not rests and order.is_open:
            self._store.advance(order, "canceled")

    def leave(self, order: Order) -> None:
        """Take an order off its book."""
        self.books[order.symbol] = fill_rules.leave(self.books[order.symbol], order.id)

    def on_event(self, event: MarketEvent, at: int) -> None:
        """The market moved or traded at `at`: what that reaches executes."""
        symbol, knobs = event.symbol, self._knobs
        book = self.books[symbol]
        orders = self._store.by_id
        idle = tuple(r for r in book.resting if not self._trades(orders[r.order_id], at))
        book = replace(book, resting=tuple(r for r in book.resting if r not in idle))
        if isinstance(event, QuoteEvent):
            book, fills = fill_rules.quote(book, event.touch, knobs, self._chance)
        else:
            lit = event.venue != OFF_EXCHANGE
            price, size = event.price, event.size
            book, fills = fill_rules.trade(book, price, size, knobs, self._chance, lit=lit)
        self.books[symbol] = replace(book, resting=(*book.resting, *idle))
        self._clearing.execute(symbol, fills)

    def halt(self, symbol: str) -> None:
        """Nothing of `symbol` executes until it is resumed."""
        self.books[symbol] = fill_rules.halt(self.books[symbol])

    def resume(self, symbol: str) -> tuple[Fill, ...]:
        """Go on; what is reachable by now is to be executed, in the regular session at once."""
        book, fills = fill_rules.resume(self.books[symbol], self._knobs)
        if not self.time.is_open(self._now_ns()):
            book, fills = replace(self.books[symbol], halted=False), ()
        self.books[symbol] = book
        return fills

    def short_above(self, symbol: str) -> int | None:
        """The best bid, above which a short must stand while short sales are restricted."""
        return self.books[symbol].touch.bid if symbol in self.restricted else None

    def _trades(self, order: Order, at: int) -> bool:
        """Whether an order may execute at these hours."""
        return self.time.is_open(at) or (order.extended_hours and self.time.is_extended(at))
