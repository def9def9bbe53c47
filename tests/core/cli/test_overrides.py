"""The overrides as commands: each reaches the Touchline that runs, and says what is proven."""

import json
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.exchange.faults.faults import Fault, Kind
from core.orders.facts import PriceSet
from tests.support import truth
from tests.support.commands import Command, Commands
from tests.support.exchange_fixture import ExchangeFixture, open_exchange
from tests.support.trading import SYMBOL


@asynccontextmanager
async def working(
    commands: Commands, folder: Path
) -> AsyncIterator[tuple[ExchangeFixture, Command, str]]:
    """An exchange, a sell that works on it, and that order's id."""
    async with open_exchange(commands, folder) as its:
        selling = its.start("sell", SYMBOL, "100", "--timeout", "60", "--json")
        await its.updates.until("new")
        yield its, selling, order_id(its)
        await selling.signal(signal.SIGTERM)
        await selling.ended()


def order_id(its: ExchangeFixture) -> str:
    """The one order's id."""
    return its.journal()[0].order_id


async def say(its: ExchangeFixture, *argv: str) -> dict[str, Any]:
    """The one line that a command answers with."""
    ended = await its.run(*argv, "--json")
    assert ended.code == 0, ended.err
    (line,) = ended.lines
    return line


async def test_pause_extend_and_reprice_reach_the_touchline_that_runs(
    commands: Commands, tmp_path: Path
) -> None:
    async with working(commands, tmp_path) as (its, _, name):
        paused = await say(its, "pause", name)
        assert (paused["event"], paused["asked"]) == ("asked", "pause")
        assert paused["sentence"].startswith("SELL 100 UVXY is paused at 15.24: 0 of 100 filled")
        more = await say(its, "extend", name, "30")
        assert "cancel 30.0 s from now" in more["sentence"]
        moved = await say(its, "reprice", name, "15.26")
        assert moved["sentence"].startswith("15.26 asked for SELL 100 UVXY, not yet proven")
        await its.updates.until("canceled")
        asked = [f for f in its.journal() if isinstance(f, PriceSet)]
        assert [f.limit_price for f in asked] == [Decimal("15.26")]
        ended = await say(its, "cancel", name)
        assert (ended["state"], ended["filled_qty"]) == ("canceled", "0")


async def test_what_reprice_refuses_or_asks_comes_back_in_words(
    commands: Commands, tmp_path: Path
) -> None:
    async with working(commands, tmp_path) as (its, _, name):
        for price, words in (
            ("15.245", "must be in whole cents"),
            ("15.24", "is its price already"),
            ("15.00", "For the market there is Market now"),
            ("15.23", "it fills at once. Nothing was sent; to send it all the same, add --yes mar"),
        ):
            refused = await its.run("reprice", name, price)
            assert (refused.code, refused.out) == (2, "")
            assert words in refused.err
        refused = await its.run("reprice", "nobody", "15.26")
        assert refused.err == "There is no order nobody.\n"
        sent = await its.run("reprice", name, "15.23", "--yes", "marketable")
        assert sent.code == 0


async def test_market_now_ends_the_order_that_runs(commands: Commands, tmp_path: Path) -> None:
    async with working(commands, tmp_path) as (its, selling, name):
        ended = await its.run("market-now", name)
        assert ended.out.startswith("Market now asked for SELL 100 UVXY: 0 filled, 100 not yet")
        assert (await selling.ended()).done[0]["state"] == "filled"


async def test_cancel_all_is_a_command_of_its_own(commands: Commands, tmp_path: Path) -> None:
    async with working(commands, tmp_path) as (its, _, name):
        ended = await its.run("cancel-all")
        assert ended.out == f"{name}  canceled, 0 filled. You cancelled it.\n"


async def test_flatten_asks_and_then_sells_all_that_is_held(
    commands: Commands, tmp_path: Path
) -> None:
    async with working(commands, tmp_path) as (its, selling, name):
        asked = await its.run("flatten", SYMBOL)
        assert asked.code == 2
        assert "First SELL 100 UVXY is cancelled. Then " in asked.err
        assert asked.err.endswith("add --yes flatten.\n")
        assert len(truth.live(its.exchange)) == 1
        done = await its.run("flatten", SYMBOL, "--yes", "flatten", "--json")
        flattened, order = done.lines
        assert (flattened["event"], flattened["cancelled"]) == ("flattened", [name])
        assert (done.code, order["state"], order["limit_price"]) == (0, "filled", None)
        own = (await selling.ended()).done[-1]
        assert (own["order"], own["state"]) == (name, "canceled")


async def test_a_sell_outlasts_the_flatten_that_was_asked_through_it(
    commands: Commands, tmp_path: Path
) -> None:
    async with working(commands, tmp_path) as (its, selling, name):
        its.exchange.faults.arm(Fault(Kind.UPDATE_LATE, 0, seconds=2.5, event="fill"))
        done = await its.run("flatten", SYMBOL, "--yes", "flatten", "--json")
        assert done.code == 0, done.err
        sold = done.lines[-1]
        assert (sold["state"], sold["filled_qty"]) == ("filled", "5000")
        ended = await selling.ended()
        assert [o["order"] for o in ended.done] == [sold["order"], name]
        assert ended.code == 1
        listed = await its.run("orders", "--json")
        assert [o["state"] for o in listed.lines] == ["canceled", "filled"]


async def test_alone_flatten_and_market_now_do_it_by_themselves(
    commands: Commands, tmp_path: Path
) -> None:
    async with open_exchange(commands, tmp_path) as its:
        selling = its.start("sell", SYMBOL, "100", "--timeout", "60")
        await its.updates.until("new")
        await selling.signal(signal.SIGKILL)
        await selling.ended()
        name = order_id(its)
        refused = await its.run("hold", name)
        assert refused.code == 2
        assert refused.err.startswith(f"No Touchline runs, so nobody works {name}.")
        ended = await its.run("market-now", name, "--json")
        assert ended.done[-1]["state"] == "filled"
        again = await its.run("market-now", name)
        assert again.code == 0
        asked = await its.run("flatten", "--all")
        assert asked.code == 2
        assert "are sold at market, about $" in asked.err
        done = await its.run("flatten", SYMBOL, "--yes", "flatten", "--json")
        assert done.code == 0, done.err
        assert done.done[-1]["state"] == "filled"
        none = await its.run("flatten", SYMBOL, "--yes", "flatten")
        assert none.err.startswith("Nothing to flatten: no UVXY is held")


@pytest.mark.parametrize(
    "argv",
    [("flatten",), ("flatten", "UVXY", "--all"), ("extend", "x", "0"), ("reprice", "x", "y")],
)
async def test_what_is_no_override_is_refused_in_a_sentence(
    commands: Commands, tmp_path: Path, argv: tuple[str, ...]
) -> None:
    async with open_exchange(commands, tmp_path) as its:
        ended = await its.run(*argv)
        assert (ended.code, ended.out) == (2, "")
        assert ended.err.count("\n") == 1


async def test_orders_says_so_when_there_are_none(commands: Commands, tmp_path: Path) -> None:
    async with open_exchange(commands, tmp_path) as its:
        ended = await its.run("orders")
        assert (ended.code, ended.out) == (0, "")
        assert ended.err == "No order has been journaled here yet.\n"
        assert json.loads((await its.run("orders", "--json")).out or "[]") == []
