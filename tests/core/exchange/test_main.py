"""The command: one line when it listens, one sentence when it can't, and a clean end."""

import asyncio
import json
import signal
import socket
import sys
from argparse import ArgumentParser
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from core.exchange.main import add_arguments, run

CAP = 20.0


@asynccontextmanager
async def command(*args: str) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "core.exchange", *args, stdout=PIPE, stderr=PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def listening(process: Process) -> dict[str, object]:
    assert process.stdout is not None
    line = json.loads(await asyncio.wait_for(process.stdout.readline(), CAP))
    assert isinstance(line, dict)
    return line


async def test_it_says_where_it_listens_in_one_line_and_stops_when_told() -> None:
    async with command() as process:
        line = await listening(process)
        assert line["event"] == "listening"
        assert line["pid"] == process.pid
        async with aiohttp.ClientSession(f"http://127.0.0.1:{line['port']}") as http:
            async with http.get("/_exchange") as answer:
                assert (await answer.json())["account"] == line["account"]
            async with http.get("/v2/account") as answer:
                assert answer.status == 401
            await http.post("/_exchange/stop")
        out, err = await asyncio.wait_for(process.communicate(), CAP)
        assert (process.returncode, out, err) == (0, b"", b"")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM handlers")
async def test_it_ends_cleanly_on_a_signal() -> None:
    async with command() as process:
        await listening(process)
        process.send_signal(signal.SIGTERM)
        _, err = await asyncio.wait_for(process.communicate(), CAP)
        assert (process.returncode, err) == (0, b"")


async def test_it_ends_by_itself_when_no_stream_is_connected_for_long() -> None:
    async with command("--idle-exit", "0.2") as process:
        await listening(process)
        assert await asyncio.wait_for(process.wait(), CAP) == 0


async def test_a_port_in_use_is_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        async with command("--port", str(port)) as process:
            out, err = await asyncio.wait_for(process.communicate(), CAP)
    assert (process.returncode, out) == (2, b"")
    assert err.decode() == f"Port {port} is already in use.\n"


@pytest.mark.parametrize(
    ("args", "what"),
    [
        (("--port", "70000"), "--port must be a whole number"),
        (("--at", "25:00"), "--at must be a time of day"),
        (("--speed", "nan"), "--speed must be a number"),
        (("--speed", "0"), "--speed must be a number"),
        (("--cash", "1e400"), "--cash must be a number"),
        (("--cash", "1_000"), "--cash must be a number"),
        (("--cash", "\u0661\u0660"), "--cash must be a number"),
        (("--speed", "1_0"), "--speed must be a number"),
        (("--port", "\u0661\u0660"), "--port must be a whole number"),
        (("--position", "UVXY=1_000"), "--position must look like UVXY=1000"),
        (("--position", "UVXY"), "--position must look like UVXY=1000"),
        (("--position", "NOPE=5"), "There is no symbol NOPE"),
        (("--position", "UVXY=-5"), "may not be negative"),
        (("--tape", "missing.csv"), "A tape is named like"),
    ],
)
@pytest.mark.scenario(132)
def test_a_bad_argument_is_one_sentence_and_2(
    args: tuple[str, ...], what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    parser = ArgumentParser()
    add_arguments(parser)
    assert run(parser.parse_args(args)) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert what in err
    assert err.count("\n") == 1


@pytest.mark.tape
async def test_a_tape_is_served_from_the_time_asked(tape: Path) -> None:
    path = str(tape / "IBM-2013-10-08.quotes.csv.gz")
    async with command("--tape", path, "--at", "10:00", "--position", "IBM=7") as process:
        line = await listening(process)
        keys = {"APCA-API-KEY-ID": "embedded", "APCA-API-SECRET-KEY": "embedded"}
        url = f"http://127.0.0.1:{line['port']}"
        async with aiohttp.ClientSession(url, headers=keys) as http:
            async with http.get("/v2/stocks/IBM/quotes/latest") as answer:
                quote = (await answer.json())["quote"]
            async with http.get("/v2/clock") as answer:
                assert (await answer.json())["is_open"]
            async with http.get("/v2/positions/IBM") as answer:
                assert (await answer.json())["qty"] == "7"
    assert 180 < quote["bp"] <= quote["ap"] < 182
