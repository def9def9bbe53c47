"""Processes that die or stand still, and disks that fill: the real ones.

The exchange is killed, Touchline is stopped over its deadline, the journal finds no room.
The exchange's own books are the oracle wherever it lives to be asked.
"""

import asyncio
import json
import os
import resource
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from core.exchange.options import Options
from core.facts import PostSent
from core.journal import JournalReader
from core.order_state import State
from tests.core.test_cli import runs, true_soon
from tests.support import truth
from tests.support.commands import CAP, ROOT, Commands
from tests.support.shop import HELD, Shop, shop
from tests.support.trading import STILL, SYMBOL, quotes

AT_ASK = ("--fraction", "0")


# ---- the exchange dies -------------------------------------------------------------------------


@asynccontextmanager
async def far_exchange(port: int = 0) -> AsyncIterator[tuple[int, asyncio.subprocess.Process]]:
    """The real exchange in a process of its own, with a market in which little happens."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "core.exchange", "--port", str(port), "--rate-limit", "0"),
        *("--hidden-chance", "0"),
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        line = json.loads(await asyncio.wait_for(process.stdout.readline(), CAP))
        yield int(line["port"]), process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def pointed(port: int, home: Path) -> dict[str, str]:
    http, ws = f"http://127.0.0.1:{port}", f"ws://127.0.0.1:{port}"
    return {
        "TOUCHLINE_HOME": str(home),
        "TOUCHLINE_TRADING_URL": http,
        "TOUCHLINE_DATA_URL": http,
        "TOUCHLINE_TRADING_STREAM_URL": f"{ws}/stream",
        "TOUCHLINE_DATA_STREAM_URL": f"{ws}/v2/sip",
    }


def journaled(home: Path) -> list[object]:
    path = home / "journal-embedded.sqlite"
    if not path.exists():
        return []
    reader = JournalReader(path)
    try:
        return list(reader.load())
    finally:
        reader.close()


@pytest.mark.slow
@pytest.mark.scenario(10)
async def test_an_exchange_that_dies_with_its_orders_leaves_an_unknown_order_and_no_new_one(
    commands: Commands, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    argv = ("sell", "UVXY", "100", *AT_ASK, "--timeout", "1", "--json")
    async with far_exchange() as (port, process):
        selling = commands.start(*argv, env=pointed(port, home), folder=tmp_path)
        await true_soon(lambda: "working" in _text(selling.out))
        process.kill()
        await process.wait()
    async with far_exchange(port) as (_, again):
        assert again.returncode is None
        await true_soon(lambda: '"uncertain"' in _text(selling.out))
        assert len([f for f in journaled(home) if isinstance(f, PostSent)]) == 1
        await selling.signal(signal.SIGKILL)
        assert (await selling.ended()).code == -signal.SIGKILL
        # its account is another one, which the next start sees: the order went with the exchange
        ended = await commands.run("resume", "--json", env=pointed(port, home), folder=tmp_path)
        (done,) = ended.done
        assert (done["state"], done["filled_qty"]) == ("canceled", "0")
        assert "exchange that held it has ended" in done["reason"]
        assert len([f for f in journaled(home) if isinstance(f, PostSent)]) == 1


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


# ---- Touchline stands still --------------------------------------------------------------------


@asynccontextmanager
async def working(its: Shop, *options: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A sell, live at the exchange, whose process can be stopped."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "core.cli", "sell", SYMBOL, "100", *options, "--json"),
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **its.environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        await its.updates.until("new")
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def stands_still(its: Shop, pid: int, seconds: float) -> None:
    """SIGSTOP until `seconds` after the deadline of the order, then SIGCONT."""
    os.kill(pid, signal.SIGSTOP)
    (sent,) = [f for f in its.journal() if isinstance(f, PostSent)]
    await asyncio.sleep(sent.at / 1e9 + seconds - its.exchange.exchange.now_ns() / 1e9)
    assert runs(pid)
    assert truth.live(its.exchange) != []
    os.kill(pid, signal.SIGCONT)


@pytest.mark.slow
@pytest.mark.scenario(68)
@pytest.mark.parametrize(
    ("window", "state", "sold", "orders"), [("60", "filled", 100, 2), ("0.5", "canceled", 0, 1)]
)
async def test_a_process_stopped_over_its_deadline_falls_back_only_within_the_window(
    commands: Commands, tmp_path: Path, window: str, state: str, sold: int, orders: int
) -> None:
    async with shop(commands, tmp_path) as its:
        async with working(its, "--timeout", "1", "--window", window) as process:
            await stands_still(its, process.pid, 3.0)
            out, err = await asyncio.wait_for(process.communicate(), CAP)
        done = json.loads(out.splitlines()[-1])
        assert (done["state"], done["filled_qty"]) == (state, str(sold)), err
        assert len(truth.orders(its.exchange)) == orders
        assert truth.sold(its.exchange) == sold
        assert truth.live(its.exchange) == []


@pytest.mark.slow
async def test_a_process_stopped_while_its_order_fills_counts_it_once_when_it_goes_on(
    commands: Commands, tmp_path: Path
) -> None:
    async with shop(commands, tmp_path) as its:
        async with working(its, "--timeout", "1") as process:
            os.kill(process.pid, signal.SIGSTOP)
            its.exchange.exchange.happen(quotes((0, "15.24", "15.33"), size=40)[0])
            its.exchange.exchange.happen(quotes((0, "15.23", "15.32"))[0])
            assert truth.sold(its.exchange) == 40
            its.exchange.do("cut", "orders")
            os.kill(process.pid, signal.SIGCONT)
            out, _ = await asyncio.wait_for(process.communicate(), CAP)
        assert json.loads(out.splitlines()[-1])["filled_qty"] == "100"
        assert truth.sold(its.exchange) == 100


# ---- the disk is full --------------------------------------------------------------------------

LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
from core import cli
sys.exit(cli.main(sys.argv[2:]))
"""


