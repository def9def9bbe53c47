"""Account and positions, counted on by our own orders between two reads, on the real exchange."""

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest

from core.engine.events import Level
from core.market.prices import Side
from tests.support.trading import SYMBOL, Trading, instruction, play


def true_to_the_exchange(t: Trading) -> None:
    """What the engine counts is what the exchange has."""
    held, real = t.engine.positions[SYMBOL], t.exchange.account
    assert held.qty == real.shares(SYMBOL)
    reserved = sum(o.leaves for o in t.exchange.open_orders() if o.side == "sell")
    assert held.available == held.qty - reserved


async def power(t: Trading) -> Decimal:
    """Buying power as the exchange says it now."""
    return (await t.venue.account()).buying_power


def test_what_filled_while_nothing_ran_is_in_the_account_already_and_not_counted_again(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working(instruction(timeout="600"))
        await t.crash()
        t.fill(order, 40)
        await t.restart()
        seen = [held.qty for held in [t.engine.positions[SYMBOL]]]
        t.engine.listen(lambda event: seen.append(t.engine.positions[SYMBOL].qty))
        order = await t.until_child(order, lambda child: child.filled == 40)
        await asyncio.sleep(0.1)
        assert set(seen) == {Decimal(4960)}
        true_to_the_exchange(t)
        assert t.engine.account is not None
        assert t.engine.account.buying_power == await power(t)
        t.fill(order, 10)
        await t.until_child(order, lambda child: child.filled == 50)
        true_to_the_exchange(t)

    play(scenario, tmp_path)


def test_a_buy_that_filled_while_nothing_ran_costs_once(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working(instruction(Side.BUY, timeout="600"))
        await t.crash()
        t.quote("15.20", "15.29")
        await t.restart()
        await t.until_final(order)
        await asyncio.sleep(0.1)
        true_to_the_exchange(t)
        assert t.engine.account is not None
        assert t.engine.account.buying_power == await power(t)

    play(scenario, tmp_path)


@pytest.mark.parametrize("after", [0.0, 0.003])
def test_shares_of_an_order_that_never_arrived_are_not_given_back_twice(
    tmp_path: Path, after: float
) -> None:
    async def scenario(t: Trading) -> None:
        t.venue.travel["POST"] = 1e6
        order = await t.engine.submit(instruction(timeout="600"))
        await asyncio.sleep(after)
        await t.restart()
        await t.until_final(order)
        await asyncio.sleep(0.1)
        true_to_the_exchange(t)

    play(scenario, tmp_path)


def test_an_order_left_alone_at_the_start_is_caught_up_with_when_it_is_asked_for(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working(instruction(timeout="600"))
        await t.crash()
        t.fill(order, 40)
        t.engine, t.venue = t.run.make()
        await t.engine.start(only=())
        assert t.engine.positions[SYMBOL].qty == 4960
        await t.engine.cancel(order.id)
        await t.until_final(order)
        await asyncio.sleep(0.1)
        true_to_the_exchange(t)

    play(scenario, tmp_path)


def test_a_fallback_that_a_later_run_sends_is_counted(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        t.fill(order, 40)
        order = await t.canceling(order)
        t.venue.travel["POST"] = 1e6
        await t.until_child(order, lambda child: child.posts > 0, place=1)
        await t.restart()
        await t.until_final(order)
        await asyncio.sleep(0.1)
        true_to_the_exchange(t)

    play(scenario, tmp_path)


def test_an_account_that_could_not_be_read_again_is_read_within_a_minute(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working(instruction(timeout="600"))
        await t.crash()
        t.fill(order, 40)
        await t.restart()
        t.venue.lame_account = True
        t.quote("15.24", "15.32", 10)  # and fills go on
        t.quote("15.23", "15.32")
        await t.until_child(order, lambda child: child.filled == 50)
        await asyncio.sleep(1)
        assert any("account" in said for said in t.notices(Level.WARNING))
        t.venue.lame_account = False
        await asyncio.sleep(61)
        true_to_the_exchange(t)

    play(scenario, tmp_path)


def test_a_fill_while_the_account_is_read_is_neither_lost_nor_counted_twice(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working(instruction(timeout="600"))
        reading = asyncio.create_task(t.engine.account_state.refresh())
        for _ in range(5):
            await asyncio.sleep(0.003)
            t.fill(order, 10)
        await reading
        await t.until_child(order, lambda child: child.filled == 50)
        true_to_the_exchange(t)

    play(scenario, tmp_path)
