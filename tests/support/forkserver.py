"""Runs the real command line in real processes without paying its imports each time.

A program: it imports everything once, then forks one process for each line of JSON
on stdin and tells its pid and its exit code on stdout. `tests.support.commands` talks to it.
"""

import asyncio
import gc
import json
import os
import selectors
import signal
import socket
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

import core.venue.alpaca.sdk  # noqa: F401 - with alpaca-py, the slow one
from core.app.session import Session, SessionOptions, open_session
from core.cli import commands, main, parser
from core.engine.engine import Engine
from core.orders.state import State

EXTENSION = Decimal("0.6")  # seconds; the window's button gives ten


def serve() -> int:
    """Fork for each job until stdin ends."""
    told, wake = socket.socketpair()
    for end in (told, wake):
        end.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
    watch = selectors.DefaultSelector()
    watch.register(0, selectors.EVENT_READ)
    watch.register(told, selectors.EVENT_READ)
    jobs: dict[int, int] = {}
    waiting = b""
    while True:
        for key, _ in watch.select():
            if key.fd != 0:
                told.recv(4096)
                continue
            data = os.read(0, 65536)
            if not data:
                return 0
            *lines, waiting = (waiting + data).split(b"\n")
            for line in lines:
                job = json.loads(line)
                pid = os.fork()
                if pid == 0:
                    leave(work(job))
                jobs[pid] = job["id"]
                say(id=job["id"], pid=pid)
        for pid in list(jobs):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                say(id=jobs.pop(pid), code=os.waitstatus_to_exitcode(status))


def say(**line: int) -> None:
    """One line to whoever started us."""
    os.write(1, json.dumps(line).encode() + b"\n")


def work(job: dict[str, Any]) -> int:
    """Become the command that `job` describes."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number, name in ((0, os.devnull), (1, job["out"]), (2, job["err"])):
        flags = os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_APPEND
        os.dup2(os.open(name, flags, 0o600), number)
    os.environ.clear()
    os.environ.update(job["env"])
    if job["kill"]:
        die_at(*job["kill"])
    if job["press"]:
        press(job["press"])
    return main.main(job["argv"])


def leave(code: int) -> NoReturn:
    """End a child without taking apart what it shares with all others, which takes long."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)


def die_at(when: str, number: int) -> None:
    """Arrange a SIGKILL right before or after journal write `number`, one fact to a write."""

    def on_write(moment: str, first: int) -> None:
        if (moment, first) == (when, number):
            os.kill(os.getpid(), signal.SIGKILL)

    options_of = parser.options_of
    vars(main)["options_of"] = lambda args: replace(options_of(args), batch=1, on_write=on_write)


def press(what: str) -> None:
    """Arrange that a person presses something, once, as soon as an order is seen working."""

    async def opened(options: SessionOptions) -> Session:
        session = await open_session(options)
        Person(session.engine, what)
        return session

    vars(commands)["open_session"] = opened


class Person:
    """Sits before the engine, as the window does."""

    def __init__(self, engine: Engine, what: str) -> None:
        self._engine = engine
        self._what = what
        self._pressing: asyncio.Task[None] | None = None
        self._unlisten = engine.listen(self._look)
        self._look()

    def _look(self, event: object = None) -> None:
        working = [o for o in self._engine.open_orders if o.state is State.WORKING]
        if working and self._pressing is None:
            self._pressing = asyncio.get_running_loop().create_task(self._press(working[0].id))

    async def _press(self, order_id: str) -> None:
        self._unlisten()
        if self._what == "extend":
            await self._engine.extend(order_id, EXTENSION)
        if self._what == "pause":
            await self._engine.pause(order_id)
        if self._what in ("pause", "market now"):
            await self._engine.market_now(order_id)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    gc.freeze()
    sys.exit(serve())
