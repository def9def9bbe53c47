"""A small TCP proxy on loopback: cuts, stalls, half-closes, delays, corrupts or refuses.

What it does strikes at a moment of the conversation, never after a guessed time: when a
request's first bytes come by, or when the answer to it does.
"""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

CHUNK = 1 << 16


class Wire:
    """One connection of a client, and the one to the exchange that belongs to it."""

    def __init__(
        self,
        proxy: "Proxy",
        client: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        server: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        self._proxy = proxy
        self._client = client
        self._server = server
        self._flows = asyncio.Event()
        self._flows.set()
        self._late = 0.0
        self._spoil = False
        self._at_answer: Act | None = None

    # what can be done to it

    def cut(self) -> None:
        """Reset both sides."""
        _reset(self._client[1])
        _reset(self._server[1])

    def stall(self) -> None:
        """Pass nothing more, either way, and leave both connections open."""
        self._flows.clear()

    def flow(self) -> None:
        """Go on after a stall."""
        self._flows.set()

    def half_close(self) -> None:
        """Tell the client that the exchange has nothing more to say; still listen to it."""
        with contextlib.suppress(OSError, RuntimeError):
            self._client[1].write_eof()

    def delay(self, seconds: float) -> None:
        """Everything the exchange says comes so much later."""
        self._late = seconds

    def corrupt(self) -> None:
        """Garble what the exchange says next."""
        self._spoil = True

    # how it passes on

    async def carry(self) -> None:
        """Pass both ways until both are at their end."""
        await asyncio.gather(self._outward(), self._homeward())
        for writer in (self._client[1], self._server[1]):
            writer.close()

    async def _outward(self) -> None:
        with contextlib.suppress(OSError):
            while data := await self._client[0].read(CHUNK):
                at = self._proxy.strikes_at(data)
                if at is not None and at.answered:
                    self._at_answer = at.act
                elif at is not None:
                    at.act(self)
                await self._flows.wait()
                self._server[1].write(data)
                await self._server[1].drain()
        with contextlib.suppress(OSError, RuntimeError):
            self._server[1].write_eof()

    async def _homeward(self) -> None:
        with contextlib.suppress(OSError, RuntimeError):
            while data := await self._server[0].read(CHUNK):
                if self._at_answer is not None:
                    act, self._at_answer = self._at_answer, None
                    act(self)
                await self._flows.wait()
                if self._late:
                    await asyncio.sleep(self._late)
                if self._spoil:
                    data, self._spoil = _garbled(data), False
                self._client[1].write(data)
                await self._client[1].drain()
        self.half_close()


Act = Callable[[Wire], None]


@dataclass
class _Strike:
    start: bytes
    act: Act
    answered: bool
    skip: int


@dataclass
class Proxy:
    """A port that stands for the exchange's. `refusing`: whoever connects is cut off."""

    port: int = 0
    refusing: bool = False
    wires: list[Wire] = field(default_factory=list)
    _strikes: list[_Strike] = field(default_factory=list)

    def when(self, start: bytes, act: Act, *, answered: bool = False, skip: int = 0) -> None:
        """Once, `act` on the wire on which bytes beginning with `start` go to the exchange.

        `answered`: not then, but when the exchange answers them. `skip` lets some go by.
        """
        self._strikes.append(_Strike(start, act, answered, skip))

    def strikes_at(self, data: bytes) -> _Strike | None:
        """What is to happen at these bytes."""
        for strike in self._strikes:
            if data.startswith(strike.start):
                if strike.skip:
                    strike.skip -= 1
                    return None
                self._strikes.remove(strike)
                return strike
        return None

    def each(self, act: Act) -> None:
        """`act` on all wires there are."""
        for wire in list(self.wires):
            act(wire)

    def refuse(self) -> None:
        """Cut everything, and let nobody in until told."""
        self.refusing = True
        self.each(Wire.cut)

    def admit(self) -> None:
        """Let clients in again."""
        self.refusing = False


@asynccontextmanager
async def proxy(port: int) -> AsyncIterator[Proxy]:
    """A proxy to `port` while the block runs."""
    made = Proxy()
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if made.refusing:
            _reset(writer)
            return
        try:
            server = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            _reset(writer)
            return
        wire = Wire(made, (reader, writer), server)
        made.wires.append(wire)
        try:
            await wire.carry()
        finally:
            made.wires.remove(wire)
            wire.cut()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(begin, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _garbled(data: bytes) -> bytes:
    """The same length, most of it meaningless."""
    return bytes(byte ^ 0x5A if place % 3 == 0 else byte for place, byte in enumerate(data))


def _reset(writer: asyncio.StreamWriter) -> None:
    raw = writer.get_extra_info("socket")
    if raw is not None and not writer.transport.is_closing():
        with contextlib.suppress(OSError):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
