"""A request about an order has one time for all of its life, whatever the answer does."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from core.runtime.clock import Clock
from core.venue.alpaca.endpoints import Endpoints
from core.venue.alpaca.rest import Rest, Timeouts
from core.venue.credentials import Credentials
from core.venue.interface import Taken, Unanswered

ROOT = Path(__file__).resolve().parents[4]
TAKEN = b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"
DRIPS = {
    "header": (b"HTTP/1.1 204 No", b"x"),
    "body": (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"x"),
    "chunk": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    "continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
}


class Dripping:
    """Answers the first few connections byte by byte without end, and all others at once."""

    def __init__(self, how: str, first: int) -> None:
        self.begin, self.drip = DRIPS[how]
        self.left = first
        self.gone = 0  # dripping connections that the other side has closed

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.left -= 1
        drips = self.left >= 0
        await reader.readuntil(b"\r\n\r\n")
        writer.write(self.begin if drips else TAKEN)
        with suppress(ConnectionError):
            while drips and not reader.at_eof():
                writer.write(self.drip)
                await writer.drain()
                with suppress(TimeoutError):
                    await asyncio.wait_for(reader.read(1), 0.02)
        self.gone += drips  # by an end or by a reset: either way it is closed
        writer.close()


@asynccontextmanager
async def rest_before(server: "Dripping | Losing", cancel: float = 0.4) -> AsyncIterator[Rest]:
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    where = Endpoints("paper", url, "ws://127.0.0.1:9/s", url, "ws://127.0.0.1:9/v2", "iex")
    unheard: Callable[..., None] = lambda *_: None  # noqa: E731
    times = Timeouts(connect=1, read=5, total=cancel, cancel=cancel, read_order=cancel)
    rest = Rest(
        where, Credentials("a-key-of-ours", "a-secret-of-ours"), Clock(), times, unheard, unheard
    )
    try:
        yield rest
    finally:
        await rest.close()
        listening.close()


@pytest.mark.scenario(122)
@pytest.mark.parametrize("how", DRIPS)
async def test_answers_that_drip_end_from_outside_and_keep_no_other_request_back(how: str) -> None:
    server = Dripping(how, first=8)
    async with rest_before(server) as rest:
        loop = asyncio.get_running_loop()
        dripping = [asyncio.ensure_future(rest.cancel(f"b{n}")) for n in range(8)]
        await asyncio.sleep(0.1)
        began = loop.time()
        assert await rest.cancel("b9") == Taken()
        assert loop.time() - began < 0.3, "on a connection of its own"
        replies = await asyncio.gather(*dripping)
        assert replies == [Unanswered("no answer in time")] * 8
        async with asyncio.timeout(5):
            while server.gone < 8:  # noqa: ASYNC110 - the sockets are closed, and the server sees it
                await asyncio.sleep(0.01)


class Losing:
    """Answers a connection's first request, and loses it at the second."""

    def __init__(self) -> None:
        self.requests: list[str] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(2):
            head = await reader.readuntil(b"\r\n\r\n")
            self.requests.append(head.split(b" HTTP")[0].decode())
            if len(self.requests) % 2:
                writer.write(TAKEN)
                await writer.drain()
        writer.transport.abort()


async def test_a_cancel_whose_kept_connection_is_lost_is_not_sent_again_by_itself() -> None:
    server = Losing()
    async with rest_before(server) as rest:
        assert await rest.cancel("b1") == Taken()
        assert await rest.cancel("b2") == Unanswered("the connection failed")
        assert server.requests == ["DELETE /v2/orders/b1", "DELETE /v2/orders/b2"]


END = """
import asyncio, sys, threading
from tests.core.venue.alpaca.test_order_client import Dripping, rest_before

async def main():
    async with rest_before(Dripping("header", first=99), cancel=30) as rest:
        asked = [asyncio.ensure_future(rest.cancel("b")), asyncio.ensure_future(rest.positions())]
        await asyncio.sleep(2)
        print("ending", flush=True)
    await asyncio.gather(*asked, return_exceptions=True)

asyncio.run(main())
"""


@pytest.mark.slow
@pytest.mark.scenario(123)
async def test_the_program_ends_although_answers_drip() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", END), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        assert await asyncio.wait_for(process.stdout.readline(), 30) == b"ending\n"
        assert await asyncio.wait_for(process.wait(), 5) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
