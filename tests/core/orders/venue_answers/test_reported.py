"""The venue's word about an order: what it changes and which read it calls for."""

import pytest

from core.market.prices import Side
from core.market.time import NS
from core.orders.commands import Post, Read
from core.orders.facts import Source
from core.orders.state import ChildKind, State
from tests.core.orders.reducer_harness import (
    L,
    M,
    ReducerHarness,
)


def test_a_limit_that_fills_costs_one_post_and_nothing_else() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).fills(L, 60, 100)
    assert desk.state() is State.FILLED
    assert desk.order.filled == 100
    assert desk.asked == [Post(L)]


@pytest.mark.parametrize("side", [Side.SELL, Side.BUY])
def test_a_fallback_costs_post_delete_post_and_no_read_before_its_own_proof(side: Side) -> None:
    desk = ReducerHarness(side=side).working().cancelling().says(L, "canceled", 0)
    assert desk.posts() == [L, M]
    assert desk.cancels() == [L]
    assert desk.fallback.qty == 100
    assert not desk.wants(Read(L, 0)), "the read that waited for a missing proof is dropped"
    desk.fallback_live().fills(M, 100, 100)
    assert desk.state() is State.FILLED


def test_b25_frames_before_the_posts_answer_are_matched_by_our_id() -> None:
    desk = ReducerHarness().post_leaves().says(L, "new").fills(L, 40, 40)
    desk.says(L, "new", 0, source=Source.POST)
    assert desk.order.filled == 40
    assert desk.limit.broker_id == f"b-{L}"


def test_b26_an_older_answer_does_not_undo_a_fill() -> None:
    desk = ReducerHarness().post_leaves().fills(L, 100, 100).says(L, "new", 0, source=Source.POST)
    assert desk.outcome == (State.FILLED, 100)


@pytest.mark.parametrize("cum", [0, 40])
def test_b27_a_rejection_is_not_a_timeout(cum: int) -> None:
    desk = ReducerHarness().working()
    if cum:
        desk.fills(L, cum, cum)
    desk.says(L, "rejected", cum, reason="not today")
    assert desk.outcome == (State.REJECTED, cum)
    assert desk.posts() == [L]


def test_d53_an_older_snapshot_is_ignored() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).read(L, "new", 0)
    assert desk.order.filled == 40
    assert desk.limit.status == "partially_filled"


def test_a_cancel_that_the_stream_says_was_rejected_is_read_before_it_is_repeated() -> None:
    desk = ReducerHarness().working().cancelling().says(L, "new", 0, event="order_cancel_rejected")
    assert desk.step == (Read(L),)
    assert desk.read(L, "new", 0).cancels() == [L, L]


def test_a_read_that_knows_more_than_the_proof_did_corrects_the_fallback_at_once() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).cancelling().says(L, "canceled", 40)
    desk.read(L, "canceled", 65)
    assert desk.limit.dead
    assert not desk.wants(Post(M))
    assert desk.replacement == (ChildKind.MARKET, 35)


def test_a_fallback_that_is_taken_is_read_when_five_seconds_brought_no_fill() -> None:
    desk = ReducerHarness().working().cancelling().says(L, "canceled", 0).post_leaves(M)
    assert desk.says(M, "new", 0, source=Source.POST).next_read(M) == 5 * NS


def test_a_proof_that_its_fills_do_not_explain_yet_is_read_after_a_seventh_of_a_second() -> None:
    desk = ReducerHarness().working().cancelling().says(L, "canceled", 40)
    assert desk.next_read(L) == 150_000_000


def test_a_fallback_that_fills_at_once_is_not_read() -> None:
    desk = ReducerHarness().working().cancelling().says(L, "canceled", 0).post_leaves(M)
    assert desk.fills(M, 100, 100).step == ()
    assert desk.state() is State.FILLED


def test_a_fallback_that_does_not_fill_is_read_again_and_again_but_not_for_each_frame() -> None:
    desk = ReducerHarness().working().cancelling().says(L, "canceled", 0).fallback_live()
    assert desk.step == ()
    assert [desk.read(M, "new", 0).next_read(M) for _ in range(3)] == [4 * NS, 8 * NS, 10 * NS]
    assert desk.says(M, "accepted", 0).step == ()


def test_a_limit_that_is_live_is_not_read_for_what_it_says() -> None:
    assert ReducerHarness().working().step == ()
    assert ReducerHarness().working().read(L, "new", 0).step == ()


def test_a_contradiction_in_a_frame_is_read_and_one_in_a_read_is_only_told() -> None:
    desk = ReducerHarness().working().says(L, "new", 0, source=Source.READ, broker_id="b-other")
    assert "two orders" in desk.order.alarm
    assert desk.step == ()
    assert desk.says(L, "new", 0, broker_id="b-other").step == (Read(L),)


def test_while_a_terminal_record_is_checked_one_read_follows_the_other() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).cancelling().says(L, "canceled", 20)
    assert desk.next_read(L) == 0, "it contradicts what was known"
    assert desk.says(L, "new", 0).step == ()
    assert [desk.read(L, "canceled", 20).next_read(L) for _ in range(2)] == [NS // 2, NS]
