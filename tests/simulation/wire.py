"""The network between one engine and the exchange: a `core.venue.interface.Venue` full of faults.

Requests and frames pass as bytes through Alpaca's own decoders. What a killed engine had
put on the wire still arrives; what comes back finds nobody.
"""

import asyncio
import json
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote as quoted

from core.exchange.api import routes
from core.exchange.api.views import status_view
from core.exchange.market.events import Status
from core.exchange.market.ticker import Quote as ExchangeQuote
from core.exchange.units import DOLLAR
from core.market.account import Account, Asset, Position
from core.market.links import Link, LinkName, LinkState
from core.market.quotes import Quote, TradingStatus
from core.market.trading_hours import MarketClock
from core.orders.facts import Source
from core.venue.alpaca import account_wire, market_wire, order_wire, rest_replies
from core.venue.alpaca.order_requests import order_body, since_query
from core.venue.alpaca.rest_replies import Answer, Outcome, Silence
from core.venue.interface import CancelReply, OrderReport, PostReply, PostRequest, ReadReply, Taken
from tests.simulation.loop import KilledError

if TYPE_CHECKING:
    from tests.simulation.day import Day
    from tests.simulation.run import Run

T = TypeVar("T")

TOTAL = 8.0  # seconds after which a request is given up here
READ_TOTAL = 3.0  # and a read of one order
HEARTBEAT = 4.0
_HTML = b"<html><body>Bad Gateway</body></html>"
_DENIAL = b'{"code":40410000,"message":"order not found"}'
_NO_SHARES = b'{"code":40310000,"message":"insufficient qty available for order"}'
_MOST_DENIALS = 15  # for one order

# kind -> (does it land, what the client gets instead of the answer; None: the answer itself)
_SPOILED: dict[str, tuple[bool, Outcome | None]] = {
    "answer reset": (True, Silence("the connection was reset")),
    "answer garbled": (True, Answer(200, b'{"id": "', {}, 0.0)),
    "answer slow": (True, None),
    "500 before": (False, Answer(500, b'{"message":"internal server error"}', {}, 0.0)),
    "500 after": (True, Answer(500, _HTML, {}, 0.0)),
    "502 before": (False, Answer(502, _HTML, {}, 0.0)),
    "venue lags": (True, Answer(504, _HTML, {}, 0.0)),  # it has the order, and shows it later
    "504 after": (True, Answer(504, _HTML, {}, 0.0)),
    "429": (False, Answer(429, b"{}", {"retry-after": "1"}, 0.0)),
    "429 bare": (False, Answer(429, b"", {}, 0.0)),
    "HTML 403": (False, Answer(403, _HTML, {}, 0.0)),
}


@dataclass(slots=True)
class Request:
    """One request on its way."""

    method: str
    path: str
    query: dict[str, str]
    body: bytes
    name: str  # the order it is about, for the timeline; empty for the rest


