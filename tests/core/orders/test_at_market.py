"""An order that begins at market: the same machine, with nothing to work."""

from decimal import Decimal

from core.engine.requests.flatten import AT_MARKET
from core.orders.commands import Cancel, Post
from core.orders.permissions import may_post, timer_ns
from core.orders.state import State
from core.wording.answers import answer
from core.wording.next_step import OrderAction
from tests.core.orders.reducer_harness import L, M, ReducerHarness


def desk() -> ReducerHarness:
    """A market order for 100 that has been accepted."""
    return ReducerHarness(plan=AT_MARKET)


def test_it_is_posted_at_once_without_a_limit_and_without_a_deadline() -> None:
    d = desk()
    assert d.step == (Post(L),)
    assert d.limit.limit_price is None
    assert d.state() is State.SENDING
    assert timer_ns(d.order) is None
    assert d.post_leaves().says(L, "new").state() is State.WORKING
    assert d.fills(L, 100, 100).state() is State.FILLED
    assert not d.order.fell_back


def test_a_refusal_ends_it_and_shares_still_reserved_are_waited_for() -> None:
    assert desk().post_leaves().post_refused(L, "no").state() is State.REJECTED
    d = desk().post_leaves().post_refused(L, "available 0", shares_reserved=True)
    assert not d.order.final
    assert d.posts() == [L, M]


def test_what_is_barred_for_good_was_never_sent() -> None:
    d = desk().post_barred(L, "The market is closed.")
    assert d.state() is State.REJECTED
    assert d.order.reason == "It was never sent. The market is closed."


def test_a_cancel_wins_and_one_by_the_venue_says_so() -> None:
    d = desk().post_leaves().says(L, "new").cancel()
    assert d.step == (Cancel(L),)
    assert d.delete_leaves().says(L, "canceled").state() is State.CANCELED
    d = desk().post_leaves().says(L, "new").says(L, "canceled")
    assert d.order.reason == "The venue cancelled the market order."
    d = ReducerHarness().working().deadline().delete_leaves().says(L, "canceled").fallback_live()
    assert d.says(M, "canceled").order.reason == "The venue cancelled the fallback order."


def test_unanswered_it_is_read_and_sent_again_under_its_id_only_in_its_grace() -> None:
    d = desk().post_leaves().post_unanswered()
    for _ in range(4):
        d.not_found()
    assert d.posts() == [L, L]
    late = desk().post_leaves().post_unanswered().wait(61)
    for _ in range(6):
        late.not_found()
    assert late.posts() == [L]
    assert late.order.final


def test_a_later_run_sends_what_never_left_only_in_its_grace() -> None:
    assert desk().resume().not_found().posts() == [L, L]
    assert desk().wait(61).resume().not_found().posts() == [L]


def test_e64_after_a_run_that_could_not_record_its_end_it_is_not_sent_again() -> None:
    d = desk().resume(unrecorded=True)
    assert d.state() is State.CANCELED
    assert d.posts() == [L]
    assert not may_post(d.order, L)


def test_no_override_but_cancel_changes_it() -> None:
    d = desk().post_leaves().says(L, "new")
    before = d.order
    for changed in (d.set_price("15.26"), d.move(None), d.market_now()):
        assert changed.order == before
    assert may_post(desk().order, L)
    words = answer(OrderAction.CANCEL, d.cancel().order, d.now)
    assert words.startswith("Cancel asked for SELL 100 UVXY: 0 filled, 100 not yet proven dead")
    assert Decimal(100) == d.order.rest
