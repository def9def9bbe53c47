"""`touchline journal`: verified, shown and exported, without a venue and without the lock."""

import json
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from core.exchange.options import ExchangeOptions
from tests.core.cli.test_main import LONG, crashed, refused
from tests.support import truth
from tests.support.commands import Commands
from tests.support.exchange_fixture import HELD, open_exchange
from tests.support.trading import STILL, SYMBOL


def change(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(statement)


async def test_a_journal_is_verified_shown_and_exported_while_a_touchline_works_on_it(
    commands: Commands, tmp_path: Path
) -> None:
    async with open_exchange(commands, tmp_path) as its:
        selling = its.start("sell", SYMBOL, "100", *LONG)
        await its.updates.until("new")
        (report,) = (await its.run("journal", "verify", "--json")).lines
        assert (report["schema"], report["orders"], report["open_orders"]) == (3, 1, 1)
        assert report["damage"] == ""
        (listed,) = (await its.run("orders", "--json")).lines
        shown = await its.run("journal", "show", listed["order"])
        assert (shown.code, shown.err) == (0, "")
        title, first, *_ = shown.out.splitlines()
        assert title == "SELL 100 UVXY"
        assert "clicked at 15.23 / 15.32" in first
        await selling.signal(signal.SIGINT)
        assert (await selling.ended()).code == 1


async def test_what_is_exported_is_every_fact_and_what_is_shown_is_one_orders(
    commands: Commands, tmp_path: Path
) -> None:
    async with open_exchange(commands, tmp_path) as its:
        for shares in ("100", "50"):
            assert (await its.run("sell", SYMBOL, shares, "--fraction", "1")).code == 0
    env = {"TOUCHLINE_HOME": str(its.home)}  # and the venue is no more
    exported = await commands.run("journal", "export", env=env, folder=tmp_path)
    facts = its.journal()
    assert [line["type"] for line in exported.lines] == [type(f).__name__ for f in facts]
    assert [line["seq"] for line in exported.lines] == list(range(1, len(facts) + 1))
    name = facts[-1].order_id
    shown = await commands.run("journal", "show", name, "--json", env=env, folder=tmp_path)
    assert [line["fact"]["order_id"] for line in shown.lines] == [
        f.order_id for f in facts if f.order_id == name
    ]
    assert all(line["at"].endswith("Z") and line["sentence"] for line in shown.lines)
    assert shown.lines[-1]["source"].startswith("stream, execution")
    verified = await commands.run("journal", "verify", env=env, folder=tmp_path)
    assert f"records: {len(facts)}, orders: 2 (0 open)" in verified.out
    assert verified.out.endswith("every checksum is right.\n")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ("UPDATE facts SET body = x'00' WHERE seq = 3", "will not trade on it"),
        ("DELETE FROM facts WHERE seq > 2", "missing at the end"),
    ],
)
async def test_a_damaged_journal_is_told_with_what_is_before_the_damage(
    commands: Commands, tmp_path: Path, damage: str, words: str
) -> None:
    async with open_exchange(commands, tmp_path) as its:
        await its.run("sell", SYMBOL, "100", "--fraction", "1")
        change(its.home / "journal-embedded.sqlite", damage)
        verified = await its.run("journal", "verify")
        assert verified.code == 3
        assert "Record" in verified.out
        assert words in verified.out
        exported = await its.run("journal", "export")
        assert (exported.code, len(exported.lines)) == (3, 2)
        assert "Record" in exported.err
        assert json.loads(exported.out.splitlines()[0])["type"] == "OrderAccepted"
        for argv in (("sell", SYMBOL, "1"), ("resume",), ("orders",)):
            refused(await its.run(*argv), "will not trade")


async def test_a_torn_tail_is_said_at_the_next_start_and_the_order_read_at_the_venue(
    commands: Commands, tmp_path: Path
) -> None:
    async with open_exchange(commands, tmp_path) as its:
        await crashed(its, "--timeout", "0.6")
        journal = its.home / "journal-embedded.sqlite"
        change(journal, "UPDATE facts SET body = x'00' WHERE seq = (SELECT MAX(seq) FROM facts)")
        verified = await its.run("journal", "verify", "--json")
        assert verified.code == 3
        assert verified.lines[0]["droppable"]
        ended = await its.run("resume", "--json")
        assert "at the end of the journal, which goes on without it" in ended.err
        (done,) = ended.done
        assert (done["state"], done["filled_qty"], done["fallback"]) == ("canceled", "0", False)
        assert "no fallback was sent" in done["reason"]
        assert truth.live(its.exchange) == []
        assert (await its.run("journal", "verify")).code == 0


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("journal",), ("what",)),
        (("journal", "mend"), ("mend",)),
        (("journal", "show"), ("ORDER",)),
        (("journal", "verify"), ("There is no journal",)),
        (("journal", "export", "--venue", "moon"), ("moon",)),
    ],
)
async def test_looking_at_what_is_not_there_is_a_sentence(
    commands: Commands, tmp_path: Path, argv: tuple[str, ...], words: tuple[str, ...]
) -> None:
    env = {"TOUCHLINE_HOME": str(tmp_path / "home")}
    refused(await commands.run(*argv, env=env, folder=tmp_path), *words)


