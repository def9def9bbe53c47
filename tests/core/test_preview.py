"""What the ticket says before a click."""

from dataclasses import replace
from decimal import Decimal

import msgspec
import pytest

from core.account import Account, Asset, Position
from core.checks import Situation
from core.market import Quote, Unusable
from core.plan import DEFAULTS, Fallback, Plan
from core.preview import Outlook, outlook, price_words
from core.prices import Side
from core.settings import DEFAULTS as DEFAULT_SETTINGS

D = Decimal
ACCOUNT = Account("id", "PA1", D(100_000), D(50_000), D(50_000))


def quote(bid: str = "15.23", ask: str = "15.32") -> Quote:
    return Quote("UVXY", D(bid), D(ask), 100, 100, 1, 1, "iex")


def situation(
    bid: str = "15.23",
    ask: str = "15.32",
    *,
    unusable: Unusable | None = None,
    armed: bool = True,
    connected: bool = True,
    available: str = "4000",
) -> Situation:
    held = Position("UVXY", D(4600), D(available), D(10))
    return Situation("UVXY", quote(bid, ask), unusable, held, ACCOUNT, armed, connected)


def sell(
    qty: str | None = "1000", now: Situation | None = None, plan: Plan | None = None
) -> Outlook:
    asked = None if qty is None else D(qty)
    return outlook(Side.SELL, asked, plan or DEFAULTS[Side.SELL], now or situation())


def buy(qty: str = "1000", now: Situation | None = None) -> Outlook:
    return outlook(Side.BUY, D(qty), DEFAULTS[Side.BUY], now or situation())


def test_the_worked_example_sells_a_tick_above_the_bid_and_buys_two_below_the_ask() -> None:
    assert sell().button == "SELL 1,000 UVXY @ 15.24"
    assert sell().headline == "+1 tick, +$10.00 vs the bid"
    assert buy().button == "BUY 1,000 UVXY @ 15.30"
    assert buy().headline == "+2 ticks, +$20.00 vs the ask"
    assert price_words(sell()) == "bid + 1 tick"
    assert price_words(buy()) == "ask \N{MINUS SIGN} 2 ticks"


def test_an_order_that_may_be_sent_freezes_what_was_shown() -> None:
    view = sell()
    assert view.ready
    assert view.shown is not None
    assert (view.shown.bid, view.shown.ask) == (D("15.23"), D("15.32"))
    assert (view.shown.limit_price, view.shown.ticks_better) == (D("15.24"), 1)


def test_a_price_that_collapsed_to_the_touch_says_that_it_fills_at_once() -> None:
    view = sell(now=situation("15.23", "15.24"))
    assert view.headline == "this is the bid: it fills at once"
    assert view.condition == "with a floor"
    assert price_words(view) == "the bid"


@pytest.mark.parametrize(
    ("fallback", "words", "afterwards"),
    [
        (Fallback.MARKET, "market for the rest", "that price is unknown"),
        (Fallback.COLLAR, "collared limit", "that price is unknown"),
        (Fallback.NONE, "cancelled", "position after 3,600"),
    ],
)
def test_what_falls_back_is_said_and_no_price_is_promised_for_it(
    fallback: Fallback, words: str, afterwards: str
) -> None:
    view = sell(plan=Plan(D("0.85"), D(10), fallback))
    assert view.otherwise == f"6.6 bps \N{MIDDLE DOT} if not in 10 s: {words}"
    assert view.afterwards.startswith(afterwards)


def test_a_short_under_the_restriction_says_that_its_fallback_waits() -> None:
    allowed = msgspec.structs.replace(DEFAULT_SETTINGS, short_sales=True)
    now = replace(situation(), position=None, settings=allowed, restricted=True)
    assert sell(now=now).ready
    assert sell(now=now).otherwise.endswith("if not in 10 s: waits while shorts are restricted")
    none = sell(now=now, plan=Plan(D("0.85"), D(10), Fallback.NONE))
    assert none.otherwise.endswith("if not in 10 s: cancelled")
    assert "Rule 201" in sell(now=now, plan=Plan(D(1), D(10))).refusal


@pytest.mark.parametrize("reason", list(Unusable))
def test_a_quote_that_may_not_price_an_order_refuses_in_its_own_words(reason: Unusable) -> None:
    view = sell(now=situation(unusable=reason))
    assert view.refusal == reason.sentence("UVXY")
    assert not view.ready


def test_a_crossed_quote_shows_no_price() -> None:
    view = sell(now=situation("15.32", "15.23", unusable=Unusable.CROSSED))
    assert view.limit is None
    assert view.shown is None
    assert view.button == "SELL 1,000 UVXY"


def test_nothing_is_sent_while_disarmed_but_the_price_is_shown() -> None:
    view = sell(now=situation(armed=False))
    assert view.refusal == "Disarmed: nothing is sent until you arm."
    assert view.button == "SELL 1,000 UVXY @ 15.24"


def test_nothing_is_sent_without_the_order_stream() -> None:
    assert "not connected" in sell(now=situation(connected=False)).refusal


def test_what_is_no_quantity_is_asked_for() -> None:
    assert sell(None).refusal == "Type a quantity above 0."


def test_a_part_of_a_share_is_refused_where_only_whole_ones_trade() -> None:
    whole = replace(situation(), asset=Asset("UVXY", "", tradable=True, fractionable=False))
    assert sell("12.5", whole).refusal == "UVXY trades in whole shares only, so not 12.5."
    assert sell("12.5").ready
    assert sell("12", whole).ready


def test_no_more_is_sold_than_is_available_and_the_held_shares_are_named() -> None:
    assert sell("4000").ready
    assert sell("4001").refusal == "Only 4,000 UVXY are available; 600 are held."


def test_nothing_is_sold_that_is_not_held() -> None:
    nothing = Situation("UVXY", quote(), None, None, ACCOUNT, True)
    assert sell("1", nothing).refusal == "You hold no UVXY to sell."
    assert buy("1", nothing).ready


def test_a_buy_beyond_the_buying_power_names_both_numbers() -> None:
    assert buy("4000").refusal == "Costs $61,280.00; buying power is $50,000.00."


def test_without_a_symbol_one_is_asked_for() -> None:
    empty = Situation("", None, Unusable.MISSING)
    assert sell(now=empty).refusal == "Choose a symbol first."
