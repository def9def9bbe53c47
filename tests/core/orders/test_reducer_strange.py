"""The reducer where venue, keys or exchange are not what they were: what appears, is denied, goes.

Numbers in brackets are the scenario's. L is the limit child, M the fallback.
"""

from core.market.time import NS
from core.orders.commands import Cancel
from core.orders.facts import CancelFailed, LoginLost, Source, VenueGone
from core.orders.ids import next_id
from core.orders.plan import Fallback
from core.orders.state import ChildKind, Liveness, State
from tests.core.orders.reducer_harness import M2, START, L, M, ReducerHarness, shares


def given_up_and_appeared() -> ReducerHarness:
    """An order that ended as lost, and whose limit then showed up live."""
    desk = ReducerHarness().post_leaves().post_unanswered().wait(60)
    for _ in range(6):
        desk.not_found()
    assert desk.state() is State.ATTENTION
    desk.says(L, "new").delete_leaves()
    assert not desk.order.done
    return desk


def test_what_appeared_after_the_end_goes_with_the_exchange_that_held_it() -> None:
    desk = given_up_and_appeared()
    desk.apply(VenueGone(order_id="o1", at=desk.now))
    assert desk.order.done
    assert desk.state() is State.ATTENTION
    assert "has ended, and its orders with it" in desk.order.reason
    before = desk.order
    assert desk.apply(VenueGone(order_id="o1", at=desk.now + 1)).order is before


def test_what_appeared_after_the_end_is_cancelled_until_that_is_proven() -> None:
    desk = given_up_and_appeared()
    desk.apply(CancelFailed(order_id="o1", at=desk.now, client_id=L, reason="timeout"))
    desk.not_found().read(L, "new")
    assert desk.cancels() == [L, L]
    assert desk.delete_leaves().delete_taken().read(L, "canceled").order.done


def test_an_exchange_that_ended_says_nothing_of_an_order_that_has_nothing_there() -> None:
    desk = ReducerHarness(fallback=Fallback.COLLAR).working().cancelling().says(L, "canceled")
    desk.apply(VenueGone(order_id="o1", at=desk.now))
    assert (desk.order.final, desk.order.reason) == (False, "")


def test_an_order_that_is_denied_for_ever_is_told_again_ever_more_seldom() -> None:
    desk, told = ReducerHarness().working(), []
    for _ in range(70):
        before = desk.order.alarm
        if desk.not_found().order.alarm != before:
            told.append(desk.limit.misses)
    assert told == [1, 4, 16, 64]
    assert desk.order.alarm == (
        f"The venue has denied 64 times an order it had accepted ({L}). It may have forgotten its "
        "orders, or be another one than before. What became of this order is not proven, so "
        "nothing more is sent for it; it is read on. Check it at the broker."
    )
    assert desk.state() is State.UNCERTAIN


def test_e52_when_the_keys_are_refused_what_is_live_is_unknown_and_read() -> None:
    desk = ReducerHarness().working().cancelling()
    desk.apply(LoginLost(order_id="o1", at=desk.now))
    assert (desk.limit.liveness, desk.state()) == (Liveness.UNKNOWN, State.UNCERTAIN)
    assert desk.next_read(L) > 0
    assert desk.read_failed().next_read(L) > 0
    desk.read(L, "partially_filled", 40)
    assert desk.cancels() == [L, L]
    assert desk.delete_leaves().delete_taken().read(L, "canceled", 40).replacement == (
        ChildKind.MARKET,
        60,
    )


def test_e52_what_works_is_unknown_from_the_moment_the_keys_are_refused() -> None:
    desk = ReducerHarness().working().wait(3)
    desk.apply(LoginLost(order_id="o1", at=desk.now))
    assert (desk.limit.liveness, desk.state()) == (Liveness.UNKNOWN, State.UNCERTAIN)
    assert desk.limit.as_of == START + 3 * NS
    assert desk.next_read(L) == NS // 4
    assert desk.read(L, "new").state() is State.WORKING


