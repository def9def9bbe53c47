"""The command line as a person and a program meet it: real processes on a real exchange."""

import asyncio
import contextlib
import json
import os
import pty
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from gzip import compress
from pathlib import Path

import msgspec
import pytest

import core.exchange.api.server
import core.exchange.api.stream_protocol
from core.exchange.faults.faults import Fault, Kind
from core.exchange.options import ExchangeOptions
from core.orders.facts import CancelAsked, DeadlineReached, PostSent, Reported
from tests.support import truth
from tests.support.commands import CAP, ROOT, Commands, Ended, run_alone
from tests.support.exchange_fixture import HELD, ExchangeFixture, open_exchange
from tests.support.trading import STILL, SYMBOL, quotes

NEVER = quotes((3600, "15.23", "15.32"))
AT_BID = ("--fraction", "1")
LONG = ("--timeout", "60")


def refused(ended: Ended, *words: str) -> None:
    """Exit 2, one sentence on stderr with `words` in it, nothing else."""
    assert ended.code == 2, ended
    assert ended.out == ""
    sentence = ended.err.rstrip("\n")
    assert "\n" not in sentence
    assert sentence.endswith(".")
    assert "Traceback" not in sentence
    for word in words:
        assert word.lower() in sentence.lower(), sentence


def untouched(its: ExchangeFixture) -> None:
    """Nothing was journaled or sent."""
    assert its.journal() == []
    assert its.exchange.exchange.orders == {}


async def true_soon(true: Callable[[], bool]) -> None:
    """Wait until `true()`."""
    async with asyncio.timeout(CAP):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.005)  # another process's doings tell nobody


# ---- bad input: seen without a venue ---------------------------------------------------------


@pytest.mark.scenario(82)
@pytest.mark.parametrize(
    ("qty", "word"),
    [
        ("0", "more than 0"),
        ("-1", "more than 0"),
        ("NaN", "finite"),
        ("inf", "finite"),
        ("1e400", "at most"),
        ("ten", "a number"),
        ("", "a number"),
        ("1.0000000001", "decimals"),
        ("1,5", "a number"),
        ("1e-12", "decimals"),
    ],
)
async def test_a_quantity_that_is_none_is_refused_and_named(
    commands: Commands, tmp_path: Path, qty: str, word: str
) -> None:
    home = tmp_path / "home"
    env = {"TOUCHLINE_HOME": str(home)}
    ended = await commands.run("sell", SYMBOL, qty, "--json", env=env, folder=tmp_path)
    refused(ended, "quantity", word)
    assert not home.exists()


@pytest.mark.scenario(83)
@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("sell", "", "100"), "symbol"),
        (("buy", "UVXY;DROP", "100"), "symbol"),
        (("sell", "UVXY", "100", "--fraction", "1.01"), "between 0 and 1"),
        (("sell", "UVXY", "100", "--fraction", "-0.1"), "between 0 and 1"),
        (("sell", "UVXY", "100", "--aggressiveness", "nan"), "fraction"),
        (("sell", "UVXY", "100", "--timeout", "0"), "timeout"),
        (("sell", "UVXY", "100", "--timeout", "-3"), "timeout"),
        (("sell", "UVXY", "100", "--timeout", "NaN"), "timeout"),
        (("sell", "UVXY", "100", "--timeout", "1e9"), "timeout"),
        (("sell", "UVXY", "100", "--fallback", "hope"), "hope"),
        (("sell", "UVXY", "100", "--venue", "moon"), "moon"),
        (("sell", "UVXY", "100", "--grace", "-1"), "grace"),
        (("sell", "UVXY", "100", "--window", "-1"), "grace"),
        (("sell", "UVXY"), "qty"),
        (("wait",), "wait"),
        (("cancel",), "which order"),
        (("cancel", "abc", "--all"), "which order"),
        (("exchange", "--port", "70000"), "port"),
        ((), "window"),
    ],
)
async def test_arguments_that_make_no_sense_are_refused(
    commands: Commands, tmp_path: Path, words: tuple[str, ...], named: str
) -> None:
    home = tmp_path / "home"
    env = {"TOUCHLINE_HOME": str(home)}
    refused(await commands.run(*words, env=env, folder=tmp_path), named)
    assert not home.exists()


