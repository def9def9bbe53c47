"""A sink that remembers and can be waited for, and a scripted WebSocket server on loopback."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

import msgspec
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from core.market.links import Link, LinkName, LinkState
from core.market.quotes import Quote, Trade, TradingStatus
from core.venue.credentials import Credentials
from core.venue.interface import OrderReport

CAP = 10.0  # seconds that a test waits at most for what must come
CREDENTIALS = Credentials("PKTESTKEY", "very-secret-word")


class Recorder:
    """A `interface.Sink` that keeps everything. `spoil` makes a handler raise for some messages."""

    def __init__(self) -> None:
        self.reports: list[OrderReport] = []
        self.market: list[Quote | Trade | TradingStatus] = []
        self.links: list[Link] = []
        self.bad: list[tuple[LinkName, str, str | None]] = []
        self.spoil: Callable[[object], bool] = lambda message: False
        self._change = asyncio.Event()

    def on_report(self, report: OrderReport) -> None:
        self._keep(self.reports, report)

    def on_quote(self, quote: Quote) -> None:
        self._keep(self.market, quote)

    def on_trade(self, trade: Trade) -> None:
        self._keep(self.market, trade)

    def on_status(self, status: TradingStatus) -> None:
        self._keep(self.market, status)

    def on_link(self, link: Link) -> None:
        self._keep(self.links, link)

    def on_bad_frame(self, link: LinkName, reason: str, client_id: str | None) -> None:
        self._keep(self.bad, (link, reason, client_id))

    def _keep(self, where: list[Any], what: object) -> None:
        self._change.set()
        if self.spoil(what):
            raise RuntimeError("the listener is broken")
        where.append(what)

    def states(self) -> list[LinkState]:
        """The states a link went through, repeats left out."""
        found: list[LinkState] = []
        for link in self.links:
            if not found or found[-1] is not link.state:
                found.append(link.state)
        return found

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until `condition` holds, looking at every change."""
        async with asyncio.timeout(CAP):
            while not condition():
                self._change.clear()
                await self._change.wait()


Play = Callable[[ServerConnection], Awaitable[None]]


class Stage:
    """A WebSocket server that plays one scene per connection, and the last one ever after.

    A scene is a coroutine on the connection, or an HTTP status to refuse it with.
    """

    def __init__(self, *scenes: Play | int) -> None:
        self.scenes = list(scenes)
        self.opened = 0
        self.asked: list[Request] = []
        self.said: list[Any] = []
        self.closed: list[int | None] = []
        self.url = ""
        self.page = b""  # the body of a refusal by status
        self.over = asyncio.Event()

    def _scene(self) -> Play | int:
        return self.scenes[min(self.opened, len(self.scenes)) - 1]

    def admit(self, connection: ServerConnection, request: Request) -> Response | None:
        """Let a connection in, or answer with the scene's status."""
        del connection
        self.opened += 1
        self.asked.append(request)
        scene = self._scene()
        if not isinstance(scene, int):
            return None
        headers = Headers({"Content-Length": str(len(self.page))})
        if scene == 302:
            headers["Location"] = self.url.replace("/stream", "/elsewhere")
        return Response(scene, HTTPStatus(scene).phrase, headers, self.page)

    async def play(self, connection: ServerConnection) -> None:
        """Play the scene of this connection."""
        scene = self._scene()
        assert not isinstance(scene, int)
        try:
            await scene(connection)
        except ConnectionClosed:
            pass  # the client left, as it may
        finally:
            self.closed.append(connection.close_code)

    async def hear(self, connection: ServerConnection) -> Any:
        """The next message of the client."""
        data = await connection.recv(decode=False)
        packed = data[:1] >= b"\x80"
        message = msgspec.msgpack.decode(data) if packed else json.loads(data)
        self.said.append(message)
        return message

    async def mute(self, connection: ServerConnection) -> None:
        """Neither read nor answer anything, not even a ping, until the end of the test."""
        connection.transport.pause_reading()
        await self.over.wait()

    async def trading_login(self, connection: ServerConnection) -> None:
        """Let a client of the trading stream in, in binary frames as the paper account does."""
        await self.hear(connection)
        answer = {"status": "authorized", "action": "authenticate"}
        await connection.send(json.dumps({"stream": "authorization", "data": answer}).encode())
        streams = (await self.hear(connection))["data"]["streams"]
        await connection.send(
            json.dumps({"stream": "listening", "data": {"streams": streams}}).encode()
        )

    async def market_login(self, connection: ServerConnection) -> None:
        """Let a client of the data stream in."""
        await say(connection, {"T": "success", "msg": "connected"})
        await self.hear(connection)
        await say(connection, {"T": "success", "msg": "authenticated"})

    async def subscriptions(self, connection: ServerConnection) -> None:
        """Acknowledge subscriptions until the client leaves."""
        subscribed: set[str] = set()
        while True:
            message = await self.hear(connection)
            names = set(message["quotes"])
            subscribed = (
                subscribed | names if message["action"] == "subscribe" else subscribed - names
            )
            await acknowledge(connection, subscribed)


async def acknowledge(connection: ServerConnection, subscribed: set[str]) -> None:
    """Say what is subscribed now."""
    names = sorted(subscribed)
    await say(
        connection, {"T": "subscription", "trades": names, "quotes": names, "statuses": names}
    )


async def say(connection: ServerConnection, *items: object) -> None:
    """Send one packed array."""
    await connection.send(msgspec.msgpack.encode(list(items)))


async def stay(connection: ServerConnection) -> None:
    """Hold the connection until the client leaves."""
    await connection.wait_closed()


@asynccontextmanager
async def on_stage(stage: Stage, path: str = "/stream") -> AsyncIterator[str]:
    """Serve `stage` and give its address."""
    server: Server = await serve(
        stage.play,
        "127.0.0.1",
        0,
        process_request=stage.admit,
        ping_interval=None,
        close_timeout=0.2,
        compression=None,
    )
    async with server:
        stage.url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}{path}"
        try:
            yield stage.url
        finally:
            stage.over.set()
