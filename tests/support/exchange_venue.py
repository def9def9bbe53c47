"""The real exchange as a venue in virtual time: bytes pass Alpaca's own decoders, no sockets.

Faults armed at the exchange strike here as they do at its server.
"""

import asyncio
import json
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import quote as quoted

from msgspec.structs import replace

from core.errors import Refusal, VenueUnreachable
from core.exchange.api import routes
from core.exchange.api.rate_limit import Budget
from core.exchange.api.views import quote_view, status_view
from core.exchange.faults.faults import Kind, Point
from core.exchange.market.events import Status
from core.exchange.market.ticker import Quote as ExchangeQuote
from core.exchange.market.ticker import Trade as ExchangeTrade
from core.exchange.matching.exchange import Exchange
from core.exchange.units import rfc3339
from core.market.account import Account, Asset, Position
from core.market.links import Link, LinkName, LinkState
from core.market.quotes import Quote, TradingStatus
from core.market.trading_hours import MarketClock
from core.runtime.clock import Clock
from core.venue.alpaca import account_wire, market_wire, order_wire, rest_replies
from core.venue.alpaca.order_requests import order_body, since_query
from core.venue.alpaca.rest_replies import Answer, Outcome, Silence
from core.venue.alpaca.stream_protocol import LIMIT_WORDS
from core.venue.interface import (
    CancelReply,
    OrderReport,
    PostReply,
    PostRequest,
    ReadReply,
    Sink,
)

LATENCY = 0.004
HEARTBEAT = 2.0
RECONNECTS_IN = 0.02
_LANDS_NOT = (Kind.ANSWER_429, Kind.ANSWER_429_BARE)