async def test_a_port_in_use_is_refused(commands: Commands, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ended = await commands.run("exchange", "--port", port, env={}, folder=tmp_path)
    refused(ended, port, "in use")


@pytest.mark.parametrize(
    ("name", "rows", "words"),
    [
        ("UVXY-2013-10-08.quotes.csv.gz", None, ("UVXY-2013-10-08.quotes.csv.gz",)),
        ("notes.txt", "", ("named like",)),
        (
            "UVXY-2013-10-08.quotes.csv.gz",
            "2013-10-08T14:00:00.000Z,15.23,1,15.32,1\n2013-10-08T14:00:01.000Z,15.23,1,dear,1\n",
            ("row 3", "ask_price"),
        ),
    ],
)
async def test_a_tape_that_cannot_be_played_is_refused_with_the_row(
    commands: Commands, tmp_path: Path, name: str, rows: str | None, words: tuple[str, ...]
) -> None:
    path, home = tmp_path / name, tmp_path / "home"
    if rows is not None:
        header = "timestamp,bid_price,bid_size,ask_price,ask_size\n"
        path.write_bytes(compress((header + rows).encode()))
        trades = tmp_path / name.replace(".quotes.", ".trades.")
        trades.write_bytes(compress(b"timestamp,price,size,exchange\n"))
    env = {"TOUCHLINE_HOME": str(home)}
    argv = ("sell", SYMBOL, "100", "--tape", str(path))
    refused(await commands.run(*argv, env=env, folder=tmp_path), *words)
    assert not (home / "journal-embedded.sqlite").exists()
    assert not (home / "embedded.json").exists()


async def test_a_tape_is_not_for_a_broker(commands: Commands, tmp_path: Path) -> None:
    env = {"TOUCHLINE_HOME": str(tmp_path), "APCA_API_KEY_ID": "k", "APCA_API_SECRET_KEY": "s"}
    argv = ("sell", SYMBOL, "1", "--venue", "paper", "--tape", "x")
    refused(await commands.run(*argv, env=env, folder=tmp_path), "--tape", "paper")


@pytest.mark.parametrize("spoiled", ["journal-embedded.lock", "journal-embedded.sqlite"])
async def test_a_data_folder_that_cannot_be_used_is_refused(
    commands: Commands, tmp_path: Path, spoiled: str
) -> None:
    async with open_exchange(commands, tmp_path) as its:
        (its.home / spoiled).mkdir(parents=True)
        refused(await its.run("sell", SYMBOL, "100"), "cannot be")
        assert its.exchange.exchange.orders == {}


async def test_a_data_folder_that_is_a_file_is_refused(commands: Commands, tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    async with open_exchange(commands, tmp_path) as its:
        refused(await its.run("sell", SYMBOL, "100"), "data folder", "home")


# ---- bad input: seen by asking the venue -----------------------------------------------------


@pytest.mark.scenario(82)
async def test_a_part_of_a_share_is_refused_where_only_whole_ones_trade(
    commands: Commands, tmp_path: Path
) -> None:
    async with open_exchange(commands, tmp_path) as its:
        refused(await its.run("sell", SYMBOL, "1.5"), "whole shares", "1.5")
        untouched(its)


@pytest.mark.scenario(83)
async def test_an_unknown_symbol_is_refused(commands: Commands, tmp_path: Path) -> None:
    async with open_exchange(commands, tmp_path) as its:
        refused(await its.run("sell", "NOPE", "100"), "NOPE")
        untouched(its)


@pytest.mark.scenario(83)
async def test_an_untradable_symbol_is_refused_without_waiting_for_a_quote(
    commands: Commands, tmp_path: Path
) -> None:
    async with open_exchange(commands, tmp_path, NEVER) as its:
        assets = its.exchange.exchange.assets
        assets[SYMBOL] = msgspec.structs.replace(assets[SYMBOL], tradable=False)
        began = time.monotonic()
        refused(await its.run("sell", SYMBOL, "100"), SYMBOL, "cannot be traded")
        assert time.monotonic() - began < 4
        untouched(its)


@pytest.mark.slow
async def test_without_a_usable_quote_the_order_is_refused(
    commands: Commands, tmp_path: Path
) -> None:
    async with open_exchange(commands, tmp_path, NEVER) as its:
        refused(await its.run("sell", SYMBOL, "100", "--json"), "no quote", "Nothing was sent")
        untouched(its)


async def test_wrong_keys_are_refused_after_few_tries_and_never_printed(
    commands: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = 0
    match = core.exchange.api.stream_protocol.keys_match

    def counted(options: ExchangeOptions, *given: str | None) -> bool:
        nonlocal tries
        tries += 1
        return match(options, *given)

    monkeypatch.setattr(core.exchange.api.server, "keys_match", counted)
    monkeypatch.setattr(core.exchange.api.stream_protocol, "keys_match", counted)
    keys = {"APCA_API_KEY_ID": "AKWRONGWRONG", "APCA_API_SECRET_KEY": "nobodyknowsthis"}
    async with open_exchange(commands, tmp_path, env=keys) as its:
        ended = await its.run("sell", SYMBOL, "100", "--json")
        refused(ended, "keys")
        assert not any(word in ended.err for word in keys.values())
        assert 1 <= tries <= 3
        untouched(its)


async def test_a_venue_that_cannot_be_reached_is_refused(
    commands: Commands, tmp_path: Path
) -> None:
    async with open_exchange(commands, tmp_path) as its:
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            its.env["TOUCHLINE_TRADING_URL"] = f"http://127.0.0.1:{closed.getsockname()[1]}"
        began = time.monotonic()
        refused(await its.run("sell", SYMBOL, "100"), "reached")
        assert time.monotonic() - began < 10
        untouched(its)


@pytest.mark.scenario(51)
async def test_a_second_touchline_is_refused_while_the_first_works(
    commands: Commands, tmp_path: Path
) -> None:
    async with open_exchange(commands, tmp_path) as its:
        first = its.start("sell", SYMBOL, "100", *LONG)
        await its.updates.until("new")
        for argv in (("sell", SYMBOL, "100"), ("resume",)):
            refused(await its.run(*argv), "Another Touchline")
        assert len(truth.orders(its.exchange)) == 1
        await first.signal(signal.SIGTERM)
        assert (await first.ended()).code == 1


async def test_paper_without_keys_names_both_ways_to_give_them(
    commands: Commands, tmp_path: Path
) -> None:
    env = {
        "TOUCHLINE_HOME": str(tmp_path),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    }
    ended = await commands.run("sell", SYMBOL, "1", "--venue", "paper", env=env, folder=tmp_path)
    refused(ended, "APCA_API_KEY_ID", "APCA_API_SECRET_KEY", "keyring set touchline-paper")


@pytest.mark.scenario(51)
async def test_another_touchline_elsewhere_on_the_account_keeps_this_one_from_sending(
    commands: Commands, tmp_path: Path
) -> None:
    options = ExchangeOptions(
        knobs=STILL, positions={SYMBOL: HELD}, rate_limit=0, connection_limit=1
    )
    async with open_exchange(commands, tmp_path, options=options) as its:
        first = its.start("sell", SYMBOL, "100", *LONG)
        await its.updates.until("new")
        elsewhere = its.environment | {"TOUCHLINE_HOME": str(tmp_path / "elsewhere")}
        argv = ("sell", SYMBOL, "100")
        ended = await commands.run(*argv, env=elsewhere, folder=tmp_path)
        assert (ended.code, ended.out) == (2, "")
        assert "order stream is not connected (Connection limit" in ended.err
        assert len(truth.orders(its.exchange)) == 1
        await first.signal(signal.SIGTERM)
        await first.ended()


@pytest.mark.scenario(52, 66)
async def test_open_orders_of_another_account_are_not_touched(
    commands: Commands, tmp_path: Path
) -> None:
    keys = {"APCA_API_KEY_ID": "embedded", "APCA_API_SECRET_KEY": "embedded"}
    paper = ("--venue", "paper")
    async with open_exchange(commands, tmp_path, env=keys) as its:
        await its.run("sell", SYMBOL, "100", *LONG, *paper, kill=("after", 4))
        await its.updates.until("new")
        one = its.exchange.exchange.options.account_number
        async with open_exchange(commands, tmp_path, env=keys) as other:
            two = other.exchange.exchange.options.account_number
            for argv in (("resume",), ("cancel", "--all"), ("sell", SYMBOL, "1")):
                refused(await other.run(*argv, *paper), one, two)
            assert other.exchange.exchange.orders == {}
        assert (await its.run("cancel", "--all", *paper)).code == 0


# ---- live ------------------------------------------------------------------------------------

LIVE = ExchangeOptions(
    knobs=STILL, positions={SYMBOL: HELD}, account_number="123457890", key="AKLIVE", secret="deep"
)
LIVE_KEYS = {"APCA_API_KEY_ID": "AKLIVE", "APCA_API_SECRET_KEY": "deep"}


@pytest.mark.parametrize("confirm", [None, "", "7891", "0", "123457890"])
async def test_live_never_starts_without_the_accounts_last_four_characters(
    commands: Commands, tmp_path: Path, confirm: str | None
) -> None:
    async with open_exchange(commands, tmp_path, options=LIVE, env=LIVE_KEYS) as its:
        given = () if confirm is None else ("--confirm", confirm)
        argv = ("sell", SYMBOL, "100", *AT_BID, "--venue", "live")
        refused(await its.run(*argv, *given), "last 4 characters")
        assert its.exchange.exchange.orders == {}


async def test_live_trades_with_the_last_four_characters(
    commands: Commands, tmp_path: Path
) -> None:
    async with open_exchange(commands, tmp_path, options=LIVE, env=LIVE_KEYS) as its:
        argv = ("sell", SYMBOL, "100", *AT_BID, "--venue", "live", "--confirm", "7890")
        assert (await its.run(*argv)).code == 0
        assert truth.sold(its.exchange) == 100


# A name that nothing answers to; the quotes that price an order come by the stream.
STRANGE = {"TOUCHLINE_DATA_URL": "https://exchange.invalid"}


@pytest.mark.scenario(134)
async def test_keys_go_to_a_strange_host_only_when_it_was_named(
    commands: Commands, tmp_path: Path
) -> None:
    async with open_exchange(commands, tmp_path, options=LIVE, env=LIVE_KEYS | STRANGE) as its:
        argv = ("sell", SYMBOL, "100", *AT_BID, "--venue", "live", "--confirm", "7890")
        ended = await its.run(*argv)
        refused(ended, "would go to exchange.invalid, which is neither Alpaca's nor this machine.")
        assert "add --host exchange.invalid." in ended.err
        refused(await its.run(*argv, "--host", "other.invalid"), "would go to exchange.invalid")
        assert its.exchange.exchange.orders == {}
        assert (await its.run(*argv, "--host", "EXCHANGE.invalid")).code == 0
        assert truth.sold(its.exchange) == 100


@pytest.mark.slow
@pytest.mark.scenario(134)
@pytest.mark.parametrize(("typed", "trusted"), [("exchange.invalid", True), ("yes", False)])
async def test_a_strange_host_is_asked_about_at_a_terminal_and_trusted_by_its_name(
    commands: Commands, tmp_path: Path, typed: str, trusted: bool
) -> None:
    async with open_exchange(commands, tmp_path, options=LIVE, env=LIVE_KEYS | STRANGE) as its:
        mine, theirs = pty.openpty()
        os.write(mine, f"{typed}\n".encode())
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "core.cli", "doctor", "--venue", "live", "--confirm", "7890"),
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], **its.environment},
            stdin=theirs,
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        )
        _, err = await asyncio.wait_for(process.communicate(), CAP)
        os.close(mine)
        os.close(theirs)
        assert b"exchange.invalid" in err
        assert b"Type its name to trust it" in err
        assert (b"add --host exchange.invalid" in err) is not trusted


