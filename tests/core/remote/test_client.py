"""Asking a Touchline that runs: what cannot be reached is a sentence."""

import json
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.support.commands import Command, Commands
from tests.support.exchange_fixture import ExchangeFixture, open_exchange
from tests.support.trading import SYMBOL


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


@pytest.mark.parametrize("words", ["", "[]", '{"port": "here"}', '{"port": 70000, "token": ""}'])
async def test_a_note_that_leads_nowhere_is_a_sentence(
    commands: Commands, tmp_path: Path, words: str
) -> None:
    async with working(commands, tmp_path) as (its, _):
        (its.home / "control-embedded.json").write_text(words)
        ended = await its.run("cancel", "--all")
        assert (ended.code, ended.out) == (2, "")
        assert ended.err.startswith("The Touchline that runs did not answer.")
        assert "Traceback" not in ended.err


async def test_a_port_where_nobody_answers_is_a_sentence(
    commands: Commands, tmp_path: Path
) -> None:
    async with working(commands, tmp_path) as (its, _):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            words = json.dumps({"port": closed.getsockname()[1], "token": "t"})
        (its.home / "control-embedded.json").write_text(words)
        ended = await its.run("cancel", "--all")
        assert ended.code == 2
        assert ended.err.startswith("The Touchline that runs did not answer.")