def test_e52_a_post_on_its_way_and_an_ended_child_stay_what_they_are() -> None:
    sent = ReducerHarness().post_leaves()
    assert sent.apply(LoginLost(order_id="o1", at=sent.now)).limit.liveness is Liveness.SENT
    dead = ReducerHarness().working().cancelling().read(L, "canceled", 40)
    assert dead.apply(LoginLost(order_id="o1", at=dead.now)).limit.dead


def test_e37_a_read_that_finds_an_unknown_child_counts_it_and_stops_what_is_too_much() -> None:
    desk = ReducerHarness().working()
    assert desk.says(M, "new").order.child(M) is None
    desk.says(M, "new", source=Source.READ, qty=shares(60))
    assert "did not know" in desk.order.alarm
    assert desk.order.exposure == 160
    assert sorted(desk.cancels()) == [L, M]
    desk.delete_leaves().delete_leaves(M).read(L, "canceled", 40).read(M, "canceled", 30)
    assert desk.outcome == (State.ATTENTION, 70)
    assert len(desk.posts()) == 1


def test_e37_an_unknown_child_is_told_by_name() -> None:
    desk = ReducerHarness().working().says(M, "new", source=Source.READ)
    assert desk.order.alarm == (
        f"The venue holds {M}, an order of this one that the journal did not know. "
        "It counts from now on."
    )


def test_e37_an_unknown_child_with_a_price_is_a_limit_and_one_without_is_at_market() -> None:
    def found(limit_price: str | None) -> ChildKind:
        price = None if limit_price is None else shares(limit_price)
        desk = ReducerHarness().working().says(M, "new", source=Source.READ, limit_price=price)
        return desk.fallback.kind

    assert found("15.26") is ChildKind.LIMIT
    assert found(None) is ChildKind.MARKET


def test_e37_an_unknown_fallback_is_left_to_fill_while_the_limits_end_is_read() -> None:
    desk = ReducerHarness().working().cancelling().says(L, "canceled", 40)
    assert desk.limit.liveness is Liveness.CHECKING
    desk.says(M, "new", source=Source.READ, qty=shares(60))
    assert Cancel(M) not in desk.step
    assert desk.fallback.liveness is Liveness.WORKING
    desk.read(L, "canceled", 40).fills(M, 60, 60)
    assert desk.outcome == (State.FILLED, 100)


def test_e37_only_a_record_makes_an_unknown_child_known() -> None:
    desk = ReducerHarness().working()
    before = desk.order
    for told in (desk.not_found, desk.read_failed, desk.delete_failed, desk.post_unanswered):
        assert told(M).order is before
        assert desk.step == ()


def test_e37_an_unknown_child_of_an_ended_order_is_cancelled_and_its_fills_are_told() -> None:
    desk = ReducerHarness().working().cancel().delete_leaves().read(L, "canceled")
    desk.says(M2, "partially_filled", 10, source=Source.READ)
    assert desk.cancels() == [L, M2]
    assert desk.state() is State.ATTENTION
    assert desk.delete_leaves(M2).read(M2, "canceled", 10).order.done


def test_e37_what_follows_an_unknown_child_has_an_id_of_its_own() -> None:
    desk = ReducerHarness().working().says(M2, "canceled", source=Source.READ)
    assert [c.client_id for c in desk.order.children] == [L, M2]
    assert next_id(desk.order) == "tl-o1-4"


def test_e37_a_word_about_somebody_elses_order_changes_nothing() -> None:
    desk = ReducerHarness().working()
    before = desk.order
    assert desk.says("tl-o2-1", "new", source=Source.READ).order is before


def test_a_word_about_one_order_under_anothers_id_is_a_contradiction_and_moves_neither() -> None:
    desk = ReducerHarness().working().cancelling().says(L, "canceled").fallback_live()
    before = desk.order.children
    desk.says(L, "canceled", broker_id=f"b-{M}")
    assert desk.order.alarm == f"The venue reports two orders under one id ({L})."
    assert desk.order.children == before