@pytest.mark.slow
@pytest.mark.parametrize(("typed", "code"), [(b"7890\n", 0), (b"no\n", 2)])
async def test_live_asks_for_them_at_a_terminal(
    commands: Commands, tmp_path: Path, typed: bytes, code: int
) -> None:
    async with open_exchange(commands, tmp_path, options=LIVE, env=LIVE_KEYS) as its:
        mine, theirs = pty.openpty()
        os.write(mine, typed)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "core.cli", "sell", SYMBOL, "100", *AT_BID),
            *("--venue", "live"),
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], **its.environment},
            stdin=theirs,
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        )
        _, err = await asyncio.wait_for(process.communicate(), CAP)
        os.close(mine)
        os.close(theirs)
        assert b"last four characters" in err
        assert process.returncode == code


# ---- what it prints --------------------------------------------------------------------------


async def test_a_sell_that_fills_says_so_in_the_promised_shape(
    commands: Commands, tmp_path: Path
) -> None:
    async with open_exchange(commands, tmp_path) as its:
        ended = await its.run("sell", SYMBOL, "1000", *AT_BID, "--json")
        assert (ended.code, ended.err) == (0, "")
        assert {line["event"] for line in ended.lines} == {"state", "fill", "done"}
        done = ended.lines[-1]
        (order,) = truth.orders(its.exchange)
        assert done == {
            "event": "done",
            "order": order["client_order_id"].split("-")[1],
            "state": "filled",
            "side": "sell",
            "symbol": SYMBOL,
            "qty": "1000",
            "filled_qty": "1000",
            "avg_price": "15.23",
            "limit_price": "15.23",
            "arrival_bid": "15.23",
            "arrival_ask": "15.32",
            "fallback": False,
            "rest": {"orders_posted": 1, "cancels": 0, "status_reads": 0},
            "reason": None,
        }


