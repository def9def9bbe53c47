"""Status reads that found nothing."""

from msgspec.structs import replace

from core.market.time import NS
from core.orders.commands import Post, Read
from core.orders.facts import Source
from core.orders.permissions import may_post
from core.orders.state import Liveness, State
from tests.core.orders.reducer_harness import (
    L,
    M,
    ReducerHarness,
    miss,
)


def test_b19_a_post_that_never_arrived_is_sent_again_under_the_same_id() -> None:
    desk = miss(ReducerHarness().post_leaves().post_unanswered(), L, 4)
    assert desk.posts() == [L, L]
    desk.post_leaves().says(L, "new", 0, source=Source.POST)
    assert desk.state() is State.WORKING


def test_b19_a_second_lost_post_is_still_watched() -> None:
    desk = (
        miss(ReducerHarness().post_leaves().post_unanswered(), L, 4).post_leaves().post_unanswered()
    )
    assert isinstance(desk.step[0], Read)


def test_b19_an_order_nobody_can_find_ends_with_an_alarm_and_without_a_fallback() -> None:
    desk = ReducerHarness().post_leaves().post_unanswered()
    for _ in range(40):
        if desk.order.final:
            break
        if desk.step and isinstance(desk.step[0], Post):
            desk.post_leaves().post_unanswered()
        desk.wait(0.2).not_found()
    assert desk.state() is State.ATTENTION
    assert set(desk.posts()) == {L}


def test_b19_an_order_given_up_that_appears_is_cancelled_and_watched_to_its_end() -> None:
    desk = ReducerHarness().post_leaves().post_unanswered().cancel()
    miss(desk, L, 6)
    assert desk.state() is State.ATTENTION, "never canceled with 0: nobody knows"
    assert desk.order.live_children == (desk.limit,)
    assert desk.order.reason.startswith("You cancelled it, but it went out unanswered")
    desk.says(L, "new", 0)
    assert desk.cancels() == [L]
    assert desk.state() is State.ATTENTION
    desk.delete_leaves().delete_failed().read(L, "new", 0)
    assert desk.cancels() == [L, L]
    desk.delete_leaves().delete_taken().fills(L, 40, 40).says(L, "canceled", 40)
    assert desk.limit.dead
    assert desk.order.filled == 40
    assert desk.posts() == [L]


def test_b19_an_order_given_up_that_turns_out_filled_is_counted_and_said() -> None:
    desk = miss(ReducerHarness().post_leaves().post_unanswered().cancel(), L, 6)
    desk.fills(L, 100, 100)
    assert desk.order.filled == 100
    assert desk.state() is State.ATTENTION


def test_b24_a_read_in_the_meantime_does_not_bury_an_order_that_waits_to_be_sent() -> None:
    desk = ReducerHarness().post_leaves().post_refused(L, "rate limit", retry_after=2.0).not_found()
    assert desk.wants(Post(L))
    assert not desk.order.final


def test_b28_an_unanswered_fallback_never_gets_a_second_id() -> None:
    desk = (
        ReducerHarness()
        .working()
        .cancelling()
        .says(L, "canceled", 0)
        .post_leaves(M)
        .post_unanswered(M)
    )
    miss(desk, M, 4)
    assert desk.posts() == [L, M, M]
    desk.post_leaves(M).says(M, "accepted", 0, source=Source.POST)
    assert len(desk.order.children) == 2


def test_d48_reads_that_fail_change_nothing_but_are_repeated() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40)
    for _ in range(60):
        desk.wait(10).read_failed()
        assert isinstance(desk.step[0], Read)
    assert desk.outcome == (State.WORKING, 40)


def test_a_later_run_reads_an_ended_order_only_where_a_child_is_not_proven_dead() -> None:
    desk = ReducerHarness().working().fills(L, 100, 100).resume()
    assert (desk.step, desk.state()) == ((), State.FILLED)
    shown = miss(ReducerHarness().post_leaves().post_unanswered().cancel(), L, 6).says(L, "new", 0)
    assert shown.resume().step[0] == Read(L)
    assert not shown.order.resumed


def test_a_denial_while_the_terminal_record_is_being_checked_does_not_end_the_checking() -> None:
    desk = (
        ReducerHarness().working().fills(L, 40, 40).cancelling().says(L, "canceled", 65).not_found()
    )
    assert desk.limit.liveness is Liveness.CHECKING
    assert "denies" in desk.order.alarm
    assert isinstance(desk.step[0], Read)


def test_an_order_is_looked_for_six_times_before_it_is_given_up() -> None:
    desk = miss(ReducerHarness().post_leaves().post_unanswered().cancel(), L, 5)
    assert desk.state() is State.UNCERTAIN
    assert desk.not_found().order.final


def test_b19_an_id_sent_again_stays_uncertain_until_something_is_heard() -> None:
    desk = miss(ReducerHarness().post_leaves().post_unanswered(), L, 4).post_leaves()
    assert desk.state() is State.UNCERTAIN
    assert desk.limit.misses == 0


def test_d48_reads_that_fail_come_later_and_later() -> None:
    desk = ReducerHarness().working()
    delays = [desk.read_failed().next_read(L) for _ in range(7)]
    assert delays == [n * NS // 4 for n in (2, 4, 8, 16, 32, 40, 40)]
    assert desk.deadline().read_failed().limit.reads == 8


def test_b19_reads_that_find_nothing_come_later_and_later_until_the_id_is_sent_again() -> None:
    desk = ReducerHarness().post_leaves().post_unanswered()
    assert [desk.not_found().next_read(L) for _ in range(3)] == [NS // 2, NS, 2 * NS]
    assert desk.not_found().step == (Post(L),)
    assert desk.limit.reads == 4


def test_reads_of_an_order_that_never_left_are_counted() -> None:
    assert ReducerHarness().not_found().limit.reads == 1
    desk = ReducerHarness().working().cancelling().says(L, "canceled", 0).resume().not_found(M)
    assert (desk.fallback.reads, desk.step) == (1, (Post(M),))


def test_a_read_that_finds_nothing_of_what_is_proven_dead_changes_only_the_count() -> None:
    desk = ReducerHarness().working().fills(L, 40, 40).cancelling().says(L, "canceled", 40)
    proven = desk.limit
    assert desk.not_found().step == ()
    assert desk.limit == replace(proven, reads=proven.reads + 1, misses=1)


def test_a10_a_denial_is_said_by_name_and_read_later_and_later() -> None:
    desk = ReducerHarness().working()
    assert [desk.not_found().next_read(L) for _ in range(3)] == [NS // 2, NS, 2 * NS]
    assert desk.order.alarm == f"The venue denies an order it had accepted ({L}); it is read again."


def test_b28_a_fallback_that_is_never_found_leaves_four_times_at_most() -> None:
    desk = ReducerHarness().working().cancelling().says(L, "canceled", 0)
    for _ in range(60):
        if desk.order.final:
            break
        if may_post(desk.order, M) and Post(M) in desk.step:
            desk.post_leaves(M).post_unanswered(M)
        desk.not_found(M)
    assert desk.state() is State.ATTENTION
    assert desk.fallback.posts == 4


def test_b19_no_limit_is_sent_again_after_its_deadline_but_a_paused_one_is() -> None:
    late = ReducerHarness().post_leaves().post_unanswered().wait(10)
    for _ in range(5):
        late.not_found()
    assert late.posts() == [L]
    held = ReducerHarness().post_leaves().post_unanswered().move(None).wait(500)
    assert miss(held, L, 4).posts() == [L, L]