class Wire:
    """One engine's connections."""

    name = "embedded"
    feed = "sip"

    def __init__(self, day: "Day", run: "Run") -> None:
        self._day = day
        self._run = run
        self._time = day.time
        self._chance = day.chance
        self.up = False
        self.mute = False
        self._held: deque[Callable[[], None]] = deque()  # what comes while the process is stopped
        self._frame_at = 0  # a stream keeps its order
        self._since = 0
        self._decoder = market_wire.MarketDecoder(self.feed)

    # ---- the streams ------------------------------------------------------------------------

    async def start(self, sink: object) -> None:
        del sink  # the engine of this run
        for name in (LinkName.REST, LinkName.QUOTES):
            self._run.engine.sink.on_link(Link(name, LinkState.UP, self._now()))
        await asyncio.sleep(self._chance.uniform(0.001, 0.05))
        self.connect()
        self._beat()

    async def stop(self) -> None:
        self.up = False

    def _now(self) -> int:
        self._since += 1
        return self._time.now_ns + self._since

    def _beat(self) -> None:
        if self._run.loop.dead:
            return
        if self._run.stopped:
            self._held.append(self._beat)
            return
        self._run.engine.sink.on_link(Link(LinkName.QUOTES, LinkState.UP, 1))
        self._time.after(HEARTBEAT, self._beat)

    def connect(self) -> None:
        """The order stream is up; what was told meanwhile is never told again."""
        if not self.up:
            self.up, self.mute = True, False
            self._time.say("network", "the order stream is up")
            self._arrive(self._say_link, LinkState.UP)

    def cut(self) -> None:
        """The order stream breaks, and both sides notice."""
        if self.up:
            self.up = False
            self._arrive(self._say_link, LinkState.RECONNECTING)

    def _say_link(self, state: LinkState) -> None:
        self._run.engine.sink.on_link(Link(LinkName.ORDERS, state, self._now()))

    def frame(self, message: dict[str, Any]) -> None:
        """The exchange sent a trade update."""
        weather = self._day.strikes
        what = f"{message['data']['event']} {message['data']['order']['client_order_id']}"
        if not self.up or self.mute:
            self._time.say("network", f"nobody hears {what}")
            return
        if weather("frame lost"):
            self._time.fault("frame lost", what)
            return
        data = json.dumps(message).encode()
        if weather("frame garbled"):
            self._time.fault("frame garbled", what)
            data = data[: self._chance.randint(1, len(data) - 1)]
        delay = self._chance.uniform(0.001, 0.02)
        lagging = self._day.lagging.get(message["data"]["order"]["client_order_id"], 0)
        if lagging > self._time.now_ns:
            self._frame_at = max(self._frame_at, lagging)
        if weather("frame late"):
            delay = self._chance.choice((0.05, 0.5, 3.0, 8.0)) * self._chance.random()
            self._time.fault("frame late", f"{what} by {delay:.3f} s")
        else:
            due = max(self._frame_at, self._time.now_ns + round(delay * 1e9))
            self._frame_at = due
            delay = (due - self._time.now_ns) / 1e9
        self._time.after(delay, self._frame_arrives, data)
        if weather("frame twice"):
            self._time.fault("frame twice", what)
            self._time.after(delay + self._chance.random(), self._frame_arrives, data)

    def _frame_arrives(self, data: bytes) -> None:
        if self.up and not self.mute:
            self._arrive(self._hear, data)

    def _hear(self, data: bytes) -> None:
        try:
            report = order_wire.trading_message(data)
        except order_wire.BadFrame as bad:
            self._run.engine.sink.on_bad_frame(LinkName.ORDERS, bad.reason, bad.client_id)
            return
        if isinstance(report, OrderReport):
            self._hand_over(report)
            self._run.engine.sink.on_report(report)

    def _hand_over(self, report: OrderReport) -> None:
        source = "stream" if report.source is Source.STREAM else "answer"
        self._time.say(
            "engine",
            f"hears by {source}: {report.client_id} {report.event or 'is'} {report.status},"
            f" {report.filled} filled",
        )
        self._day.oracle.heard(self._run, report)

    def quote(self, symbol: str, quote: ExchangeQuote) -> None:
        """The exchange published a quote."""
        touch = quote.event.touch
        seen = Quote(
            symbol,
            Decimal(touch.bid) / DOLLAR,
            Decimal(touch.ask) / DOLLAR,
            touch.bid_size,
            touch.ask_size,
            quote.at,
            0,
            self.feed,
        )
        delay, spoiled = self._day.feed.spoiled(seen)
        self._time.after(delay, self._arrive, self._run.engine_quote, spoiled)

    def status(self, symbol: str, status: Status) -> None:
        """The exchange said something of trading in a symbol."""
        point = {"T": "s", "S": symbol, **status_view(symbol, status)}
        now = self._run.clock.now_ns()
        (seen,), _ = self._decoder.frame(json.dumps([point]).encode(), now)
        if isinstance(seen, TradingStatus):
            self._time.after(0.002, self._arrive, self._run.engine_status, seen)

    def _arrive(self, act: Callable[..., None], *args: Any) -> None:
        """Something reaches the process: at once, after its pause, or never."""
        if self._run.loop.dead or not self._run.ready_for_frames:
            return
        if self._run.stopped:
            self._held.append(lambda: act(*args))
        else:
            act(*args)

    def go_on(self) -> None:
        """The process runs again and finds what its sockets held."""
        while self._held and not self._run.loop.dead:
            self._held.popleft()()

    # ---- REST -------------------------------------------------------------------------------

    async def _call(
        self, method: str, path: str, body: Mapping[str, str | bool] | None = None, name: str = ""
    ) -> Outcome:
        if self._run.loop.dead:
            raise KilledError
        path, _, query = path.partition("?")
        fields = dict(pair.split("=", 1) for pair in query.split("&") if pair)
        raw = json.dumps(body).encode() if body else b""
        future: asyncio.Future[Outcome] = self._run.loop.create_future()
        self._send(Request(method, path, fields, raw, name), future)
        total = READ_TOTAL if method == "GET" and name else TOTAL
        timer = self._run.loop.call_later(total, _give_up, future)
        try:
            return await future
        finally:
            timer.cancel()

    def _send(self, request: Request, future: "asyncio.Future[Outcome]") -> None:
        if request.name:
            self._time.say("engine", f"sends {request.method} {request.name}")
            self._day.moment(f"{request.method} leaves", request.name)
        kind = self._fate(request)
        up = self._chance.uniform(0.001, 0.03)
        if kind == "denied":
            self._deny(request.name)
        if kind == "venue lags":
            until = self._time.now_ns + round(self._chance.uniform(1, 9) * 1e9)
            self._day.lagging[request.name] = until
        if kind:
            self._time.fault(kind, f"{request.method} {request.name or request.path}")
        if kind in ("request lost", "answer hangs", "network is down"):
            if kind == "answer hangs":
                self._time.after(up, self._lands, request, None, "")
            else:
                self._day.oracle.request_over(request.method, request.name)
                if kind == "network is down" or self._chance.random() < 0.6:
                    self._time.after(up, self._answer, future, Silence("the network is down"))
            return
        if kind == "request late":
            up = self._chance.choice((0.3, 2.0, 12.0, 40.0)) * self._chance.random()
            if self._chance.random() < 0.5:
                self._time.after(up / 2, self._answer, future, Silence("the connection was reset"))
        self._time.after(up, self._lands, request, future, kind)

    def _fate(self, request: Request) -> str:
        if self._day.network_down:
            return "network is down"
        if self._is_denying(request):
            return "denied"
        lags = self._day.lagging.get(request.name, 0) > self._time.now_ns
        if lags and self._day.denials[request.name] < _MOST_DENIALS:
            return "403 again" if request.method == "POST" else "denied"
        for kind in _REQUEST_FAULTS:
            if self._day.strikes(kind) and self._may(kind, request):
                return kind
        return ""

    def _is_denying(self, request: Request) -> bool:
        if request.method == "POST" or self._day.healed:
            return False
        few = self._day.denials[request.name] < _MOST_DENIALS
        return few and self._day.denying[request.name] > 0

    def _deny(self, name: str) -> None:
        """The first of a few false 404s, or one more of them."""
        if not self._day.denying[name]:
            most = max(1, _MOST_DENIALS - self._day.denials[name])
            self._day.denying[name] = self._chance.randint(1, most)
        self._day.denying[name] -= 1
        self._day.denials[name] += 1

    def _may(self, kind: str, request: Request) -> bool:
        if kind in ("403 again", "venue lags"):
            return request.method == "POST"
        if kind != "denied":
            return bool(request.name) or self._chance.random() < 0.2
        if request.method == "POST" or not request.name:
            return False
        return self._day.denials[request.name] < _MOST_DENIALS

    def _lands(self, request: Request, future: "asyncio.Future[Outcome] | None", kind: str) -> None:
        landed, instead = _SPOILED.get(kind, (True, None))
        if kind == "denied":
            landed, instead = False, Answer(404, _DENIAL, {}, 0.0)
        if kind == "403 again" and self._day.order_by_client_id(request.name) is not None:
            landed, instead = False, Answer(403, _NO_SHARES, {}, 0.0)
        self._day.oracle.request_over(request.method, request.name)
        outcome = instead
        if landed:
            reply = routes.call(
                self._day.exchange, request.method, request.path, request.query, request.body
            )
            if request.name and reply.status == 404:
                self._day.denials[request.name] += 1  # true ones count like false ones
            if request.name:
                self._day.oracle.landed(request.name)
                self._time.say("exchange", f"{request.method} {request.name}: {reply.status}")
                self._day.moment(f"{request.method} landed", request.name)
            data = b"" if reply.body is None else json.dumps(reply.body).encode()
            outcome = instead or Answer(reply.status, data, {}, 0.0)
        if future is not None and outcome is not None:
            down = self._chance.uniform(0.001, 0.03)
            if kind == "answer slow":
                down = self._chance.choice((0.2, 2.0, 7.0)) * self._chance.random()
            self._time.after(down, self._answer, future, outcome)

    def _answer(self, future: "asyncio.Future[Outcome]", outcome: Outcome) -> None:
        self._arrive(_settle, future, outcome)

    async def post(self, request: PostRequest) -> PostReply:
        if self._run.loop.dead:
            raise KilledError
        self._day.oracle.post_leaves(self._run, request)
        outcome = await self._call("POST", "/v2/orders", order_body(request), request.client_id)
        return self._posted(outcome, request)

    def _posted(self, outcome: Outcome, request: PostRequest) -> PostReply:
        reply, client_id = rest_replies.posted(outcome, request), request.client_id
        if isinstance(reply, OrderReport):
            self._hand_over(reply)
        else:
            self._time.say("engine", f"reads the answer to POST {client_id} as {reply}")
            self._day.oracle.post_answered(client_id, reply)
        return reply

    async def cancel(self, broker_id: str) -> CancelReply:
        if self._run.loop.dead:
            raise KilledError
        self._day.oracle.delete_leaves(self._run, broker_id)
        name = self._day.oracle.name_of(broker_id)
        reply = rest_replies.cancelled(
            await self._call("DELETE", f"/v2/orders/{broker_id}", name=name)
        )
        self._day.oracle.cancel_answered(self._run, broker_id, taken=isinstance(reply, Taken))
        return reply

    async def read(self, client_id: str, broker_id: str | None) -> ReadReply:
        path = f"/v2/orders/{broker_id}"
        if broker_id is None:
            path = f"/v2/orders:by_client_order_id?client_order_id={quoted(client_id)}"
        outcome = await self._call("GET", path, name=client_id)
        reply = rest_replies.read(outcome, client_id, broker_id)
        self._day.oracle.read_answered(client_id)
        if isinstance(reply, OrderReport):
            self._hand_over(reply)
        else:
            self._time.say("engine", f"reads the answer to GET {client_id} as {reply}")
        return reply

    def renew_orders(self, why: str) -> None:
        """The engine gives the order stream up; a new connection follows, as after any cut."""
        self._time.say("engine", f"connects the order stream anew: {why}")
        self.cut()
        self._time.after(self._chance.uniform(0.05, 1.0), self._connect_anew)

    def _connect_anew(self) -> None:
        if not self._run.loop.dead:
            self.connect()

    async def open_orders(self, symbol: str | None = None) -> tuple[OrderReport, ...]:
        del symbol
        return ()

    async def orders_since(self, since_ns: int) -> tuple[OrderReport, ...]:
        query = "&".join(f"{k}={v}" for k, v in since_query(since_ns).items())
        reports, _ = await self._read(f"/v2/orders?{query}", order_wire.order_reports)
        return tuple(reports)

    async def _read(self, path: str, decode: Callable[[bytes], T]) -> T:
        body = rest_replies.body_of(await self._call("GET", path), path)
        try:
            return decode(body)
        except order_wire.BadFrame as bad:
            raise rest_replies.unreadable(path, bad) from None

    async def account(self) -> Account:
        return await self._read("/v2/account", account_wire.account)

    async def positions(self) -> tuple[Position, ...]:
        return await self._read("/v2/positions", account_wire.positions)

    async def clock(self) -> MarketClock:
        return await self._read("/v2/clock", account_wire.clock)

    async def asset(self, symbol: str) -> Asset:
        return await self._read(f"/v2/assets/{symbol}", account_wire.asset)

    async def assets(self) -> tuple[Asset, ...]:
        return await self._read("/v2/assets", account_wire.assets)

    async def latest_quote(self, symbol: str) -> Quote | None:
        quote = await self._read(
            f"/v2/stocks/quotes/latest?symbols={symbol}",
            lambda body: market_wire.latest_quote(
                body, symbol, self._run.clock.now_ns(), self.feed
            ),
        )
        quote = self._day.feed.read(quote)
        if quote is not None:
            self._day.feed.told(quote)
        return quote

    async def watch(self, symbols: Iterable[str]) -> None:
        pass


_REQUEST_FAULTS = (
    "request lost",
    "request late",
    "answer hangs",
    "denied",
    "403 again",
    *_SPOILED,
)


def _settle(future: "asyncio.Future[Outcome]", outcome: Outcome) -> None:
    if not future.done():
        future.set_result(outcome)


def _give_up(future: "asyncio.Future[Outcome]") -> None:
    _settle(future, Silence("no answer in time"))