async def test_a_buy_under_the_other_name_of_the_fraction_fills(
    commands: Commands, tmp_path: Path
) -> None:
    async with open_exchange(commands, tmp_path) as its:
        ended = await its.run("buy", "uvxy", "100", "--aggressiveness", "1", "--json")
        assert ended.code == 0
        assert ended.done[0]["limit_price"] == "15.32"


async def test_a_person_reads_sentences(commands: Commands, tmp_path: Path) -> None:
    async with open_exchange(commands, tmp_path) as its:
        ended = await its.run("sell", SYMBOL, "100", *AT_BID)
        assert ended.out.splitlines()[-1] == "sell 100 UVXY: filled, 100 filled at 15.23."
        assert ended.err == ""


async def test_no_fallback_ends_canceled(commands: Commands, tmp_path: Path) -> None:
    async with open_exchange(commands, tmp_path) as its:
        argv = ("sell", SYMBOL, "100", "--timeout", "0.2", "--fallback", "none", "--json")
        ended = await its.run(*argv)
        assert ended.code == 1
        (done,) = ended.done
        assert (done["state"], done["filled_qty"], done["avg_price"]) == ("canceled", "0", None)
        assert not done["fallback"]
        assert done["reason"]


async def test_a_collar_is_a_limit(commands: Commands, tmp_path: Path) -> None:
    async with open_exchange(commands, tmp_path) as its:
        argv = ("sell", SYMBOL, "100", "--timeout", "0.2", "--fallback", "collar", "--json")
        ended = await its.run(*argv)
        assert ended.code == 0
        assert ended.done[0]["fallback"]
        assert [o["type"] for o in truth.orders(its.exchange)] == ["limit", "limit"]


