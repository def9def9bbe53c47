"""Pre-trade controls and the kill switch on the command line: real processes, a real exchange."""

import asyncio
import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.exchange.faults.faults import Fault, Kind
from core.journal.reader import JournalReader
from core.orders.refused_instruction import RefusedInstruction
from tests.support import truth
from tests.support.commands import CAP, ROOT, Commands
from tests.support.exchange_fixture import ExchangeFixture, open_exchange
from tests.support.trading import SYMBOL

AT_BID = ("--fraction", "1")
LARGE = ("sell", SYMBOL, "4000", *AT_BID)  # worth more than is sent unasked
LONG = ("sell", SYMBOL, "100", "--timeout", "60", "--json")


def turned_away(its: ExchangeFixture) -> list[RefusedInstruction]:
    reader = JournalReader(its.home / "journal-embedded.sqlite")
    try:
        return reader.turned_away()
    finally:
        reader.close()


def set_limits(its: ExchangeFixture, text: str) -> None:
    its.home.mkdir(parents=True, exist_ok=True)
    (its.home / "settings.json").write_text(text)


async def test_what_a_control_asks_is_refused_where_nobody_can_answer_and_says_how_to_confirm(
    commands: Commands, tmp_path: Path
) -> None:
    async with open_exchange(commands, tmp_path) as its:
        ended = await its.run(*LARGE)
        assert (ended.code, ended.out) == (2, "")
        assert "This is a large order" in ended.err
        assert "to send it all the same, add --yes large." in ended.err
        assert its.journal() == []
        assert its.exchange.exchange.orders == {}
        assert [(r.controls, r.asks) for r in turned_away(its)] == [(("large",), True)]
        sent = await its.run(*LARGE, "--json", "--yes", "large")
        assert sent.code == 0
        assert sent.done[0]["filled_qty"] == "4000"


async def test_only_a_control_that_asks_can_be_confirmed(
    commands: Commands, tmp_path: Path
) -> None:
    async with open_exchange(commands, tmp_path) as its:
        ended = await its.run(*LARGE, "--yes", "stream")
        assert ended.code == 2
        assert "invalid choice: 'stream'" in ended.err


@pytest.mark.parametrize(("typed", "code"), [(b"yes\n", 0), (b"no\n", 2), (b"\n", 2)])
async def test_on_a_terminal_the_question_is_asked(
    commands: Commands, tmp_path: Path, typed: bytes, code: int
) -> None:
    async with open_exchange(commands, tmp_path) as its:
        mine, theirs = pty.openpty()
        os.write(mine, typed)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "core.cli", *LARGE),
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], **its.environment},
            stdin=theirs,
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        )
        _, err = await asyncio.wait_for(process.communicate(), CAP)
        os.close(mine)
        os.close(theirs)
        assert process.returncode == code, err
        assert b"Type yes" in err
        assert len(its.exchange.exchange.orders) == (1 if code == 0 else 0)


async def test_limits_are_read_from_the_settings(commands: Commands, tmp_path: Path) -> None:
    async with open_exchange(commands, tmp_path) as its:
        set_limits(its, '{"max_shares": 99}')
        ended = await its.run("sell", SYMBOL, "100", *AT_BID)
        assert ended.code == 2
        assert "100 shares are more than your limit of 99" in ended.err
        assert (await its.run("sell", SYMBOL, "99", *AT_BID)).code == 0


async def test_damaged_settings_refuse_an_order_but_no_cancel(
    commands: Commands, tmp_path: Path
) -> None:
    async with open_exchange(commands, tmp_path) as its:
        selling = its.start(*LONG)
        await its.updates.until("new")
        await selling.signal(signal.SIGKILL)
        await selling.ended()
        set_limits(its, "{")
        ended = await its.run("sell", SYMBOL, "1", *AT_BID)
        assert ended.code == 2
        assert "settings.json cannot be used" in ended.err
        assert (await its.run("cancel", "--all")).code == 0
        assert truth.live(its.exchange) == []


