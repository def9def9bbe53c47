"""Flattening on the real exchange and the real journal, in virtual time."""

import asyncio
import contextlib
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from core.engine.events import Level
from core.errors import Confirmation, Refusal
from core.exchange.faults.faults import Fault, Kind
from core.market.prices import Side
from core.orders.plan import Fallback
from core.orders.state import State
from core.risk.amendment import why_not
from core.wording.flatten_report import Flattened
from core.wording.next_step import OrderAction, due_step, next_step, possible
from core.wording.order_words import order_price
from tests.scenarios.venue_acts import order_from_elsewhere
from tests.support.trading import CALM, Crashed, Trading, instruction, play, quotes

D = Decimal
YES = ("flatten",)


async def flat(t: Trading, symbol: str = "UVXY") -> Flattened:
    """Flatten one symbol, asked and confirmed."""
    (done,) = await t.engine.flatten(symbol, YES)
    return done


def held(t: Trading) -> Decimal:
    """Shares of UVXY that the account really holds."""
    return t.exchange.account.shares("UVXY")


def test_it_asks_first_with_quantity_and_value(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        await t.working()
        with pytest.raises(Confirmation) as asks:
            await t.engine.flatten("UVXY")
        assert asks.value.names == YES
        assert asks.value.sentence == (
            "First SELL 100 UVXY is cancelled. Then 5,000 UVXY are sold at market, "
            "about $76,150.00 at the bid of 15.23."
        )
        assert len(t.engine.orders) == 1
        assert not t.engine.open_orders[0].cancel_asked

    play(scenario, tmp_path)


def test_orders_are_cancelled_and_all_that_is_held_is_sold(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        first = await t.working()
        t.venue.calls.clear()
        done = await flat(t)
        assert done.cancelled == (first.id,)
        order = t.engine.orders[done.order]
        assert (order.qty, order.side, order_price(order)) == (D(5000), Side.SELL, "market")
        order = await t.until_final(order)
        assert (order.state, order.filled, order.fell_back) == (State.FILLED, D(5000), False)
        assert held(t) == 0
        assert [c for c in t.venue.calls if c != "GET"] == ["DELETE", "POST"]
        assert t.now(first).state is State.CANCELED
        assert any("on its way to market" in words for words in t.notices(Level.WARNING))

    play(scenario, tmp_path)


def test_a_flat_account_has_nothing_to_flatten(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        await t.until_final(t.engine.orders[(await flat(t)).order])
        for symbol, words in (("UVXY", "no UVXY is held"), ("", "no position is held")):
            with pytest.raises(Refusal, match=words):
                await t.engine.flatten(symbol, YES)

    play(scenario, tmp_path)


@pytest.mark.parametrize("size", [40, 100])
def test_what_fills_while_it_is_cancelled_is_not_sold_again(tmp_path: Path, size: int) -> None:
    async def scenario(t: Trading) -> None:
        first = await t.working()
        flattening = asyncio.ensure_future(flat(t))
        await asyncio.sleep(0.001)
        t.fill(first, size)
        done = await flattening
        order = await t.until_final(t.engine.orders[done.order])
        assert order.filled == 5000 - size
        assert t.now(first).filled == size
        assert held(t) == 0

    play(scenario, tmp_path)


def test_what_is_sold_elsewhere_until_the_proof_is_not_sold_again(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        await t.working()
        t.venue.travel["DELETE"] = 2.0
        flattening = asyncio.ensure_future(flat(t))
        await asyncio.sleep(1.0)  # the account was read, and the cancel is under way
        order_from_elsewhere(t, "web-1", limit="15.23")
        t.quote("15.23", "15.32")
        await asyncio.sleep(0.5)
        assert held(t) == 4950
        done = await flattening
        order = await t.until_final(t.engine.orders[done.order])
        assert order.qty == order.filled == D(4950)
        assert held(t) == 0

    play(scenario, tmp_path)


def test_a_buy_under_way_is_cancelled_and_what_it_bought_is_sold_too(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        buying = await t.working(instruction(Side.BUY))
        t.quote("15.20", "15.30", 60)
        t.quote("15.23", "15.32")
        done = await flat(t)
        order = await t.until_final(t.engine.orders[done.order])
        assert t.now(buying).filled == 60
        assert order.filled == 5060
        assert held(t) == 0

    play(scenario, tmp_path)


def test_without_proof_of_the_cancel_nothing_is_sent(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        first = await t.working()
        t.exchange.faults.arm(Fault(Kind.CANCEL_STUCK))
        done = await flat(t)
        assert (done.order, done.unproven) == ("", (first.id,))
        assert "NOT PROVEN dead" in done.sentence
        assert t.notices(Level.ALARM) == [done.sentence]
        assert len(t.engine.orders) == 1
        t.exchange.release_cancels()
        await t.until_final(first)
        assert (await flat(t)).order

    play(scenario, tmp_path)


def test_it_works_after_a_kill_and_without_a_usable_quote(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        await t.engine.kill()
        t.quote("0", "15.32")
        await asyncio.sleep(0.1)
        with pytest.raises(Confirmation, match="at a price that nobody knows now"):
            await t.engine.flatten("UVXY")
        order = t.engine.orders[(await flat(t)).order]
        assert order.limit_price == D("15.275"), "what it was bought for"
        t.quote("15.23", "15.32")
        await t.until_final(order)
        assert held(t) == 0

    play(scenario, tmp_path)


def test_in_a_halt_or_after_the_close_nothing_is_sent(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        t.exchange.halt("UVXY")
        await asyncio.sleep(0.1)
        with pytest.raises(Refusal, match=r"UVXY was not flattened: UVXY is halted\."):
            await flat(t)
        assert t.engine.orders == {}
        t.exchange.resume("UVXY")
        assert t.engine.market is not None
        closed = replace(t.engine.market, is_open=False, next_open_ns=2**62, next_close_ns=2**62)

        async def clock() -> object:
            return closed

        t.venue.clock = clock  # type: ignore[method-assign, assignment]
        with pytest.raises(Refusal, match="would wait for the opening"):
            await flat(t)
        assert t.live_at_broker() == []

    play(scenario, tmp_path)


def test_shares_that_somebody_else_holds_back_are_not_sold(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        t.exchange.submit(
            {
                "symbol": "UVXY",
                "side": "sell",
                "type": "limit",
                "limit_price": "20",
                "qty": "100",
                "time_in_force": "day",
            }
        )
        with pytest.raises(Refusal, match=r"Only 4,900 UVXY are available; 100 are reserved"):
            await flat(t)
        assert t.engine.orders == {}

    play(scenario, tmp_path)


def test_two_at_once_sell_once(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        first = asyncio.ensure_future(flat(t))
        second = asyncio.ensure_future(flat(t))
        results = await asyncio.gather(first, second, return_exceptions=True)
        assert any(isinstance(r, Refusal) and "already" in r.sentence for r in results)
        (order,) = t.engine.orders.values()
        await t.until_final(order)
        assert held(t) == 0

    play(scenario, tmp_path)


def test_all_positions_are_meant_when_none_is_named(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        symbols = sorted(p.symbol for p in t.engine.positions.values() if p.qty)
        done = await t.engine.flatten("", YES)
        assert [d.symbol for d in done] == symbols
        for each in done:
            await t.until_final(t.engine.orders[each.order])
        await t.engine.account_state.refresh()
        assert not any(p.qty for p in t.engine.positions.values())

    play(scenario, tmp_path)


def test_a_halted_symbol_keeps_no_other_from_being_flattened(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        t.exchange.halt("IBM")
        await t.engine.watch(["IBM", "UVXY"])
        await asyncio.sleep(0.1)
        stuck, done = await t.engine.flatten("", YES)
        assert (stuck.symbol, stuck.order, stuck.in_doubt) == ("IBM", "", True)
        assert stuck.sentence == "IBM was not flattened: IBM is halted."
        assert t.notices(Level.ALARM) == [stuck.sentence]
        assert (done.symbol, done.in_doubt) == ("UVXY", False)
        await t.until_final(t.engine.orders[done.order])
        assert held(t) == 0
        assert t.exchange.account.shares("IBM") == 500

    market = [*quotes((0, "180.00", "180.10"), symbol="IBM"), *CALM]
    play(scenario, tmp_path, market, positions={"IBM": D(500), "UVXY": D(5000)})


def test_an_open_order_without_a_position_is_cancelled_and_that_is_flat(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        await t.until_final(t.engine.orders[(await flat(t)).order])
        buying = await t.working(instruction(Side.BUY))
        with pytest.raises(Confirmation, match="No UVXY is held now"):
            await t.engine.flatten("UVXY")
        done = await flat(t)
        assert (done.cancelled, done.order) == ((buying.id,), "")
        assert done.sentence == "UVXY is flat: the account holds none."

    play(scenario, tmp_path)


def test_an_order_that_is_sent_meanwhile_keeps_it_from_selling_too_much(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        await t.working()
        t.exchange.faults.arm(Fault(Kind.CANCEL_SLOW, seconds=1.0))
        flattening = asyncio.ensure_future(flat(t))
        await asyncio.sleep(0.5)
        await t.engine.submit(instruction(qty="300"))
        with pytest.raises(Refusal, match="SELL 300 UVXY was sent meanwhile"):
            await flattening
        for order in t.engine.orders.values():
            await t.until_final(order)
        assert held(t) == 4700

    play(scenario, tmp_path)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_crash_at_any_journal_write_never_sells_more_than_is_held(
    tmp_path: Path, when: str
) -> None:
    deaths: list[bool] = []

    async def scenario(t: Trading) -> None:
        first = await t.working()
        t.killer.arm(when, number)
        with contextlib.suppress(Crashed, TimeoutError):
            async with asyncio.timeout(30):
                flattening = asyncio.ensure_future(flat(t))
                dying = asyncio.ensure_future(t.killer.dead.wait())
                await asyncio.wait([flattening, dying], return_when=asyncio.FIRST_COMPLETED)
                flattening.cancel()
                if not t.killer.dead.is_set():
                    await asyncio.sleep(1)
        deaths.append(t.killer.dead.is_set())
        await t.crash()
        await t.restart()
        for order in t.engine.orders.values():
            await t.until_final(order)
        assert t.live_at_broker() == []
        assert held(t) >= 0
        assert t.now(first).filled == t.at_broker(first)

    for number in range(1, 60):
        folder = tmp_path / str(number)
        folder.mkdir()
        play(scenario, folder)
        if any(deaths) and not deaths[-1]:
            break
    assert sum(deaths) > 5


def test_a_market_order_shows_what_it_is(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        t.quote("15.23", "15.32", 100)
        order = t.engine.orders[(await flat(t)).order]
        now = t.engine.clock.now_ns()
        assert order.state is State.SENDING
        order = await t.until(lambda: t.now(order).state is State.WORKING, order)
        assert next_step(order, now).words == "5,000 at market, waiting for fills"
        assert due_step(order) is None
        assert [a for a in OrderAction if possible(a, order)] == [OrderAction.CANCEL]
        assert why_not(order) == "it is a market order"
        assert order.instruction.plan.fallback is Fallback.MARKET
        await t.until_final(order)

    play(scenario, tmp_path)
