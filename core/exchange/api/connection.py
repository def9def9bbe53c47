"""One WebSocket connection of a client: what waits to be sent, and ways to spoil it.

Senders never wait: `put` queues, one task writes. A client that does not read is cut off.
"""

import asyncio
import socket
import struct
from collections import deque
from collections.abc import Callable

from aiohttp import WSCloseCode, WSMsgType, web

from core.exchange.faults.faults import Faults, Kind, Point

_MOST_WAITING = 20_000
_JUNK = b'{"stream":"trade_upd\xff\xc1'
_HALF_A_FRAME = b"\x82\x7e\x10\x00" + b'[{"T":"q"' * 8

Encode = Callable[[list[object]], list[bytes]]


class Connection:
    """A WebSocket of `stream` (orders or quotes). Make it with `Connection.open`."""

    def __init__(
        self,
        stream: str,
        socket: web.WebSocketResponse,
        transport: asyncio.Transport,
        faults: Faults,
        encode: Encode,
        *,
        binary: bool,
    ) -> None:
        self.stream = stream
        self.muted = False
        self.said_goodbye = False
        self._closing = False
        self._socket = socket
        self._transport = transport
        self._faults = faults
        self._encode = encode
        self._binary = binary
        self._waiting: deque[object] = deque()
        self._wake = asyncio.Event()

    @classmethod
    async def open(
        cls, stream: str, request: web.Request, faults: Faults, encode: Encode, *, binary: bool
    ) -> "Connection":
        """Answer the handshake. `encode` turns what waits into frames, sent as `binary` or text."""
        socket = web.WebSocketResponse(compress=False, max_msg_size=1 << 20)
        await socket.prepare(request)
        transport = request.transport
        if transport is None:
            raise ConnectionResetError("the client left during the handshake")
        return cls(stream, socket, transport, faults, encode, binary=binary)

    async def converse(
        self, on_frame: Callable[[str | bytes], None], *, mute: bool = False
    ) -> web.WebSocketResponse:
        """Hand over each whole message, and send what is put, until the connection ends."""
        if mute:
            self.mute()
        writer = asyncio.create_task(self._write())
        writer.add_done_callback(self._stopped_writing)
        try:
            async for message in self._socket:
                if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                    on_frame(message.data)
            self.said_goodbye = self._socket.close_code not in (None, WSCloseCode.ABNORMAL_CLOSURE)
        except ConnectionError:
            pass  # a client that was killed between its ping and our answer
        finally:
            writer.cancel()
            # A writer that met the end of the connection has nothing more to say.
            await asyncio.wait([writer])
            if not writer.cancelled() and not isinstance(writer.exception(), ConnectionError):
                writer.result()
        return self._socket

    def _stopped_writing(self, writer: asyncio.Task[None]) -> None:
        """A connection that nothing can be said on is no connection."""
        if not writer.cancelled():
            self._transport.abort()

    def put(self, message: object) -> None:
        """Queue one message."""
        if self.muted:
            return
        self._waiting.append(message)
        if len(self._waiting) > _MOST_WAITING:
            self.cut()
        self._wake.set()

    def mute(self) -> None:
        """Say nothing and read nothing more, not even a ping; the connection stays open."""
        self.muted = True
        self._waiting.clear()
        self._transport.pause_reading()

    def unmute(self) -> None:
        """Go on, without what was not said meanwhile."""
        self.muted = False
        self._transport.resume_reading()

    def cut(self) -> None:
        """Reset the connection."""
        reset(self._transport)

    def close_soon(self) -> None:
        """End the connection in order once what waits is sent."""
        self._closing = True
        self._wake.set()

    async def close(self) -> None:
        """Send what waits, then end the connection in order."""
        for frame in self._encode(list(self._waiting)):
            await self._send(frame)
        self._waiting.clear()
        await self._socket.close()

    async def _write(self) -> None:
        """Send what waits, for as long as the connection lives."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            waiting, self._waiting = list(self._waiting), deque()
            for frame in self._encode(waiting) if waiting else ():
                await self._send(frame)
            if self._closing:
                await self._socket.close()
                return

    async def _send(self, frame: bytes) -> None:
        fault = self._faults.take(Point.FRAME, stream=self.stream)
        if fault is not None and fault.kind is Kind.FRAME_CUT:
            self._transport.write(_HALF_A_FRAME)
            self.cut()
            return
        if fault is not None:
            await self._socket.send_bytes(_JUNK)
        if self._binary:
            await self._socket.send_bytes(frame)
        else:
            await self._socket.send_str(frame.decode())


def reset(transport: asyncio.Transport) -> None:
    """Close a TCP connection with a reset instead of an orderly end."""
    raw = transport.get_extra_info("socket")
    if raw is not None and not transport.is_closing():
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
