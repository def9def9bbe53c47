"""Takes overrides in a Touchline that runs and has its engine do them: loopback, with a token."""

import asyncio
import contextlib
import hmac
import os
import secrets
import sys
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from core.engine.engine import Engine
from core.errors import Confirmation, Refusal
from core.orders.plan_input import parse_end, parse_price, parse_timeout
from core.orders.state import ParentOrder
from core.remote.protocol import (
    CLOSING_S,
    FLATTEN_S,
    MOST_OPEN,
    MOST_PATH,
    PROOF_S,
    REQUEST_BYTES,
    REQUEST_S,
    Answer,
    Request,
    ServerAddress,
    confirmed,
)
from core.runtime.private_files import write_private
from core.wording import answers
from core.wording.for_programs import summary
from core.wording.next_step import OrderAction

_ASKER = "command line"


class ControlServer:
    """Serves one engine until stopped."""

    def __init__(self, engine: Engine, path: Path) -> None:
        self._engine = engine
        self._path = path
        self._token = secrets.token_hex(16)
        self._socket = path.with_suffix(".sock")
        self._servers: list[asyncio.Server] = []
        self._open: Counter[str] = Counter()  # connections by the way they came in
        self._answering: set[asyncio.Task[Any]] = set()
        self._asked = 0  # requests that are being done
        self._idle = asyncio.Event()
        self._idle.set()

    async def start(self) -> None:
        """Listen on a free port, and on a socket where there are any; note where."""
        tcp = await asyncio.start_server(
            partial(self._serve, "port"), "127.0.0.1", 0, limit=REQUEST_BYTES
        )
        self._servers.append(tcp)
        port = tcp.sockets[0].getsockname()[1]
        where = ServerAddress(port, self._token, os.getpid(), await self._listen_privately())
        write_private(self._path, msgspec.json.encode(where).decode())

    async def _listen_privately(self) -> str:
        """The socket in the private folder, where no other user gets in; empty for none."""
        if sys.platform == "win32" or len(str(self._socket)) > MOST_PATH:
            return ""
        self._socket.unlink(missing_ok=True)
        try:
            private = await asyncio.start_unix_server(
                partial(self._serve, "socket"), self._socket, limit=REQUEST_BYTES
            )
        except OSError:
            return ""  # a file system without sockets: the port is there
        self._servers.append(private)
        return str(self._socket)

    async def stop(self) -> None:
        """Take the control file away and stop listening; answers on their way get a moment."""
        self._path.unlink(missing_ok=True)
        self._socket.unlink(missing_ok=True)
        for server in self._servers:
            server.close()
        if self._answering:
            _, late = await asyncio.wait(self._answering, timeout=CLOSING_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    @property
    def asked(self) -> bool:
        """Whether something that was asked is still being done."""
        return self._asked > 0

    async def answered(self) -> None:
        """Return when nothing that was asked is still being done."""
        await self._idle.wait()

    async def _serve(
        self, way: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        if self._open[way] >= MOST_OPEN:
            writer.close()
            return
        self._open[way] += 1
        self._answering.add(task)
        try:
            answer = await self._answer(reader)
            writer.write(msgspec.json.encode(answer) + b"\n")
            await writer.drain()
        except (ConnectionError, asyncio.CancelledError):
            return  # the asker has gone, or we go; what was asked is done all the same
        finally:
            self._open[way] -= 1
            self._answering.discard(task)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader) -> Answer:
        try:
            async with asyncio.timeout(REQUEST_S):
                line = await reader.readline()
            request = msgspec.json.decode(line, type=Request)
        except (ValueError, TimeoutError, RecursionError, msgspec.MsgspecError):
            return Answer(refused="The request could not be read.")
        if not self._known(request.token):
            return Answer(refused="The token is wrong.")
        with self._being_asked():
            try:
                return await self._do(request)
            except Confirmation as asks:
                return Answer(refused=asks.sentence, asks=asks.names)
            except Refusal as refusal:
                return Answer(refused=refusal.sentence)

    @contextlib.contextmanager
    def _being_asked(self) -> Iterator[None]:
        self._asked += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._asked -= 1
            if not self._asked:
                self._idle.set()

    async def _do(self, request: Request) -> Answer:
        if request.kill:
            return Answer(killed=await self._engine.kill(by=_ASKER))
        if request.ask is not None:
            return Answer(orders=[await self._ask(request, request.ask)])
        if request.flatten:
            symbol = "" if request.flatten == "*" else request.flatten
            done = await self._engine.flatten(symbol, confirmed(request.yes), by=_ASKER)
            ended = await ended_soon(self._engine, [d.order for d in done if d.order])
            return Answer(flattened=list(done), orders=[summary(o) for o in ended])
        return Answer(orders=[summary(o) for o in await self._cancel(request.cancel)])

    async def _ask(self, request: Request, action: OrderAction) -> dict[str, Any]:
        """Ask it of the order; the order's summary with what is proven, in words."""
        engine, order_id, value = self._engine, request.order, request.value
        if action is OrderAction.CANCEL:
            order = await engine.cancel(order_id, by=_ASKER)
        elif action is OrderAction.MARKET_NOW:
            order = await engine.market_now(order_id)
        elif action is OrderAction.PAUSE:
            order = await engine.pause(order_id)
        elif action is OrderAction.MORE_TIME:
            order = await engine.extend(order_id, parse_timeout(value))
        elif action is OrderAction.ENDED:
            order = await engine.end_seen(order_id, *parse_end(value))
        else:
            order = await engine.reprice(
                order_id, parse_price(value, "price"), confirmed(request.yes)
            )
        told = answers.answer(action, order, engine.clock.now_ns())
        return summary(order) | {"event": "asked", "asked": action.value, "sentence": told}

    def _known(self, token: str) -> bool:
        return hmac.compare_digest(token.encode("utf-8", "replace"), self._token.encode())

    async def _cancel(self, what: str) -> tuple[ParentOrder, ...]:
        if what == "*":
            asked = await self._engine.cancel_all(by=_ASKER)
        else:
            asked = (await self._engine.cancel(what, by=_ASKER),)
        ids = [*(o.id for o in asked), *(o.id for o in self._engine.unproven if what == "*")]
        await self._engine.finals(ids)
        return await proven_soon(self._engine, ids)


async def proven_soon(engine: Engine, ids: list[str]) -> tuple[ParentOrder, ...]:
    """The orders once nothing of them can fill any more, or as they are after a few reads."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PROOF_S):
            await engine.proven(ids)
    return tuple(engine.orders[i] for i in ids)


async def ended_soon(engine: Engine, ids: list[str]) -> tuple[ParentOrder, ...]:
    """The orders once all of them are final, or as they are after a while."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(FLATTEN_S):
            await engine.finals(ids)
    return tuple(engine.orders[i] for i in ids)
