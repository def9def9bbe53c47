"""The reducer where venue, keys or exchange are not what they were: what appears, is denied, goes.

Numbers in brackets are the scenario's. L is the limit child, M the fallback.
"""

from core.facts import CancelFailed, LoginLost, Source, VenueGone
from core.order_state import ChildKind, Liveness, State, next_id
from tests.core.desk import M2, Desk, L, M, shares


def given_up_and_appeared() -> Desk:
    """An order that ended as lost, and whose limit then showed up live."""
    desk = Desk().post_leaves().post_unanswered().wait(60)
    for _ in range(6):
        desk.not_found()
    assert desk.state() is State.ATTENTION
    desk.says(L, "new").delete_leaves()
    assert not desk.order.done
    return desk


def test_what_appeared_after_the_end_goes_with_the_exchange_that_held_it() -> None:
    desk = given_up_and_appeared()
    desk.feed(VenueGone(order_id="o1", at=desk.now))
    assert desk.order.done
    assert desk.state() is State.ATTENTION
    assert "has ended, and its orders with it" in desk.order.reason
    before = desk.order
    assert desk.feed(VenueGone(order_id="o1", at=desk.now + 1)).order is before


def test_what_appeared_after_the_end_is_cancelled_until_that_is_proven() -> None:
    desk = given_up_and_appeared()
    desk.feed(CancelFailed(order_id="o1", at=desk.now, client_id=L, reason="timeout"))
    desk.not_found().read(L, "new")
    assert desk.cancels() == [L, L]
    assert desk.delete_leaves().delete_taken().read(L, "canceled").order.done


def test_an_order_that_is_denied_for_ever_is_told_again_ever_more_seldom() -> None:
    desk, told = Desk().working(), []
    for _ in range(70):
        before = desk.order.alarm
        if desk.not_found().order.alarm != before:
            told.append(desk.limit.misses)
    assert told == [1, 4, 16, 64]
    assert "denied 64 times" in desk.order.alarm
    assert desk.state() is State.UNCERTAIN


def test_e52_when_the_keys_are_refused_what_is_live_is_unknown_and_read() -> None:
    desk = Desk().working().cancelling()
    desk.feed(LoginLost(order_id="o1", at=desk.now))
    assert (desk.limit.liveness, desk.state()) == (Liveness.UNKNOWN, State.UNCERTAIN)
    assert desk.next_read(L) > 0
    assert desk.read_failed().next_read(L) > 0
    desk.read(L, "partially_filled", 40)
    assert desk.cancels() == [L, L]
    assert desk.delete_leaves().delete_taken().read(L, "canceled", 40).replacement == (
        ChildKind.MARKET,
        60,
    )


def test_e52_a_post_on_its_way_and_an_ended_child_stay_what_they_are() -> None:
    sent = Desk().post_leaves()
    assert sent.feed(LoginLost(order_id="o1", at=sent.now)).limit.liveness is Liveness.SENT
    dead = Desk().working().cancelling().read(L, "canceled", 40)
    assert dead.feed(LoginLost(order_id="o1", at=dead.now)).limit.dead


def test_e37_a_read_that_finds_an_unknown_child_counts_it_and_stops_what_is_too_much() -> None:
    desk = Desk().working()
    assert desk.says(M, "new").order.child(M) is None
    desk.says(M, "new", source=Source.READ, qty=shares(60))
    assert "did not know" in desk.order.alarm
    assert desk.order.exposure == 160
    assert sorted(desk.cancels()) == [L, M]
    desk.delete_leaves().delete_leaves(M).read(L, "canceled", 40).read(M, "canceled", 30)
    assert desk.outcome == (State.ATTENTION, 70)
    assert len(desk.posts()) == 1


def test_e37_an_unknown_child_of_an_ended_order_is_cancelled_and_its_fills_are_told() -> None:
    desk = Desk().working().cancel().delete_leaves().read(L, "canceled")
    desk.says(M2, "partially_filled", 10, source=Source.READ)
    assert desk.cancels() == [L, M2]
    assert desk.state() is State.ATTENTION
    assert desk.delete_leaves(M2).read(M2, "canceled", 10).order.done


def test_e37_what_follows_an_unknown_child_has_an_id_of_its_own() -> None:
    desk = Desk().working().says(M2, "canceled", source=Source.READ)
    assert [c.client_id for c in desk.order.children] == [L, M2]
    assert next_id(desk.order) == "tl-o1-4"


def test_e37_a_word_about_somebody_elses_order_changes_nothing() -> None:
    desk = Desk().working()
    before = desk.order
    assert desk.says("tl-o2-1", "new", source=Source.READ).order is before
