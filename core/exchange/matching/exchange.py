"""The exchange itself, without any I/O: orders in, executions and market data out.

Time, delay and chance are passed in, so one seed in virtual time gives one history. Here an
order is taken or refused; its further way is in `matching_engine`, `pending_changes` and `bells`.
"""

from collections.abc import Mapping
from decimal import Decimal
from random import Random
from typing import Any

from msgspec.structs import replace

from core.exchange.faults.faults import Faults, Point
from core.exchange.market.assets import Asset, asset_of
from core.exchange.market.events import MarketEvent, QuoteEvent, Source, Status
from core.exchange.market.history import History
from core.exchange.market.player import Player
from core.exchange.market.ticker import Bar, Ticker
from core.exchange.market.trading_day import MarketTime
from core.exchange.matching.account import Account, Holding, permitted_intent
from core.exchange.matching.account_settings import AccountSettings
from core.exchange.matching.bells import Bells
from core.exchange.matching.clearing import Clearing
from core.exchange.matching.ids import Ids
from core.exchange.matching.listener import Listener
from core.exchange.matching.matching_engine import MatchingEngine
from core.exchange.matching.order_requests import (
    OrderRequest,
    read_order_request,
    read_replace_request,
)
from core.exchange.matching.order_store import OrderStore
from core.exchange.matching.order_views import order_view
from core.exchange.matching.orders import Order
from core.exchange.matching.pending_changes import PendingChanges
from core.exchange.matching.refusals import Reply, forbidden, unprocessable
from core.exchange.matching.trade_updates import TradeUpdates
from core.exchange.options import ExchangeOptions
from core.exchange.timing import CallLater, NowNs


