"""Sells whose processes stand still for the real thirty seconds, as in a laptop that sleeps.

One coroutine for a thread of its own, so that the half minute passes beside other tests.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.exchange.api.running_exchange import RunningExchange
from core.exchange.api.server import serve
from core.exchange.options import ExchangeOptions
from tests.support import truth
from tests.support.commands import CAP, ROOT, pointed_at
from tests.support.exchange_acts import happen
from tests.support.exchange_fixture import HELD
from tests.support.trading import CALM, STILL, SYMBOL, quotes

SECONDS = 30.0
TIMEOUT = 8.0  # the deadline comes while they stand still, and is long over when they go on


@dataclass(frozen=True)
class Way:
    """How one of them is asked to sell 100, and how many fill while it stands still."""

    grace: str
    fills: int = 0


@dataclass(frozen=True)
class Came:
    """What it came to: the sell's last line, and the exchange's books."""

    stood: float  # seconds
    done: dict[str, Any]
    said: str
    sold: int
    orders_while_still: int
    orders: list[dict[str, Any]]
    live: list[str]


WAYS = {
    "within its grace": Way("60"),
    "after its grace": Way("5"),
    "partly filled meanwhile": Way("60", 40),
    "filled meanwhile": Way("60", 100),
}


async def all_stand_still(folder: Path) -> dict[str, Came]:
    """All ways at once, each with an exchange and a home of its own."""
    async with asyncio.TaskGroup() as group:
        tasks = {
            name: group.create_task(_stands_still(folder / str(number), way))
            for number, (name, way) in enumerate(WAYS.items())
        }
    return {name: task.result() for name, task in tasks.items()}


async def _stands_still(home: Path, way: Way) -> Came:
    options = ExchangeOptions(knobs=STILL, positions={SYMBOL: HELD}, rate_limit=0)
    async with serve(options, scripted={SYMBOL: iter(CALM)}) as exchange:
        updates = truth.Updates(exchange)
        argv = ("sell", SYMBOL, "100", "--timeout", f"{TIMEOUT:g}", "--grace", way.grace)
        process = subprocess.Popen(  # noqa: ASYNC220 - asyncio's own want the main thread
            (sys.executable, "-m", "core.cli", *argv, "--json"),
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], **pointed_at(exchange, home)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            await updates.until("new")
            return await _stopped(process, exchange, way.fills)
        finally:
            process.kill()
            await asyncio.to_thread(process.communicate)


async def _stopped(process: "subprocess.Popen[str]", exchange: RunningExchange, fills: int) -> Came:
    os.kill(process.pid, signal.SIGSTOP)
    began = asyncio.get_running_loop().time()
    await asyncio.sleep(SECONDS / 2)
    if fills:
        _happen(exchange, (("15.24", "15.33", fills), ("15.23", "15.32", 5000)))
    await asyncio.sleep(SECONDS / 2)
    stood = asyncio.get_running_loop().time() - began
    while_still = len(truth.orders(exchange))
    os.kill(process.pid, signal.SIGCONT)
    out, err = await asyncio.to_thread(process.communicate, timeout=CAP)
    return Came(
        stood,
        json.loads(out.splitlines()[-1]),
        err,
        int(truth.sold(exchange)),
        while_still,
        truth.orders(exchange),
        truth.live(exchange),
    )


def _happen(exchange: RunningExchange, touches: Iterable[tuple[str, str, int]]) -> None:
    for bid, ask, size in touches:
        happen(exchange.exchange, quotes((0, bid, ask), size=size)[0])


async def others_ended() -> None:
    """All that runs on this loop has come to its end."""
    if others := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(others)
