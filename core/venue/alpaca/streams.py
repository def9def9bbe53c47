"""One supervised WebSocket client for both of Alpaca's streams.

It connects, holds the conversation of a `StreamProtocol`, keeps its own heartbeat, and
comes back after every loss with back-off and jitter; a refused login ends it. What
the frames mean is the protocol's, what follows from them the sink's.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import (
    ConnectionClosed,
    InvalidMessage,
    InvalidStatus,
    WebSocketException,
)
from websockets.frames import CloseCode

from core.errors import Refusal
from core.market.links import Link, LinkName, LinkState
from core.market.time import NS
from core.runtime.clock import Clock
from core.venue.alpaca.account_wire import error_body
from core.venue.alpaca.endpoints import is_loopback
from core.venue.alpaca.order_wire import MAX_FRAME, BadFrame
from core.venue.alpaca.stream_protocol import (
    LIMIT_WORDS,
    Data,
    End,
    Ended,
    FrameResult,
    MarketStreamProtocol,
    StreamProtocol,
)
from core.venue.interface import Sink
from core.venue.safe_call import SafeCalls

log = logging.getLogger(__name__)

# The library writes whole frames to its log at level DEBUG, the login among them.
_quiet = logging.getLogger("core.venue.alpaca.streams.frames")
_quiet.setLevel(logging.WARNING)

_TURN = 64  # frames read at a stretch before the loop may do something else
_SHORTEST = 0.05
_TOO_BIG = f"a frame of more than {MAX_FRAME >> 20} MB"


class Pace(msgspec.Struct, frozen=True):
    """All times of a stream, in seconds.

    Back-off doubles from `backoff` to `backoff_cap` and starts anew once a connection
    was up for `healthy`; `limited` is where it starts when the venue says that we
    have too many connections.
    """

    connect: float = 8.0
    handshake: float = 8.0
    ping_every: float = 5.0
    pong_within: float = 5.0
    close: float = 1.0
    healthy: float = 10.0
    backoff: float = 0.5
    backoff_cap: float = 30.0
    limited: float = 10.0
    limited_cap: float = 60.0


class Counts(msgspec.Struct):
    """What a stream has seen since it was made."""

    frames: int = 0
    bad_frames: int = 0
    connections: int = 0


Sleep = Callable[[float], Awaitable[None]]


class Stream:
    """One stream, kept alive. All methods run on one loop.

    `deliver` gets each message, `sink` the links and bad frames; what either
    raises is logged and counted in `guard` and stops nothing. `sleep` and `rng` are injected.
    """

    def __init__(
        self,
        name: LinkName,
        url: str,
        protocol: StreamProtocol,
        deliver: Callable[[Any], None],
        sink: Sink,
        clock: Clock,
        *,
        pace: Pace,
        rng: random.Random,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.counts = Counts()
        self.guard = SafeCalls(f"the {name} stream")
        self.link = Link(name, LinkState.DOWN, clock.now_ns(), "not started")
        self._url = url
        self._protocol = protocol
        self._deliver = deliver
        self._sink = sink
        self._clock = clock
        self._pace = pace
        self._rng = rng
        self._sleep = sleep
        self._task: asyncio.Task[None] | None = None
        self._settled = asyncio.Event()
        self._socket: ClientConnection | None = None
        self._was_up = False
        self._why = ""  # why we cut the connection ourselves

    async def start(self) -> None:
        """Begin, and return when the stream is up, is refused, or has failed once."""
        await self.stop()
        self._settled = asyncio.Event()
        self._task = asyncio.create_task(self._run(), name=f"stream-{self.link.name}")
        await self._settled.wait()

    def renew(self, why: str) -> None:
        """Connect anew: a connection that is of no use is cut, one that was refused tried again."""
        if self._task is not None and self._task.done():
            self._task = asyncio.create_task(self._run(), name=f"stream-{self.link.name}")
        elif self._socket is not None:
            self._cut(why)

    async def stop(self) -> None:
        """Close the connection and stay closed."""
        task, self._task = self._task, None
        if task is None:
            return
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        if self.link.state is not LinkState.REFUSED:
            self._tell(LinkState.DOWN, "closed")

    async def _run(self) -> None:
        attempt, why = 0, ""
        while self._task is not None:  # as it is once we are stopped
            self._tell(self._trying(), why, attempt)
            ended, healthy = await self._one_connection()
            if ended.how is End.REFUSED:
                self._tell(LinkState.REFUSED, ended.words)
                self._settled.set()
                return
            lost = self.link.state is LinkState.UP
            attempt = 1 if healthy else attempt + 1
            delay = self._delay(ended.how, attempt)
            why = ended.words
            waits = LinkState.RECONNECTING if lost else LinkState.DOWN
            if ended.how is End.LIMITED:
                waits = LinkState.LIMITED
            self._tell(waits, why, attempt, retry_ns=self._clock.now_ns() + int(delay * NS))
            self._settled.set()
            await self._sleep(delay)

    def _trying(self) -> LinkState:
        """A limit holds until a connection is up or ends in another way."""
        if self.link.state is LinkState.LIMITED:
            return LinkState.LIMITED
        return LinkState.RECONNECTING if self._was_up else LinkState.CONNECTING

    def _delay(self, how: End, attempt: int) -> float:
        """Full jitter, so that many clients don't come back together; a limit is waited out."""
        if how is End.LIMITED:
            top = min(self._pace.limited_cap, self._pace.limited * 2.0 ** min(attempt - 1, 30))
            return self._rng.uniform(top / 2, top)
        top = min(self._pace.backoff_cap, self._pace.backoff * 2.0 ** min(attempt - 1, 30))
        return max(self._rng.uniform(0, top), min(_SHORTEST, top))

    async def _one_connection(self) -> tuple[Ended, bool]:
        """Connect and converse until the end; and whether the connection was up long enough."""
        self._why = ""
        began = self._clock.now_ns()
        try:
            ended = await self._connect_and_converse()
        except Exception as error:
            log.exception("the %s stream failed in an unforeseen way", self.link.name)
            ended = Ended(End.LOST, f"an error of our own ({type(error).__name__})")
        up = self.link.state is LinkState.UP
        since = self.link.since_ns if up else began
        return ended, up and self._clock.now_ns() - since >= self._pace.healthy * NS

    async def _connect_and_converse(self) -> Ended:
        socket: ClientConnection | None = None
        try:
            connector = self._connector()
            socket = await connector
            if connector.uri != self._url:
                return Ended(End.LOST, "the venue sent us to another address")
            self._socket = socket
            self.counts.connections += 1
            return await self._converse(socket)
        except InvalidStatus as error:
            return _by_status(error.response.status_code, bytes(error.response.body or b""))
        except ConnectionClosed as error:
            if error.sent is not None and error.sent.code == CloseCode.MESSAGE_TOO_BIG:
                self._refuse(BadFrame(_TOO_BIG))
                return Ended(End.LOST, _TOO_BIG)
            return Ended(End.LOST, self._why or _closed(error))
        except TimeoutError:
            return Ended(End.LOST, "the venue did not answer in time")
        except OSError as error:
            return Ended(End.LOST, f"no connection ({error.strerror or type(error).__name__})")
        except WebSocketException as error:
            if isinstance(error, InvalidMessage) and isinstance(error.__cause__, EOFError):
                return Ended(End.LOST, "the connection ended before the venue answered")
            return Ended(End.LOST, f"the venue does not speak WebSocket ({type(error).__name__})")
        finally:
            self._socket = None
            self._acknowledge(FrameResult(acked=True))  # whoever waits need not: all is said anew
            if socket is not None:
                await _hang_up(socket)

    def _connector(self) -> connect:
        return connect(
            self._url,
            additional_headers=dict(self._protocol.headers),
            compression=None,  # saves nothing on small frames and costs time on each
            open_timeout=self._pace.connect,
            close_timeout=self._pace.close,
            ping_interval=None,  # the heartbeat is ours, it measures
            max_size=MAX_FRAME,
            proxy=None if is_loopback(self._url) else True,
            logger=_quiet,
        )

    async def _converse(self, socket: ClientConnection) -> Ended:
        async with asyncio.timeout(self._pace.handshake):
            for message in self._protocol.opening():
                await socket.send(message)
            while not self._protocol.ready:
                ended = await self._take(socket, await socket.recv(decode=False))
                if ended is not None:
                    return ended
        heart = asyncio.create_task(self._heartbeat(socket), name=f"heart-{self.link.name}")
        try:
            return await self._listen(socket)
        finally:
            heart.cancel()
            await asyncio.gather(heart, return_exceptions=True)

    async def _listen(self, socket: ClientConnection) -> Ended:
        while True:
            ended = await self._take(socket, await socket.recv(decode=False))
            if ended is not None:
                return ended
            if self.counts.frames % _TURN == 0:
                await asyncio.sleep(0)

    async def _take(self, socket: ClientConnection, data: bytes) -> Ended | None:
        """Handle one frame; the end of the connection if it brought that."""
        self.counts.frames += 1
        result = self._protocol.receive(data, self._clock.now_ns())
        if result.ready:
            self._tell(LinkState.UP, result.note, reconnected=self._was_up)
            self._was_up = True
            self._settled.set()
        for message in result.messages:
            self.guard(self._deliver, message)
        for bad in result.bad:
            self._refuse(bad)
        for answer in result.send:
            await socket.send(answer)
        self._acknowledge(result)
        return result.end

    def _refuse(self, bad: BadFrame) -> None:
        self.counts.bad_frames += 1
        self.guard(self._sink.on_bad_frame, self.link.name, bad.reason, bad.client_id)

    def _acknowledge(self, result: FrameResult) -> None:
        """Room for the stream that subscribes."""

    async def _heartbeat(self, socket: ClientConnection) -> None:
        while True:
            seen = self.counts.frames
            try:
                async with asyncio.timeout(self._pace.pong_within):
                    rtt = await (await socket.ping())
            except ConnectionClosed:
                return
            except TimeoutError:
                if self.counts.frames == seen:  # frames that keep coming are a sign of life, too
                    self._cut(f"no answer to a heartbeat within {self._pace.pong_within:g} s")
                    return
            else:
                self._tell(LinkState.UP, self.link.detail, rtt_ms=rtt * 1000)
            await self._sleep(self._pace.ping_every)

    def _cut(self, why: str) -> None:
        """End the connection at once: a peer that doesn't answer gets no closing handshake."""
        self._why = why
        if self._socket is not None:
            self._socket.transport.abort()

    def _tell(
        self,
        state: LinkState,
        detail: str = "",
        attempt: int = 0,
        *,
        rtt_ms: float | None = None,
        reconnected: bool = False,
        retry_ns: int = 0,
    ) -> None:
        """Say how the link stands. `since_ns` moves when it goes up, or stops being up."""
        before = self.link
        settled = (LinkState.UP, LinkState.REFUSED)
        same = state is before.state or (state not in settled and before.state not in settled)
        since = before.since_ns if same else self._clock.now_ns()
        self.link = Link(before.name, state, since, detail, attempt, rtt_ms, reconnected, retry_ns)
        self.guard(self._sink.on_link, self.link)


