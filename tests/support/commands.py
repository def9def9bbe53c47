"""Touchline commands as processes of their own: start them, signal them, read what they said."""

import asyncio
import itertools
import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.exchange.api.running_exchange import RunningExchange

ROOT = Path(__file__).resolve().parents[2]
CAP = 60.0  # generous: a machine may be busy
Kill = tuple[str, int]


@dataclass(frozen=True)
class Ended:
    """What a command left behind. `code` is negative when a signal ended it."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Its JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def done(self) -> list[dict[str, Any]]:
        """Its last lines about orders."""
        return [line for line in self.lines if line["event"] == "done"]


class Command:
    """One running command."""

    def __init__(self, out: Path, err: Path) -> None:
        self.out = out
        self.err = err
        self.pid: Future[int] = Future()
        self.code: Future[int] = Future()

    async def ended(self) -> Ended:
        """Wait for its end."""
        async with asyncio.timeout(CAP):
            code = await asyncio.shield(asyncio.wrap_future(self.code))
        return Ended(code, _text(self.out), _text(self.err))

    async def signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        pid = await asyncio.shield(asyncio.wrap_future(self.pid))
        if not self.code.done():
            os.kill(pid, number)


class Commands:
    """Starts commands by a fork server, so that each is there at once. Close it when done."""

    def __init__(self) -> None:
        self._ids = itertools.count(1)
        self._commands: dict[int, Command] = {}
        self._server = subprocess.Popen(
            (sys.executable, "-m", "tests.support.forkserver"),
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def start(
        self,
        *argv: str,
        env: Mapping[str, str],
        folder: Path,
        kill: Kill | None = None,
        press: str = "",
    ) -> Command:
        """Start `touchline argv` with `env` alone; `kill` names a journal write to die at.

        `press` is what a person presses once an order works: market now, hold or extend.
        """
        number = next(self._ids)
        command = Command(folder / f"{number}.out", folder / f"{number}.err")
        self._commands[number] = command
        job = {
            "id": number,
            "argv": argv,
            "env": {"PATH": os.environ["PATH"], **env},
            "out": str(command.out),
            "err": str(command.err),
            "kill": kill,
            "press": press,
        }
        assert self._server.stdin is not None
        self._server.stdin.write(json.dumps(job).encode() + b"\n")
        self._server.stdin.flush()
        return command

    async def run(
        self, *argv: str, env: Mapping[str, str], folder: Path, kill: Kill | None = None
    ) -> Ended:
        """Start a command and wait for its end."""
        return await self.start(*argv, env=env, folder=folder, kill=kill).ended()

    def _read(self) -> None:
        assert self._server.stdout is not None
        for line in self._server.stdout:
            told = json.loads(line)
            command = self._commands[told["id"]]
            if "pid" in told:
                command.pid.set_result(told["pid"])
            else:
                command.code.set_result(told["code"])

    def close(self) -> None:
        """End the fork server; what it started is left to end by itself."""
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.close()
        self._server.wait(CAP)
        self._reader.join(CAP)
        self._server.stdout.close()


def run_alone(*argv: str, env: Mapping[str, str], cwd: Path = ROOT) -> Ended:
    """`python -m core.cli.main argv` as a person's shell would run it."""
    ran = subprocess.run(
        (sys.executable, "-m", "core.cli", *argv),
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **env},
        capture_output=True,
        text=True,
        timeout=CAP,
        check=False,
    )
    return Ended(ran.returncode, ran.stdout, ran.stderr)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def pointed_at(exchange: RunningExchange, home: Path) -> dict[str, str]:
    """The environment of a command that trades on `exchange` and keeps its files in `home`."""
    return {
        "TOUCHLINE_HOME": str(home),
        "TOUCHLINE_TRADING_URL": exchange.url,
        "TOUCHLINE_TRADING_STREAM_URL": exchange.trading_stream_url,
        "TOUCHLINE_DATA_URL": exchange.url,
        "TOUCHLINE_DATA_STREAM_URL": exchange.data_stream_url("sip"),
    }
