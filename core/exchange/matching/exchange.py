"""The exchange itself, without any I/O: orders in, executions and market data out.

Time, delay and chance are passed in, so one seed in virtual time gives one history.
Orders, books and the account change only here; the rules live in `tickets`, `account`,
`orders` and `matching`.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from decimal import Decimal
from random import Random
from typing import Any, Protocol
from uuid import UUID

from msgspec.structs import replace

from core.exchange.api.views import order_view, update_view
from core.exchange.faults.faults import Faults, Kind, Point
from core.exchange.market.events import OFF_EXCHANGE, MarketEvent, QuoteEvent, Source, Status
from core.exchange.market.player import Player
from core.exchange.market.ticker import Bar, Quote, Ticker, Trade
from core.exchange.market.trading_day import MarketTime
from core.exchange.matching import rules
from core.exchange.matching.account import Account, Holding, check, held, settle
from core.exchange.matching.assets import Asset, asset_of
from core.exchange.matching.book import Book, Fill, Resting
from core.exchange.matching.order_requests import Ticket, read_amendment, read_ticket
from core.exchange.matching.orders import RESTING, Execution, Order, advance, execute
from core.exchange.matching.refusals import Reply, invalid, not_found, unprocessable
from core.exchange.options import Options
from core.exchange.scheduler import CallLater, Handle, NowNs
from core.exchange.units import dollars
from core.market.prices import Side
from core.market.time import NS

_REMEMBERED_UPDATES = 1000


class Listener(Protocol):
    """Whoever wants to hear. Called inside the exchange's own step; must return at once."""

    def on_update(self, message: dict[str, Any]) -> None:
        """A trade update, ready for the wire."""

    def on_quote(self, symbol: str, quote: Quote) -> None:
        """A quote was published."""

    def on_trade(self, symbol: str, trade: Trade) -> None:
        """A print was published."""

    def on_status(self, symbol: str, status: Status, at_ns: int) -> None:
        """Trading in a symbol stopped or went on, or short sales of it were restricted or freed."""

    def on_bar(self, symbol: str, bar: Bar) -> None:
        """A minute is finished."""


