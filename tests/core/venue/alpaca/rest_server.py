"""A REST server on loopback that answers as it is told, badly above all."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from core.venue.alpaca.endpoints import Endpoints


class ReceivedRequest:
    """One request as it arrived."""

    def __init__(self, request: web.BaseRequest, body: bytes) -> None:
        self.method = request.method
        self.path = request.path
        self.query = dict(request.query)
        self.headers = dict(request.headers)
        self.body: Any = json.loads(body) if body else None


class Answer:
    """What to answer: a status, a body (bytes as they are, else as JSON) and headers."""

    def __init__(self, status: int, body: object = b"", **headers: str) -> None:
        self.status = status
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.headers = {"Content-Type": "application/json"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }


HANG = "hang"
RESET = "reset"
CUT = "cut in the body"
DRIP = "drip"
FLOOD = "flood"
FLOOD_BYTES = 100 << 20


class RestServer:
    """Answers each request with the next thing in `answers`, and the last one ever after."""

    def __init__(self, *answers: Answer | str) -> None:
        self.answers = list(answers)
        self.requests: list[ReceivedRequest] = []
        self.arrived = asyncio.Event()
        self.over = asyncio.Event()
        self.flooded = 0
        self.by_path: dict[str, Answer | str] = {}

    def _next(self, path: str) -> Answer | str:
        for ending, answer in self.by_path.items():
            if path.endswith(ending):
                return answer
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        self.requests.append(ReceivedRequest(request, await request.read()))
        self.arrived.set()
        answer = self._next(request.path)
        if isinstance(answer, Answer):
            return web.Response(status=answer.status, body=answer.body, headers=answer.headers)
        if answer == HANG:
            await self.over.wait()
        if answer == FLOOD:
            return await self._flood(request)
        if answer in (CUT, DRIP):
            response = web.StreamResponse(headers={"Content-Length": "1000"})
            await response.prepare(request)
            await response.write(b'{"id":')
            while answer == DRIP and not self.over.is_set():
                await response.write(b" ")
                await asyncio.sleep(0.02)
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async def _flood(self, request: web.BaseRequest) -> web.StreamResponse:
        """Send a hundred megabytes, or as much as is taken."""
        response = web.StreamResponse()
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            while self.flooded < FLOOD_BYTES:
                await response.write(b"[" * 65536)
                self.flooded += 65536
        return response


@asynccontextmanager
async def serve_rest(server: RestServer) -> AsyncIterator[Endpoints]:
    """Serve `server` and give endpoints whose REST addresses are there."""
    runner = web.ServerRunner(web.Server(server.serve), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield Endpoints("paper", url, "ws://127.0.0.1:9/stream", url, "ws://127.0.0.1:9/v2", "iex")
    finally:
        server.over.set()
        await runner.cleanup()
