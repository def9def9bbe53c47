"""Starts, finds and ends the embedded exchange, which is a process of its own.

It outlives a Touchline that was killed, so that the next one can reconcile with
it, and ends by itself when nobody has been connected for a while.
"""

import asyncio
import contextlib
import http.client
import json
import os
import secrets
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import msgspec

from core.errors import Refusal
from core.exchange.faults.drills import DRILLS, drill_named
from core.runtime.atomic_files import reason
from core.runtime.data_folder import DataFolder
from core.runtime.private_files import MOST_NOTE, opener, read_note, write_private
from core.venue.credentials import HARMLESS

IDLE_EXIT_S = 300
START_S = 20.0
ASK_S = 2.0
END_S = 3.0
_KEYS = ("APCA_", "EXCHANGE_API_")
_OWN_KEY = ("EXCHANGE_API_KEY_ID", "EXCHANGE_API_SECRET_KEY")
_ROOT = Path(__file__).resolve().parents[2]  # where the package `core` lies
_PROGRAM = (
    "import sys, runpy; sys.path.insert(0, sys.argv.pop(1)); "
    "runpy.run_module('core.exchange', run_name='__main__', alter_sys=True)"
)


@dataclass(frozen=True, slots=True)
class EmbeddedExchange:
    """A running embedded exchange. `arguments` are what it plays (tapes, time, speed, seed).

    `found` says that an earlier run had left it. `key` is made for each start, so that nobody else
    on the machine can trade there, nor end it.
    """

    port: int
    pid: int
    arguments: tuple[str, ...]
    key: str = field(repr=False)
    found: bool = False
    process: "subprocess.Popen[bytes] | None" = field(default=None, compare=False, repr=False)


class _Note(msgspec.Struct):
    """Where the exchange listens that a run has left, and what it plays."""

    port: Annotated[int, msgspec.Meta(ge=1, le=65535)]
    pid: int
    arguments: tuple[str, ...]
    key: str = HARMLESS  # of a version that made none


async def running_or_started(
    home: DataFolder, venue: str, arguments: tuple[str, ...]
) -> EmbeddedExchange:
    """The exchange an earlier run of `venue` left, if it plays the same, else a new one.

    No arguments at all accept whatever plays. Raises Refusal with the exchange's own words
    when it cannot start (unreadable tape, bad time).
    """
    found = await asyncio.to_thread(_find, home.exchange_note(venue))
    if found is not None:
        if not arguments or found.arguments == arguments:
            return found
        await stop(found)
    started = await _start(home.exchange_log(venue), arguments)
    note = _Note(started.port, started.pid, arguments, started.key)
    write_private(home.exchange_note(venue), msgspec.json.encode(note).decode())
    return started


def drills() -> dict[str, str]:
    """The fault drills it can play, each with a sentence."""
    return {drill.name: drill.sentence for drill in DRILLS.values()}


async def drill(exchange: EmbeddedExchange, name: str) -> None:
    """Begin a drill; an empty name ends all. Raises Refusal."""
    path = f"/_exchange/drill?what={quote(drill_named(name).name)}" if name else "/_exchange/clear"
    try:
        answer = await asyncio.to_thread(_ask, exchange, "POST", path)
    except (OSError, ValueError) as error:
        raise Refusal("drill", "The embedded exchange did not answer.", name) from error
    if "done" not in answer:
        raise Refusal("drill", str(answer.get("message", "The drill did not begin.")), name)


async def ended(exchange: EmbeddedExchange) -> bool:
    """Whether nothing listens where it did; one that only does not answer has not ended."""
    try:
        await asyncio.to_thread(_ask, exchange, "GET", "/_exchange")
    except ConnectionRefusedError:
        return True
    except (OSError, ValueError):
        return False
    return False


async def stop(exchange: EmbeddedExchange) -> None:
    """End the exchange; one that has already gone is fine."""
    with contextlib.suppress(OSError, ValueError):
        await asyncio.to_thread(_ask, exchange, "POST", "/_exchange/stop")
    if exchange.process is not None:
        await asyncio.to_thread(_end, exchange.process)


def _find(note: Path) -> EmbeddedExchange | None:
    try:
        noted = read_note(note, _Note)
        exchange = EmbeddedExchange(noted.port, noted.pid, noted.arguments, noted.key, found=True)
        answer = _ask(exchange, "GET", "/_exchange")
    except (OSError, ValueError):
        return None  # none was left, or it has ended: a new one is started
    return exchange if answer.get("pid") == exchange.pid else None


def _ask(exchange: EmbeddedExchange, method: str, path: str) -> dict[str, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", exchange.port, timeout=ASK_S)
    keys = {"APCA-API-KEY-ID": exchange.key, "APCA-API-SECRET-KEY": exchange.key}
    try:
        connection.request(method, path, headers=keys)
        answer = msgspec.json.decode(connection.getresponse().read(MOST_NOTE) or b"{}")
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    except http.client.HTTPException as error:
        raise ValueError(str(error)) from error
    finally:
        connection.close()
    return answer if isinstance(answer, dict) else {}


async def _start(log: Path, arguments: tuple[str, ...]) -> EmbeddedExchange:
    key = secrets.token_urlsafe(24)
    launch = asyncio.ensure_future(asyncio.to_thread(_launch, arguments, log, key))
    try:
        process, line = await asyncio.shield(launch)
    except OSError as error:
        what = f"{reason(error)} ({error.filename or log})"
        raise Refusal("exchange", f"The exchange cannot be started: {what}.") from error
    except asyncio.CancelledError:  # Ctrl-C while it starts: it must not stay behind
        process, _ = await launch
        process.kill()
        await asyncio.to_thread(_end, process)
        raise
    try:
        answer = json.loads(line)
        return EmbeddedExchange(int(answer["port"]), process.pid, arguments, key, process=process)
    except (ValueError, KeyError, TypeError) as error:
        await asyncio.to_thread(_end, process)
        raise Refusal("exchange", _last_words(log)) from error


def _last_words(log: Path) -> str:
    words = log.read_text(encoding="utf-8", errors="replace").strip()
    return words.splitlines()[-1] if words else "The embedded exchange did not start."


def _launch(
    arguments: tuple[str, ...], log: Path, key: str
) -> tuple["subprocess.Popen[bytes]", bytes]:
    """The new process and its first line, empty when there was none in time.

    It is isolated from the folder that we were started in and from Python's own variables: the
    program is taken from where we have it from.
    """
    command = (sys.executable, "-P", "-c", _PROGRAM, str(_ROOT), "--port", "0")
    with open(log, "wb", opener=opener) as errors:
        process = subprocess.Popen(  # noqa: S603 - our own program, no shell
            (*command, "--idle-exit", str(IDLE_EXIT_S), *arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=_environment() | dict.fromkeys(_OWN_KEY, key),
            cwd=log.parent,
            start_new_session=True,  # Ctrl-C at the terminal is for us, not for it
        )
    late = threading.Timer(START_S, process.kill)
    late.daemon = True
    late.start()
    try:
        assert process.stdout is not None
        with process.stdout:
            return process, process.stdout.readline()
    finally:
        late.cancel()


def _environment() -> dict[str, str]:
    """Ours without keys, which are not its business, and without what changes what Python loads."""
    return {n: v for n, v in os.environ.items() if not n.startswith((*_KEYS, "PYTHON"))}


def _end(process: "subprocess.Popen[bytes]") -> None:
    """See the process off."""
    try:
        process.wait(END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
