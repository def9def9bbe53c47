"""What the venue's words do to a child: fills, busts, replacements, strange words."""

from decimal import Decimal

import pytest

from core.orders.commands import Post, Read
from core.orders.facts import Execution, Source
from core.orders.state import Liveness, State
from tests.core.orders.reducer_harness import (
    PRICE,
    START,
    L,
    M,
    ReducerHarness,
)


def test_c31_c32_a_repeated_execution_counts_once() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40, "e1").fills(L, 40, 40, "e1").says(L, "new")
    assert desk.order.filled == 40
    assert desk.limit.explained == 40
    desk.fills(L, 60, 100, "e2").fills(L, 40, 40, "e1").fills(L, 60, 100, "e2")
    assert desk.state() is State.FILLED
    assert desk.limit.explained == 100


def test_c33_one_execution_id_with_two_quantities_is_read_and_not_guessed() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40, "e1").fills(L, 60, 60, "e1")
    assert desk.order.alarm
    assert desk.step == (Read(L),)
    desk.read(L, "partially_filled", 60)
    assert desk.order.filled == 60


def test_c33_the_same_at_the_end_of_the_order() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40, "e1").fills(L, 60, 100, "e1")
    assert not desk.order.final
    assert isinstance(desk.step[0], Read)
    assert desk.read(L, "filled", 100).order.state is State.FILLED
    assert desk.order.alarm


def test_c34_fills_out_of_order_fill_once_with_the_price_of_both() -> None:
    desk = ReducerHarness().working()
    late = Execution("e1", Decimal(40), Decimal("15.25"), START)
    desk.fills(L, 60, 100, "e2")
    assert not desk.order.final
    desk.says(L, "partially_filled", 40, event="partial_fill", execution=late)
    assert desk.outcome == (State.FILLED, 100)
    assert desk.posts() == [L]


def test_c35_c36_a_stale_word_undoes_neither_a_fill_nor_a_cancel_in_flight() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).says(L, "new", 0)
    assert desk.order.filled == 40
    assert desk.limit.status == "partially_filled"
    desk.cancelling().says(L, "accepted", 0).says(L, "new", 0)
    assert desk.limit.liveness is Liveness.CANCEL_SENT
    assert desk.cancels() == [L]


@pytest.mark.parametrize("number", [0, -5, 70])
def test_c39_an_impossible_execution_is_not_applied_but_read(number: int) -> None:
    desk = ReducerHarness().working().fills(L, 40, 40)
    wrong = Execution("odd", Decimal(number), PRICE, START)
    desk.says(L, "partially_filled", 40, event="partial_fill", execution=wrong)
    assert desk.order.filled == 40
    assert desk.limit.explained == 40
    assert desk.step == (Read(L),)
    assert desk.order.alarm


def test_c40_more_than_was_asked_is_recorded_and_ends_with_an_alarm() -> None:
    desk = ReducerHarness().working().says(L, "filled", 105, event="fill").read(L, "filled", 105)
    assert desk.outcome == (State.ATTENTION, 105)
    assert desk.posts() == [L]


def test_c41_a_bust_is_recorded_read_and_left_to_a_person() -> None:
    desk = ReducerHarness().working().fills(L, 60, 60).fills(L, 40, 100)
    desk.says(L, "filled", 60, event="trade_bust")
    assert desk.outcome == (State.ATTENTION, 60)
    assert desk.reads()[-1] == L
    desk.read(L, "filled", 60)
    assert desk.limit.dead
    assert desk.posts() == [L]


def test_c41_after_a_bust_an_unanswered_fallback_is_not_sent_again() -> None:
    desk = ReducerHarness().working().fills(L, 60, 60).cancelling().says(L, "canceled", 60)
    desk.post_leaves(M).post_unanswered(M).says(L, "canceled", 20, event="trade_bust")
    desk.read(L, "canceled", 20)
    for _ in range(8):
        desk.not_found(M)
    assert desk.posts() == [L, M]
    assert desk.outcome == (State.ATTENTION, 20)


def test_c41_after_a_bust_a_fallback_that_waits_is_dropped() -> None:
    desk = ReducerHarness().working().fills(L, 60, 60).cancelling().says(L, "canceled", 60)
    desk.post_barred(M, "UVXY is halted.", 1.0).says(L, "canceled", 20, event="trade_bust")
    desk.read(L, "canceled", 20)
    assert not desk.wants(Post(M))
    assert desk.outcome == (State.ATTENTION, 20)


