"""Plans of several steps: the plan itself, its prices and its clock, and what the reducer does."""

from decimal import Decimal

import msgspec
import pytest

from core.cli.parser import build_parser, instruction_of
from core.errors import Refusal
from core.market.prices import Side
from core.market.quotes import Quote
from core.market.time import NS
from core.orders.child_record import NEVER_SENT, REFUSED, UNREPLACED
from core.orders.commands import Cancel, Command, Post, PriceStep, Read
from core.orders.facts import AnyFact, DeadlineReached, OrderAccepted, Source
from core.orders.permissions import may_post, timer_ns
from core.orders.plan import MAX_STEPS, Fallback, Plan, Step, stepped
from core.orders.plan_input import parse_limit, parse_steps
from core.orders.reducer import reduce
from core.orders.repricing import first_price, step_at, step_price, wants_price
from core.orders.state import Cause, Liveness, State
from tests.core.orders.reducer_harness import M2, START, L, M, ReducerHarness, accepted

D = Decimal
THREE = stepped((Step(D("0.5"), D(3)), Step(D("0.75"), D(4)), Step(D("0.85"), D(3))))


def desk(plan: Plan = THREE, qty: int = 100) -> ReducerHarness:
    """An order at 15.24 that is live."""
    return ReducerHarness(qty, plan=plan).working()


def asked(d: ReducerHarness) -> tuple[Command, ...]:
    """What the last fact asked for."""
    return d.step


def at(d: ReducerHarness, seconds: float) -> ReducerHarness:
    """`seconds` after the click, with the timer that is due then."""
    d.now = START + round(seconds * NS)
    due = timer_ns(d.order)
    assert due is not None
    assert due <= d.now
    return d.apply(DeadlineReached(order_id="o1", at=d.now))


def quote(bid: str, ask: str) -> Quote:
    return Quote("UVXY", D(bid), D(ask), 1, 1, START, START, "iex")


# ---- the plan ---------------------------------------------------------------------------------


def test_steps_are_read_as_fraction_and_seconds() -> None:
    assert parse_steps(["0.50:3", " 0.75 : 4"]) == (Step(D("0.5"), D(3)), Step(D("0.75"), D(4)))


