"""How another command reaches the Touchline that runs: cancel and kill, from this machine.

A line of JSON in, a line of JSON out, on loopback, with a token that only this
user can read from the data folder. It can cancel and kill, and nothing else. It is
served on the engine's own thread, so it answers while a window hangs.
"""

import asyncio
import contextlib
import hmac
import os
import secrets
from pathlib import Path
from typing import Annotated, Any

import msgspec

from core.engine import Engine
from core.errors import Refusal
from core.home import read_note, write_private
from core.kill import KillReport
from core.order_state import ParentOrder
from core.output import summary

LINE = 4096
ANSWER = 1 << 24  # many orders may end in one answer
ASK_S = 10.0
ANSWER_S = 60.0
PARTING_S = 1.0
_ASKER = "command line"


class Request(msgspec.Struct, forbid_unknown_fields=True):
    """What may be asked: to cancel one order by its id, or all ("*"); or to kill."""

    token: str
    cancel: str = ""
    kill: bool = False

    def __post_init__(self) -> None:
        if self.kill == bool(self.cancel):
            raise ValueError("a request asks for a cancel or for a kill")


class Where(msgspec.Struct):
    """The control file: where a Touchline that runs listens, and with which token."""

    port: Annotated[int, msgspec.Meta(ge=1, le=65535)]
    token: str
    pid: int


class Answer(msgspec.Struct, omit_defaults=True):
    """The orders' summaries, or what a kill has proven, or why not."""

    orders: list[dict[str, Any]] = []
    killed: KillReport | None = None
    refused: str = ""


class ControlServer:
    """Serves one engine until stopped."""

    def __init__(self, engine: Engine, path: Path) -> None:
        self._engine = engine
        self._path = path
        self._token = secrets.token_hex(16)
        self._server: asyncio.Server | None = None
        self._answering: set[asyncio.Task[Any]] = set()

    async def start(self) -> None:
        """Listen on a free port and say where in the control file."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=LINE)
        port = self._server.sockets[0].getsockname()[1]
        where = Where(port, self._token, os.getpid())
        write_private(self._path, msgspec.json.encode(where).decode())

    async def stop(self) -> None:
        """Take the control file away and stop listening; answers on their way get a moment."""
        self._path.unlink(missing_ok=True)
        if self._server is not None:
            self._server.close()
        if self._answering:
            _, late = await asyncio.wait(self._answering, timeout=PARTING_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._answering.add(task)
        try:
            answer = await self._answer(reader)
            writer.write(msgspec.json.encode(answer) + b"\n")
            await writer.drain()
        except ConnectionError:
            return  # the asker has gone; what was asked is done all the same
        finally:
            self._answering.discard(task)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader) -> Answer:
        try:
            line = await asyncio.wait_for(reader.readline(), ASK_S)
            request = msgspec.json.decode(line, type=Request)
        except (ValueError, TimeoutError, RecursionError, msgspec.MsgspecError):
            return Answer(refused="The request could not be read.")
        if not self._known(request.token):
            return Answer(refused="The token is wrong.")
        if request.kill:
            return Answer(killed=await self._engine.kill(by=_ASKER))
        try:
            return Answer(orders=[summary(o) for o in await self._cancel(request.cancel)])
        except Refusal as refusal:
            return Answer(refused=refusal.sentence)

    def _known(self, token: str) -> bool:
        return hmac.compare_digest(token.encode("utf-8", "replace"), self._token.encode())

    async def _cancel(self, what: str) -> tuple[ParentOrder, ...]:
        if what == "*":
            asked = await self._engine.cancel_all(by=_ASKER)
        else:
            asked = (await self._engine.cancel(what, by=_ASKER),)
        return await self._engine.finals(o.id for o in asked)


async def ask_cancel(path: Path, what: str) -> list[dict[str, Any]]:
    """Ask the running Touchline to cancel order `what` ("*": all) and wait for the proof.

    Raises Refusal when it does not answer or refuses.
    """
    answer = await _asked(path, cancel=what)
    if answer.refused:
        raise Refusal("order", answer.refused, what)
    return answer.orders


async def ask_kill(path: Path) -> KillReport:
    """Ask the running Touchline to kill; what it has proven. Raises Refusal like `ask_cancel`."""
    answer = await _asked(path, kill=True)
    if answer.killed is None:
        raise Refusal("instance", answer.refused or "The Touchline that runs gave no report.")
    return answer.killed


async def _asked(path: Path, *, cancel: str = "", kill: bool = False) -> Answer:
    writer: asyncio.StreamWriter | None = None
    try:
        where = await asyncio.to_thread(read_note, path, Where)
        reader, writer = await asyncio.open_connection("127.0.0.1", where.port, limit=ANSWER)
        writer.write(msgspec.json.encode(Request(where.token, cancel, kill)) + b"\n")
        await writer.drain()
        line = await asyncio.wait_for(reader.readline(), ANSWER_S)
        return msgspec.json.decode(line, type=Answer)
    except TimeoutError as error:
        raise Refusal(
            "instance",
            f"The Touchline that runs was asked, but after {ANSWER_S:g} s the cancel is still not "
            "proven; it goes on trying.",
        ) from error
    except (OSError, ValueError, RecursionError) as error:
        raise Refusal(
            "instance",
            "The Touchline that runs did not answer. Cancel in its window, put a file named KILL "
            f"into {path.parent}, or end it and use 'touchline resume'.",
        ) from error
    finally:
        if writer is not None:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