class ExchangeVenue:
    """`core.venue.interface.Venue` over an `Exchange` on the same loop. `latency` seconds each way.

    `calls` lists every order call as "POST", "DELETE" or "GET", `statuses` the answers to them,
    `said` every trade update of the exchange, heard or not, `renewed` why the order stream was to
    be connected anew. A request that has left arrives, whatever becomes of the one who sent it.
    `travel` is how many seconds longer a request of that method is under way. With
    `keys_refused` no request gets past the login; `number` is the account's if it is not the
    exchange's own, and with `lame_account` it can't be read; `list_is_short` leaves every order
    out of the list.
    """

    name = "embedded"
    feed = "sip"

    def __init__(self, exchange: Exchange, clock: Clock, latency: float = LATENCY) -> None:
        self.exchange = exchange
        self.time = clock
        self.latency = latency
        self.calls: list[str] = []
        self.rest_down = False
        self.stream_down = False
        self.mute = False
        self.travel: dict[str, float] = {}
        self.kept_back = ""  # why we get no quotes
        self.counts_another_for = 0.0  # seconds from the start
        self.worked_off = 0.0  # a POST is answered 504 at once, and lands after so many seconds
        self.listed = 0  # how often all orders of the day were asked for
        self._on_the_way: deque[bytes] = deque()
        self.renewed: list[str] = []
        self.keys_refused = False
        self.lame_account = False
        self.number = ""
        self.stamp: Callable[[int], int] = _true_stamp
        self.list_is_short = False
        self.statuses: list[tuple[str, int]] = []
        self.said: list[dict[str, Any]] = []
        self.on_post: Callable[[PostRequest], None] = _unwatched
        self.on_replace: Callable[[str, Decimal], None] = _unwatched_replace
        self.budget = Budget(exchange.options.rate_limit, exchange.now_ns)
        self._answers: dict[str, deque[Outcome]] = {}
        self._under_way: set[asyncio.Task[Outcome]] = set()
        self._unplugged = False
        self._refused = False
        self._decoder = market_wire.MarketDecoder(self.feed)
        self._sink: Sink | None = None
        self._links = 0
        self._quotes_since = 0
        self._heart: asyncio.TimerHandle | None = None

    async def start(self, sink: Sink) -> None:
        self._sink = sink
        self.exchange.listeners.append(self)
        for name in (LinkName.REST, LinkName.QUOTES, LinkName.ORDERS):
            self._link(name, LinkState.UP)
        if self.counts_another_for:
            self.limit_stream(self.counts_another_for)
        self._beat()

    def _beat(self) -> None:
        """The quote stream's heartbeat is answered, which makes no quote younger."""
        assert self._sink is not None
        if not self.kept_back:
            self._sink.on_link(Link(LinkName.QUOTES, LinkState.UP, self._quotes_since))
        self._heart = asyncio.get_running_loop().call_later(HEARTBEAT, self._beat)

    async def stop(self) -> None:
        if self._heart is not None:
            self._heart.cancel()
        if self in self.exchange.listeners:
            self.exchange.listeners.remove(self)

    # what tests do to the network

    def unplug(self) -> None:
        """The program is dead: nothing more leaves or is heard; what left arrives all the same."""
        self._unplugged = True
        self._sink = None
        if self._heart is not None:
            self._heart.cancel()

    def cut_rest(self) -> None:
        """No request arrives from now on."""
        self.rest_down = True
        self._link(LinkName.REST, LinkState.DOWN)

    def mend_rest(self) -> None:
        """Requests arrive again."""
        self.rest_down = False
        self._link(LinkName.REST, LinkState.UP)

    def answer(
        self, method: str, status: int, body: Mapping[str, Any] | None = None, times: int = 1
    ) -> None:
        """Answer the next calls so instead of asking the exchange, which never hears of them."""
        data = json.dumps(body or {"code": status * 100_000, "message": "no"}).encode()
        queue = self._answers.setdefault(method, deque())
        queue.extend([Answer(status, data, {}, 0.0)] * times)

    def forget_answers(self) -> None:
        """From now on the exchange answers again."""
        self._answers.clear()

    def inject(self, frame: Mapping[str, Any] | bytes) -> None:
        """A frame made by hand arrives now."""
        self._deliver(frame if isinstance(frame, bytes) else json.dumps(frame).encode())

    def cut_stream(self) -> None:
        """Lose the order stream; what happens meanwhile is never told."""
        self.stream_down = True
        self._link(LinkName.ORDERS, LinkState.RECONNECTING)

    def refuse_stream(self) -> None:
        """The order stream is over: the venue does not take our login there."""
        self._link(LinkName.ORDERS, LinkState.REFUSED, "no login for order updates")

    def limit_stream(self, seconds: float) -> None:
        """The login there is refused: the venue counts another connection, for so long."""
        self.stream_down = True
        retry_ns = self.time.now_ns() + int(seconds * 1e9)
        self._link(LinkName.ORDERS, LinkState.LIMITED, LIMIT_WORDS, retry_ns=retry_ns)
        asyncio.get_running_loop().call_later(seconds, self.mend_stream)

    def keep_quotes_back(self, why: str) -> None:
        """The venue gives us no quotes, neither on the stream nor by request."""
        self.kept_back = why
        self._link(LinkName.QUOTES, LinkState.REFUSED, why)

    def mend_stream(self) -> None:
        """The order stream is back."""
        self.stream_down = False
        self._link(LinkName.ORDERS, LinkState.UP)

    def renew_orders(self, why: str) -> None:
        """Connect anew: a new connection is not mute."""
        self.renewed.append(why)
        self._link(LinkName.ORDERS, LinkState.RECONNECTING, why)
        asyncio.get_running_loop().call_later(RECONNECTS_IN, self._connected_anew)

    def _connected_anew(self) -> None:
        self.mute = False
        if not self.stream_down:
            self._link(LinkName.ORDERS, LinkState.UP)

    def _link(self, name: LinkName, state: LinkState, detail: str = "", retry_ns: int = 0) -> None:
        if self._sink is None:
            return
        self._links += 1
        since = self.time.now_ns() + self._links
        if name is LinkName.QUOTES:
            self._quotes_since = since
        self._sink.on_link(Link(name, state, since, detail, retry_ns=retry_ns))

    # what the exchange says

    def on_update(self, message: dict[str, Any]) -> None:
        self.said.append(message)
        if self.stream_down or self.mute:
            return
        data = json.dumps(message).encode()
        self._on_the_way.append(data)
        asyncio.get_running_loop().call_later(self.latency, self._arrive)

    def _arrive(self) -> None:
        """A stream keeps its order, which timers that are due together do not."""
        self._deliver(self._on_the_way.popleft())

    def _deliver(self, data: bytes) -> None:
        if self._sink is None or self.stream_down:
            return
        try:
            report = order_wire.trading_message(data)
        except order_wire.BadFrame as bad:
            self._sink.on_bad_frame(LinkName.ORDERS, bad.reason, bad.client_id)
            return
        if isinstance(report, OrderReport):
            self._sink.on_report(report)

    def on_quote(self, symbol: str, quote: ExchangeQuote) -> None:
        view = quote_view(quote) | {"t": rfc3339(quote.at)}
        body = json.dumps({"quotes": {symbol: view}}).encode()
        read = market_wire.latest_quote(body, symbol, self.time.now_ns(), self.feed)
        if self._sink is not None and read is not None:
            self._sink.on_quote(self._stamped(read))

    def _stamped(self, quote: Quote) -> Quote:
        return replace(quote, exchange_ns=self.stamp(quote.exchange_ns))

    def on_trade(self, symbol: str, trade: ExchangeTrade) -> None:
        pass

    def on_bar(self, symbol: str, bar: object) -> None:
        pass

    def on_status(self, symbol: str, status: Status, at_ns: int) -> None:
        point = {"T": "s", "S": symbol, **status_view(symbol, status), "t": rfc3339(at_ns)}
        messages, _ = self._decoder.frame(json.dumps([point]).encode(), self.time.now_ns())
        for message in messages:
            if self._sink is not None and isinstance(message, TradingStatus):
                self._sink.on_status(message)

    # REST

    async def _call(
        self, method: str, path: str, body: Mapping[str, str | bool] | None = None
    ) -> Outcome:
        if self._unplugged:
            await asyncio.Event().wait()
        sent = asyncio.create_task(self._carry(method, path, body))
        self._under_way.add(sent)
        sent.add_done_callback(self._under_way.discard)
        outcome = await asyncio.shield(sent)
        refused, before = rest_replies.login_refused(outcome), self._refused
        self._refused = refused
        if refused:
            self._link(LinkName.REST, LinkState.REFUSED, rest_replies.LOGIN_SENTENCE)
        elif before:
            self._link(LinkName.REST, LinkState.UP)
        if isinstance(outcome, Answer) and "/orders" in path:
            self.statuses.append((method, outcome.status))
        return outcome

    async def _carry(
        self, method: str, path: str, body: Mapping[str, str | bool] | None
    ) -> Outcome:
        await asyncio.sleep(self.latency + self.travel.get(method, 0.0))
        if self.rest_down:
            return Silence("the network is down")
        if self.keys_refused:
            return Answer(401, b'{"message": "unauthorized."}', {}, 0.0)
        if self._answers.get(method) and "/orders" in path:
            return self._answers[method].popleft()
        if not self.budget.take():
            wait = str(round(self.budget.seconds_left()) + 1)
            return Answer(429, b"{}", {"retry-after": wait}, 0.0)
        path, _, query = path.partition("?")
        fields = dict(pair.split("=", 1) for pair in query.split("&") if pair)
        fault = self.exchange.faults.take(Point.ANSWER, method=method, path=path)
        raw = json.dumps(body).encode() if body else b""
        if method == "POST" and self.worked_off:
            landing = asyncio.create_task(self._land_late(self.worked_off, path, fields, raw))
            self._under_way.add(landing)
            landing.add_done_callback(self._under_way.discard)
            return Answer(504, b"<html>Gateway Timeout</html>", {}, 0.0)
        outcome: Outcome = Silence("lost on the way")
        if fault is None or (fault.landed and fault.kind not in _LANDS_NOT):
            reply = routes.call(self.exchange, method, path, fields, raw)
            data = b"" if reply.body is None else json.dumps(reply.body).encode()
            outcome = Answer(reply.status, data, {}, 0.0)
        if fault is not None:
            if fault.seconds and fault.kind not in _LANDS_NOT:
                await asyncio.sleep(fault.seconds)
            if fault.kind is not Kind.ANSWER_SLOW:
                outcome = _SPOILED[fault.kind]
        await asyncio.sleep(self.latency)
        return outcome

    async def _land_late(
        self, seconds: float, path: str, fields: dict[str, str], raw: bytes
    ) -> Outcome:
        await asyncio.sleep(seconds)
        routes.call(self.exchange, "POST", path, fields, raw)
        return Silence("answered long ago")

    async def post(self, request: PostRequest) -> PostReply:
        self.calls.append("POST")
        self.on_post(request)
        outcome = await self._call("POST", "/v2/orders", order_body(request))
        return rest_replies.posted(outcome, request)

    async def cancel(self, broker_id: str) -> CancelReply:
        self.calls.append("DELETE")
        return rest_replies.cancelled(await self._call("DELETE", f"/v2/orders/{broker_id}"))

    async def read(self, client_id: str, broker_id: str | None) -> ReadReply:
        self.calls.append("GET")
        path = f"/v2/orders/{broker_id}"
        if broker_id is None:
            path = f"/v2/orders:by_client_order_id?client_order_id={quoted(client_id)}"
        return rest_replies.read(await self._call("GET", path), client_id, broker_id)

    async def open_orders(self, symbol: str | None = None) -> tuple[OrderReport, ...]:
        self.calls.append("LIST")
        reports, _ = order_wire.order_reports(await self._body("/v2/orders?status=open"))
        return () if self.list_is_short else tuple(reports)

    async def orders_since(self, since_ns: int) -> tuple[OrderReport, ...]:
        self.listed += 1
        query = "&".join(f"{k}={v}" for k, v in since_query(since_ns).items())
        reports, _ = order_wire.order_reports(await self._body(f"/v2/orders?{query}"))
        return tuple(reports)

    async def _body(self, path: str) -> bytes:
        return rest_replies.body_of(await self._call("GET", path), path)

    async def account(self) -> Account:
        if self.lame_account:
            raise VenueUnreachable("venue", "The venue gave no usable answer (the account).")
        account = account_wire.account(await self._body("/v2/account"))
        return replace(account, number=self.number or account.number)

    async def positions(self) -> tuple[Position, ...]:
        return account_wire.positions(await self._body("/v2/positions"))

    async def clock(self) -> MarketClock:
        return account_wire.clock(await self._body("/v2/clock"))

    async def asset(self, symbol: str) -> Asset:
        return account_wire.asset(await self._body(f"/v2/assets/{symbol}"))

    async def assets(self) -> tuple[Asset, ...]:
        return account_wire.assets(await self._body("/v2/assets"))

    async def latest_quote(self, symbol: str) -> Quote | None:
        if self.kept_back:
            raise Refusal("feed", self.kept_back)
        body = await self._body(f"/v2/stocks/quotes/latest?symbols={symbol}")
        read = market_wire.latest_quote(body, symbol, self.time.now_ns(), self.feed)
        return None if read is None else self._stamped(read)

    async def watch(self, symbols: Iterable[str]) -> None:
        pass


_SPOILED: dict[Kind, Outcome] = {
    Kind.ANSWER_RESET: Silence("the connection was reset"),
    Kind.ANSWER_HANG: Silence("no answer in time"),
    Kind.ANSWER_504: Answer(504, b"<html>Gateway Time-out</html>", {}, 0.0),
    Kind.ANSWER_500: Answer(500, b"<html>Internal Server Error</html>", {}, 0.0),
    Kind.ANSWER_GARBLED: Answer(200, b'{"id": "', {}, 0.0),
    Kind.ANSWER_429: Answer(429, b"{}", {"retry-after": "1"}, 0.0),
    Kind.ANSWER_429_BARE: Answer(429, b"", {}, 0.0),
}


def _true_stamp(own_ns: int) -> int:
    """Quotes carry the exchange's time."""
    return own_ns


def _unwatched(request: PostRequest) -> None:
    """Nobody looks at the orders that leave."""


def _unwatched_replace(client_id: str, qty: Decimal) -> None:
    """Nobody looks at the replacements that leave."""


def dollars(text: str) -> int:
    """Ten-thousandths of a dollar, as the exchange's books count."""
    return int(Decimal(text) * 10_000)
