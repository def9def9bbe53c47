"""The exchange on a loopback port: Alpaca's REST, `/stream` and `/v2/{feed}` on one address.

All sockets of the exchange are here and in `connection`. `serve` is the whole of it:
`async with serve(ExchangeOptions(...)) as running`.
"""

import asyncio
import contextlib
import errno
import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from uuid import uuid4

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler

from core.errors import Refusal
from core.exchange.api import routes
from core.exchange.api.broadcast import Broadcast, data_frames
from core.exchange.api.connection import Connection, reset
from core.exchange.api.fakepaca import Fakepaca
from core.exchange.api.running_exchange import HOST, RunningExchange
from core.exchange.api.stream_protocol import (
    AUTHENTICATED,
    CONNECTED,
    Codec,
    MarketDataConversation,
    TradeUpdateConversation,
    error,
    keys_match,
)
from core.exchange.factory import build_exchange
from core.exchange.faults.faults import CATALOGUE, Fault, Kind, Point
from core.exchange.market.events import Source
from core.exchange.options import DEFAULT_KEY, ExchangeOptions
from core.exchange.units import rfc3339
from core.market.time import NS
from core.runtime.clock import Clock

_FEEDS = "iex|sip|delayed_sip|test|boats|overnight"
_PAGE = "<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"
_GRACE = 0.25
_HOSTS = ("127.0.0.1", "localhost", "::1")
_KEY_HEADERS = ("APCA-API-KEY-ID", "APCA-API-SECRET-KEY")
_RATE_LIMITED = {"code": 42910000, "message": "rate limit exceeded"}


@asynccontextmanager
async def serve(
    options: ExchangeOptions | None = None,
    port: int = 0,
    scripted: Mapping[str, Source] | None = None,
) -> AsyncIterator[RunningExchange]:
    """An exchange on `port` of the loopback interface (0: any free one) while the block runs.

    A `scripted` market takes the place of the generated one.

    Raises Refusal for a bad tape or position and for a port in use.
    """
    loop = asyncio.get_running_loop()
    running = RunningExchange(
        build_exchange(options or ExchangeOptions(), Clock().now_ns, loop.call_later, scripted)
    )
    broadcast = Broadcast(running)
    fakepaca = Fakepaca(running, broadcast, loop.call_later)
    runner = web.AppRunner(Server(running).application(), access_log=None, shutdown_timeout=_GRACE)
    await runner.setup()
    try:
        await _listen(runner, port)
        running.port = runner.addresses[0][1]
        running.exchange.start()
        running.exchange.listeners.append(broadcast)
        fakepaca.start()
        running.drills.begin(running.exchange.options.drills)
        yield running
    finally:
        running.stopping.set()
        running.drills.clear()
        running.exchange.stop()
        fakepaca.stop()
        for connection in running.connections():
            connection.cut()
        await runner.cleanup()


async def _listen(runner: web.AppRunner, port: int) -> None:
    try:
        await web.TCPSite(runner, HOST, port).start()
    except OSError as problem:
        if problem.errno == errno.EADDRINUSE:
            raise Refusal("port", f"Port {port} is already in use.", port) from None
        raise Refusal("port", f"Port {port} cannot be opened: {problem.strerror}.", port) from None


