"""Starts, finds and ends the embedded exchange, which is a process of its own.

It outlives a Touchline that was killed, so that the next one can reconcile with
it, and ends by itself when nobody has been connected for a while.
"""

import asyncio
import contextlib
import http.client
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import Refusal
from core.home import Home, write_private

IDLE_EXIT_S = 300
START_S = 20.0
ASK_S = 2.0


@dataclass(frozen=True, slots=True)
class EmbeddedExchange:
    """A running embedded exchange. `arguments` are what it plays (tapes, time, speed, seed).

    `found` says that an earlier run had left it.
    """

    port: int
    pid: int
    arguments: tuple[str, ...]
    found: bool = False


async def running_or_started(home: Home, arguments: tuple[str, ...]) -> EmbeddedExchange:
    """The exchange an earlier run left, if it plays the same, else a new one.

    No arguments at all accept whatever plays. Raises Refusal with the exchange's own words
    when it cannot start (unreadable tape, bad time).
    """
    found = await asyncio.to_thread(_find, home.embedded())
    if found is not None:
        if not arguments or found.arguments == arguments:
            return found
        await stop(found)
    started = await _start(home, arguments)
    note = {"port": started.port, "pid": started.pid, "arguments": list(arguments)}
    write_private(home.embedded(), json.dumps(note))
    return started


async def stop(exchange: EmbeddedExchange) -> None:
    """End the exchange; one that has already gone is fine."""
    with contextlib.suppress(OSError, ValueError):
        await asyncio.to_thread(_ask, exchange.port, "POST", "/_exchange/stop")


def _find(note: Path) -> EmbeddedExchange | None:
    try:
        noted = json.loads(note.read_text(encoding="utf-8"))
        exchange = EmbeddedExchange(
            int(noted["port"]), int(noted["pid"]), tuple(noted["arguments"]), found=True
        )
        told = _ask(exchange.port, "GET", "/_exchange")
    except (OSError, ValueError, KeyError, TypeError):
        return None  # none was left, or it has ended: a new one is started
    return exchange if told.get("pid") == exchange.pid else None


def _ask(port: int, method: str, path: str) -> dict[str, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ASK_S)
    try:
        connection.request(method, path)
        answer = json.loads(connection.getresponse().read() or b"{}")
    except http.client.HTTPException as error:
        raise ValueError(str(error)) from error
    finally:
        connection.close()
    return answer if isinstance(answer, dict) else {}


async def _start(home: Home, arguments: tuple[str, ...]) -> EmbeddedExchange:
    log = home.path / "embedded.log"
    command = (sys.executable, "-m", "core.exchange", "--port", "0")
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            *command,
            "--idle-exit",
            str(IDLE_EXIT_S),
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            start_new_session=True,  # Ctrl-C at the terminal is for us, not for it
        )
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), START_S)
        told = json.loads(line)
        return EmbeddedExchange(int(told["port"]), process.pid, arguments)
    except (TimeoutError, ValueError, KeyError) as error:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        await process.wait()
        words = log.read_text(encoding="utf-8", errors="replace").strip()
        sentence = words.splitlines()[-1] if words else "The embedded exchange did not start."
        raise Refusal("exchange", sentence) from error