def test_c41_a_bust_of_a_live_order_forbids_its_fallback() -> None:
    desk = (
        ReducerHarness()
        .working()
        .fills(L, 60, 60)
        .says(L, "partially_filled", 0, event="trade_bust")
    )
    assert desk.order.filled == 0
    desk.cancelling().says(L, "canceled", 0).read(L, "canceled", 0)
    assert desk.state() is State.ATTENTION
    assert desk.posts() == [L]


def test_c41_a_bust_repeated_late_is_put_right_by_two_reads_that_agree() -> None:
    desk = (
        ReducerHarness()
        .working()
        .fills(L, 60, 60)
        .says(L, "partially_filled", 0, event="trade_bust")
    )
    desk.fills(L, 100, 100, "e9").read(L, "filled", 100)
    desk.says(L, "partially_filled", 0, event="trade_bust")
    desk.read(L, "filled", 100)
    assert not desk.limit.dead  # the read may be older than the bust
    desk.read(L, "filled", 100)
    assert desk.order.filled == 100
    assert desk.limit.dead


def test_c41_a_filled_order_read_with_less_than_its_quantity_has_lost_a_fill() -> None:
    desk = ReducerHarness().working().deadline().delete_leaves().delete_refused().read(L, "new", 0)
    desk.delete_leaves().delete_failed().read(L, "filled", 50)
    assert desk.outcome == (State.ATTENTION, 50)
    assert desk.posts() == [L]


def test_c41_after_a_bust_frames_out_of_order_do_not_prove_the_end() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40)
    desk.says(L, "partially_filled", 20, event="trade_bust").fills(L, 60, 100)
    assert not desk.limit.dead
    assert desk.reads()[-1] == L
    desk.read(L, "filled", 100)
    assert desk.state() is State.ATTENTION


def test_c41_a_read_older_than_the_bust_does_not_bring_the_fill_back() -> None:
    desk = ReducerHarness().working().fills(L, 60, 60).cancelling().says(L, "canceled", 60)
    desk.says(L, "canceled", 20, event="trade_bust").read(L, "canceled", 20)
    desk.read(L, "canceled", 60)
    assert desk.next_read(L) == 0
    for _ in range(4):
        desk.read(L, "canceled", 20)
    assert desk.outcome == (State.ATTENTION, 20)
    assert desk.limit.dead


def test_c41_nor_does_a_read_that_was_under_way_when_the_bust_came() -> None:
    desk = ReducerHarness().working().fills(L, 60, 60).cancelling().says(L, "canceled", 60)
    desk.says(L, "canceled", 20, event="trade_correct").read(L, "canceled", 60)
    assert not desk.limit.dead
    for _ in range(4):
        desk.read(L, "canceled", 20)
    assert desk.outcome == (State.ATTENTION, 20)


def test_c41_a_bust_that_nobody_told_is_believed_after_repeated_reads() -> None:
    desk = ReducerHarness().working().fills(L, 60, 60).cancelling().says(L, "canceled", 20)
    for _ in range(3):
        desk.wait(1).read(L, "canceled", 20)
        assert not desk.limit.dead
    desk.wait(1).read(L, "canceled", 20)
    assert desk.outcome == (State.ATTENTION, 20)
    assert desk.posts() == [L]


def test_c42_a_lost_frame_is_found_at_the_deadline_before_the_rest_is_computed() -> None:
    desk = ReducerHarness().working().cancelling().says(L, "canceled", 40)
    assert desk.posts() == [L]
    assert desk.read(L, "canceled", 40).fallback.qty == 60


def test_c43_the_cumulative_number_counts_and_executions_only_explain_it() -> None:
    desk = ReducerHarness().working().read(L, "partially_filled", 40).fills(L, 40, 40, "e1")
    assert desk.order.filled == 40
    assert desk.limit.explained == 40


def test_f69_a_cancel_at_the_brokers_page_is_not_followed_by_a_fallback() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).says(L, "canceled", 40)
    assert desk.outcome == (State.CANCELED, 40)
    assert "not by Touchline" in desk.order.reason
    assert desk.posts() == [L]


def test_f69_nor_when_our_delete_came_too_late() -> None:
    desk = ReducerHarness().working().deadline().delete_leaves().delete_refused().read(L, "new", 0)
    desk.delete_leaves().delete_refused().read(L, "canceled", 0)
    assert desk.state() is State.CANCELED
    assert "not by Touchline" in desk.order.reason