class MarketStream(Stream):
    """The data stream, whose subscriptions can be changed while it runs."""

    def __init__(self, url: str, protocol: MarketStreamProtocol, *args: Any, **kwargs: Any) -> None:
        super().__init__(LinkName.QUOTES, url, protocol, *args, **kwargs)
        self._market = protocol
        self._changing = asyncio.Lock()
        self._answer: asyncio.Future[str] | None = None

    async def watch(self, symbols: Iterable[str]) -> None:
        """Subscribe exactly `symbols`, now if the stream is up, else when it comes up.

        Returns when the venue has acknowledged. Raises Refusal when it will not.
        """
        wanted = frozenset(symbols)
        async with self._changing:
            before = self._market.wanted
            for message in self._market.change(wanted):
                note = await self._ask(message)
                if note:
                    self._market.wanted = before
                    raise Refusal("symbols", f"{note}.", sorted(wanted))

    async def _ask(self, message: Data) -> str:
        """Send one change and wait for the answer: empty, or why not.

        Without an answer the connection is cut; the next one subscribes what is wanted.
        """
        socket = self._socket
        if socket is None:
            return ""
        self._answer = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(self._pace.handshake):
                await socket.send(message)
                return await self._answer
        except ConnectionClosed:
            return ""
        except TimeoutError:
            if self._socket is socket:
                self._cut("no answer to a subscription")
            return ""
        finally:
            self._answer = None

    def _acknowledge(self, result: FrameResult) -> None:
        if result.acked and self._answer is not None and not self._answer.done():
            self._answer.set_result(result.note)


async def _hang_up(socket: ClientConnection) -> None:
    """Close politely within the closing time, and in any case close the socket."""
    try:
        await socket.close()
    finally:
        socket.transport.abort()


def _by_status(status: int, body: bytes) -> Ended:
    """What an HTTP status instead of a WebSocket means; a gateway's page says nothing of keys."""
    if status in (406, 429):
        return Ended(End.LIMITED, LIMIT_WORDS)
    if status in (401, 403) and not error_body(body).html:
        return Ended(End.REFUSED, f"The venue does not accept these keys (HTTP {status}).")
    return Ended(End.LOST, f"the venue answered HTTP {status}")


def _closed(error: ConnectionClosed) -> str:
    code = error.rcvd.code if error.rcvd is not None else None
    return "the connection was lost" if code is None else f"the venue closed the stream ({code})"
