"""The boundary of a price set by hand: each rule just inside and just outside."""

from dataclasses import replace
from decimal import Decimal

import msgspec
import pytest

from core.errors import Confirmation, Refusal
from core.market.account import Account
from core.market.prices import Side
from core.market.quotes import Quote, Trade, Unusable
from core.market.time import NS
from core.orders.facts import PriceSet, StepPriced
from core.orders.plan import Plan
from core.orders.state import ParentOrder
from core.risk import amendment
from core.risk.pre_trade_context import PreTradeContext
from core.wording.fact_words import fact_sentence
from core.wording.next_step import OrderAction, next_step, possible
from tests.core.orders.reducer_harness import ReducerHarness
from tests.support.scripted_orders import ScriptedOrder
from tests.support.wide_limits import WIDE_LIMITS

D = Decimal
NOW = 1_000 * NS
QUOTE = Quote("UVXY", D("15.23"), D("15.32"), 100, 100, NOW, NOW, "iex")
FINE = PreTradeContext(
    symbol="UVXY",
    quote=QUOTE,
    unusable=None,
    account=Account("id", "PA1", D(0), D(0), D(1_000), blocked=False),
    trade=Trade("UVXY", D("15.27"), 100, NOW, NOW),
    settings=WIDE_LIMITS,
)


def order(side: Side = Side.SELL, limit: str | None = None) -> ParentOrder:
    """A live order at 15.24 (a buy at 15.30)."""
    plan = Plan(D("0.85"), D(10), limit=None if limit is None else D(limit))
    told = ScriptedOrder(side=side, plan=plan, qty=100).working().order
    price = D("15.24") if side is Side.SELL else D("15.30")
    child = msgspec.structs.replace(told.children[0], limit_price=price)
    return msgspec.structs.replace(told, limit_price=price, children=(child,))


def found(price: str, now: PreTradeContext = FINE, of: ParentOrder | None = None) -> list[str]:
    """Names of the rules that `price` breaks."""
    return [f.name for f in amendment.findings(of or order(), D(price), now)]


def test_any_legal_price_better_than_the_far_touch_is_fine() -> None:
    for price in ("15.25", "15.32", "15.60"):
        assert found(price) == []
    for price in ("15.29", "15.23", "14.90"):
        assert found(price, of=order(Side.BUY)) == []


@pytest.mark.parametrize("price", ["15.241", "0", "-15.25", "NaN", "Infinity", "10000001"])
def test_what_is_no_legal_price_is_only_that(price: str) -> None:
    closed = replace(FINE, unusable=Unusable.CLOSED)
    assert found(price, closed) == ["increment"]


def test_below_a_dollar_hundredths_of_a_cent_are_legal() -> None:
    assert "increment" not in found("0.1234")
    told = amendment.findings(order(), D("0.12345"), FINE)[0].sentence
    assert told == "0.12345 is no legal price: it must be in hundredths of a cent."


def test_the_price_that_it_has_or_is_on_the_way_to_is_no_change() -> None:
    assert found("15.24") == ["unchanged"]
    moving = ReducerHarness().working().set_price("15.26").order
    assert found("15.26", of=moving) == ["unchanged"]
    assert found("15.24", of=moving) == [], "back again is a change"


def test_at_and_past_the_far_touch_it_asks_and_far_past_it_is_refused() -> None:
    sell, buy = order(), order(Side.BUY)
    assert [found(p, of=sell) for p in ("15.23", "15.20", "15.19")] == [
        ["marketable"],
        ["marketable"],
        ["far-touch", "marketable"],
    ]
    assert [found(p, of=buy) for p in ("15.32", "15.35", "15.36")] == [
        ["marketable"],
        ["marketable"],
        ["far-touch", "marketable"],
    ]


def test_without_a_usable_quote_only_that_is_told() -> None:
    for unusable, name in ((Unusable.STALE, "quote-age"), (Unusable.CROSSED, "quote")):
        assert found("15.10", replace(FINE, unusable=unusable)) == [name]
    assert found("15.10", replace(FINE, quote=None, unusable=Unusable.MISSING)) == ["quote"]


