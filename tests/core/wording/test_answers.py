"""What a person is told who asked something of an order: never more than is proven."""

from decimal import Decimal

from core.market.time import NS
from core.orders.plan import Plan, stepped
from core.orders.plan_input import parse_steps
from core.orders.state import ParentOrder
from core.wording.answers import answer, cancelled
from core.wording.next_step import OrderAction
from tests.core.orders.reducer_harness import L, M
from tests.core.orders.reducer_harness import ReducerHarness as Orders

D = Decimal
CANCEL, NOW, PAUSE, MORE, PRICE = (
    OrderAction.CANCEL,
    OrderAction.MARKET_NOW,
    OrderAction.PAUSE,
    OrderAction.MORE_TIME,
    OrderAction.REPRICE,
)


def told(action: OrderAction, desk: Orders) -> str:
    return answer(action, desk.order, desk.now)


def partly() -> Orders:
    """SELL 100 UVXY at 15.24, 40 filled."""
    return Orders().working().fills(L, 40, 40)


def test_a_cancel_says_what_is_filled_and_what_is_not_proven() -> None:
    assert told(CANCEL, partly().cancel()) == (
        "Cancel asked for SELL 100 UVXY: 40 filled, 60 not yet proven dead; "
        "nothing will be sent for them."
    )


def test_what_has_ended_is_told_as_ended() -> None:
    ended = partly().cancel().delete_leaves().says(L, "canceled", 40)
    for action in set(OrderAction) - {OrderAction.ENDED}:
        assert told(action, ended) == (
            "SELL 100 UVXY has ended: cancelled, 40 filled. Nothing of it can fill any more."
        )


def test_what_ended_unproven_is_not_told_as_ended() -> None:
    lost = Orders().post_leaves().post_unanswered().cancel()
    for _ in range(6):
        lost.wait(1).not_found()
    assert told(OrderAction.CANCEL, lost) == (
        "SELL 100 UVXY is NOT PROVEN dead: 0 filled, 100 not yet proven dead. It is read again "
        "now, and cancelled if it appears; look for it at the broker."
    )
    assert told(OrderAction.ENDED, lost.end_seen(L, 0)) == (
        "Noted that SELL 100 UVXY has ended: 0 of 100 filled. Should the venue tell otherwise, it "
        "counts."
    )


def test_market_now_says_what_goes_where_and_when() -> None:
    assert told(NOW, partly().market_now()) == (
        "Market now asked for SELL 100 UVXY: 40 filled, 60 not yet proven dead; "
        "what is proven unfilled then goes to market."
    )
    capped = Orders(plan=Plan(D("0.85"), D(10), limit=D("15.1"))).working().market_now()
    assert told(NOW, capped).endswith("goes at 15.10 or better.")
    late = partly().deadline().delete_leaves().says(L, "canceled", 40).fallback_live()
    assert told(NOW, late) == (
        "SELL 100 UVXY: 40 filled, 60 not yet proven dead; the rest is on its way to market."
    )
    assert told(NOW, partly().cancel()).startswith("Market now changes nothing for SELL 100 UVXY")


def test_pause_and_more_time_say_how_it_goes_on() -> None:
    assert told(PAUSE, partly().move(None)) == (
        "SELL 100 UVXY is paused at 15.24: 40 of 100 filled; "
        "it works without a countdown until you say otherwise."
    )
    desk = partly()
    assert desk.order.deadline_ns is not None
    desk.move(desk.order.deadline_ns + 10 * NS)
    sentence = told(MORE, desk)
    assert sentence.startswith("SELL 100 UVXY works on at 15.24: 40 of 100 filled; cancel 20.0 s")
    assert sentence.endswith(", then 60 to market.")
    for action in (PAUSE, MORE):
        assert "changes nothing" in told(action, partly().cancel())
    assert "changes nothing" in told(MORE, partly().move(None))


def test_a_price_is_asked_for_until_it_is_proven() -> None:
    desk = partly().set_price("15.26").price_step("15.26").delete_leaves()
    assert told(PRICE, desk) == (
        "15.26 asked for SELL 100 UVXY, not yet proven: 40 of 100 filled; until then 15.24 may "
        "still fill. The deadline stays, then 60 to market."
    )
    assert told(PAUSE, desk.move(None)).startswith("SELL 100 UVXY is paused: 40 of 100 filled")
    desk.says(L, "canceled", 40)
    assert "nothing is live. It is paused." in told(PRICE, desk)
    desk.price_step("15.26").post_leaves(M).says(M, "new")
    assert told(PRICE, desk) == "SELL 100 UVXY works at 15.26: 40 of 100 filled."


def test_a_price_says_that_the_plans_steps_are_given_up() -> None:
    plan = stepped(parse_steps(["0.5:3", "0.75:4"]))
    desk = Orders(plan=plan).working().set_price("15.26")
    assert "The plan's later steps are given up." in told(PRICE, desk)


def test_a_price_that_came_too_late_says_so() -> None:
    assert "The new price changes nothing" in told(PRICE, partly().cancel())


def test_a_replacement_does_not_count_its_shares_twice() -> None:
    desk = Orders().working().set_price("15.26").price_step("15.26", keeps_reservation=True)
    desk.post_leaves(M).says(M, "pending_new").cancel()
    assert "0 filled, 100 not yet proven dead" in told(CANCEL, desk)


def test_cancelling_all_names_each_that_is_not_proven() -> None:
    def order(desk: Orders) -> ParentOrder:
        return desk.order

    done = partly().cancel().delete_leaves().says(L, "canceled", 40)
    open_one = partly().cancel()
    assert cancelled([]) == "No order is open, so there is nothing to cancel."
    assert cancelled([order(open_one)]) == told(CANCEL, open_one)
    assert cancelled([order(open_one), order(done)]) == (
        "Cancel asked for 2 orders. Not yet proven dead: 60 of SELL 100 UVXY; "
        "nothing more will be sent for them."
    )
    assert "Nothing of them can fill" in cancelled([order(done), order(done)])
