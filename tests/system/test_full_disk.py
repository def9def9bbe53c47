"""A disk that fills under the journal: a limit on the files of the process, and a small tmpfs.

Wherever there is no more room, nothing is sold twice and nothing stays live; with room again
a start ends what is open in the journal with what the venue says.
"""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core.orders.state import State
from tests.support import truth
from tests.support.commands import CAP, ROOT, Commands
from tests.support.exchange_fixture import ExchangeFixture, open_exchange
from tests.support.trading import SYMBOL

resource = pytest.importorskip("resource", reason="this system limits no files")

SELL = ("sell", SYMBOL, "100", "--timeout", "0.5", "--json")
AT_ONCE = 4
KB = 1024


@dataclass(frozen=True)
class Sold:
    """What the sell left behind, and what a start with room again said of it."""

    code: int
    out: str
    err: str
    resumed: int
    listed: list[dict[str, Any]]


Under = Callable[[ExchangeFixture, int], Awaitable[Sold]]


async def ran(its: ExchangeFixture, *command: str) -> tuple[int, str, str]:
    """A process that trades on the exchange: its code and what it said."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **its.environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(), CAP)
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def resumed(its: ExchangeFixture, code: int, out: str, err: str) -> Sold:
    """With room again."""
    resuming = await its.run("resume", "--json")
    assert "Traceback" not in resuming.err
    return Sold(code, out, err, resuming.code, (await its.run("orders", "--json")).lines)


# ---- a limit on the process's files ------------------------------------------------------------

LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
from core.cli import main as cli
sys.exit(cli.main(sys.argv[2:]))
"""


async def under_a_limit(its: ExchangeFixture, room: int) -> Sold:
    """No file of the sell can grow over `room` bytes."""
    code, out, err = await ran(its, sys.executable, "-B", "-c", LIMITED, str(room), *SELL)
    return await resumed(its, code, out, err)


# ---- a small disk ------------------------------------------------------------------------------

# In a namespace of its own, so that the mount is gone with the script whatever becomes of it.
SMALL_DISK = """
mkdir -p "$TOUCHLINE_HOME" && mount -t tmpfs -o "size=$ROOM" tmpfs "$TOUCHLINE_HOME" || exit 77
"$@"; code=$?
cp -R "$TOUCHLINE_HOME" "$LEFT" || exit 77
exit $code
"""


def may_mount() -> bool:
    """Whether this system lets a namespace of ours mount a tmpfs."""
    if not (sys.platform == "linux" and shutil.which("unshare")):
        return False
    tried = ("unshare", "-Urm", "mount", "-t", "tmpfs", "tmpfs", "/mnt")
    return subprocess.run(tried, capture_output=True, timeout=CAP, check=False).returncode == 0


async def on_a_small_disk(its: ExchangeFixture, room: int) -> Sold:
    """The data folder is a tmpfs of `room` bytes; what the sell left there then has room again."""
    left = its.folder / "left"
    its.env.update(ROOM=str(room), LEFT=str(left))
    sell = (sys.executable, "-B", "-m", "core.cli", *SELL)
    code, out, err = await ran(its, "unshare", "-Urm", "sh", "-c", SMALL_DISK, "sh", *sell)
    its.env["TOUCHLINE_HOME"] = str(left)
    return await resumed(its, code, out, err)


# ---- what must hold ----------------------------------------------------------------------------


class Judge:
    """Sells once for each room, and keeps its state at the end and the number of orders."""

    def __init__(self, commands: Commands, folder: Path, under: Under) -> None:
        self.ends: dict[int, tuple[str, int]] = {}
        self._commands = commands
        self._folder = folder
        self._under = under
        self._at_once = asyncio.Semaphore(AT_ONCE)

    async def all_of(self, rooms: Iterable[int]) -> None:
        """A few at once."""
        async with asyncio.TaskGroup() as group:
            for room in rooms:
                group.create_task(self._one(room))

    async def _one(self, room: int) -> None:
        folder = self._folder / str(room)
        folder.mkdir()
        async with self._at_once, open_exchange(self._commands, folder) as its:
            self.ends[room] = self._judged(its, room, await self._under(its, room))

    def _judged(self, its: ExchangeFixture, room: int, sell: Sold) -> tuple[str, int]:
        assert "Traceback" not in sell.err, sell.err
        orders, sold = truth.orders(its.exchange), truth.sold(its.exchange)
        assert sold <= 100
        assert truth.live(its.exchange) == [], (room, sell)
        assert sell.resumed in (0, 1, 3), sell  # 3: the end of that run is not known, so decide
        assert [line["filled_qty"] for line in sell.listed] in ([], [str(sold)]), (room, sell)
        if sell.code == 2:
            assert (sell.out, orders) == ("", [])
            return "refused", 0
        done = json.loads(sell.out.splitlines()[-1])
        assert done["filled_qty"] in (str(sold), "0")  # a fallback within its grace came later
        if done["state"] != State.FILLED:
            assert "cannot record" in sell.err + sell.out
        return done["state"], len(orders)


async def check(judge: Judge, rooms: Iterable[int]) -> None:
    """From no room to enough: at first nothing is sent, then it ends early, then it sells."""
    await judge.all_of(rooms)
    print(f"disk: {dict(sorted(judge.ends.items()))}")  # noqa: T201
    ends = set(judge.ends.values())
    assert {state for state, _ in ends} >= {"refused", "filled"}
    assert {("rejected", 0), ("canceled", 1)} & ends


@pytest.mark.slow
@pytest.mark.scenario(63, 64)
async def test_wherever_the_journal_finds_the_disk_full_nothing_is_sold_twice_or_left_live(
    commands: Commands, tmp_path: Path
) -> None:
    """Room in steps of about one record."""
    rooms = (0, 4 * KB, *range(36 * KB, 140_000, 8_400), 1 << 20)
    await check(Judge(commands, tmp_path, under_a_limit), rooms)


@pytest.mark.slow
@pytest.mark.scenario(63, 64)
async def test_on_a_disk_that_is_really_full_nothing_is_sold_twice_or_left_live(
    commands: Commands, tmp_path: Path
) -> None:
    """Room in pages of the small disk."""
    if not may_mount():
        pytest.skip("this system lets nobody mount a tmpfs here")
    rooms = (4 * KB, 32 * KB, *range(84 * KB, 168 * KB, 12 * KB), 1 << 20)
    await check(Judge(commands, tmp_path, on_a_small_disk), rooms)