def test_f70_a_replacement_is_followed_and_filled_is_the_sum_of_the_chain() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).says(L, "replaced", 40, replaced_by="b2")
    assert desk.reads() == ["b2"]
    desk.says("b2", "new", 0, source=Source.READ, qty=Decimal(60), broker_id="b2")
    assert desk.state() is State.WORKING
    one = Execution("x1", Decimal(60), PRICE, START)
    desk.says("b2", "filled", 60, event="fill", execution=one, broker_id="b2")
    assert desk.outcome == (State.FILLED, 100)


def test_f70_a_smaller_replacement_that_filled_ends_the_order_with_less() -> None:
    desk = ReducerHarness().working().says(L, "replaced", 0, replaced_by="b2")
    desk.says("b2", "new", 0, source=Source.READ, qty=Decimal(30), broker_id="b2")
    desk.deadline().delete_leaves("b2").delete_refused("b2")
    desk.says("b2", "filled", 30, source=Source.READ, broker_id="b2")
    assert desk.outcome == (State.CANCELED, 30)
    assert "replaced it" in desk.order.reason
    assert desk.posts() == [L]


def test_f70_a_replacement_is_cancelled_at_the_deadline() -> None:
    desk = ReducerHarness().working().says(L, "replaced", 0, replaced_by="b2")
    desk.says("b2", "new", 0, source=Source.READ, qty=Decimal(100), broker_id="b2")
    desk.deadline().delete_leaves("b2").says("b2", "canceled", 0, broker_id="b2")
    assert desk.fallback.qty == 100
    assert desk.fallback.client_id.startswith("tl-o1-")


def test_f70_a_replacement_survives_a_fill_frame_that_was_lost() -> None:
    desk = ReducerHarness().working().says(L, "replaced", 40, replaced_by="b2")
    desk.says("b2", "new", 0, source=Source.READ, qty=Decimal(60), broker_id="b2")
    assert desk.cancels() == []
    desk.read(L, "replaced", 40)
    assert desk.state() is State.WORKING
    assert desk.cancels() == []


def test_f70_a_replacement_without_its_successors_name_is_read() -> None:
    desk = ReducerHarness().working().says(L, "replaced", 0)
    assert not desk.order.final
    assert desk.reads() == [L]
    desk.says(L, "replaced", 0, source=Source.READ, replaced_by="b2")
    assert desk.reads() == [L, "b2"]


def test_f70_a_replacement_not_yet_carried_out_is_not_counted_twice() -> None:
    desk = ReducerHarness().working().says(L, "pending_replace", 0, replaced_by="b2")
    assert desk.cancels() == []
    assert desk.order.exposure == 100


def test_f73_a_replacement_refused_because_filled_leaves_the_fill() -> None:
    desk = ReducerHarness().working().says(L, "pending_replace", 0).fills(L, 100, 100)
    assert desk.state() is State.FILLED


@pytest.mark.parametrize("ends", ["expired", "done_for_day"])
def test_f74_an_order_that_ends_with_the_day_has_no_fallback(ends: str) -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).says(L, ends, 40)
    assert desk.posts() == [L]
    assert desk.order.final is (ends == "expired")


@pytest.mark.parametrize("word", ["suspended", "stopped", "held", "calculated", "never heard of"])
def test_f75_an_unknown_word_ends_nothing(word: str) -> None:
    desk = ReducerHarness().working().says(L, word, 0)
    assert desk.state() is State.WORKING
    assert desk.deadline().cancels() == [L]


def test_f77_a_fallback_the_venue_refuses_ends_with_what_filled_and_an_alarm() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).cancelling().says(L, "canceled", 40)
    desk.post_leaves(M).post_refused(M, "position too small")
    assert desk.outcome == (State.CANCELED, 40)
    assert "position too small" in desk.order.alarm


def test_f70_a_replacement_whose_successor_nobody_names_is_left_to_the_person() -> None:
    desk = ReducerHarness().working().says(L, "replaced", 0).read(L, "replaced", 0)
    assert desk.outcome == (State.ATTENTION, 0)
    assert desk.posts() == [L]


def test_c41_a_bust_of_a_live_order_is_read_at_once() -> None:
    desk = (
        ReducerHarness()
        .working()
        .fills(L, 60, 60)
        .says(L, "partially_filled", 0, event="trade_bust")
    )
    assert desk.step == (Read(L),)
