"""B. Submit: the POST is lost, refused, throttled, or answered after its own events."""

import asyncio
from pathlib import Path

import pytest

from core.engine.events import Level
from core.exchange.faults.faults import Fault, Kind
from core.market.prices import Side
from core.market.time import NS
from core.orders.state import State
from tests.scenarios.venue_acts import step
from tests.support.trading import Trading, instruction, outcome, play

HELD = {
    "code": 40310000,
    "message": "insufficient qty available for order (requested: 60, available: 0)",
    "existing_qty": "5000",
    "held_for_orders": "5000",
}
AMBIGUOUS = [Kind.ANSWER_500, Kind.ANSWER_504, Kind.ANSWER_RESET, Kind.ANSWER_GARBLED]


def names(t: Trading) -> list[str]:
    """Client ids of all orders at the exchange."""
    return [o.client_order_id for o in t.exchange.orders.values()]


@pytest.mark.scenario(18)
def test_a_post_that_timed_out_and_landed_is_read_and_adopted(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        t.venue.mute = True
        t.exchange.faults.arm(Fault(Kind.ANSWER_HANG, method="POST", seconds=2))
        order = await t.engine.submit(instruction())
        order = await t.until_child(order, lambda child: child.broker_id is not None)
        assert order.state is State.WORKING
        assert t.venue.calls == ["POST", "GET"]
        t.venue.mute = False
        t.fill(order, 100)
        await t.until_final(order)
        assert names(t) == [f"tl-{order.id}-1"]

    play(scenario, tmp_path)


@pytest.mark.scenario(19)
def test_a_post_that_never_landed_goes_again_under_the_same_id(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        t.exchange.faults.arm(Fault(Kind.ANSWER_HANG, method="POST", seconds=0.5, landed=False))
        order = await t.working()
        assert t.venue.calls == ["POST", "GET", "GET", "GET", "GET", "POST"]
        assert names(t) == [f"tl-{order.id}-1"]

    play(scenario, tmp_path)


@pytest.mark.scenario(20)
def test_an_id_that_is_already_used_means_that_the_post_had_landed(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        t.venue.mute = True
        t.exchange.faults.arm(Fault(Kind.ANSWER_RESET, method="POST"))
        t.venue.answer("GET", 404, times=4)
        order = await t.engine.submit(instruction())
        order = await t.until_child(order, lambda child: child.broker_id is not None)
        assert ("POST", 422) in t.venue.statuses
        assert (order.state, order.children[0].posts) == (State.WORKING, 2)
        assert names(t) == [f"tl-{order.id}-1"]

    play(scenario, tmp_path)


@pytest.mark.scenario(21)
@pytest.mark.parametrize("landed", [True, False])
@pytest.mark.parametrize("kind", AMBIGUOUS)
def test_an_ambiguous_answer_to_the_post_never_means_failed(
    tmp_path: Path, kind: Kind, landed: bool
) -> None:
    async def scenario(t: Trading) -> None:
        t.exchange.faults.arm(Fault(kind, method="POST", landed=landed))
        order = await t.working()
        t.fill(order, 100)
        order = await t.until_final(order)
        assert outcome(order) == (State.FILLED, 100)
        assert names(t) == [f"tl-{order.id}-1"]

    play(scenario, tmp_path)


@pytest.mark.scenario(22)
@pytest.mark.parametrize(
    ("side", "qty", "words"),
    [(Side.SELL, "6000", "insufficient qty"), (Side.BUY, "9000", "insufficient buying power")],
)
def test_too_few_shares_or_dollars_reject_in_the_venues_words_without_a_retry(
    tmp_path: Path, side: Side, qty: str, words: str
) -> None:
    async def scenario(t: Trading) -> None:
        t.overrate()
        order = await t.engine.submit(instruction(side, qty))
        order = await t.stays_ended(order, 60)
        assert outcome(order) == (State.REJECTED, 0)
        assert words in order.reason
        assert t.venue.calls == ["POST"]

    play(scenario, tmp_path)


@pytest.mark.scenario(23)
@pytest.mark.parametrize(
    "words", ["invalid limit_price 15.241", "invalid qty", 'asset "UVXY" not found']
)
def test_a_bad_price_quantity_or_symbol_rejects_without_a_retry(tmp_path: Path, words: str) -> None:
    async def scenario(t: Trading) -> None:
        t.venue.answer("POST", 422, {"code": 42210000, "message": words})
        order = await t.stays_ended(await t.engine.submit(instruction()), 60)
        assert outcome(order) == (State.REJECTED, 0)
        assert words in order.reason
        assert t.venue.calls == ["POST"]

    play(scenario, tmp_path)


@pytest.mark.scenario(24)
@pytest.mark.parametrize("kind", [Kind.ANSWER_429, Kind.ANSWER_429_BARE])
def test_too_many_requests_waits_as_told_and_keeps_the_id(tmp_path: Path, kind: Kind) -> None:
    async def scenario(t: Trading) -> None:
        t.exchange.faults.arm(Fault(kind, method="POST"))
        order = await t.working()
        acked = order.children[0].acked_at
        assert acked is not None
        assert NS < acked - order.started_ns < 3 * NS
        assert t.venue.calls == ["POST", "POST"]
        assert names(t) == [f"tl-{order.id}-1"]

    play(scenario, tmp_path)


@pytest.mark.scenario(25)
def test_frames_before_the_posts_answer_are_matched_by_our_id(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        t.exchange.faults.arm(Fault(Kind.ANSWER_SLOW, method="POST", seconds=2))
        order = await t.working()
        assert t.venue.statuses == []
        t.fill(order, 40)
        order = await t.until_child(order, lambda child: child.filled == 40)
        assert t.venue.statuses == []
        order = await t.stays_open(order, 3)
        assert t.venue.statuses == [("POST", 200)]
        assert outcome(order) == (State.WORKING, 40)
        assert order.children[0].status == "partially_filled"

    play(scenario, tmp_path)


@pytest.mark.scenario(26)
def test_an_answer_older_than_the_fill_does_not_undo_it(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        t.exchange.faults.arm(Fault(Kind.ANSWER_SLOW, method="POST", seconds=2))
        order = await t.working()
        t.fill(order, 100)
        order = await t.stays_ended(order, 5)
        assert t.venue.statuses == [("POST", 200)]
        assert outcome(order) == (State.FILLED, 100)

    play(scenario, tmp_path)


@pytest.mark.scenario(27)
@pytest.mark.parametrize("cum", [0, 40])
def test_a_rejection_after_the_acceptance_is_no_timeout(tmp_path: Path, cum: int) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        if cum:
            t.fill(order, cum)
        step(t, order, "rejected")
        order = await t.stays_ended(order, 60)
        assert outcome(order) == (State.REJECTED, cum)
        assert len(t.exchange.orders) == 1

    play(scenario, tmp_path)


@pytest.mark.scenario(28)
@pytest.mark.parametrize("landed", [True, False])
def test_a_fallback_whose_post_timed_out_is_resolved_under_its_own_id(
    tmp_path: Path, landed: bool
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.canceling(await t.working())
        t.exchange.faults.arm(Fault(Kind.ANSWER_HANG, method="POST", seconds=1, landed=landed))
        order = await t.until_final(order)
        assert outcome(order) == (State.FILLED, 100)
        assert names(t) == [f"tl-{order.id}-1", f"tl-{order.id}-2"]

    play(scenario, tmp_path)


@pytest.mark.scenario(29)
@pytest.mark.parametrize("refusals", [2, 1000])
def test_a_fallback_refused_for_shares_still_reserved_is_tried_under_new_ids_and_not_for_ever(
    tmp_path: Path, refusals: int
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        t.fill(order, 40)
        order = await t.canceling(order)
        t.venue.answer("POST", 403, HELD, times=refusals)
        order = await t.stays_ended(order, 60)
        ids = [c.client_id for c in order.children]
        assert len(ids) == len(set(ids)) <= 8
        if refusals == 2:
            assert outcome(order) == (State.FILLED, 100)
            assert names(t) == [f"tl-{order.id}-1", f"tl-{order.id}-4"]
        else:
            assert outcome(order) == (State.CANCELED, 40)
            assert any("insufficient qty" in said for said in t.notices(Level.ALARM))

    play(scenario, tmp_path)


@pytest.mark.scenario(30)
def test_the_same_intent_twice_at_once_and_later_is_one_order(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        asked = instruction()
        one, two = await asyncio.gather(t.engine.submit(asked), t.engine.submit(asked))
        await t.until_child(one, lambda child: child.status == "new")
        three = await t.engine.submit(asked)
        assert one.id == two.id == three.id
        assert t.venue.calls == ["POST"]

    play(scenario, tmp_path)