class Exchange:
    """One account on one market. REST calls return at once; the rest happens by `call_later`."""

    def __init__(
        self,
        options: ExchangeOptions,
        sources: Mapping[str, Source],
        time: MarketTime,
        now_ns: NowNs,
        call_later: CallLater,
    ) -> None:
        self.options = options
        self.time = time
        self.now_ns = now_ns
        self.faults = Faults()
        self.assets: dict[str, Asset] = {symbol: asset_of(symbol) for symbol in sorted(sources)}
        self.ticker = Ticker(time.start_ns)
        self.ticker.on_bar = self._tell_bar
        self.history = History()
        self.settings = AccountSettings(options)
        self.listeners: list[Listener] = []
        self.ids = Ids(f"{options.seed}/{options.account_number}/ids")
        self.account_id = self.ids.uuid()
        self.updates = TradeUpdates(
            self.listeners, self.faults, self.ids, options, now_ns, call_later
        )
        self.store = OrderStore(self.updates, self.ids, now_ns)
        self.clearing = Clearing(Account(options.cash, {}), self.store, self.ids, now_ns)
        self.engine = MatchingEngine(
            self.assets,
            options.knobs,
            Random(f"{options.seed}/matching"),
            time,
            self.store,
            self.clearing,
            now_ns,
        )
        self._changes = PendingChanges(
            options.knobs,
            self.faults,
            self.store,
            self.clearing,
            self.engine,
            self.updates,
            call_later,
        )
        self._bells = Bells(
            time, self.store, self.engine, self.updates, self._acknowledge, now_ns, call_later
        )
        self._player = Player(sources.values(), time, now_ns, call_later, self.on_event)
        self._call_later = call_later

    # The run

    def start(self) -> None:
        """Play the market from now on; the positions are bought at its first prices."""
        self._player.start()
        holdings = {
            symbol: Holding(qty, self.ticker.value(symbol, qty))
            for symbol, qty in self.options.positions.items()
            if qty
        }
        self.clearing.account = replace(self.clearing.account, holdings=holdings)
        self.history.first_equity = self.equity()
        self._bells.start()

    def stop(self) -> None:
        """Play nothing more and tell nobody."""
        self._player.stop()
        self._bells.stop()
        self.listeners.clear()

    def is_open(self) -> bool:
        """Whether the regular session is open now."""
        return self.time.is_open(self.now_ns())

    # What there is

    @property
    def orders(self) -> Mapping[str, Order]:
        """All orders, open and ended, by id, oldest first."""
        return self.store.by_id

    @property
    def account(self) -> Account:
        """Cash and holdings."""
        return self.clearing.account

    def equity(self) -> Decimal:
        """Cash and positions, in dollars."""
        return self.account.cash + sum(self.account.worth(self.ticker.value))

    def order(self, order_id: str) -> Order:
        """One order by its id. Raises `refusals.Refused`."""
        return self.store.order(order_id)

    def order_by_client_id(self, client_order_id: str) -> Order:
        """One order by the client's id. Raises `refusals.Refused`."""
        return self.store.order_by_client_id(client_order_id)

    def open_orders(self) -> tuple[Order, ...]:
        """All that may still execute, oldest first."""
        return self.store.open_orders()

    def available(self, symbol: str) -> Decimal:
        """Shares of `symbol` that no open order reserves."""
        return self.clearing.available(symbol)

    # Orders

    def submit(self, body: Mapping[str, Any]) -> Reply:
        """POST an order. Raises `refusals.Refused`."""
        if self.settings.configuration["suspend_trade"]:
            raise forbidden("new orders are rejected by user request")
        request = read_order_request(body, self.assets, self.ids.uuid())
        self.store.check_unused(request.client_order_id)
        order = self._make(request, self._permitted_intent(request, self.open_orders()))
        self.store.keep(order)
        self.updates.queue("pending_new" if order.status == "pending_new" else "accepted", order)
        if order.status == "pending_new":
            self._call_later(self.options.knobs.ack_delay, lambda: self._acknowledge(order.id))
        self.updates.flush_soon()
        return Reply(200, order_view(order))

    def cancel(self, order_id: str) -> Reply:
        """DELETE an order: taken, confirmed later. Raises `refusals.Refused`."""
        order = self.order(order_id)
        if not order.is_open:
            raise unprocessable(f'order is already in "{order.status}" state')
        if order.status in ("pending_cancel", "pending_replace"):
            raise unprocessable(f"order {order.status.replace('_', ' ')}")
        self.store.advance(order, "pending_cancel")
        self._changes.cancel(order)
        self.updates.flush_soon()
        return Reply(204)

    def replace(self, order_id: str, body: Mapping[str, Any]) -> Reply:
        """PATCH an order: answers with the new one. Raises `refusals.Refused`."""
        old = self.order(order_id)
        if old.status not in ("new", "partially_filled"):
            raise unprocessable("unable to replace order, order is not open")
        request = read_replace_request(old, body, self.assets[old.symbol], self.ids.uuid())
        self.store.check_unused(request.client_order_id)
        others = tuple(o for o in self.open_orders() if o.id != old.id)
        new = self._make(request, self._permitted_intent(request, others), replaces=old.id)
        self.store.advance(old, "pending_replace")
        self.store.keep(new)
        self._changes.replace(old, new)
        self.updates.flush_soon()
        return Reply(200, order_view(new))

    def _make(self, request: OrderRequest, intent: str, replaces: str | None = None) -> Order:
        now = self.now_ns()
        works = self.time.is_open(now) or request.extended_hours
        return Order(
            id=self.ids.uuid(),
            client_order_id=request.client_order_id,
            symbol=request.symbol,
            asset_id=request.asset.id,
            side=request.side,
            kind=request.kind,
            time_in_force=request.time_in_force,
            qty=request.qty,
            limit=request.limit,
            extended_hours=request.extended_hours,
            intent=intent,
            status="pending_new" if works else "accepted",
            created_ns=now,
            updated_ns=now,
            replaces=replaces,
        )

    def _permitted_intent(self, request: OrderRequest, others: tuple[Order, ...]) -> str:
        return permitted_intent(
            self.account,
            request,
            others,
            self.ticker.cost_to_buy(),
            allow_short=self.options.allow_short,
            short_above=self.engine.short_above(request.symbol),
        )

    def _acknowledge(self, order_id: str) -> None:
        order = self.store.by_id[order_id]
        if order.status == "pending_new":
            if self.faults.take(Point.NEW, client_order_id=order.client_order_id):
                self.store.advance(order, "rejected")
            else:
                self.engine.arrive(self.store.advance(order, "new"))
        self.updates.flush()

    # The market

    def on_event(self, event: MarketEvent, at: int) -> None:
        """The market moved or traded at `at`: it is published, and what it reaches executes."""
        if self.engine.books[event.symbol].halted:
            return
        trading = self.time.is_open(at) or self.time.is_extended(at)
        if isinstance(event, QuoteEvent):
            quote = self.ticker.quote(event, at)
            self.history.quotes[event.symbol].append(quote)
            for listener in self.listeners if trading else ():
                listener.on_quote(event.symbol, quote)
        elif trading:
            trade = self.ticker.trade(event, at)
            self.history.trades[event.symbol].append(trade)
            for listener in self.listeners:
                listener.on_trade(event.symbol, trade)
        if trading:
            self.engine.on_event(event, at)
        self.updates.flush()

    def _tell_bar(self, symbol: str, bar: Bar) -> None:
        self.history.bars[symbol].append(bar)
        self.history.equities.append((self.now_ns(), self.equity()))
        for listener in self.listeners:
            listener.on_bar(symbol, bar)

    def _tell_status(self, symbol: str, status: Status) -> None:
        for listener in self.listeners:
            listener.on_status(symbol, status, self.now_ns())

    # Halts and faults on demand

    def halt(self, symbol: str) -> None:
        """Stop trading in `symbol`: no quotes, no prints, no executions."""
        self.engine.halt(symbol)
        self._tell_status(symbol, Status.HALTED)

    def resume(self, symbol: str) -> None:
        """Go on trading in `symbol`."""
        fills = self.engine.resume(symbol)
        self._tell_status(symbol, Status.RESUMED)
        self.clearing.execute(symbol, fills)
        self.updates.flush()

    def restrict(self, symbol: str) -> None:
        """Begin the short-sale restriction (Rule 201): no short at or below the best bid."""
        self.engine.restricted.add(symbol)
        self._tell_status(symbol, Status.RESTRICTED)

    def unrestrict(self, symbol: str) -> None:
        """End the short-sale restriction."""
        self.engine.restricted.discard(symbol)
        self._tell_status(symbol, Status.UNRESTRICTED)

    def release_cancels(self) -> None:
        """Confirm every cancel that a fault has stuck."""
        self._changes.release_cancels()

    def replay_updates(self, client_order_id: str = "") -> int:
        """Send again, as they were, the updates of orders whose client id starts so."""
        return self.updates.replay(client_order_id)