async def test_a_rejected_order_ends_with_the_venues_words(
    commands: Commands, tmp_path: Path
) -> None:
    async with open_exchange(commands, tmp_path) as its:
        its.exchange.exchange.faults.arm(Fault(Kind.NEW_REJECTED))
        ended = await its.run("sell", SYMBOL, "100", "--json")
        assert ended.code == 1
        assert ended.done[0]["state"] == "rejected"
        assert "rejected" in ended.done[0]["reason"]


async def test_a_collar_that_finds_no_price_needs_attention(
    commands: Commands, tmp_path: Path
) -> None:
    async with open_exchange(commands, tmp_path) as its:
        argv = ("sell", SYMBOL, "3000", "--timeout", "0.3", "--fallback", "collar", "--json")
        selling = its.start(*argv)
        await its.updates.until("new")
        its.exchange.exchange.halt(SYMBOL)
        ended = await selling.ended()
        assert ended.code == 3
        assert ended.done[0]["state"] == "attention"
        assert truth.live(its.exchange) == []


@pytest.mark.slow
async def test_a_reader_who_leaves_stops_no_order(commands: Commands, tmp_path: Path) -> None:
    async with open_exchange(commands, tmp_path) as its:
        ours, theirs = os.pipe()
        os.close(ours)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "core.cli", "sell", SYMBOL, "100", "--timeout", "0.2"),
            "--json",
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], **its.environment},
            stdout=theirs,
            stderr=subprocess.PIPE,
        )
        os.close(theirs)
        _, err = await asyncio.wait_for(process.communicate(), CAP)
        assert (process.returncode, err) == (0, b"")
        assert truth.sold(its.exchange) == 100


@pytest.mark.slow
async def test_the_command_as_a_shell_runs_it(commands: Commands, tmp_path: Path) -> None:
    async with open_exchange(commands, tmp_path) as its:
        argv = ("sell", SYMBOL, "100", *AT_BID, "--json")
        ended = await asyncio.to_thread(run_alone, *argv, env=its.environment)
        assert (ended.code, ended.err) == (0, "")
        assert ended.done[0]["state"] == "filled"


# ---- signals ---------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_a_signal_cancels_waits_for_the_proof_and_never_falls_back(
    commands: Commands, tmp_path: Path, number: signal.Signals
) -> None:
    async with open_exchange(commands, tmp_path) as its:
        selling = its.start("sell", SYMBOL, "100", *LONG, "--json")
        await its.updates.until("new")
        await selling.signal(number)
        ended = await selling.ended()
        assert ended.code == 1
        assert ended.done[0]["state"] == "canceled"
        (order,) = truth.orders(its.exchange)
        assert order["status"] == "canceled"
        assert any(isinstance(fact, CancelAsked) for fact in its.journal())
        assert "Traceback" not in ended.err


async def test_a_signal_before_the_order_leaves_sends_nothing(
    commands: Commands, tmp_path: Path
) -> None:
    async with open_exchange(commands, tmp_path, NEVER) as its:
        selling = its.start("sell", SYMBOL, "100")
        await true_soon(lambda: bool(its.exchange.connections("quotes")))
        await selling.signal(signal.SIGINT)
        ended = await selling.ended()
        assert ended.code == 1
        assert ended.out == ""
        assert len(ended.err.splitlines()) == 1
        untouched(its)


