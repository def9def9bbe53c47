"""F. Broker side: others cancel, replace, expire, suspend, or sell the shares elsewhere."""

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from core.engine.events import Level
from core.exchange.faults.faults import Fault, Kind
from core.exchange.market.trading_day import HOUR
from core.exchange.options import Knobs
from core.market.time import NS
from core.orders.plan import Instruction, stepped
from core.orders.plan_input import parse_steps
from core.orders.state import State
from tests.scenarios.frames import doctored
from tests.scenarios.venue_acts import execute
from tests.support.trading import SYMBOL, Trading, instruction, outcome, play

SLOW = Knobs(hidden_chance=0.0, price_improvement=0.0, ack_delay=0.05)
BEFORE_CLOSE = 16 * HOUR - HOUR // 3600 * 5  # five seconds


@pytest.mark.scenario(69)
def test_a_cancel_at_the_brokers_page_ends_with_what_filled_and_without_fallback(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        t.fill(order, 40)
        t.exchange.cancel(t.at_venue(order).id)
        order = await t.stays_ended(order, 60)
        assert outcome(order) == (State.CANCELED, 40)
        assert "not by Touchline" in order.reason
        assert len(t.exchange.orders) == 1

    play(scenario, tmp_path)


@pytest.mark.scenario(70)
@pytest.mark.parametrize("heard", [True, False])
def test_a_replacement_at_the_brokers_page_is_followed_and_the_chain_sums_to_what_was_asked(
    tmp_path: Path, heard: bool
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        t.fill(order, 40)
        await t.until_child(order, lambda child: child.filled == 40)
        t.venue.mute = not heard
        t.exchange.replace(t.at_venue(order).id, {"qty": "60", "limit_price": "15.30"})
        await asyncio.sleep(1)
        t.venue.mute = False
        order = await t.until_final(order)
        assert outcome(order) == (State.FILLED, 100)
        assert [c.filled for c in order.children] == [40, 0, 60]
        assert order.children[1].limit_price == Decimal("15.30")
        assert t.live_at_broker() == []

    play(scenario, tmp_path)


STEPS = ("0.5:3", "0.85:3")
ALL = "5000"  # the whole position


def stepped_sell(qty: str) -> Instruction:
    """A sell whose price is moved once."""
    return replace(instruction(qty=qty), plan=stepped(parse_steps(STEPS)))


@pytest.mark.scenario(71)
@pytest.mark.parametrize("swap", [0.0, 0.05])
def test_a_fill_while_the_price_moves_is_never_sold_again_by_the_next_limit(
    tmp_path: Path, swap: float
) -> None:
    async def scenario(t: Trading) -> None:
        t.venue.travel["DELETE"] = 0.05
        order = await t.canceling(await t.working(stepped_sell(ALL)))
        await asyncio.sleep(swap + 0.01)  # the DELETE is on its way, or taken and not done
        t.fill(order, 40)
        order = await t.until_final(order)
        assert [c.qty for c in order.children][:2] == [5000, 4960]
        assert outcome(order) == (State.FILLED, 5000)
        assert t.at_broker(order) == 5000
        assert t.exchange.account.shares(SYMBOL) == 0

    play(scenario, tmp_path, knobs=SLOW)


@pytest.mark.scenario(72)
def test_a_new_price_by_cancel_and_new_waits_for_the_proof_that_the_old_order_is_dead(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        t.exchange.faults.arm(Fault(Kind.CANCEL_SLOW, seconds=1))
        order = await t.working(stepped_sell("100"))
        t.fill(await t.canceling(order), 40)
        order = await t.until_child(order, lambda child: child.posts > 0, place=1)
        old, new = order.children
        assert old.dead
        assert (old.dead_at or 0) - (old.cancel_sent_at or 0) > NS
        assert new.qty == 60
        order = await t.until_final(order)
        assert outcome(order) == (State.FILLED, 100)

    play(scenario, tmp_path)


@pytest.mark.scenario(73)
def test_a_move_refused_because_the_order_filled_leaves_the_fill_and_sends_nothing(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        t.venue.travel["DELETE"] = 0.5
        order = await t.canceling(await t.working(stepped_sell(ALL)))
        t.fill(order, 5000)
        order = await t.stays_ended(order, 60)
        assert ("DELETE", 422) in t.venue.statuses
        assert outcome(order) == (State.FILLED, 5000)
        assert len(t.exchange.orders) == 1

    play(scenario, tmp_path)


@pytest.mark.scenario(74)
def test_an_order_that_expires_at_the_close_ends_there_and_sends_no_fallback(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        t.fill(order, 40)
        order = await t.stays_ended(order, 120)
        assert outcome(order) == (State.EXPIRED, 40)
        assert len(t.exchange.orders) == 1

    play(scenario, tmp_path, start_of_day=BEFORE_CLOSE)


@pytest.mark.scenario(74)
def test_done_for_the_day_is_no_end_but_watched(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working(instruction(timeout="60"))
        t.venue.inject(
            doctored(t.frames("new")[0], {"status": "done_for_day"}, event="done_for_day")
        )
        order = await t.stays_open(order, 10)
        assert not order.children[0].dead
        assert order.children[0].status == "done_for_day"

    play(scenario, tmp_path)


@pytest.mark.scenario(75)
@pytest.mark.parametrize("word", ["suspended", "stopped", "held", "calculated", "sleeping"])
def test_a_status_that_is_no_end_or_that_nobody_knows_is_watched_and_not_guessed(
    tmp_path: Path, word: str
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        t.venue.inject(doctored(t.frames("new")[0], {"status": word}, event=word))
        order = await t.stays_open(order, 5)
        assert (order.state, order.children[0].status) == (State.WORKING, word)
        t.fill(order, 40)
        order = await t.until_final(order)
        assert [c.filled for c in order.children] == [40, 60]

    play(scenario, tmp_path)


@pytest.mark.scenario(76)
@pytest.mark.parametrize("allowed", [True, False])
def test_a_rest_with_a_part_of_a_share_is_sold_if_allowed_and_else_told(
    tmp_path: Path, allowed: bool
) -> None:
    async def scenario(t: Trading) -> None:
        asset = t.exchange.assets[SYMBOL]
        t.exchange.assets[SYMBOL] = replace(asset, fractionable=allowed)
        order = await t.working()
        execute(t, order, "40.5")
        order = await t.stays_ended(order, 30)
        assert order.children[1].qty == Decimal("59.5")
        assert t.live_at_broker() == []
        if allowed:
            assert outcome(order) == (State.FILLED, 100)
        else:
            assert outcome(order) == (State.CANCELED, Decimal("40.5"))
            assert any("is not fractionable" in said for said in t.notices(Level.ALARM))

    play(scenario, tmp_path)


@pytest.mark.scenario(77)
def test_a_position_sold_elsewhere_meanwhile_is_never_sold_short(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        t.fill(order, 40)
        t.venue.travel["POST"] = 1.0
        order = await t.until_child(order, lambda child: child.dead)
        elsewhere = {"symbol": SYMBOL, "side": "sell", "type": "market", "time_in_force": "day"}
        t.exchange.submit(elsewhere | {"qty": "4910", "client_order_id": "elsewhere"})
        order = await t.stays_ended(order, 30)
        assert t.exchange.account.shares(SYMBOL) == 50
        assert outcome(order) == (State.CANCELED, 40)
        alarms = t.notices(Level.ALARM)
        assert any("You hold only 50 UVXY, and 60 were to be sold" in said for said in alarms)
        assert t.live_at_broker() == []

    play(scenario, tmp_path)


@pytest.mark.scenario(110)
def test_a_position_that_is_gone_is_told_as_gone_and_leaves_nothing_to_decide(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        t.venue.travel["POST"] = 1.0
        order = await t.until_child(order, lambda child: child.dead)
        elsewhere = {"symbol": SYMBOL, "side": "sell", "type": "market", "time_in_force": "day"}
        t.exchange.submit(elsewhere | {"qty": "5000", "client_order_id": "elsewhere"})
        order = await t.stays_ended(order, 30)
        assert outcome(order) == (State.CANCELED, 0)
        (alarm,) = t.notices(Level.ALARM)
        assert alarm.startswith("You no longer hold the UVXY that were to be sold")
        assert "decide yourself" not in alarm
        assert t.exchange.account.shares(SYMBOL) == 0

    play(scenario, tmp_path)