# ---- the kill switch -------------------------------------------------------------------------


async def test_kill_reaches_the_touchline_that_runs_and_tells_what_is_left(
    commands: Commands, tmp_path: Path
) -> None:
    async with open_exchange(commands, tmp_path) as its:
        selling = its.start(*LONG)
        await its.updates.until("new")
        ended = await its.run("kill", "--json")
        assert ended.code == 0, ended
        told = json.loads(ended.out)
        assert told["event"] == "killed"
        assert len(told["cancelled"]) == 1
        assert told["unproven"] == []
        assert told["positions"] == {SYMBOL: "5000"}
        assert truth.live(its.exchange) == []
        sold = await selling.ended()
        assert (sold.code, sold.done[0]["state"]) == (1, "canceled")
        assert "Killed by command line" in sold.err


async def test_kill_works_by_itself_when_none_runs(commands: Commands, tmp_path: Path) -> None:
    async with open_exchange(commands, tmp_path) as its:
        selling = its.start(*LONG)
        await its.updates.until("new")
        await selling.signal(signal.SIGKILL)
        await selling.ended()
        assert len(truth.live(its.exchange)) == 1
        ended = await its.run("kill")
        assert ended.code == 0, ended
        assert "1 open order cancelled; the venue proves that nothing can fill." in ended.out
        assert "Positions stay as they are: 5,000 UVXY." in ended.out
        assert truth.live(its.exchange) == []
        assert "No order was open." in (await its.run("kill")).out


@pytest.mark.slow
async def test_a_kill_by_itself_without_proof_does_not_say_that_it_goes_on(
    commands: Commands, tmp_path: Path
) -> None:
    async with open_exchange(commands, tmp_path) as its:
        its.exchange.faults.arm(Fault(Kind.CANCEL_STUCK, 0))
        selling = its.start(*LONG)
        await its.updates.until("new")
        await selling.signal(signal.SIGKILL)
        await selling.ended()
        ended = await its.run("kill")
        assert ended.code == 3, ended
        assert "NOT PROVEN dead, and may still fill: SELL 100 UVXY. Nobody goes on" in ended.out
        assert "goes on trying once this command ends: run 'touchline kill' again" in ended.out
        its.exchange.do("clear")
        assert (await its.run("kill")).code == 0
        assert truth.live(its.exchange) == []


async def test_a_file_kills_what_runs_and_refuses_what_comes(
    commands: Commands, tmp_path: Path
) -> None:
    async with open_exchange(commands, tmp_path) as its:
        selling = its.start(*LONG)
        await its.updates.until("new")
        (its.home / "KILL").touch()
        sold = await selling.ended()
        assert (sold.code, sold.done[0]["state"]) == (1, "canceled")
        assert truth.live(its.exchange) == []
        ended = await its.run("sell", SYMBOL, "100", *AT_BID)
        assert ended.code == 2
        assert "KILL is there. Remove it to trade again." in ended.err
        (its.home / "KILL").unlink()
        assert (await its.run("sell", SYMBOL, "50", *AT_BID)).code == 0


@pytest.mark.parametrize(
    "request_", [{}, {"cancel": "*", "kill": True}, {"kill": False}, {"kill": "yes"}]
)
async def test_a_request_is_for_a_cancel_or_for_a_kill(
    commands: Commands, tmp_path: Path, request_: dict[str, object]
) -> None:
    async with open_exchange(commands, tmp_path) as its:
        selling = its.start(*LONG)
        await its.updates.until("new")
        note = json.loads((its.home / "control-embedded.json").read_text())
        reader, writer = await asyncio.open_connection("127.0.0.1", note["port"])
        writer.write(json.dumps({"token": note["token"], **request_}).encode() + b"\n")
        answer = json.loads(await asyncio.wait_for(reader.readline(), CAP))
        writer.close()
        assert answer == {"refused": "The request could not be read."}
        assert len(truth.live(its.exchange)) == 1
        await selling.signal(signal.SIGTERM)
        await selling.ended()
