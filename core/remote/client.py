"""Asks a Touchline that runs for an override; knows the protocol, never the engine."""

import asyncio
import contextlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from core.errors import Confirmation, Refusal
from core.remote.protocol import (
    ANSWER_BYTES,
    ANSWER_S,
    KILL_S,
    Answer,
    Request,
    ServerAddress,
    confirmed,
    encoded,
)
from core.runtime.private_files import read_note
from core.wording.kill_report import KillReport
from core.wording.next_step import OrderAction


async def ask_cancel(path: Path, what: str) -> list[dict[str, Any]]:
    """Ask the running Touchline to cancel order `what` ("*": all) and wait for the proof.

    Raises Refusal when it does not answer or refuses.
    """
    return (await _ask(path, lambda token: Request(token, cancel=what))).orders


async def ask_order(
    path: Path, action: OrderAction, order_id: str, value: str, said: Sequence[str]
) -> dict[str, Any]:
    """Ask the running Touchline `action` of one order; its summary with what is proven, in words.

    Raises Refusal like `ask_cancel`, Confirmation for what is not among `said`.
    """

    def request(token: str) -> Request:
        return Request(token, ask=action, order=order_id, value=value, yes=tuple(said))

    return (await _ask(path, request)).orders[0]


async def ask_flatten(path: Path, symbol: str, said: Sequence[str]) -> Answer:
    """Ask the running Touchline to flatten `symbol` (empty: all). Raises like `ask_order`."""

    def request(token: str) -> Request:
        return Request(token, flatten=symbol or "*", yes=tuple(said))

    return await _ask(path, request)


async def ask_kill(path: Path) -> KillReport:
    """Ask the running Touchline to kill; what it has proven. Raises Refusal like `ask_cancel`."""
    answer = await _ask(path, lambda token: Request(token, kill=True), KILL_S)
    if answer.killed is None:
        raise Refusal("instance", answer.refused or "The Touchline that runs gave no report.")
    return answer.killed


async def _ask(
    path: Path, request: Callable[[str], Request], patience_s: float = ANSWER_S
) -> Answer:
    """The answer to what `request` makes of the token. Raises Refusal, or Confirmation."""
    try:
        where = await asyncio.to_thread(read_note, path, ServerAddress)
        answer = await _answer(where, request(where.token), patience_s)
    except (OSError, ValueError, RecursionError) as error:
        raise Refusal(
            "instance",
            "The Touchline that runs did not answer. Cancel in its window, put a file named KILL "
            f"into {path.parent}, or end it and use 'touchline resume'.",
        ) from error
    if answer.asks:
        raise Confirmation(confirmed(answer.asks), answer.refused)
    if answer.refused:
        raise Refusal("order", answer.refused)
    return answer


async def _connection(
    where: ServerAddress,
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if where.socket and sys.platform != "win32":
        return await asyncio.open_unix_connection(where.socket, limit=ANSWER_BYTES)
    return await asyncio.open_connection("127.0.0.1", where.port, limit=ANSWER_BYTES)


async def _answer(where: ServerAddress, request: Request, patience_s: float) -> Answer:
    writer: asyncio.StreamWriter | None = None
    try:
        reader, writer = await _connection(where)
        writer.write(encoded(request))
        await writer.drain()
        async with asyncio.timeout(patience_s):
            line = await reader.readline()
        return msgspec.json.decode(line, type=Answer)
    except TimeoutError as error:
        raise Refusal(
            "instance",
            f"The Touchline that runs (process {where.pid}) was asked, but has not answered for "
            f"{patience_s:g} s, so nothing of it is proven: it may go on trying, or hang. Check "
            "open orders at the broker; once that process is ended, 'touchline kill' cancels "
            "what it left open.",
        ) from error
    finally:
        if writer is not None:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
