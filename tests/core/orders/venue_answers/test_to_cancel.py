"""A DELETE: sent, taken, refused, unanswered."""

from core.market.time import NS
from core.orders.commands import Cancel, Read
from core.orders.state import State
from tests.core.orders.reducer_harness import (
    START,
    L,
    ReducerHarness,
)


def test_a08_a_pending_cancel_is_polled_with_backoff_and_proves_nothing() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).cancelling()
    delays = []
    for _ in range(8):
        desk.wait(5).read(L, "pending_cancel", 40)
        delays.append(desk.next_read(L))
    assert delays == sorted(delays)
    assert delays[-1] == 10 * NS
    assert desk.state() is State.CANCELING
    assert desk.says(L, "canceled", 40).fallback.qty == 60


def test_a08_a_proof_after_the_grace_leaves_the_rest_to_the_person() -> None:
    desk = ReducerHarness().working().cancelling().wait(601).says(L, "canceled", 0)
    assert desk.state() is State.CANCELED
    assert "deadline" in desk.order.alarm
    assert desk.posts() == [L]


def test_a09_an_unanswered_delete_is_read_and_repeated_but_proves_nothing() -> None:
    desk = ReducerHarness().working().deadline().delete_leaves().delete_failed()
    assert desk.step == (Read(L),)
    desk.read(L, "new", 0)
    assert desk.cancels() == [L, L]
    desk.delete_leaves().delete_failed().read_failed()
    assert desk.cancels() == [L, L, L]
    assert desk.posts() == [L]


def test_a09_failing_deletes_do_not_breed_requests() -> None:
    desk = ReducerHarness().working().deadline()
    outstanding = list(desk.step)
    for _ in range(40):
        command = outstanding.pop(0)
        if isinstance(command, Cancel):
            desk.delete_leaves().delete_failed()
        else:
            desk.read(L, "new", 0)
        outstanding.extend(desk.step)
        assert 1 <= len(outstanding) <= 2


def test_a10_a_404_on_a_delete_is_uncertain_and_alarming_and_no_proof() -> None:
    desk = ReducerHarness().working().deadline().delete_leaves().delete_refused()
    assert desk.step == (Read(L),)
    desk.not_found()
    assert desk.state() is State.UNCERTAIN
    assert desk.order.alarm
    for _ in range(30):
        desk.wait(10).not_found()
    assert desk.state() is State.UNCERTAIN
    assert isinstance(desk.step[0], Read)
    assert desk.posts() == [L]


def test_a11_a_refused_delete_of_a_live_order_is_repeated() -> None:
    desk = ReducerHarness().working().deadline().delete_leaves().delete_refused()
    desk.read(L, "partially_filled", 40)
    assert desk.cancels() == [L, L]
    desk.delete_leaves().delete_taken().says(L, "canceled", 40).read(L, "canceled", 40)
    assert desk.fallback.qty == 60


def test_a11_the_second_delete_is_ours_even_if_its_answer_is_lost() -> None:
    desk = ReducerHarness().working().deadline().delete_leaves().delete_refused().read(L, "new", 0)
    desk.delete_leaves().delete_failed().read(L, "canceled", 0)
    assert desk.fallback.qty == 100


def test_the_first_delete_is_the_one_whose_time_is_kept() -> None:
    desk = ReducerHarness().working().deadline().delete_leaves()
    desk.delete_refused().read(L, "new", 0).wait(3).delete_leaves()
    assert desk.limit.cancel_sent_at == START + 10 * NS
    assert desk.limit.cancels == 2


def test_a_cancel_that_is_taken_is_read_when_two_seconds_brought_no_proof() -> None:
    assert ReducerHarness().working().cancelling().next_read(L) == 2 * NS


def test_a_delete_refused_after_the_proof_is_nothing_new() -> None:
    desk = ReducerHarness().working().deadline().delete_leaves().says(L, "canceled", 0)
    before = desk.order
    assert desk.delete_refused().order == before
    assert desk.step == ()


def test_what_the_venue_said_to_a_delete_is_kept() -> None:
    desk = ReducerHarness().working().deadline().delete_leaves().delete_refused()
    assert desk.limit.error == "not cancelable"
    assert desk.delete_failed().limit.error == "timeout"


def test_a_delete_is_repeated_at_once_when_none_left_and_later_and_later_after_that() -> None:
    desk = ReducerHarness().working().deadline().read(L, "new", 0)
    assert desk.step == (Cancel(L),)
    for delay in (NS // 2, NS, 2 * NS):
        assert desk.delete_leaves().delete_failed().read(L, "new", 0).step == (Cancel(L, delay),)