@pytest.mark.parametrize("text", ["", "0.5", ":", "0.5:", ":3", "2:3", "0.5:0", "0.5:x", "a:b:c"])
def test_a_bad_step_is_refused_with_what_was_typed(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        parse_steps(["0.5:3", text])
    assert refused.value.rule == "step"
    assert repr(text) in refused.value.sentence


def test_too_many_or_too_long_steps_are_refused() -> None:
    for texts in ([], ["0.5:1"] * (MAX_STEPS + 1), ["0.5:1800", "0.6:1801"]):
        with pytest.raises(Refusal):
            parse_steps(texts)


@pytest.mark.parametrize("text", ["0", "-1", "x", "nan", "15.001", "0.12345", "1e8"])
def test_a_limit_must_be_a_price_that_an_order_may_carry(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        parse_limit(text)
    assert repr(text) in refused.value.sentence


def test_a_limit_in_cents_or_below_a_dollar_in_hundredths_of_them_is_taken() -> None:
    assert parse_limit("15.20") == D("15.2")
    assert parse_limit("0.1234") == D("0.1234")


def test_a_single_step_is_the_plan_as_ever() -> None:
    assert stepped((Step(D("0.85"), D(10)),)) == Plan(D("0.85"), D(10))
    assert Plan(D("0.85"), D(10)).all_steps == (Step(D("0.85"), D(10)),)


def test_a_plan_whose_steps_do_not_agree_with_it_can_not_be() -> None:
    with pytest.raises(ValueError, match="do not agree"):
        Plan(D("0.5"), D(9), steps=THREE.steps)


def test_facts_written_before_there_were_steps_still_read() -> None:
    fact = accepted()
    body = msgspec.json.decode(msgspec.json.encode(fact))
    for name in ("steps", "limit"):
        del body["instruction"]["plan"][name]
    read = msgspec.json.decode(msgspec.json.encode(body), type=AnyFact)
    assert isinstance(read, OrderAccepted)
    assert read == fact


# ---- prices -----------------------------------------------------------------------------------


def test_the_first_price_does_not_pass_the_traders_limit() -> None:
    sell = stepped(THREE.steps, limit=D("15.30"))
    assert first_price(Side.SELL, D("15.23"), D("15.32"), sell).price == D("15.30")
    assert first_price(Side.SELL, D("15.23"), D("15.32"), sell).ticks_better == 7
    buy = stepped(THREE.steps, limit=D("15.25"))
    assert first_price(Side.BUY, D("15.23"), D("15.32"), buy).price == D("15.25")
    loose = stepped(THREE.steps, limit=D("15.00"))
    assert first_price(Side.SELL, D("15.23"), D("15.32"), loose).price == D("15.28")


@pytest.mark.parametrize(
    ("side", "limit", "touch", "price"),
    [
        (Side.SELL, None, ("15.10", "15.20"), "15.20"),  # the collar of 15.23 / 15.32
        (Side.SELL, None, ("15.40", "15.60"), "15.50"),
        (Side.SELL, "15.25", ("15.10", "15.20"), "15.25"),
        (Side.SELL, "14.00", ("15.10", "15.20"), "15.15"),
        (Side.BUY, None, ("15.40", "15.50"), "15.35"),
        (Side.BUY, "15.42", ("15.40", "15.50"), "15.42"),
        (Side.BUY, "16.00", ("15.40", "15.50"), "15.45"),
    ],
)
def test_a_step_follows_the_quote_as_far_as_the_plan_allows(
    side: Side, limit: str | None, touch: tuple[str, str], price: str
) -> None:
    plan = stepped(THREE.steps, limit=D(limit) if limit else None)
    order, _ = reduce(None, accepted(side=side, plan=plan))
    assert step_price(order, quote(*touch)) == D(price)


# ---- the clock --------------------------------------------------------------------------------


def test_steps_end_by_the_plans_clock() -> None:
    order = desk().order
    assert [step_at(order, START + s * NS) for s in (0, 2, 3, 6, 7, 9, 10, 99)] == [
        *(0, 0, 1, 1, 2, 2, 2, 2)
    ]
    assert timer_ns(order) == START + 3 * NS


def test_the_last_steps_end_is_the_deadline() -> None:
    d = at(desk(), 3).price_step("15.24")
    d = at(d, 7).price_step("15.24")
    assert timer_ns(d.order) == d.order.deadline_ns == START + 10 * NS
    assert at(d, 10).order.cause is Cause.TIMEOUT


def test_ten_more_seconds_lengthen_the_last_step_only() -> None:
    d = desk().move(START + 20 * NS)
    assert timer_ns(d.order) == START + 3 * NS


def test_a_paused_order_keeps_its_price() -> None:
    assert timer_ns(desk().move(None).order) is None


def test_an_earlier_deadline_comes_first() -> None:
    d = desk().move(START + 2 * NS)
    assert at(d, 2).order.cause is Cause.TIMEOUT


# ---- the next price ---------------------------------------------------------------------------


def test_at_a_steps_end_its_price_is_asked_for() -> None:
    d = at(desk(), 3)
    assert asked(d) == (PriceStep(),)
    assert d.order.step == 1


def test_the_same_price_again_sends_nothing() -> None:
    d = at(desk(), 3).price_step("15.24")
    assert asked(d) == ()
    assert not wants_price(d.order)


def test_another_price_cancels_and_waits_for_the_proof() -> None:
    d = at(desk(), 3).price_step("15.22")
    assert asked(d) == (Cancel(L),)
    assert d.state() is State.REPLACING
    d.delete_leaves().delete_taken()
    d.says(L, "canceled", 0)
    assert asked(d) == (PriceStep(),)
    d.price_step("15.21")
    assert asked(d) == (Post(M),)
    assert d.order.children[1].limit_price == D("15.21")
    assert may_post(d.order, M)


def test_the_next_limit_is_for_the_proven_rest() -> None:
    d = at(desk().fills(L, 40, 40), 3).price_step("15.22").delete_leaves()
    d.says(L, "canceled", 65).read(L, "canceled", 65).price_step("15.22")
    assert d.order.children[1].qty == 35


def test_a_fill_that_wins_against_the_steps_cancel_ends_it() -> None:
    d = at(desk(), 3).price_step("15.22").delete_leaves().fills(L, 100, 100)
    assert d.state() is State.FILLED
    assert len(d.order.children) == 1


def test_without_a_quote_it_stays_and_asks_again_later_and_later() -> None:
    d = at(desk(), 3).price_step(None)
    assert asked(d) == (PriceStep(NS // 2),)
    assert asked(d.price_step(None)) == (PriceStep(NS),)
    assert asked(d.price_step("15.24")) == ()
    assert d.order.unpriced == 0


def test_a_price_of_another_step_is_of_no_use() -> None:
    d = at(desk(), 3)
    before = d.order
    assert d.price_step("15.20", step=0).order == before


def test_a_cancel_by_somebody_else_is_not_followed_by_the_next_step() -> None:
    d = desk().says(L, "canceled", 0)
    assert d.state() is State.CANCELED
    assert "not by Touchline" in d.order.reason


def test_the_deadline_while_a_steps_cancel_is_unproven_falls_back_after_the_proof() -> None:
    d = at(desk(), 3).price_step("15.22").delete_leaves().delete_taken()
    at(d, 7)
    at(d, 10)
    d.says(L, "canceled", 0)
    assert asked(d) == (Post(M),)
    assert d.order.children[1].limit_price is None


def test_a_manual_cancel_while_a_steps_cancel_is_unproven_sends_nothing_more() -> None:
    d = at(desk(), 3).price_step("15.22").delete_leaves().cancel().says(L, "canceled", 0)
    assert d.state() is State.CANCELED


def test_shares_still_reserved_by_the_old_limit_are_waited_for_and_priced_anew() -> None:
    d = at(desk(), 3).price_step("15.22").delete_leaves().says(L, "canceled", 0)
    d.price_step("15.22").post_leaves(M).post_refused(M, "held", shares_reserved=True)
    assert asked(d) == (PriceStep(NS // 5),)
    d.price_step("15.21")
    assert asked(d) == (Post(M2),)


def test_a_limit_refused_for_another_reason_ends_it() -> None:
    d = at(desk(), 3).price_step("15.22").delete_leaves().says(L, "canceled", 0)
    d.price_step("15.22").post_leaves(M).post_refused(M, "no buying power")
    assert d.state() is State.REJECTED


def proven(d: ReducerHarness) -> ReducerHarness:
    """The first limit cancelled for the next step, and the next one made."""
    at(d, 3).price_step("15.22").delete_leaves().delete_taken().says(L, "canceled", d.order.filled)
    return d.price_step("15.22")


def test_a_price_is_wanted_while_the_step_has_none() -> None:
    d = at(desk(), 3)
    assert d.wants(PriceStep())
    assert not d.price_step("15.24").wants(PriceStep())


def test_a_limit_that_was_refused_is_not_sent_again_under_its_id() -> None:
    d = proven(desk()).post_leaves(M).post_refused(M, "available 0", shares_reserved=True)
    assert not d.order.final
    assert not may_post(d.order, M)


def test_the_next_limit_of_unknown_fate_is_not_repeated_when_the_old_one_filled_more() -> None:
    d = proven(desk().fills(L, 40, 40)).post_leaves(M).post_unanswered(M)
    assert may_post(d.order, M)
    d.fills(L, 25, 65)
    assert not may_post(d.order, M)
    d.read(L, "canceled", 65)
    assert not may_post(d.order, M)


def test_a_later_run_may_repeat_a_limit_after_the_first() -> None:
    d = proven(desk()).post_leaves(M).resume()
    for _ in range(4):
        d.not_found(M)
    assert d.posts() == [L, M, M]


def test_steps_that_passed_unattended_are_skipped() -> None:
    d = desk()
    d.now = START + 8 * NS
    d.resume()
    assert d.order.step == 2
    assert PriceStep() not in asked(d), "reconcile first"
    assert asked(d.read(L, "new")) == (PriceStep(),)


def test_a_limit_that_never_left_before_a_crash_is_sent_by_the_plan_anew() -> None:
    d = at(desk(), 3).price_step("15.22").delete_leaves().says(L, "canceled", 0)
    d.price_step("15.22").resume().not_found(M)
    assert d.order.children[1].status == NEVER_SENT
    assert asked(d) == (PriceStep(),)


# ---- replacing --------------------------------------------------------------------------------


def replacing(qty: int = 100) -> ReducerHarness:
    """The PATCH of the second step has left."""
    return at(desk(qty=qty), 3).price_step("15.22", keeps_reservation=True).post_leaves(M)


def test_where_it_keeps_the_hold_it_is_replaced() -> None:
    d = at(desk(), 3).price_step("15.22", keeps_reservation=True)
    assert asked(d) == (Post(M),)
    new = d.order.children[1]
    assert (new.replaces, new.qty, new.step) == (L, D(100), 1)
    assert d.order.exposure == 200, "I1 counts both"
    assert d.order.reserved == 100


def test_both_count_until_replaced_is_proven() -> None:
    d = replacing().says(M, "pending_new", source=Source.POST)
    assert d.order.exposure == 200
    assert d.state() is State.REPLACING
    d.says(L, "replaced", 0, replaced_by=f"b-{M}")
    assert d.order.exposure == 100
    d.says(M, "new").fills(M, 100, 100)
    assert d.state() is State.FILLED


def test_only_whole_shares_are_replaced() -> None:
    d = ReducerHarness("1.7", plan=THREE).working()
    assert asked(at(d, 3).price_step("15.22", keeps_reservation=True)) == (Cancel(L),)


def test_an_order_that_is_not_live_yet_is_not_replaced() -> None:
    d = ReducerHarness(100, plan=THREE).post_leaves(L).says(L, "accepted", source=Source.POST)
    assert asked(at(d, 3).price_step("15.22", keeps_reservation=True)) == (Cancel(L),)


def test_a_fill_before_the_patch_leaves_keeps_it_back() -> None:
    d = at(desk(), 3).price_step("15.22", keeps_reservation=True).fills(L, 40, 40)
    assert not may_post(d.order, M)
    assert d.order.children[1].status == NEVER_SENT
    assert asked(d) == (PriceStep(),)
    d.price_step("15.22", keeps_reservation=True)
    assert asked(d) == (Post(M2),)
    assert d.order.children[2].qty == 60


def test_a_fill_taken_back_before_the_patch_leaves_keeps_it_back() -> None:
    d = at(desk().fills(L, 40, 40), 3).price_step("15.22", keeps_reservation=True)
    d.says(L, "partially_filled", 20, event="trade_bust")
    assert d.fallback.dead
    assert not d.wants(Post(M))
    assert not d.order.final


def test_what_filled_during_the_replace_makes_an_excess_that_is_cancelled_at_once() -> None:
    d = replacing().says(M, "pending_new", source=Source.POST).fills(L, 40, 40)
    assert Cancel(M) in asked(d)
    assert d.order.child(L).liveness is Liveness.WORKING  # type: ignore[union-attr]
    d.delete_leaves(M).says(L, "replaced", 40, replaced_by=f"b-{M}").says(M, "canceled", 0)
    assert asked(d) == (PriceStep(),)
    assert d.price_step("15.21").order.children[2].qty == 60


def test_a_replacement_for_more_than_we_asked_is_an_excess_too() -> None:
    d = desk().fills(L, 40, 40)
    d = at(d, 3).price_step("15.22", keeps_reservation=True).post_leaves(M)
    d.says(M, "pending_new", source=Source.POST, qty=D(100))
    assert Cancel(M) in asked(d)


def test_a_patch_refused_is_followed_by_a_read_and_by_nothing_when_it_had_filled() -> None:
    d = replacing().post_refused(M, "order is not open")
    assert asked(d) == (Read(L),)
    assert d.order.children[1].status == REFUSED
    d.read(L, "filled", 100)
    assert d.state() is State.FILLED
    assert len(d.order.children) == 2


def test_a_patch_refused_for_a_live_order_is_followed_by_a_cancel() -> None:
    d = replacing().post_refused(M, "no").read(L, "new")
    assert asked(d) == (PriceStep(),)
    assert asked(d.price_step("15.22", keeps_reservation=True)) == (Cancel(L),)


def test_a_patch_without_an_answer_is_read_by_both_names() -> None:
    d = replacing().post_unanswered(M)
    assert set(asked(d)) == {Read(M, NS // 4), Read(L)}
    assert d.state() is State.UNCERTAIN
    d.read(L, "pending_replace").read(M, "pending_new")
    d.says(L, "replaced", 0, replaced_by=f"b-{M}")
    assert len(d.order.children) == 2


def test_while_a_read_shows_both_of_a_replace_the_other_is_read_in_turn() -> None:
    d = replacing().says(M, "pending_new", source=Source.POST)
    assert asked(d.says(M, "new")) == ()
    assert asked(d.read(M, "new")) == (Read(L, NS // 2),)


def test_what_replaced_an_order_is_no_strangers_while_our_own_is_being_read() -> None:
    d = replacing().post_unanswered(M).says(L, "replaced", 0, replaced_by="b-x")
    assert [child.client_id for child in d.order.children] == [L, M]
    d.says(M, "new", broker_id="b-x")
    assert d.order.exposure == 100


def test_a_replacement_given_up_that_the_venue_shows_as_ended_has_ended() -> None:
    d = given_up().read(M, "canceled")
    assert d.order.children[1].status == "canceled"
    assert d.order.children[1].dead


def test_a_patch_that_never_arrived_is_not_sent_again() -> None:
    d = replacing().post_unanswered(M).read(L, "new")
    for _ in range(4):
        assert Post(M) not in asked(d.not_found(M))
    assert d.order.children[1].status == UNREPLACED


def test_a_patch_of_what_has_ended_is_given_up() -> None:
    d = replacing().post_unanswered(M).fills(L, 100, 100).not_found(M)
    assert d.order.children[1].status == UNREPLACED
    assert d.state() is State.FILLED


def given_up() -> ReducerHarness:
    """The PATCH went unanswered, nothing was found of it, and the time is up."""
    d = replacing().post_unanswered(M).read(L, "new")
    d.now = START + 10 * NS
    d.apply(DeadlineReached(order_id="o1", at=d.now))
    for _ in range(4):
        d.not_found(M)
    assert d.order.children[1].status == UNREPLACED
    return d


def test_a_replacement_given_up_is_read_again_when_something_did_replace_its_elder() -> None:
    d = given_up().says(L, "replaced", 0, replaced_by=f"b-{M}")
    assert [c.client_id for c in asked(d) if isinstance(c, Read)] == [M]
    d.read(M, "new")
    assert asked(d) == (Cancel(M),)
    d.delete_leaves(M).says(M, "canceled", 0)
    assert asked(d) == (Post(M2),)


def test_a_replacement_found_after_it_was_taken_for_a_foreign_one_counts_once() -> None:
    d = given_up().says(L, "replaced", 0, replaced_by="b-x")
    for _ in range(4):
        d.not_found(M)
    assert d.order.children[2].client_id == "b-x"
    d.read("b-x", "new").says(M, "partially_filled", 40, broker_id="b-x")
    assert d.order.filled == 40
    d.read("b-x", "partially_filled", 40)
    assert d.order.filled == 40


def test_a_cancel_during_a_replace_is_repeated_until_it_is_proven() -> None:
    d = replacing().says(M, "pending_new", source=Source.POST).cancel()
    assert set(asked(d)) == {Cancel(L), Cancel(M)}
    d.delete_leaves(L).delete_refused(L)
    assert Read(L) in asked(d)
    d.read(L, "pending_replace")
    assert any(isinstance(c, Cancel) and c.client_id == L for c in asked(d))
    d.says(L, "replaced", 0, replaced_by=f"b-{M}")
    d.delete_leaves(M).says(M, "canceled", 0)
    assert d.state() is State.CANCELED


def test_a_replace_that_the_venue_takes_back_leaves_the_old_order_and_then_cancels_it() -> None:
    d = replacing().says(M, "pending_new", source=Source.POST)
    d.says(L, "new", event="order_replace_rejected").says(M, "rejected")
    assert asked(d) == (PriceStep(),)
    assert asked(d.price_step("15.22", keeps_reservation=True)) == (Cancel(L),)


def test_an_order_that_somebody_else_replaced_is_theirs_to_move() -> None:
    d = desk().says(L, "replaced", 0, replaced_by="b-x")
    assert asked(d) == (Read("b-x"),)
    d.read("b-x", "new")
    assert d.order.children[1].qty == 100
    assert asked(at(d, 3)) == ()


def test_lost_frames_of_a_replace_are_made_good_by_reads() -> None:
    d = replacing().says(M, "pending_new", source=Source.POST)
    assert asked(d) == (Read(L, 2 * NS, unless_told=True),)
    assert asked(d.read(L, "pending_replace")) == (Read(L, NS // 2),)
    assert asked(d.read(L, "new")) == (Read(M),)
    assert asked(d.read(M, "rejected")) == (PriceStep(),)


# ---- the trader's limit and the fallback ------------------------------------------------------


def limited(fallback: Fallback = Fallback.MARKET) -> ReducerHarness:
    """A live order with a limit at 15.21."""
    return desk(Plan(D("0.85"), D(10), fallback, limit=D("15.21")))


def test_a_market_fallback_becomes_a_limit_at_the_traders_price() -> None:
    d = at(limited(), 10).delete_leaves().says(L, "canceled", 0)
    assert d.order.children[1].limit_price == D("15.21")
    assert d.order.collar_until_ns is not None


def test_a_collar_does_not_pass_the_traders_price() -> None:
    d = at(limited(Fallback.COLLAR), 10).delete_leaves().says(L, "canceled", 0).price("15.10")
    assert d.order.children[1].limit_price == D("15.21")


def test_market_now_does_not_end_a_fallback_at_the_traders_price_but_its_time_does() -> None:
    d = at(limited(), 10).delete_leaves().says(L, "canceled", 0).fallback_live()
    assert asked(d.market_now()) == ()
    d.now += 10 * NS
    assert asked(d.deadline()) == (Cancel(M),)
    d.delete_leaves(M).says(M, "canceled", 0)
    assert d.state() is State.ATTENTION


# ---- the command line -------------------------------------------------------------------------


def test_the_command_line_takes_steps_and_a_limit() -> None:
    words = "buy UVXY 100 --step 0.5:3 --step 0.75:4 --limit 15.30 --fallback none"
    plan = instruction_of(build_parser().parse_args(words.split())).plan
    assert plan == stepped(THREE.steps[:2], Fallback.NONE, limit=D("15.3"))


@pytest.mark.parametrize("other", ["--fraction 0.5", "--timeout 7"])
def test_steps_stand_alone_on_the_command_line(other: str) -> None:
    words = f"sell UVXY 100 --step 0.5:3 {other}"
    with pytest.raises(Refusal) as refused:
        instruction_of(build_parser().parse_args(words.split()))
    assert repr(other.split()[1]) in refused.value.sentence


# ---- a price set by hand ------------------------------------------------------------------------


def by_hand(price: str = "15.26", plan: Plan | None = None, qty: int = 100) -> ReducerHarness:
    """A live order at 15.24 that a person moves."""
    return ReducerHarness(qty, plan=plan).working().set_price(price)


def test_a_price_set_by_hand_cancels_waits_for_the_proof_and_is_sent_for_the_rest() -> None:
    d = by_hand()
    assert asked(d) == (PriceStep(),)
    assert asked(d.price_step("15.26")) == (Cancel(L),)
    assert d.state() is State.REPLACING
    d.delete_leaves().delete_taken().fills(L, 40, 40).says(L, "canceled", 40)
    assert asked(d.price_step("15.26")) == (Post(M),)
    assert d.fallback.limit_price == D("15.26")
    assert d.fallback.qty == 60
    assert d.post_leaves(M).state() is State.REPLACING
    assert d.says(M, "new").state() is State.WORKING


def test_where_it_keeps_the_hold_a_price_set_by_hand_replaces() -> None:
    d = by_hand().price_step("15.26", keeps_reservation=True).post_leaves(M)
    assert d.fallback.replaces == L
    assert d.state() is State.REPLACING
    d.says(M, "pending_new", source=Source.POST).says(L, "replaced", 0, replaced_by=f"b-{M}")
    assert d.says(M, "new").state() is State.WORKING


def test_a_price_set_by_hand_ends_the_plans_steps_and_leaves_the_deadline() -> None:
    d = at(desk(), 3).price_step("15.24").set_price("15.26")
    assert timer_ns(d.order) == d.order.deadline_ns == START + 10 * NS
    d.price_step("15.26").delete_leaves().says(L, "canceled", 0).price_step("15.26")
    d.post_leaves(M).says(M, "new")
    d.now = START + 8 * NS
    assert d.resume().order.step == 1, "a later run gives them up too"
    assert at(d, 10).order.cause is Cause.TIMEOUT
    assert Cancel(M) in asked(d)


def test_a_step_under_way_gives_way_to_a_price_set_by_hand() -> None:
    d = at(desk(), 3).price_step("15.22").delete_leaves().set_price("15.26")
    d.says(L, "canceled", 0)
    assert asked(d.price_step("15.22")) == (PriceStep(),), "the step's price is given up"
    assert asked(d.price_step("15.26")) == (Post(M),)


def test_the_last_of_two_prices_set_by_hand_wins() -> None:
    d = by_hand().price_step("15.26", keeps_reservation=True).post_leaves(M).set_price("15.28")
    d.says(M, "pending_new", source=Source.POST).says(L, "replaced", 0, replaced_by=f"b-{M}")
    assert asked(d.says(M, "new"))[-1] == PriceStep()
    assert d.state() is State.REPLACING
    d.price_step("15.28", keeps_reservation=True)
    assert (d.fallback.replaces, d.fallback.limit_price) == (M, D("15.28"))


def test_setting_the_price_back_while_its_patch_is_refused_sends_nothing_more() -> None:
    d = by_hand().price_step("15.26", keeps_reservation=True).post_leaves(M).set_price("15.24")
    d.post_refused(M, "no").read(L, "new")
    assert asked(d.price_step("15.24", keeps_reservation=True)) == ()
    assert d.state() is State.WORKING


def test_a_patch_to_a_price_set_by_hand_that_is_refused_is_followed_by_a_cancel() -> None:
    d = by_hand().price_step("15.26", keeps_reservation=True).post_leaves(M)
    d.post_refused(M, "no").read(L, "new")
    assert asked(d.price_step("15.26", keeps_reservation=True)) == (Cancel(L),)


def test_after_the_end_or_a_cancel_or_the_deadline_a_price_changes_nothing() -> None:
    for d in (desk().cancel(), desk().market_now(), desk().fills(L, 100, 100)):
        before = d.order
        assert d.set_price("15.26").order == before


def test_a_cancel_while_a_price_is_on_its_way_wins() -> None:
    d = by_hand().price_step("15.26").delete_leaves().cancel().says(L, "canceled", 0)
    assert d.state() is State.CANCELED
    assert d.posts() == [L]


def test_a_fill_that_wins_against_a_price_set_by_hand_ends_it() -> None:
    d = by_hand().price_step("15.26").delete_leaves().fills(L, 100, 100)
    assert d.state() is State.FILLED
    assert len(d.order.children) == 1


def test_a_price_set_by_hand_does_not_move_what_somebody_else_made() -> None:
    d = desk(Plan(D("0.85"), D(10))).says(L, "replaced", 0, replaced_by="b-x").read("b-x", "new")
    d.set_price("15.26")
    assert PriceStep() not in asked(d)
    assert d.state() is State.WORKING


def test_a_paused_order_whose_new_limit_never_left_is_not_sent_by_a_much_later_run() -> None:
    d = by_hand().move(None).price_step("15.26").delete_leaves().says(L, "canceled", 0)
    d.price_step(None).wait(61).resume()
    assert d.state() is State.CANCELED
    assert "60 s" in d.order.reason
    d = by_hand().move(None).price_step("15.26").delete_leaves().says(L, "canceled", 0)
    d.price_step(None).wait(59).resume()
    assert asked(d.price_step("15.26")) == (Post(M),)


def test_a_fill_told_after_the_cancel_was_proven_takes_the_next_limit_back() -> None:
    d = by_hand().price_step("15.26").delete_leaves().says(L, "canceled", 0)
    d.price_step("15.26").post_leaves(M).says(M, "new").fills(L, 40, 40)
    assert Cancel(M) in asked(d)
    assert d.order.cause is Cause.UNWANTED


@pytest.mark.parametrize("keeps_reservation", [True, False])
def test_a_limit_that_has_not_left_yet_is_withdrawn_for_a_price_set_by_hand(
    keeps_reservation: bool,
) -> None:
    d = at(desk(), 3).price_step("15.22", keeps_reservation=keeps_reservation)
    if not keeps_reservation:
        d.delete_leaves().says(L, "canceled", 0).price_step("15.22")
    d.set_price("15.26")
    assert (d.fallback.client_id, d.fallback.status) == (M, NEVER_SENT)
    assert not may_post(d.order, M)
    assert PriceStep() in asked(d)
    assert asked(d.price_step("15.26", keeps_reservation=keeps_reservation)) == (Post(M2),)
