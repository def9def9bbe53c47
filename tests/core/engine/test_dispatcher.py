"""What is sent, and when what is under way has to be asked again."""

import asyncio
from pathlib import Path

import pytest

from core.engine.events import Level
from core.exchange.faults.faults import Fault, Kind
from core.market.prices import Side
from core.orders.plan import Fallback
from core.orders.state import ChildKind, State
from core.venue.interface import PostRequest
from tests.support.trading import Trading, instruction, outcome, play


@pytest.mark.parametrize("fallback", [Fallback.MARKET, Fallback.COLLAR])
def test_whatever_sells_shares_that_are_held_says_that_it_closes(
    tmp_path: Path, fallback: Fallback
) -> None:
    async def scenario(t: Trading) -> None:
        sent: list[PostRequest] = []
        t.venue.on_post = sent.append
        order = await t.until_final(await t.working(instruction(fallback=fallback)))
        assert order.children[0].kind is ChildKind.LIMIT
        assert len(sent) == 2
        assert all(request.closes for request in sent)
        sent.clear()
        await t.until_final(await t.working(instruction(Side.BUY, fallback=fallback)))
        assert len(sent) == 2
        assert not any(request.closes for request in sent)

    play(scenario, tmp_path)


def test_a_reason_to_read_that_comes_during_a_read_is_a_read_after_it(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working(instruction(timeout="600"))
        t.exchange.faults.arm(Fault(Kind.ANSWER_SLOW, 1, seconds=2.0, method="GET"))
        t.venue.mute = True
        t.venue.cut_stream()
        t.venue.mend_stream()  # open orders are read: the answer is older than the fill
        await asyncio.sleep(1.0)
        t.fill(order, 100)
        t.venue.cut_stream()
        t.venue.mend_stream()  # and there is a reason to read again
        await asyncio.sleep(1.5)
        assert outcome(t.now(order)) == (State.FILLED, 100)

    play(scenario, tmp_path)


def test_a_cancel_that_comes_too_fast_is_repeated_and_is_no_refusal(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working(instruction(timeout="600"))
        t.venue.answer("DELETE", 429, times=2)
        await t.engine.cancel(order.id)
        order = await t.until_final(order)
        assert outcome(order) == (State.CANCELED, 0)
        assert t.venue.calls.count("DELETE") == 3
        assert order.children[0].cancels_refused == 0
        assert t.notices(Level.ALARM) == []

    play(scenario, tmp_path)


@pytest.mark.parametrize("way", ["cancel all", "kill"])
def test_what_this_run_had_left_alone_is_cancelled_with_all_others(
    tmp_path: Path, way: str
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working(instruction(timeout="600"))
        await t.crash()
        t.engine, t.venue = t.run.make()
        t.engine.listen(t.events.append)
        await t.engine.start(only=())
        await t.engine.watch(["UVXY"])
        assert t.live_at_broker()
        if way == "kill":
            told = await t.engine.kill()
            assert told.cancelled == (order.id,)
        else:
            (asked,) = await t.engine.cancel_all()
            assert asked.id == order.id
        assert outcome(await t.until_final(t.now(order))) == (State.CANCELED, 0)
        assert t.live_at_broker() == []

    play(scenario, tmp_path)