@pytest.mark.slow
async def test_a_signal_while_the_own_exchange_starts_leaves_nothing_behind(
    commands: Commands, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    selling = commands.start(
        "sell", "PNNY", "1", env={"TOUCHLINE_HOME": str(home)}, folder=tmp_path
    )
    await true_soon((home / "embedded.log").exists)
    await selling.signal(signal.SIGINT)
    ended = await selling.ended()
    assert ended.code == 1
    assert ended.err == "Stopped; the order was not sent.\n"
    assert not (home / "journal-embedded.sqlite").exists()
    assert str(home) not in standard_errors()


def standard_errors() -> str:
    """Where all processes of this machine write their errors, as far as it lets us see."""
    found = []
    for link in Path("/proc").glob("[0-9]*/fd/2"):
        with contextlib.suppress(OSError):
            found.append(os.readlink(link))
    return "\n".join(found)


async def test_a_venue_that_never_proves_the_cancel_can_be_left_by_another_ctrl_c(
    commands: Commands, tmp_path: Path
) -> None:
    async with open_exchange(commands, tmp_path) as its:
        its.exchange.faults.arm(Fault(Kind.CANCEL_STUCK))
        selling = its.start("sell", SYMBOL, "100", *LONG, "--json")
        await its.updates.until("new")
        await selling.signal(signal.SIGINT)
        await its.updates.until("pending_cancel")
        await true_soon(lambda: "Still no proof" in selling.err.read_text())
        await selling.signal(signal.SIGINT)
        ended = await selling.ended()
        assert ended.code == 3
        assert "touchline resume" in ended.err
        assert [o["status"] for o in truth.orders(its.exchange)] == ["pending_cancel"]


async def test_many_signals_are_one_cancel(commands: Commands, tmp_path: Path) -> None:
    async with open_exchange(commands, tmp_path) as its:
        selling = its.start("sell", SYMBOL, "100", *LONG, "--json")
        await its.updates.until("new")
        for _ in range(5):
            await selling.signal(signal.SIGINT)
        ended = await selling.ended()
        assert ended.code == 1
        assert ended.done[0]["rest"]["cancels"] == 1


# ---- orders and cancel -----------------------------------------------------------------------


async def crashed(its: ExchangeFixture, *options: str) -> None:
    """Leave a limit order live at the exchange, its process killed."""
    ended = await its.run("sell", SYMBOL, "100", *options, kill=("after", 4))
    assert ended.code == -signal.SIGKILL
    await its.updates.until("new")


async def test_orders_lists_what_is_journaled(commands: Commands, tmp_path: Path) -> None:
    async with open_exchange(commands, tmp_path) as its:
        assert (await its.run("orders", "--json")).out == ""
        await its.run("sell", SYMBOL, "100", *AT_BID)
        (line,) = (await its.run("orders", "--json")).lines
        assert (line["event"], line["state"], line["filled_qty"]) == ("order", "filled", "100")
        assert "filled" in (await its.run("orders")).out


@pytest.mark.parametrize("all_of_them", [True, False])
async def test_cancel_reaches_the_touchline_that_runs(
    commands: Commands, tmp_path: Path, all_of_them: bool
) -> None:
    async with open_exchange(commands, tmp_path) as its:
        selling = its.start("sell", SYMBOL, "100", *LONG, "--json")
        await its.updates.until("new")
        (listed,) = (await its.run("orders", "--json")).lines
        assert listed["state"] in ("sending", "working")
        asked = await its.run("cancel", "--all" if all_of_them else listed["order"], "--json")
        assert asked.code == 0, asked
        (line,) = asked.done
        assert (line["order"], line["state"]) == (listed["order"], "canceled")
        ended = await selling.ended()
        assert (ended.code, ended.done) == (1, [line])


async def test_cancelling_what_the_running_touchline_does_not_know_is_refused(
    commands: Commands, tmp_path: Path
) -> None:
    async with open_exchange(commands, tmp_path) as its:
        selling = its.start("sell", SYMBOL, "100", *LONG)
        await its.updates.until("new")
        refused(await its.run("cancel", "nosuch"), "nosuch")
        await selling.signal(signal.SIGINT)
        await selling.ended()


async def test_cancel_alone_cancels_what_a_crash_left_and_never_falls_back(
    commands: Commands, tmp_path: Path
) -> None:
    async with open_exchange(commands, tmp_path) as its:
        await crashed(its, "--timeout", "0.4")
        await passed(its)
        ended = await its.run("cancel", "--all", "--json")
        assert ended.code == 0
        assert ended.done[0]["state"] == "canceled"
        assert [o["status"] for o in truth.orders(its.exchange)] == ["canceled"]


async def test_cancel_of_one_order_leaves_the_other_as_it_is(
    commands: Commands, tmp_path: Path
) -> None:
    async with open_exchange(commands, tmp_path) as its:
        await crashed(its, *LONG)
        await its.run("sell", SYMBOL, "50", *LONG, kill=("after", 9))
        before = truth.live(its.exchange)
        listed = (await its.run("orders", "--json")).lines
        still = [n["order"] for n in listed if n["state"] not in ("filled", "canceled")]
        assert len(still) == len(before) == 2
        ended = await its.run("cancel", still[1], "--json")
        assert [n["order"] for n in ended.done] == [still[1]]
        assert truth.live(its.exchange) == [before[0]]
        await its.run("cancel", "--all")
        assert truth.sold(its.exchange) == 0


async def test_cancel_with_nothing_open_says_so(commands: Commands, tmp_path: Path) -> None:
    async with open_exchange(commands, tmp_path) as its:
        ended = await its.run("cancel", "--all", "--json")
        assert (ended.code, ended.out) == (0, "")
        assert "no open order" in ended.err
        refused(await its.run("cancel", "nosuch"), "nosuch")


# ---- resume ----------------------------------------------------------------------------------


async def passed(its: ExchangeFixture, seconds: float = 0.4) -> None:
    """Wait until the deadline of the order sent last has passed."""
    sent = max(f.at for f in its.journal() if isinstance(f, PostSent))
    await asyncio.sleep(max(0.0, sent / 1e9 + seconds + 0.05 - time.time()))


async def test_resume_with_nothing_open_says_so_and_asks_nobody(
    commands: Commands, tmp_path: Path
) -> None:
    env = {"TOUCHLINE_HOME": str(tmp_path / "home")}
    ended = await commands.run("resume", "--json", env=env, folder=tmp_path)
    assert (ended.code, ended.out) == (0, "")
    assert "no open order" in ended.err
    assert not (tmp_path / "home" / "embedded.json").exists()


async def test_resume_within_the_window_falls_back(commands: Commands, tmp_path: Path) -> None:
    async with open_exchange(commands, tmp_path) as its:
        await crashed(its, "--timeout", "0.4")
        await passed(its)
        ended = await its.run("resume", "--json")
        assert ended.code == 0
        assert (ended.done[0]["state"], ended.done[0]["fallback"]) == ("filled", True)
        assert truth.sold(its.exchange) == 100


async def test_resume_after_the_window_cancels_and_says_why(
    commands: Commands, tmp_path: Path
) -> None:
    async with open_exchange(commands, tmp_path) as its:
        await crashed(its, "--timeout", "0.4")
        await passed(its)
        ended = await its.run("resume", "--json", "--grace", "0.01")
        assert ended.code == 1
        (done,) = ended.done
        assert (done["state"], done["fallback"]) == ("canceled", False)
        assert "no fallback was sent" in done["reason"]
        assert truth.live(its.exchange) == []
        assert truth.sold(its.exchange) == 0


async def test_resume_before_the_deadline_works_on_until_it(
    commands: Commands, tmp_path: Path
) -> None:
    async with open_exchange(commands, tmp_path) as its:
        await crashed(its, "--timeout", "1.5")
        ended = await its.run("resume", "--json")
        assert ended.code == 0
        posted = [f.at for f in its.journal() if isinstance(f, PostSent)]
        reached = [f.at for f in its.journal() if isinstance(f, DeadlineReached)]
        assert 1.4e9 < reached[0] - posted[0] < 2.5e9


async def test_ctrl_c_while_resuming_cancels(commands: Commands, tmp_path: Path) -> None:
    async with open_exchange(commands, tmp_path) as its:
        await crashed(its, *LONG)
        resuming = its.start("resume", "--json")
        await true_soon(lambda: any(_is_read(fact) for fact in its.journal()))
        await resuming.signal(signal.SIGINT)
        ended = await resuming.ended()
        assert ended.code == 1
        assert ended.done[0]["state"] == "canceled"


def _is_read(fact: object) -> bool:
    return isinstance(fact, Reported) and fact.source.value == "read"


async def test_a_new_order_brings_the_one_a_crash_left_to_its_end_first(
    commands: Commands, tmp_path: Path
) -> None:
    async with open_exchange(commands, tmp_path) as its:
        await crashed(its, "--timeout", "0.3")
        ended = await its.run("sell", SYMBOL, "50", *AT_BID, "--json")
        assert [n["qty"] for n in ended.done] == ["100", "50"]
        assert truth.live(its.exchange) == []
        assert truth.sold(its.exchange) == 150


async def test_doctor_looks_and_touches_nothing(commands: Commands, tmp_path: Path) -> None:
    async with open_exchange(commands, tmp_path) as its:
        await crashed(its, "--timeout", "0.4")
        await passed(its)
        live, facts = truth.live(its.exchange), its.journal()
        (tmp_path / "home" / "settings.json").write_text('{"max_notionl": 1000}')
        ended = await its.run("doctor", "--json")
        assert ended.code == 0
        assert "No setting is called max_notionl" in ended.out
        names = {line["name"] for line in ended.lines}
        assert {"versions", "data folder", "journal", "account", "orders link"} <= names
        assert truth.live(its.exchange) == live
        assert its.journal() == facts
        await its.run("cancel", "--all")


async def test_a_time_of_day_without_a_tape_is_refused(commands: Commands, tmp_path: Path) -> None:
    env = {"TOUCHLINE_HOME": str(tmp_path / "home")}
    ended = await commands.run("sell", SYMBOL, "5", "--at", "18:00", env=env, folder=tmp_path)
    refused(ended, "--at", "--tape")


# ---- the exchange of its own -----------------------------------------------------------------


async def own_exchange_crashed(commands: Commands, tmp_path: Path, *options: str) -> dict[str, str]:
    """A sell on an exchange of its own, killed while it works; returns the environment."""
    env = {"TOUCHLINE_HOME": str(tmp_path / "home")}
    argv = ("sell", "PNNY", "100", "--fraction", "0", *options, "--json")
    ended = await commands.run(*argv, env=env, folder=tmp_path, kill=("after", 4))
    assert ended.code == -signal.SIGKILL, ended.err
    return env


def exchange_pid(tmp_path: Path) -> int:
    return int(json.loads((tmp_path / "home" / "embedded.json").read_text())["pid"])


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")  # a child that nobody waits for is a zombie
    return not status.exists() or status.read_text().split(") ")[1][0] != "Z"


@pytest.mark.slow
async def test_an_exchange_that_outlived_a_kill_is_found_and_ended_afterwards(
    commands: Commands, tmp_path: Path
) -> None:
    env = await own_exchange_crashed(commands, tmp_path, "--timeout", "0.5")
    pid = exchange_pid(tmp_path)
    assert runs(pid)
    ended = await commands.run("resume", "--json", env=env, folder=tmp_path)
    (done,) = ended.done
    assert (ended.code, done["state"], done["filled_qty"]) == (0, "filled", "100")
    assert exchange_pid(tmp_path) == pid
    await true_soon(lambda: not runs(pid))


@pytest.mark.slow
async def test_an_exchange_that_has_gone_ends_its_orders_in_a_sentence(
    commands: Commands, tmp_path: Path
) -> None:
    env = await own_exchange_crashed(commands, tmp_path, *LONG)
    pid = exchange_pid(tmp_path)
    os.kill(pid, signal.SIGKILL)
    await true_soon(lambda: not runs(pid))
    ended = await commands.run("resume", "--json", env=env, folder=tmp_path)
    (done,) = ended.done
    assert (ended.code, done["state"]) == (1, "canceled")
    assert "exchange that held it has ended" in done["reason"]


def no_secret_in(path: Path, keys: dict[str, str]) -> None:
    held = path.read_bytes() if path.exists() else b""
    assert not any(word.encode() in held for word in keys.values()), path


@pytest.mark.slow
async def test_a_brokers_keys_are_not_for_the_embedded_exchange(
    commands: Commands, tmp_path: Path
) -> None:
    keys = {"APCA_API_KEY_ID": "AKBROKER123", "APCA_API_SECRET_KEY": "brokersecret456"}
    env = keys | {"TOUCHLINE_HOME": str(tmp_path / "home")}
    argv = ("sell", "PNNY", "100", "--fraction", "0", *LONG)
    ended = await commands.run(*argv, env=env, folder=tmp_path, kill=("after", 4))
    assert ended.code == -signal.SIGKILL, ended.err  # it let our harmless keys in, and no others
    no_secret_in(Path(f"/proc/{exchange_pid(tmp_path)}/environ"), keys)
    cancelled = await commands.run("cancel", "--all", env=env, folder=tmp_path)
    assert cancelled.code == 0
    for path in (tmp_path / "home").iterdir():
        no_secret_in(path, keys)
