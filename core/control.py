"""How another command reaches the Touchline that runs: cancel, from anywhere on this machine.

A line of JSON in, a line of JSON out, on loopback, with a token that only this
user can read from the data folder. It can cancel and nothing else.
"""

import asyncio
import hmac
import json
import os
import secrets
from pathlib import Path
from typing import Any

from core.engine import Engine
from core.errors import Refusal
from core.home import write_private
from core.order_state import ParentOrder
from core.output import summary

LINE = 4096
ANSWER_S = 60.0


class ControlServer:
    """Serves one engine until stopped."""

    def __init__(self, engine: Engine, path: Path) -> None:
        self._engine = engine
        self._path = path
        self._token = secrets.token_hex(16)
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen on a free port and say where in the control file."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=LINE)
        port = self._server.sockets[0].getsockname()[1]
        where = {"port": port, "token": self._token, "pid": os.getpid()}
        write_private(self._path, json.dumps(where))

    async def stop(self) -> None:
        """Stop listening and take the control file away."""
        self._path.unlink(missing_ok=True)
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            answer = await self._answer(await asyncio.wait_for(reader.readline(), ANSWER_S))
        except (ValueError, TimeoutError, ConnectionError):
            answer = {"refused": "The request could not be read."}
        writer.write(json.dumps(answer).encode() + b"\n")
        try:
            await writer.drain()
            writer.close()
            await writer.wait_closed()
        except ConnectionError:
            return  # the asker has gone; what was asked is done all the same

    async def _answer(self, line: bytes) -> dict[str, Any]:
        request = json.loads(line)
        if not isinstance(request, dict) or not self._known(request.get("token")):
            return {"refused": "The token is wrong."}
        try:
            return {"orders": [summary(o) for o in await self._cancel(request.get("cancel"))]}
        except Refusal as refusal:
            return {"refused": refusal.sentence}

    def _known(self, token: object) -> bool:
        return isinstance(token, str) and hmac.compare_digest(token, self._token)

    async def _cancel(self, what: object) -> tuple[ParentOrder, ...]:
        if what == "*":
            asked = await self._engine.cancel_all(by="command line")
        else:
            asked = (await self._engine.cancel(str(what), by="command line"),)
        return await finals(self._engine, tuple(o.id for o in asked))


async def finals(engine: Engine, ids: tuple[str, ...]) -> tuple[ParentOrder, ...]:
    """The orders once all of them are final."""
    done = asyncio.Event()

    def look(_event: object = None) -> None:
        if all(engine.orders[i].final for i in ids):
            done.set()

    unlisten = engine.listen(look)
    try:
        look()
        await done.wait()
    finally:
        unlisten()
    return tuple(engine.orders[i] for i in ids)


async def ask_cancel(path: Path, what: str) -> list[dict[str, Any]]:
    """Ask the running Touchline to cancel order `what` ("*": all) and wait for the proof.

    Raises Refusal when it does not answer or refuses.
    """
    try:
        where = json.loads(await asyncio.to_thread(path.read_text, encoding="utf-8"))
        reader, writer = await asyncio.open_connection("127.0.0.1", int(where["port"]))
        request = {"token": where["token"], "cancel": what}
        writer.write(json.dumps(request).encode() + b"\n")
        await writer.drain()
        answer = json.loads(await asyncio.wait_for(reader.readline(), ANSWER_S))
        writer.close()
    except (OSError, ValueError, KeyError, TimeoutError) as error:
        raise Refusal(
            "instance",
            "The Touchline that runs did not answer. Cancel in its window, or end it and use "
            "'touchline resume'.",
        ) from error
    if "refused" in answer:
        raise Refusal("order", str(answer["refused"]), what)
    return list(answer["orders"])