class Exchange:
    """One account on one market. REST calls return at once; the rest happens by `call_later`."""

    def __init__(
        self,
        options: Options,
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
        self.account = Account(options.cash, {})
        self.ticker = Ticker(time.start_ns)
        self.ticker.on_bar = self._bar
        self.listeners: list[Listener] = []
        self.orders: dict[str, Order] = {}
        self._by_client: dict[str, str] = {}
        self._open: dict[str, None] = {}
        self._books = {symbol: Book() for symbol in self.assets}
        self._restricted: set[str] = set()
        self._stuck: dict[str, None] = {}
        self._outbox: deque[dict[str, Any]] = deque()
        self._history: deque[dict[str, Any]] = deque(maxlen=_REMEMBERED_UPDATES)
        self._call_later = call_later
        self._chance = Random(f"{options.seed}/matching")
        self._ids = Random(f"{options.seed}/{options.account_number}/ids")
        self.account_id = self._uuid()
        self._player = Player(sources.values(), time, now_ns, call_later, self._market)
        self._bell: Handle | None = None

    # The run

    def start(self) -> None:
        """Play the market from now on; the positions are bought at its first prices."""
        self._player.start()
        holdings = {
            symbol: Holding(qty, self.ticker.value(symbol, qty))
            for symbol, qty in self.options.positions.items()
            if qty
        }
        self.account = replace(self.account, holdings=holdings)
        self._set_bell()

    def stop(self) -> None:
        """Play nothing more and tell nobody."""
        self._player.stop()
        if self._bell is not None:
            self._bell.cancel()
        self.listeners.clear()

    def is_open(self) -> bool:
        """Whether the regular session is open now."""
        return self.time.is_open(self.now_ns())

    # Orders

    def submit(self, body: Mapping[str, Any]) -> Reply:
        """POST an order. Raises `replies.Refused`."""
        ticket = read_ticket(body, self.assets, self._uuid())
        self._check_unused(ticket)
        order = self._make(ticket, self._check(ticket, self.open_orders()))
        self._keep(order)
        self._emit("pending_new" if order.status == "pending_new" else "accepted", order)
        if order.status == "pending_new":
            self._call_later(self.options.knobs.ack_delay, lambda: self._acknowledge(order.id))
        self._flush_soon()
        return Reply(200, order_view(order))

    def cancel(self, order_id: str) -> Reply:
        """DELETE an order: taken, confirmed later. Raises `replies.Refused`."""
        order = self.order(order_id)
        if not order.is_open:
            raise unprocessable(f'order is already in "{order.status}" state')
        if order.status in ("pending_cancel", "pending_replace"):
            raise unprocessable(f"order {order.status.replace('_', ' ')}")
        self._step(order, "pending_cancel")
        self._schedule_cancel(order)
        self._flush_soon()
        return Reply(204)

    def replace(self, order_id: str, body: Mapping[str, Any]) -> Reply:
        """PATCH an order: answers with the new one. Raises `replies.Refused`."""
        old = self.order(order_id)
        if old.status not in ("new", "partially_filled"):
            raise unprocessable("unable to replace order, order is not open")
        ticket = read_amendment(old, body, self.assets[old.symbol], self._uuid())
        self._check_unused(ticket)
        others = tuple(o for o in self.open_orders() if o.id != old.id)
        new = self._make(ticket, self._check(ticket, others), replaces=old.id)
        self._step(old, "pending_replace")
        self._keep(new)
        self._call_later(self.options.knobs.ack_delay, lambda: self._swap(old.id, new.id))
        self._flush_soon()
        return Reply(200, order_view(new))

    def order(self, order_id: str) -> Order:
        """One order by its id."""
        order = self.orders.get(order_id)
        if order is None:
            raise not_found(f"order not found for {order_id}")
        return order

    def order_by_client_id(self, client_order_id: str) -> Order:
        """One order by the client's id."""
        order_id = self._by_client.get(client_order_id)
        if order_id is None:
            raise not_found(f"order not found for {client_order_id}")
        return self.orders[order_id]

    def open_orders(self) -> tuple[Order, ...]:
        """All that may still execute, oldest first."""
        return tuple(self.orders[order_id] for order_id in self._open)

    def available(self, symbol: str) -> Decimal:
        """Shares of `symbol` that no open order reserves."""
        shares = self.account.shares(symbol)
        side = Side.SELL if shares > 0 else Side.BUY
        free = max(Decimal(0), abs(shares) - held(self.open_orders(), symbol, side))
        return free if shares > 0 else -free

    # Faults and halts on demand

    def halt(self, symbol: str) -> None:
        """Stop trading in `symbol`: no quotes, no prints, no executions."""
        self._books[symbol] = rules.halt(self._books[symbol])
        self._say_status(symbol, Status.HALTED)

    def resume(self, symbol: str) -> None:
        """Go on trading in `symbol`."""
        book, fills = rules.resume(self._books[symbol], self.options.knobs)
        if not self.is_open():
            book, fills = replace(self._books[symbol], halted=False), ()
        self._books[symbol] = book
        self._say_status(symbol, Status.RESUMED)
        self._fill(symbol, fills)
        self._flush()

    def is_halted(self, symbol: str) -> bool:
        """Whether trading in `symbol` is stopped."""
        return self._books[symbol].halted

    def restrict(self, symbol: str) -> None:
        """Begin the short-sale restriction (Rule 201): no short at or below the best bid."""
        self._restricted.add(symbol)
        self._say_status(symbol, Status.RESTRICTED)

    def unrestrict(self, symbol: str) -> None:
        """End the short-sale restriction."""
        self._restricted.discard(symbol)
        self._say_status(symbol, Status.UNRESTRICTED)

    def is_restricted(self, symbol: str) -> bool:
        """Whether short sales of the symbol are restricted."""
        return symbol in self._restricted

    def happen(self, event: MarketEvent) -> None:
        """One more event of the market, now."""
        self._market(event, self.now_ns())

    def release_cancels(self) -> None:
        """Confirm every cancel that a fault has stuck."""
        for order_id in list(self._stuck):
            self._confirm_cancel(order_id)
        self._stuck.clear()

    def replay_updates(self, client_order_id: str = "") -> int:
        """Send again, as they were, the updates of orders whose client id starts so."""
        again = [
            m
            for m in self._history
            if m["data"]["order"]["client_order_id"].startswith(client_order_id)
        ]
        for message in again:
            self._tell(message)
        return len(again)

    # Inside: an order's way

    def _make(self, ticket: Ticket, intent: str, replaces: str | None = None) -> Order:
        now = self.now_ns()
        works = self.time.is_open(now) or ticket.extended_hours
        return Order(
            id=self._uuid(),
            client_order_id=ticket.client_order_id,
            symbol=ticket.symbol,
            asset_id=ticket.asset.id,
            side=ticket.side,
            kind=ticket.kind,
            time_in_force=ticket.time_in_force,
            qty=ticket.qty,
            limit=ticket.limit,
            extended_hours=ticket.extended_hours,
            intent=intent,
            status="pending_new" if works else "accepted",
            created_ns=now,
            updated_ns=now,
            replaces=replaces,
        )

    def _check_unused(self, ticket: Ticket) -> None:
        if ticket.client_order_id in self._by_client:
            raise invalid("client_order_id must be unique")

    def _check(self, ticket: Ticket, others: tuple[Order, ...]) -> str:
        symbol = ticket.symbol
        return check(
            self.account,
            ticket,
            others,
            self.ticker.cost_to_buy(),
            allow_short=self.options.allow_short,
            short_above=self._books[symbol].touch.bid if symbol in self._restricted else None,
        )

    def _keep(self, order: Order) -> None:
        self.orders[order.id] = order
        self._by_client[order.client_order_id] = order.id
        if order.is_open:
            self._open[order.id] = None
        else:
            self._open.pop(order.id, None)

    def _step(self, order: Order, event: str, **changes: Any) -> Order:
        """Move an order along, keep it and tell."""
        order = advance(order, event, self.now_ns(), **changes)
        self._keep(order)
        self._emit(event, order, self._uuid() if event == "new" else None)
        return order

    def _acknowledge(self, order_id: str) -> None:
        order = self.orders[order_id]
        if order.status == "pending_new":
            if self.faults.take(Point.NEW, client_order_id=order.client_order_id):
                self._step(order, "rejected")
            else:
                self._arrive(self._step(order, "new"))
        self._flush()

    def _arrive(self, order: Order) -> None:
        resting = Resting(order.id, order.side, order.limit, order.leaves)
        book, knobs = self._books[order.symbol], self.options.knobs
        rests = order.time_in_force not in ("ioc", "fok")
        if not self._trades(order, self.now_ns()):
            self._books[order.symbol], _ = rules.arrive(
                rules.halt(book), resting, knobs, rests=rests
            )
            self._books[order.symbol] = replace(self._books[order.symbol], halted=book.halted)
            return
        after, fills = rules.arrive(book, resting, knobs, rests=rests)
        if order.time_in_force == "fok" and sum(f.qty for f in fills) < order.qty:
            fills = ()
        else:
            self._books[order.symbol] = after
        self._fill(order.symbol, fills)
        order = self.orders[order.id]
        if not rests and order.is_open:
            self._step(order, "canceled")

    def _fill(self, symbol: str, fills: Iterable[Fill]) -> None:
        for fill in fills:
            order = self.orders[fill.order_id]
            self.account = settle(self.account, symbol, order.side, fill.qty, dollars(fill.price))
            execution = Execution(
                self._uuid(),
                fill.qty,
                fill.price,
                self.now_ns(),
                self.account.shares(symbol),
            )
            event, order = execute(order, execution)
            self._keep(order)
            self._emit(event, order, execution)

    def _schedule_cancel(self, order: Order) -> None:
        delay = self.options.knobs.cancel_delay
        fault = self.faults.take(Point.CANCEL, client_order_id=order.client_order_id)
        kind = fault.kind if fault else None
        if kind is Kind.CANCEL_STUCK:
            self._stuck[order.id] = None
        elif kind is Kind.CANCEL_REJECTED:
            self._call_later(delay, lambda: self._refuse_cancel(order.id))
        else:
            late = fault.seconds if fault else 0.0
            self._call_later(delay + late, lambda: self._confirm_cancel(order.id))

    def _confirm_cancel(self, order_id: str) -> None:
        order = self.orders[order_id]
        if order.status == "pending_cancel":
            self._books[order.symbol] = rules.leave(self._books[order.symbol], order_id)
            self._step(order, "canceled")
            self._flush()

    def _refuse_cancel(self, order_id: str) -> None:
        order = self.orders[order_id]
        if order.status == "pending_cancel":
            self._step(order, "order_cancel_rejected")
            self._flush()

    def _swap(self, old_id: str, new_id: str) -> None:
        """Replace for real, unless either order ended or the old one grew meanwhile."""
        old, new = self.orders[old_id], self.orders[new_id]
        replaceable = old.status == "pending_replace"
        waiting = new.status in ("pending_new", "accepted")
        if replaceable and waiting and self._covered(new, old):
            self._books[old.symbol] = rules.leave(self._books[old.symbol], old_id)
            self._step(old, "replaced", replaced_by=new_id)
            self._arrive(self._step(new, "new"))
        else:
            if replaceable:
                self._step(old, "order_replace_rejected")
            if waiting:
                self._step(new, "rejected")
        self._flush()

    def _covered(self, new: Order, old: Order) -> bool:
        """Whether the shares to close are still there after what executed meanwhile."""
        if not new.intent.endswith("to_close"):
            return True
        others = (o for o in self.open_orders() if o.id not in (new.id, old.id))
        return new.qty <= abs(self.account.shares(new.symbol)) - held(others, new.symbol, new.side)

    # Inside: the market and the session

    def _market(self, event: MarketEvent, at: int) -> None:
        symbol, knobs = event.symbol, self.options.knobs
        book = self._books[symbol]
        if book.halted:
            return
        trading = self.time.is_open(at) or self.time.is_extended(at)
        idle = tuple(r for r in book.resting if not self._trades(self.orders[r.order_id], at))
        book = replace(book, resting=tuple(r for r in book.resting if r not in idle))
        fills: tuple[Fill, ...] = ()
        if isinstance(event, QuoteEvent):
            quote = self.ticker.quote(event, at)
            if trading:
                for listener in self.listeners:
                    listener.on_quote(symbol, quote)
                book, fills = rules.quote(book, event.touch, knobs, self._chance)
        elif trading:
            trade = self.ticker.trade(event, at)
            for listener in self.listeners:
                listener.on_trade(symbol, trade)
            book, fills = rules.trade(
                book,
                event.price,
                event.size,
                knobs,
                self._chance,
                lit=event.venue != OFF_EXCHANGE,
            )
        self._books[symbol] = replace(book, resting=(*book.resting, *idle))
        self._fill(symbol, fills)
        self._flush()

    def _trades(self, order: Order, at: int) -> bool:
        """Whether an order may execute at these hours."""
        return self.time.is_open(at) or (order.extended_hours and self.time.is_extended(at))

    def _bar(self, symbol: str, bar: Bar) -> None:
        for listener in self.listeners:
            listener.on_bar(symbol, bar)

    def _say_status(self, symbol: str, status: Status) -> None:
        for listener in self.listeners:
            listener.on_status(symbol, status, self.now_ns())

    def _set_bell(self) -> None:
        """Wake at the next opening, close or end of extended hours."""
        if self.time.always_open:
            return
        now, time = self.now_ns(), self.time
        bells = (
            (time.next_open(now), self._ring_open),
            (time.next_close(now), lambda: self._ring_close(extended=False)),
            (time.next_end(now), lambda: self._ring_close(extended=True)),
        )
        due, ring = min(bells, key=lambda bell: bell[0])
        self._bell = self._call_later((due - now) / NS, ring)

    def _ring_open(self) -> None:
        for order in self.open_orders():
            if order.status == "accepted":
                self._step(order, "pending_new")
                self._acknowledge(order.id)
        self._set_bell()

    def _ring_close(self, *, extended: bool) -> None:
        """Day orders expire, those for extended hours only with these."""
        for order in self.open_orders():
            ends = order.time_in_force == "day" and (extended or not order.extended_hours)
            if ends and order.status in (*RESTING, "pending_new"):
                self._books[order.symbol] = rules.leave(self._books[order.symbol], order.id)
                self._step(order, "expired")
        self._flush()
        self._set_bell()

    # Inside: telling

    def _emit(self, event: str, order: Order, execution: Execution | str | None = None) -> None:
        now = self.now_ns()
        message = update_view(event, order, now, self._ulid(now), execution)
        self._history.append(message)
        fault = self.faults.take(Point.UPDATE, event=event, client_order_id=order.client_order_id)
        if fault is None:
            self._outbox.append(message)
        elif fault.kind is Kind.UPDATE_TWICE:
            self._outbox.extend((message, message))
        elif fault.kind is Kind.UPDATE_LATE:
            self._call_later(fault.seconds, lambda: self._tell(message))

    def _flush_soon(self) -> None:
        """After the answer to the call that caused it."""
        self._call_later(0, self._flush)

    def _flush(self) -> None:
        while self._outbox:
            self._tell(self._outbox.popleft())

    def _tell(self, message: dict[str, Any]) -> None:
        for listener in self.listeners:
            listener.on_update(message)

    def _uuid(self) -> str:
        return str(UUID(int=self._ids.getrandbits(128), version=4))

    def _ulid(self, now_ns: int) -> str:
        value = (now_ns // 1_000_000) << 80 | self._ids.getrandbits(80)
        return "".join(_CROCKFORD[value >> shift & 31] for shift in range(125, -1, -5))


_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