def test_the_rest_of_the_desk_is_asked_as_for_a_new_order() -> None:
    assert found("15.26", replace(FINE, killed="Killed.")) == ["killed"]
    assert found("15.26", replace(FINE, connected=False)) == ["stream"]
    assert found("15.26", replace(FINE, journal="The disk is full.")) == ["journal"]
    tight = msgspec.structs.replace(
        WIDE_LIMITS, max_notional=D("1525.99"), price_band_percent=D("0.1")
    )
    assert found("15.26", replace(FINE, settings=tight)) == ["max-notional"]
    assert found("15.30", replace(FINE, settings=tight)) == ["max-notional", "price-band"]


def test_a_limit_of_the_traders_is_kept() -> None:
    assert found("15.28", of=order(limit="15.28")) == []
    assert found("15.27", of=order(limit="15.28")) == ["limit"]
    assert found("15.28", of=order(Side.BUY, "15.28")) == []
    assert found("15.29", of=order(Side.BUY, "15.28")) == ["limit"]


def test_a_dearer_buy_takes_more_buying_power() -> None:
    poor = replace(FINE, account=Account("id", "PA1", D(0), D(0), D("0.99"), blocked=False))
    assert found("15.31", poor, order(Side.BUY)) == ["funds"]
    assert found("15.29", poor, order(Side.BUY)) == []
    assert found("15.31", poor) == [], "a sale costs nothing"
    short = msgspec.structs.replace(order(), short=True)
    assert found("15.31", poor, short) == ["funds"]
    assert found("15.31", replace(poor, account=None), order(Side.BUY)) == []


def test_a_short_sale_is_not_moved_to_the_bid_while_those_are_restricted() -> None:
    restricted, short = replace(FINE, restricted=True), msgspec.structs.replace(order(), short=True)
    assert found("15.23", restricted, short) == ["short-restriction", "marketable"]
    assert found("15.25", restricted, short) == []
    assert found("15.23", restricted) == ["marketable"]


def test_a_refusal_says_what_stays_and_a_question_names_what_asks() -> None:
    with pytest.raises(Refusal) as refused:
        amendment.accept(order(), D("15.19"), FINE, amendment.CONFIRMABLE)
    assert refused.value.sentence == (
        "15.19 is past the bid at 15.23 by more than a marketable limit may be (15.20). "
        "For the market there is Market now. SELL 100 UVXY stays at 15.24."
    )
    with pytest.raises(Confirmation, match="it fills at once") as asks:
        amendment.accept(order(), D("15.23"), FINE)
    amendment.accept(order(), D("15.23"), FINE, asks.value.names)


def test_what_cannot_be_moved_is_what_the_window_does_not_offer() -> None:
    desks = {
        "it is not live yet": ReducerHarness(),
        "its fallback is under way": ReducerHarness().working().deadline(),
        "it is being cancelled": ReducerHarness().working().cancel(),
        "its status is uncertain and being read": ReducerHarness().post_leaves().post_unanswered(),
        "it has ended": ReducerHarness().working().fills("tl-o1-1", 100, 100),
        "somebody else replaced it at the venue, so it is theirs to move": (
            ReducerHarness()
            .working()
            .says("tl-o1-1", "replaced", replaced_by="b-x")
            .read("b-x", "new")
        ),
        "": ReducerHarness().working(),
    }
    for reason, desk in desks.items():
        assert amendment.why_not(desk.order) == reason
        assert possible(OrderAction.REPRICE, desk.order) is not bool(reason)