async def test_an_order_the_journal_does_not_know_is_a_sentence(
    commands: Commands, tmp_path: Path
) -> None:
    async with open_exchange(commands, tmp_path) as its:
        await its.run("sell", SYMBOL, "100", "--fraction", "1")
        refused(await its.run("journal", "show", "nosuch"), "There is no order nosuch")


# ---- whose journal it is -----------------------------------------------------------------------

KEYS = {"APCA_API_KEY_ID": "embedded", "APCA_API_SECRET_KEY": "embedded"}


@pytest.mark.scenario(66)
async def test_keys_of_another_account_are_refused_though_all_orders_in_the_journal_have_ended(
    commands: Commands, tmp_path: Path
) -> None:
    paper = ("--venue", "paper")
    async with open_exchange(commands, tmp_path, env=KEYS) as its:
        argv = ("sell", SYMBOL, "100", "--fraction", "1", *paper)
        assert (await its.run(*argv)).code == 0
        one = its.exchange.exchange.options.account_number
        async with open_exchange(commands, tmp_path, env=KEYS) as other:
            two = other.exchange.exchange.options.account_number
            refused(await other.run(*argv), one, two, "Nothing was sent")
            assert other.exchange.exchange.orders == {}


@pytest.mark.scenario(66)
@pytest.mark.parametrize(("ours", "theirs"), [("paper", "live"), ("paper", "embedded")])
async def test_a_journal_of_one_venue_in_the_place_of_anothers_is_refused(
    commands: Commands, tmp_path: Path, ours: str, theirs: str
) -> None:
    options = ExchangeOptions(knobs=STILL, positions={SYMBOL: HELD}, account_number="123457890")
    async with open_exchange(commands, tmp_path, options=options, env=KEYS) as its:
        argv = ("sell", SYMBOL, "100", "--fraction", "1", "--confirm", "7890", "--venue")
        assert (await its.run(*argv, ours)).code == 0
        for end in ("", "-wal", "-shm", "-mark"):
            file = its.home / f"journal-{ours}.sqlite{end}"
            if file.exists():
                file.rename(its.home / f"journal-{theirs}.sqlite{end}")
        refused(await its.run(*argv, theirs), f"orders of {ours}", "not the journal")
        assert len(truth.orders(its.exchange)) == 1


@pytest.mark.scenario(51, 107)
async def test_while_another_has_the_connection_none_is_begun_and_one_at_work_goes_to_its_end(
    commands: Commands, tmp_path: Path
) -> None:
    options = ExchangeOptions(
        knobs=STILL, positions={SYMBOL: HELD}, rate_limit=0, connection_limit=1
    )
    async with open_exchange(commands, tmp_path, options=options) as its:
        await crashed(its, "--timeout", "0.3")
        elsewhere = its.environment | {"TOUCHLINE_HOME": str(tmp_path / "elsewhere")}
        argv = ("sell", SYMBOL, "50", *LONG)
        other = commands.start(*argv, env=elsewhere, folder=tmp_path)
        await its.updates._until(lambda u: u["order"]["qty"] == "50", 30)
        ended = await its.run("resume", "--json")
        assert "no new order is begun meanwhile" in ended.err
        (done,) = ended.done
        assert (done["filled_qty"], done["fallback"]) == ("100", True)
        assert truth.sold(its.exchange) == 100
        refused = await its.run("sell", SYMBOL, "30", "--timeout", "1")
        assert refused.code == 2
        assert "another program uses this account's stream" in refused.err
        assert len(truth.orders(its.exchange)) == 3
        await other.signal(signal.SIGINT)
        await other.ended()
        assert truth.live(its.exchange) == []
        assert truth.sold(its.exchange) == 100