async def sells_with_room_for(its: Shop, room: int, *options: str) -> tuple[int, str, str]:
    """A sell whose files cannot grow over `room` bytes; its code, last line and errors."""
    process = await asyncio.create_subprocess_exec(
        *(
            sys.executable,
            "-B",
            "-c",
            LIMITED,
            str(room),
            "sell",
            SYMBOL,
            "100",
            *options,
            "--json",
        ),
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


@pytest.mark.slow
@pytest.mark.scenario(63, 64)
@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="this system limits no files")
async def test_wherever_the_journal_finds_the_disk_full_nothing_is_sold_twice_or_left_live(
    commands: Commands, tmp_path: Path
) -> None:
    """Room from none at all to enough, in steps of about one record."""
    ends: dict[int, tuple[str, int]] = {}

    async def one(room: int) -> None:
        folder = tmp_path / str(room)
        folder.mkdir()
        options = Options(knobs=STILL, positions={SYMBOL: HELD}, rate_limit=0)
        async with shop(commands, folder, options=options) as its:
            code, out, err = await sells_with_room_for(its, room, "--timeout", "0.5")
            assert "Traceback" not in err, err
            sold = truth.sold(its.exchange)
            assert sold <= 100
            if code == 2:
                assert (out, truth.orders(its.exchange)) == ("", [])
                ends[room] = ("refused", 0)
                return
            done = json.loads(out.splitlines()[-1])
            assert truth.live(its.exchange) == [], (room, out, err)
            assert done["filled_qty"] == str(sold)
            ends[room] = (done["state"], len(truth.orders(its.exchange)))
            if done["state"] != State.FILLED:
                assert "cannot record" in err or "cannot record" in out
            await repaired(its, int(sold))

    async def repaired(its: Shop, sold: int) -> None:
        """With room again, a start ends what is open in the journal with what the venue says."""
        ended = await its.run("resume", "--json")
        assert ended.code in (0, 1), ended
        now = truth.sold(its.exchange)
        assert now in (sold, 100)  # a fallback still within its window is sent now
        assert truth.live(its.exchange) == []
        listed = (await its.run("orders", "--json")).lines
        assert [line["filled_qty"] for line in listed] in ([], [str(now)])

    at_once = asyncio.Semaphore(4)

    async def held(size: int) -> None:
        async with at_once:
            await one(size)

    async with asyncio.TaskGroup() as group:
        for size in (0, 4096, *range(32_768 + 4096, 140_000, 8_400), 1 << 20):
            group.create_task(held(size))
    print(f"disk: {dict(sorted(ends.items()))}")  # noqa: T201
    assert {state for state, _ in ends.values()} >= {"refused", "filled"}
    assert ("rejected", 0) in ends.values() or ("canceled", 1) in ends.values()