def test_an_order_that_may_overfill_or_was_left_alone_too_long_cannot_be_moved() -> None:
    late = ReducerHarness().working().wait(80).resume()
    assert amendment.why_not(late.order) == "it is being cancelled"
    desk = ReducerHarness().working().set_price("15.26").price_step("15.26").delete_leaves()
    desk.says("tl-o1-1", "canceled").price_step("15.26").post_leaves("tl-o1-2")
    desk.says("tl-o1-2", "new").fills("tl-o1-1", 40, 40)
    assert amendment.why_not(desk.order).startswith("more than was asked for could fill")


@pytest.mark.parametrize(
    ("side", "price", "words"),
    [
        (Side.SELL, "15.26", "+3 ticks, +$3.00 vs the bid, replaces 15.24"),
        (Side.SELL, "15.24", "+1 tick, +$1.00 vs the bid, replaces 15.24"),
        (Side.SELL, "15.23", "at the far touch, replaces 15.24"),
        (
            Side.SELL,
            "15.21",
            "\N{MINUS SIGN}2 ticks, \N{MINUS SIGN}$2.00 vs the bid, replaces 15.24",
        ),
        (Side.BUY, "15.30", "+2 ticks, +$2.00 vs the ask, replaces 15.30"),
        (Side.BUY, "15.33", "\N{MINUS SIGN}1 tick, \N{MINUS SIGN}$1.00 vs the ask, replaces 15.30"),
        (Side.SELL, "15.213", "replaces 15.24"),
    ],
)
def test_a_price_is_told_in_ticks_and_with_what_it_replaces(
    side: Side, price: str, words: str
) -> None:
    assert amendment.words(order(side), D(price), FINE) == words
    assert amendment.words(order(), D(15), replace(FINE, quote=None)) == "replaces 15.24"


def test_a_price_is_judged_by_the_rules_that_it_must_pass_and_told_before_it_is_set() -> None:
    fine = amendment.judge(order(), D("15.26"), FINE)
    assert (fine.refusal, fine.question, fine.names) == ("", "", ())
    assert fine.words == "+3 ticks, +$3.00 vs the bid, replaces 15.24"
    asks = amendment.judge(order(), D("15.23"), FINE)
    assert (asks.refusal, asks.names) == ("", ("marketable",))
    assert asks.question == "15.23 is at the bid of 15.23: it fills at once."
    bad = amendment.judge(order(), D("15.241"), FINE)
    assert bad.refusal == "15.241 is no legal price: it must be in whole cents."
    assert bad.question == ""
    held = ScriptedOrder(side=Side.SELL, qty=100).order
    assert amendment.judge(held, D("15.26"), FINE).refusal.startswith("No price can be set: ")


# ---- what is said while it is under way -----------------------------------------------------


def test_a_price_on_its_way_is_told_until_it_is_proven() -> None:
    desk = ReducerHarness().working().set_price("15.26")
    shown = next_step(desk.order, desk.now)
    assert shown.words == "stays at 15.24 until 15.26 may be sent"
    desk.price_step("15.26").delete_leaves()
    shown = next_step(desk.order, desk.now + NS // 2)
    assert shown.words == "waiting for proof 0.5 s, then 15.26"
    desk.says("tl-o1-1", "canceled").price_step(None)
    shown = next_step(desk.order, desk.now)
    assert shown.words == "nothing is live: waits for the market, then 15.26"
    desk.price_step("15.26").post_leaves("tl-o1-2")
    assert next_step(desk.order, desk.now).words == "replacing 0.0 s, then 15.26"


def test_the_facts_of_it_have_their_own_sentences() -> None:
    desk = ReducerHarness().working().set_price("15.26")
    said = [
        fact_sentence(PriceSet(order_id="o1", at=1, limit_price=D("15.26")), desk.order),
        fact_sentence(StepPriced(order_id="o1", at=1, step=0, limit_price=D(1)), desk.order),
        fact_sentence(
            StepPriced(order_id="o1", at=1, step=0, limit_price=None, reason="Shut."), desk.order
        ),
    ]
    assert said == [
        "you set the price to 15.26; the deadline stays",
        "your price may be sent: 15.26",
        "15.26 could not be sent: Shut.",
    ]