class Server:
    """The routes and what each of them does."""

    def __init__(self, running: RunningExchange) -> None:
        self._running = running
        self._exchange = running.exchange
        self._options = running.exchange.options

    def application(self) -> web.Application:
        """The routes; everything that is no stream and not ours is REST."""
        app = web.Application(client_max_size=1 << 20, middlewares=[_of_this_machine])
        app.on_response_prepare.append(self._date)
        app.router.add_get("/_exchange", self._about)
        app.router.add_post("/_exchange/{action}", self._control)
        app.router.add_get("/stream", self._trading_stream)
        app.router.add_get("/stream/", self._trading_stream)
        app.router.add_get(f"/v2/{{feed:{_FEEDS}}}", self._data_stream)
        app.router.add_get("/v1beta1/{feed:boats|overnight}", self._data_stream)
        app.router.add_route("*", "/{path:.*}", self._rest)
        return app

    async def _date(self, _request: web.Request, response: web.StreamResponse) -> None:
        """The exchange's own time, as `/v2/clock` tells it; not the computer's."""
        seconds = self._exchange.now_ns() // NS
        response.headers["Date"] = format_datetime(
            datetime.fromtimestamp(seconds, UTC), usegmt=True
        )

    # Our own control path

    async def _about(self, _request: web.Request) -> web.Response:
        options, exchange = self._options, self._exchange
        return _json(
            200,
            {
                "pid": os.getpid(),
                "port": self._running.port,
                "account": options.account_number,
                "started": rfc3339(exchange.time.start_ns),
                "args": {
                    "seed": options.seed,
                    "tapes": [path.name for path in options.tapes],
                    "at": options.at // NS,
                    "speed": options.speed,
                },
                "symbols": list(exchange.assets),
                "streams": len(self._running.connections()),
                "drills": [drill.name for drill in self._running.drills.begun],
                "faults": [msgspec.to_builtins(fault) for fault in self._running.faults.armed()],
            },
        )

    async def _control(self, request: web.Request) -> web.Response:
        own_key = self._options.key != DEFAULT_KEY
        if own_key and not keys_match(self._options, *map(request.headers.get, _KEY_HEADERS)):
            return _json(401, {"message": "unauthorized."})
        action = request.match_info["action"]
        try:
            if action == "faults":
                for fault in msgspec.json.decode(await request.read(), type=list[Fault]):
                    self._running.faults.arm(fault)
            else:
                self._running.do(action, request.query.get("what", ""))
        except (Refusal, msgspec.MsgspecError) as problem:
            faults = {kind.value: sentence for kind, (_, sentence) in CATALOGUE.items()}
            return _json(400, {"message": str(problem), "faults": faults})
        return _json(200, {"done": action})

    # REST

    async def _rest(self, request: web.Request) -> web.StreamResponse:
        fault = self._running.faults.take(Point.ANSWER, method=request.method, path=request.path)
        if fault is None:
            return await self._answer(request)
        landed = fault.landed and fault.kind not in (Kind.ANSWER_429, Kind.ANSWER_429_BARE)
        return await self._spoil(fault, request, await self._answer(request) if landed else None)

    async def _answer(self, request: web.Request) -> web.Response:
        if not keys_match(self._options, *map(request.headers.get, _KEY_HEADERS)):
            return _json(401, {"message": "unauthorized."})
        budget = self._running.budget(request.path)
        if not budget.take():
            wait = {"Retry-After": str(int(budget.seconds_left()) + 1)}
            return _json(429, _RATE_LIMITED, budget.headers() | wait)
        raw = await request.read()
        status, body = routes.call(self._exchange, request.method, request.path, request.query, raw)
        return _json(status, body, budget.headers())

    async def _spoil(
        self, fault: Fault, request: web.Request, answer: web.Response | None
    ) -> web.StreamResponse:
        match fault.kind:
            case Kind.ANSWER_504:
                return _page(504, "504 Gateway Time-out")
            case Kind.ANSWER_500:
                return _page(500, "500 Internal Server Error")
            case Kind.ANSWER_GARBLED:
                return web.Response(body=b'{"id":"', content_type="application/json")
            case Kind.ANSWER_429_BARE:
                return _page(429, "429 Too Many Requests")
            case Kind.ANSWER_429:
                return _json(429, _RATE_LIMITED, {"Retry-After": f"{fault.seconds:g}"})
        await self._pause(fault.seconds)
        if fault.kind is Kind.ANSWER_SLOW:
            return answer or await self._answer(request)
        if request.transport is not None:
            reset(request.transport)
        return web.Response()

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._running.stopping.wait()

    # Streams

    async def _trading_stream(self, request: web.Request) -> web.StreamResponse:
        running, conversation = self._running, TradeUpdateConversation(self._options)
        fault = running.faults.take(Point.CONNECT, stream="orders")
        heard = sum(not each.muted for each in running.trading)  # a mute one sees no end
        counted = heard + running.lingering("orders")
        if _is(fault, Kind.CONNECT_LIMIT) or self._is_full(counted):
            return web.Response(status=429, text="connection limit exceeded")
        codec = Codec(request.headers.get("Content-Type", ""))

        def encode(waiting: list[object]) -> list[bytes]:
            return [codec.encode(message) for message in waiting]

        connection = await Connection.open("orders", request, running.faults, encode, binary=True)

        def on_frame(frame: str | bytes) -> None:
            for reply in conversation.receive(codec.decode(frame)):
                connection.put(reply)
            if conversation.over:
                connection.close_soon()

        running.trading[connection] = conversation
        try:
            return await connection.converse(on_frame, mute=_is(fault, Kind.CONNECT_MUTE))
        finally:
            del running.trading[connection]
            running.linger(connection)

    async def _data_stream(self, request: web.Request) -> web.StreamResponse:
        running = self._running
        fault = running.faults.take(Point.CONNECT, stream="quotes")

        def is_full() -> bool:
            known = sum(s.authorized and not c.muted for c, s in running.data.items())
            known += running.lingering("quotes")
            return _is(fault, Kind.CONNECT_LIMIT) or self._is_full(known)

        def spoiled() -> int:
            fault = running.faults.take(Point.LOGIN, stream="quotes")
            return 0 if fault is None else fault.code

        conversation = MarketDataConversation(
            self._options, request.match_info["feed"], is_full, spoiled
        )
        codec = Codec(request.headers.get("Content-Type", ""))

        def encode(waiting: list[object]) -> list[bytes]:
            return data_frames(codec, waiting)

        connection = await Connection.open(
            "quotes", request, running.faults, encode, binary=codec.binary
        )

        def on_frame(frame: str | bytes) -> None:
            for reply in conversation.receive(codec.decode(frame)):
                connection.put(reply)

        connection.put(CONNECTED)
        if conversation.log_in(*map(request.headers.get, _KEY_HEADERS)):
            connection.put(AUTHENTICATED)
        running.data[connection] = conversation
        late = asyncio.create_task(self._expect_login(connection, conversation))
        try:
            return await connection.converse(on_frame, mute=_is(fault, Kind.CONNECT_MUTE))
        finally:
            late.cancel()
            del running.data[connection]
            if conversation.authorized:
                running.linger(connection)

    async def _expect_login(
        self, connection: Connection, conversation: MarketDataConversation
    ) -> None:
        await asyncio.sleep(self._options.auth_timeout)
        if not conversation.authorized:
            connection.put(error(404))
            await connection.close()

    def _is_full(self, others: int) -> bool:
        limit = self._options.connection_limit
        return bool(limit) and others >= limit


@web.middleware
async def _of_this_machine(request: web.Request, handler: Handler) -> web.StreamResponse:
    """No web page, and no name that somebody made lead here (DNS rebinding)."""
    if "Origin" in request.headers:
        return _json(403, {"message": "This is not for web pages."})
    if (request.url.host or "") not in _HOSTS:
        return _json(403, {"message": "This is reached as 127.0.0.1 or localhost only."})
    return await handler(request)


def _is(fault: Fault | None, kind: Kind) -> bool:
    return fault is not None and fault.kind is kind


def _json(status: int, body: Any, headers: Mapping[str, str] | None = None) -> web.Response:
    headers = {"X-Request-ID": uuid4().hex, **(headers or {})}
    if body is None:
        return web.Response(status=status, headers=headers)
    return web.Response(
        body=json.dumps(body).encode(),
        status=status,
        headers=headers,
        content_type="application/json",
    )


def _page(status: int, title: str) -> web.Response:
    return web.Response(text=_PAGE.format(title), status=status, content_type="text/html")
