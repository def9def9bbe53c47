"""Processes that die or stand still: the real ones.

The exchange is killed, Touchline is stopped over its deadline. The exchange's own books are
the oracle wherever it lives to be asked.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from core.journal.reader import JournalReader
from core.orders.facts import PostSent
from tests.core.cli.test_main import runs, true_soon
from tests.support import truth
from tests.support.commands import CAP, ROOT, Commands
from tests.support.exchange_acts import happen
from tests.support.exchange_fixture import ExchangeFixture, open_exchange
from tests.support.trading import SYMBOL, quotes

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
async def working(its: ExchangeFixture, *options: str) -> AsyncIterator[asyncio.subprocess.Process]:
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


async def stands_still(its: ExchangeFixture, pid: int, seconds: float) -> None:
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
    ("grace", "state", "sold", "orders"), [("60", "filled", 100, 2), ("0.5", "canceled", 0, 1)]
)
async def test_a_process_stopped_over_its_deadline_falls_back_only_within_the_grace(
    commands: Commands, tmp_path: Path, grace: str, state: str, sold: int, orders: int
) -> None:
    async with open_exchange(commands, tmp_path) as its:
        async with working(its, "--timeout", "1", "--grace", grace) as process:
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
    async with open_exchange(commands, tmp_path) as its:
        async with working(its, "--timeout", "1") as process:
            os.kill(process.pid, signal.SIGSTOP)
            happen(its.exchange.exchange, quotes((0, "15.24", "15.33"), size=40)[0])
            happen(its.exchange.exchange, quotes((0, "15.23", "15.32"))[0])
            assert truth.sold(its.exchange) == 40
            its.exchange.do("cut", "orders")
            os.kill(process.pid, signal.SIGCONT)
            out, _ = await asyncio.wait_for(process.communicate(), CAP)
        assert json.loads(out.splitlines()[-1])["filled_qty"] == "100"
        assert truth.sold(its.exchange) == 100
