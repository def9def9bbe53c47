"""K. Connections that linger: the venue counts a dead one, and refuses the login meanwhile."""

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from core.engine.events import Level
from core.errors import Refusal
from core.market.time import NS
from core.orders.plan import Instruction, stepped
from core.orders.plan_input import parse_steps
from core.orders.state import ChildKind, Liveness, State
from tests.support.exchange_venue import ExchangeVenue
from tests.support.trading import Trading, instruction, outcome, play

LINGERS = 90.0  # seconds for which Alpaca counts a connection that ended without a goodbye


def _stepped() -> Instruction:
    return replace(instruction(), plan=stepped(parse_steps(["0.5:5", "0.85:5"])))


def _lingering(venue: ExchangeVenue) -> None:
    venue.counts_another_for = LINGERS


def _cut(t: Trading) -> None:
    """The network goes without a goodbye, is back at once, and the login is refused."""
    t.venue.cut_stream()
    t.venue.limit_stream(LINGERS)


@pytest.mark.scenario(106)
def test_the_rest_goes_out_in_time_on_the_proof_of_rest_while_the_login_is_refused(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        _cut(t)
        t.fill(order, 40)
        order = await t.until_final(order)
        assert outcome(order) == (State.FILLED, 100)
        assert [c.filled for c in order.children] == [40, 60]
        assert order.deadline_ns is not None
        assert order.ended_ns is not None
        assert order.ended_ns - order.deadline_ns < 3 * NS

    play(scenario, tmp_path)


@pytest.mark.scenario(106)
def test_a_proof_that_the_lost_stream_was_to_bring_is_read_at_once(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working(instruction(timeout="600"))
        t.venue.mute = True
        await t.engine.cancel(order.id)
        await asyncio.sleep(0.5)
        assert t.venue.calls == ["POST", "DELETE"]
        t.venue.cut_stream()
        await asyncio.sleep(0.3)
        assert outcome(t.now(order)) == (State.CANCELED, 0)

    play(scenario, tmp_path)


@pytest.mark.scenario(106)
def test_market_now_and_cancel_work_while_the_login_is_refused(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        sold = await t.working(instruction(timeout="600"))
        kept = await t.working(instruction(timeout="600", fraction="0.5"))
        _cut(t)
        began = t.engine.clock.now_ns()
        await t.engine.market_now(sold.id)
        await t.engine.cancel(kept.id)
        sold, kept = await t.until_final(sold), await t.until_final(kept)
        assert outcome(sold) == (State.FILLED, 100)
        assert outcome(kept) == (State.CANCELED, 0)
        assert t.engine.clock.now_ns() - began < 5 * NS

    play(scenario, tmp_path)


@pytest.mark.scenario(106)
def test_the_steps_of_an_order_at_work_go_on_while_the_login_is_refused(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working(_stepped())
        _cut(t)
        order = await t.until_final(order)
        assert outcome(order) == (State.FILLED, 100)
        kinds = [child.kind for child in order.children]
        assert kinds == [ChildKind.LIMIT, ChildKind.LIMIT, ChildKind.MARKET]

    play(scenario, tmp_path)


@pytest.mark.scenario(106)
def test_the_words_name_both_causes_and_what_goes_on_and_are_said_once(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        await t.working(instruction(timeout="600"))
        _cut(t)
        t.venue.limit_stream(LINGERS)  # the next try is refused, too
        (said,) = t.notices(Level.ALARM)
        assert "or the venue has not yet let go of an earlier connection" in said
        assert "orders at work go on, proven by request" in said

    play(scenario, tmp_path)


@pytest.mark.scenario(106)
def test_a_new_order_is_refused_with_the_seconds_to_the_next_try_and_taken_after_it(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        _cut(t)
        await asyncio.sleep(20.5)
        with pytest.raises(Refusal) as caught:
            await t.engine.submit(instruction())
        assert (
            "let go of an earlier connection; next try in 70 s), so fills could not be seen."
            in caught.value.sentence
        )
        assert t.venue.calls == []
        await asyncio.sleep(70)
        order = await t.working()
        assert order.children[0].liveness is Liveness.WORKING

    play(scenario, tmp_path)


@pytest.mark.scenario(51, 106)
def test_a_first_limit_that_has_not_left_yet_waits_for_the_stream(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        t.venue.answer("POST", 429, times=1)
        order = await t.engine.submit(instruction(timeout="300"))
        await asyncio.sleep(0.05)
        _cut(t)
        await asyncio.sleep(60)
        assert t.venue.calls == ["POST"]
        assert t.live_at_broker() == []
        await t.engine.cancel(order.id)
        assert outcome(await t.until_final(order)) == (State.CANCELED, 0)

    play(scenario, tmp_path)


@pytest.mark.scenario(107)
def test_after_a_crash_the_rest_goes_out_on_the_proof_of_rest_though_no_stream_comes(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        await t.crash()
        t.fill(order, 40)
        await asyncio.sleep(9)
        t.engine, t.venue = t.run.make()
        _lingering(t.venue)
        await t.open(Decimal(60))
        await asyncio.sleep(5)
        order = await t.until_final(t.now(order))
        assert outcome(order) == (State.FILLED, 100)
        assert t.venue.stream_down  # the venue still counts the dead one

    play(scenario, tmp_path)


@pytest.mark.scenario(107)
def test_after_a_crash_cancel_and_kill_work_though_no_stream_comes(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        one = await t.working(instruction(timeout="600"))
        two = await t.working(instruction(timeout="600", fraction="0.5"))
        await t.crash()
        t.engine, t.venue = t.run.make()
        _lingering(t.venue)
        await t.open()
        await t.engine.cancel(one.id)
        assert outcome(await t.until_final(t.now(one))) == (State.CANCELED, 0)
        told = await t.engine.kill()
        assert not told.unproven
        assert t.now(two).final
        assert t.live_at_broker() == []
        assert t.venue.stream_down

    play(scenario, tmp_path)
