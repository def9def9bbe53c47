"""The door to a Touchline that runs: only with the token, one thing at a time."""

import asyncio
import contextlib
import json
import signal
import socket
import stat
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from core.engine.engine import Engine
from core.remote.protocol import MOST_OPEN
from core.remote.server import ControlServer
from tests.support import truth
from tests.support.commands import CAP, Command, Commands
from tests.support.exchange_fixture import ExchangeFixture, open_exchange
from tests.support.trading import SYMBOL

ANSWERS = {  # by the time that the cancel is recorded, its proof may have come
    "Cancel asked for SELL 100 UVXY: 0 filled, 100 not yet proven dead; "
    "nothing will be sent for them.\n",
    "SELL 100 UVXY has ended: cancelled, 0 filled. Nothing of it can fill any more.\n",
}


@asynccontextmanager
async def working(
    commands: Commands, folder: Path
) -> AsyncIterator[tuple[ExchangeFixture, Command]]:
    """An exchange and a sell that works on it."""
    async with open_exchange(commands, folder) as its:
        selling = its.start("sell", SYMBOL, "100", "--timeout", "60", "--json")
        await its.updates.until("new")
        yield its, selling
        await selling.signal(signal.SIGTERM)
        await selling.ended()


def note(its: ExchangeFixture) -> dict[str, Any]:
    """What the control file says."""
    return dict(json.loads((its.home / "control-embedded.json").read_text()))


async def say(its: ExchangeFixture, line: bytes) -> dict[str, Any]:
    """Say one line and hear the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", note(its)["port"])
    writer.write(line)
    writer.write_eof()
    answer = await asyncio.wait_for(reader.readline(), CAP)
    writer.close()
    return dict(json.loads(answer))


@pytest.mark.parametrize("token", ["", "0" * 32, "\u00e9" * 8, "\ud800"])
async def test_a_wrong_token_is_refused(commands: Commands, tmp_path: Path, token: str) -> None:
    async with working(commands, tmp_path) as (its, _):
        answer = await say(its, json.dumps({"token": token, "cancel": "*"}).encode() + b"\n")
        assert set(answer) == {"refused"}
        assert len(truth.live(its.exchange)) == 1


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"",
        b"cancel everything please\n",
        b"\xff\xfe\x00\n",
        b"[" * 4000 + b"\n",
        b'{"token": 1, "cancel": "*"}\n',
        b'{"cancel": "*"}\n',
        b'{"token": "' + b"x" * 100_000 + b'", "cancel": "*"}\n',
    ],
)
async def test_what_is_no_request_is_refused_and_changes_nothing(
    commands: Commands, tmp_path: Path, line: bytes
) -> None:
    async with working(commands, tmp_path) as (its, selling):
        assert set(await say(its, line)) == {"refused"}
        assert len(truth.live(its.exchange)) == 1
        assert (await its.run("cancel", "--all")).code == 0
        assert (await selling.ended()).err in ANSWERS


async def test_a_request_for_more_than_a_cancel_is_refused(
    commands: Commands, tmp_path: Path
) -> None:
    async with working(commands, tmp_path) as (its, _):
        request = {"token": note(its)["token"], "cancel": "*", "sell": "UVXY"}
        assert set(await say(its, json.dumps(request).encode() + b"\n")) == {"refused"}
        assert len(truth.live(its.exchange)) == 1


async def test_an_asker_who_leaves_has_still_asked(commands: Commands, tmp_path: Path) -> None:
    async with working(commands, tmp_path) as (its, selling):
        request = {"token": note(its)["token"], "cancel": "*"}
        _, writer = await asyncio.open_connection("127.0.0.1", note(its)["port"])
        writer.write(json.dumps(request).encode() + b"\n")
        await writer.drain()
        writer.transport.abort()
        ended = await selling.ended()
        assert (ended.code, ended.done[0]["state"]) == (1, "canceled")
        assert ended.err in ANSWERS


async def test_an_asker_who_says_nothing_keeps_nobody(commands: Commands, tmp_path: Path) -> None:
    async with working(commands, tmp_path) as (its, selling):
        _, writer = await asyncio.open_connection("127.0.0.1", note(its)["port"])
        assert (await its.run("cancel", "--all")).code == 0
        assert (await selling.ended()).code == 1
        writer.close()


async def test_the_note_is_for_this_user_only_and_goes_with_the_run(
    commands: Commands, tmp_path: Path
) -> None:
    async with working(commands, tmp_path) as (its, selling):
        path = its.home / "control-embedded.json"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        await selling.signal(signal.SIGINT)
        await selling.ended()
        assert not path.exists()


async def test_the_port_is_open_to_this_machine_only(tmp_path: Path) -> None:
    server = ControlServer(cast(Engine, None), tmp_path / "control.json")
    await server.start()
    try:
        hosts = {
            where.getsockname()[0]
            for listening in server._servers
            for where in listening.sockets
            if where.family in (socket.AF_INET, socket.AF_INET6)
        }
        assert hosts == {"127.0.0.1"}
    finally:
        await server.stop()


@pytest.mark.slow
@pytest.mark.scenario(125)
@pytest.mark.skipif(sys.platform == "win32", reason="there is no private socket there")
async def test_idle_connections_of_others_keep_no_override_out(
    commands: Commands, tmp_path: Path
) -> None:
    async with working(commands, tmp_path) as (its, _):
        idle = []
        with contextlib.suppress(OSError):
            for _ in range(200):
                idle.append(await asyncio.open_connection("127.0.0.1", note(its)["port"]))
        ended = await its.run("cancel", "--all", "--json")
        assert ended.code == 0, ended
        assert truth.live(its.exchange) == []
        assert not (its.home / "touchline.log").exists()
        for _, writer in idle:
            writer.close()


@pytest.mark.scenario(125)
async def test_of_many_connections_a_few_are_held_and_a_silent_one_not_for_long(
    commands: Commands, tmp_path: Path
) -> None:
    async with working(commands, tmp_path) as (its, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", note(its)["port"])
        answer = json.loads(await asyncio.wait_for(reader.readline(), CAP))
        assert answer == {"refused": "The request could not be read."}
        writer.close()
        port = note(its)["port"]
        many = [await asyncio.open_connection("127.0.0.1", port) for _ in range(MOST_OPEN + 1)]
        assert await asyncio.wait_for(many[-1][0].read(), 0.9) == b"", "turned away at once"
        for _, held in many:
            held.close()
