"""A scripted WebSocket server on loopback."""

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

from core.venue.credentials import Credentials

CREDENTIALS = Credentials("PKTESTKEY", "very-secret-word")

Script = Callable[[ServerConnection], Awaitable[None]]


class StreamServer:
    """A WebSocket server that runs one script per connection, and the last one ever after.

    A script is a coroutine on the connection, or an HTTP status to refuse it with.
    """

    def __init__(self, *scripts: Script | int) -> None:
        self.scripts = list(scripts)
        self.connections = 0
        self.requests: list[Request] = []
        self.received: list[Any] = []
        self.closed: list[int | None] = []
        self.url = ""
        self.page = b""  # the body of a refusal by status
        self.over = asyncio.Event()

    def _script(self) -> Script | int:
        return self.scripts[min(self.connections, len(self.scripts)) - 1]

    def admit(self, connection: ServerConnection, request: Request) -> Response | None:
        """Let a connection in, or answer with the script's status."""
        del connection
        self.connections += 1
        self.requests.append(request)
        script = self._script()
        if not isinstance(script, int):
            return None
        headers = Headers({"Content-Length": str(len(self.page))})
        if script == 302:
            headers["Location"] = self.url.replace("/stream", "/elsewhere")
        return Response(script, HTTPStatus(script).phrase, headers, self.page)

    async def run(self, connection: ServerConnection) -> None:
        """Run the script of this connection."""
        script = self._script()
        assert not isinstance(script, int)
        try:
            await script(connection)
        except ConnectionClosed:
            pass  # the client left, as it may
        finally:
            self.closed.append(connection.close_code)

    async def receive(self, connection: ServerConnection) -> Any:
        """The next message of the client."""
        data = await connection.recv(decode=False)
        packed = data[:1] >= b"\x80"
        message = msgspec.msgpack.decode(data) if packed else json.loads(data)
        self.received.append(message)
        return message

    async def mute(self, connection: ServerConnection) -> None:
        """Neither read nor answer anything, not even a ping, until the end of the test."""
        connection.transport.pause_reading()
        await self.over.wait()

    async def trading_login(self, connection: ServerConnection) -> None:
        """Let a client of the trading stream in, in binary frames as the paper account does."""
        await self.receive(connection)
        answer = {"status": "authorized", "action": "authenticate"}
        await connection.send(json.dumps({"stream": "authorization", "data": answer}).encode())
        streams = (await self.receive(connection))["data"]["streams"]
        await connection.send(
            json.dumps({"stream": "listening", "data": {"streams": streams}}).encode()
        )

    async def market_login(self, connection: ServerConnection) -> None:
        """Let a client of the data stream in."""
        await send_packed(connection, {"T": "success", "msg": "connected"})
        await self.receive(connection)
        await send_packed(connection, {"T": "success", "msg": "authenticated"})

    async def subscriptions(self, connection: ServerConnection) -> None:
        """Acknowledge subscriptions until the client leaves."""
        subscribed: set[str] = set()
        while True:
            message = await self.receive(connection)
            names = set(message["quotes"])
            subscribed = (
                subscribed | names if message["action"] == "subscribe" else subscribed - names
            )
            await acknowledge(connection, subscribed)


async def acknowledge(connection: ServerConnection, subscribed: set[str]) -> None:
    """Say what is subscribed now."""
    names = sorted(subscribed)
    await send_packed(
        connection, {"T": "subscription", "trades": names, "quotes": names, "statuses": names}
    )


async def send_packed(connection: ServerConnection, *items: object) -> None:
    """Send one packed array."""
    await connection.send(msgspec.msgpack.encode(list(items)))


async def until_closed(connection: ServerConnection) -> None:
    """Hold the connection until the client leaves."""
    await connection.wait_closed()


@asynccontextmanager
async def serve_stream(server: StreamServer, path: str = "/stream") -> AsyncIterator[str]:
    """Serve `server` and give its address."""
    listener: Server = await serve(
        server.run,
        "127.0.0.1",
        0,
        process_request=server.admit,
        ping_interval=None,
        close_timeout=0.2,
        compression=None,
    )
    async with listener:
        server.url = f"ws://127.0.0.1:{listener.sockets[0].getsockname()[1]}{path}"
        try:
            yield server.url
        finally:
            server.over.set()
