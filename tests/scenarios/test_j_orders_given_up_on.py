"""J. Orders given up on: nobody finds them, and they may yet appear."""

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest

from core.engine.events import Level, Notice
from core.errors import Confirmation, Refusal
from core.orders.state import Liveness, ParentOrder, State
from tests.support.trading import ASK, SYMBOL, Trading, instruction, outcome, play

LATE = 60.0


async def given_up(t: Trading, seconds: float = LATE) -> ParentOrder:
    """An order whose POST is answered 504 and worked off so late that reads have found nothing."""
    t.venue.worked_off = seconds
    order = await t.engine.submit(instruction(timeout="1"))
    order = await t.until_final(order)
    t.venue.worked_off = 0.0
    assert order.state is State.ATTENTION
    assert [c.liveness for c in order.children] == [Liveness.UNKNOWN]
    assert "does not prove that there is none" in order.alarm
    return order


@pytest.mark.scenario(100)
def test_a_post_that_is_worked_off_after_it_was_given_up_is_found_cancelled_and_told(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        t.venue.mute = True
        order = await given_up(t)
        order = await t.until(lambda: t.engine.orders[order.id].done, order)
        assert outcome(order) == (State.ATTENTION, 0)
        assert "appeared at the venue" in "".join(
            e.sentence for e in t.events if isinstance(e, Notice) and e.level is Level.ALARM
        )
        assert "Proven since: canceled" in order.reason
        assert t.live_at_broker() == []

    play(scenario, tmp_path)


@pytest.mark.scenario(100)
def test_every_way_out_and_every_start_reads_what_is_not_proven_again(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await given_up(t, 600)
        for act in (
            lambda: t.engine.cancel_all(),
            lambda: t.engine.cancel(order.id),
            lambda: t.engine.kill(),
        ):
            t.venue.calls.clear()
            await act()
            await asyncio.sleep(0.1)
            assert "GET" in t.venue.calls
        await t.engine.rearm()
        t.venue.calls.clear()
        with pytest.raises((Refusal, Confirmation)):
            await t.engine.flatten(SYMBOL)
        await t.engine.flatten(SYMBOL, ("flatten",))
        assert "GET" in t.venue.calls
        await t.restart()
        await asyncio.sleep(0.1)
        assert "GET" in t.venue.calls
        assert [o.id for o in t.engine.unproven] == [order.id]

    play(scenario, tmp_path)


@pytest.mark.scenario(100)
def test_a_kill_names_an_order_of_an_earlier_run_that_is_not_proven(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await given_up(t, 600)
        await t.restart()
        told = await t.engine.kill()
        assert told.unproven == (order.id,)
        assert "NOT PROVEN dead" in told.sentence

    play(scenario, tmp_path)


@pytest.mark.scenario(100)
def test_a_new_order_of_the_symbol_is_preceded_by_a_read_of_what_is_not_proven(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        await given_up(t, 600)
        t.venue.calls.clear()
        with pytest.raises(Confirmation) as asks:
            await t.engine.submit(instruction())
        assert asks.value.names == ("unproven",)
        assert "100 UVXY of an order not proven dead may still be sold." in str(asks.value)
        await asyncio.sleep(0.1)
        assert t.venue.calls == ["GET"]

    play(scenario, tmp_path)


@pytest.mark.scenario(101)
def test_a_fill_of_what_was_given_up_is_told_apart_from_the_order_that_works(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        order = await given_up(t, 40)
        other = await t.engine.submit(
            instruction(qty="30", fraction="0", timeout="90"), ("unproven",)
        )
        t.venue.travel["DELETE"] = 1.0
        t.quote(str(order.limit_price), ASK, 40)  # it meets 40 shares as soon as it lands
        order = await t.until(lambda: t.engine.orders[order.id].filled == 40, order)
        told = [e for e in t.events if isinstance(e, Notice) and e.order_id == order.id]
        assert any("filled after it had ended" in e.sentence for e in told)
        assert not [e for e in t.events if isinstance(e, Notice) and e.order_id == other.id]
        assert t.engine.orders[other.id].filled == 0

    play(scenario, tmp_path)


@pytest.mark.scenario(102)
def test_a_cancel_of_what_nobody_finds_is_never_called_cancelled_with_nothing_filled(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        t.venue.mute = True
        t.venue.worked_off = 20.0
        order = await t.engine.submit(instruction())
        await asyncio.sleep(0.1)
        await t.engine.cancel(order.id)
        order = await t.until_final(order)
        assert order.state is State.ATTENTION
        assert order.reason.startswith("You cancelled it, but it went out unanswered")
        order = await t.until(lambda: t.engine.orders[order.id].done, order)
        assert t.live_at_broker() == []
        assert order.filled == t.at_broker(order)

    play(scenario, tmp_path)


@pytest.mark.scenario(104)
def test_flatten_sends_nothing_while_an_ended_order_may_still_fill(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await given_up(t, 600)
        t.venue.calls.clear()
        (told,) = await t.engine.flatten(SYMBOL, ("flatten",))
        assert told.unproven == (order.id,)
        assert "NOT PROVEN dead" in told.sentence
        assert "POST" not in t.venue.calls
        await t.engine.end_seen(order.id, Decimal(0))
        (told,) = await t.engine.flatten(SYMBOL, ("flatten",))
        assert told.order
        await t.until_final(t.engine.orders[told.order])
        assert t.exchange.account.shares(SYMBOL) == 0

    play(scenario, tmp_path)


@pytest.mark.scenario(105)
def test_the_same_intent_twice_while_the_keys_are_checked_again_is_one_order(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        t.venue.keys_refused = True
        with pytest.raises(Refusal):
            await t.engine.submit(instruction())
        await asyncio.sleep(1)
        t.venue.keys_refused = False
        t.venue.travel["GET"] = 0.2
        asked = instruction()
        one, two = await asyncio.gather(t.engine.submit(asked), t.engine.submit(asked))
        assert one.id == two.id

    play(scenario, tmp_path)
