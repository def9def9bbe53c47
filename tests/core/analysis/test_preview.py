"""What the ticket says before a click."""

from dataclasses import replace
from decimal import Decimal

import msgspec
import pytest

from core.analysis.fill_history import Attempt, FillHistory, group
from core.analysis.preview import Background, Outlook, outlook, price_words
from core.market.account import Account, Asset, Position
from core.market.limit_price import Collar
from core.market.prices import Side
from core.market.quotes import Quote, Unusable
from core.market.time import NS
from core.market.trading_hours import TradingHours
from core.orders.plan import DEFAULTS, Fallback, Plan, Preview, stepped
from core.orders.plan_input import parse_steps
from core.risk.limits import DEFAULTS as DEFAULT_SETTINGS
from core.risk.pre_trade_context import PreTradeContext

D = Decimal
SEPTEMBER_NS = 1_790_600_000 * NS  # 2026-09-28, before the TAF was paused
ACCOUNT = Account("id", "PA1", D(100_000), D(50_000), D(50_000))


def quote(bid: str = "15.23", ask: str = "15.32") -> Quote:
    return Quote("UVXY", D(bid), D(ask), 100, 100, 1, 1, "sip")


def situation(
    bid: str = "15.23",
    ask: str = "15.32",
    *,
    unusable: Unusable | None = None,
    armed: bool = True,
    connected: bool = True,
    available: str = "4000",
) -> PreTradeContext:
    held = Position("UVXY", D(4600), D(available), D(10))
    return PreTradeContext("UVXY", quote(bid, ask), unusable, held, ACCOUNT, armed, connected)


def sell(
    qty: str | None = "1000", now: PreTradeContext | None = None, plan: Plan | None = None
) -> Outlook:
    asked = None if qty is None else D(qty)
    return outlook(Side.SELL, asked, plan or DEFAULTS[Side.SELL], now or situation())


def buy(qty: str = "1000", now: PreTradeContext | None = None) -> Outlook:
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
    ("plan", "words"),
    [
        (Plan(D("0.85"), D(10)), "market for the rest, price unknown"),
        (
            Plan(D("0.85"), D(10), Fallback.COLLAR),
            "limit within 25 bps or 2 ticks, price unknown",
        ),
        (
            Plan(D("0.85"), D(10), Fallback.COLLAR, collar=Collar(5, D(0))),
            "limit within 5 ticks, price unknown",
        ),
        (
            Plan(D("0.85"), D(10), Fallback.COLLAR, collar=Collar(0, D("12.5"))),
            "limit within 12.5 bps, price unknown",
        ),
        (Plan(D("0.85"), D(10), limit=D("15.20")), "market for the rest, never below 15.20"),
        (Plan(D("0.85"), D(10), Fallback.NONE), "cancelled"),
    ],
)
def test_what_falls_back_is_said_and_no_price_is_promised_for_it(plan: Plan, words: str) -> None:
    assert sell(plan=plan).otherwise == f"if not in 10 s: {words}"


def test_a_limit_of_a_buy_is_never_paid_above() -> None:
    view = outlook(Side.BUY, D(1), Plan(D("0.75"), D(15), limit=D("15.31")), situation())
    assert view.otherwise == "if not in 15 s: market for the rest, never above 15.31"


def test_the_touch_of_one_exchange_is_never_called_the_market() -> None:
    now = replace(situation(), quote=msgspec.structs.replace(quote(), feed="iex"))
    assert sell(now=now).headline == "+1 tick, +$10.00 vs the IEX bid"
    assert buy(now=now).headline == "+2 ticks, +$20.00 vs the IEX ask"


def test_the_gain_is_told_a_share_and_in_basis_points_and_the_fees_as_billed() -> None:
    now = replace(situation(), now_ns=SEPTEMBER_NS)
    assert sell(now=now).fees == D("0.32") + D("0.20") + D("0.01")
    assert sell(now=now).details == "+$0.01 a share · 6.6 bps · fees $0.53"
    assert buy(now=now).details == "+$0.02 a share · 13 bps · fees $0.01"


@pytest.mark.parametrize(("venue", "words"), [("live", "$0.53"), ("paper", "$0.53 if live")])
def test_what_is_simulated_pays_its_fees_only_if_it_were_live(venue: str, words: str) -> None:
    now = replace(situation(), now_ns=SEPTEMBER_NS)
    view = outlook(Side.SELL, D(1000), DEFAULTS[Side.SELL], now, Background(venue=venue))
    assert view.details.endswith(f"fees {words}")


def test_fees_of_a_day_that_no_table_covers_are_said_to_be_unknown() -> None:
    view = sell()  # 1970
    assert view.fees is None
    assert view.details.endswith("fees unknown before 2026-09-17")


def test_without_a_price_or_a_quantity_no_fee_is_told() -> None:
    assert sell(None).fee_words == ""
    assert sell(now=replace(situation(), quote=None)).lines == ()


LIKE = group("paper", "PA1", "UVXY", Side.SELL)


def known(fills: int, costs: tuple[str, ...]) -> Background:
    """What so many fills, and fallbacks at these costs, leave behind."""
    won = [Attempt(f"f{n}", D(8) / 9, D(10), filled=True, cost=None) for n in range(fills)]
    lost = [
        Attempt(f"m{n}", D(8) / 9, D(10), filled=False, cost=D(cost))
        for n, cost in enumerate(costs)
    ]
    evidence = FillHistory().with_attempts({LIKE: {a.id: a for a in [*won, *lost]}})
    return Background("paper", "PA1", evidence)


def told(background: Background, plan: Plan | None = None, at: str = "15.23") -> Outlook:
    return outlook(Side.SELL, D(1000), plan or DEFAULTS[Side.SELL], situation(at), background)


def test_evidence_gives_the_typical_cost_the_rate_and_what_would_pay() -> None:
    view = told(known(26, ("0.0145",) * 13 + ("0.041", "0.05")))
    assert view.otherwise == (
        "if not in 10 s: market for the rest, typical −$14.50, 1 in 10 worse than −$41.00"
    )
    assert view.record == "fills 63 % [48–76] of 41 like it · needs 65 % to pay → a wash"
    assert view.fallback_cost == D("14.5")


def test_a_rate_without_enough_fallbacks_has_no_verdict() -> None:
    view = told(known(30, ("0.01",) * 3))
    assert view.record == "fills 91 % [76–97] of 33 like it"
    assert view.otherwise.endswith("price unknown")
    assert view.fallback_cost is None


def test_a_fallback_seldom_seen_has_no_worst_in_ten() -> None:
    assert told(known(30, ("0.01",) * 5)).otherwise.endswith("typical −$10.00")


def test_too_few_orders_are_no_evidence() -> None:
    assert told(known(6, ())).record == "no evidence yet (n = 6)"


def test_nothing_is_said_of_fills_where_it_fills_at_once_or_goes_in_steps() -> None:
    background = known(26, ("0.0145",) * 15)
    assert told(background, at="15.31").record == ""
    steps = stepped(parse_steps(["0.85:5", "0.9:5"]))
    assert told(background, steps).record == ""
    none = Plan(D("0.85"), D(10), Fallback.NONE)
    assert told(background, none).fallback_cost is None


def test_what_other_orders_may_still_do_is_in_the_position_after() -> None:
    now = replace(situation(), may_buy=D(300), may_sell=D(600))
    assert sell(now=now).afterwards == "position after 3,600, 3,000 to 3,900 with other orders"
    assert sell().afterwards == "position after 3,600"
    short = replace(situation(), position=None)
    assert sell("10", short).afterwards == "position after −10"


def test_everything_that_was_shown_is_frozen_and_comes_back_from_the_journal() -> None:
    background = replace(known(26, ("0.0145",) * 15), moved_ticks=2)
    view = told(background)
    shown = view.shown
    assert shown is not None
    assert shown.lines == (view.button, *view.lines)
    assert len(view.lines) == 5
    assert (shown.gain, shown.fallback_cost, shown.moved_ticks) == (D("0.01"), D("14.5"), 2)
    assert (shown.fees, shown.position_after) == (view.fees, D(3600))
    assert msgspec.json.decode(msgspec.json.encode(shown), type=Preview) == shown


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
    assert sell("4001").refusal == "Only 4,000 UVXY are available; 600 are reserved."


def test_nothing_is_sold_that_is_not_held() -> None:
    nothing = PreTradeContext("UVXY", quote(), None, None, ACCOUNT, True)
    assert sell("1", nothing).refusal == "You hold no UVXY to sell."
    assert buy("1", nothing).ready


def test_a_buy_beyond_the_buying_power_names_both_numbers() -> None:
    assert buy("4000").refusal == "Costs $61,280.00; buying power is $50,000.00."


def test_without_a_symbol_one_is_asked_for() -> None:
    empty = PreTradeContext("", None, Unusable.MISSING)
    assert sell(now=empty).refusal == "Choose a symbol first."


def test_an_empty_ticket_words_its_side_and_asks_for_a_symbol_first() -> None:
    nothing = outlook(Side.SELL, None, DEFAULTS[Side.SELL], PreTradeContext("", None, None))
    assert nothing.button == "SELL"
    assert nothing.refusal == "Choose a symbol first."
    assert nothing.condition == nothing.details == nothing.record == nothing.afterwards == ""
    assert price_words(nothing) == ""


def test_an_order_without_a_price_tells_its_position_all_the_same() -> None:
    view = sell(now=replace(situation(), quote=None, unusable=Unusable.MISSING))
    assert (view.details, view.record) == ("", "")
    assert view.afterwards == "position after 3,600"


def test_a_floor_or_a_cap_stands_under_a_price_that_is_the_touch() -> None:
    at = situation("15.23", "15.24")
    assert sell(now=at).condition == "with a floor"
    assert buy(now=situation("15.23", "15.23")).condition == "with a cap"
    assert sell(now=at).details == "fees unknown before 2026-09-17"


def test_a_symbol_that_is_being_looked_up_is_not_asked_for() -> None:
    assert sell(now=replace(situation(), symbol="")).refusal == "Choose a symbol first."
    waiting = replace(situation(), symbol="", awaited="UVXY")
    assert sell(now=waiting).refusal == "UVXY is being looked up."


def test_little_evidence_and_the_position_share_a_line() -> None:
    assert sell().lines[2] == "no evidence yet (n = 0) · position after 3,600"
    collapsed = sell(now=situation("15.23", "15.24")).lines
    assert collapsed[2] == "position after 3,600"


def test_outside_regular_hours_nothing_follows_the_limit() -> None:
    view = sell(now=replace(situation(), session=TradingHours.EXTENDED))
    assert view.otherwise == "if not in 10 s: cancelled; outside regular hours limit orders only"
    background = known(26, ("0.0145",) * 15)
    now = replace(situation(), session=TradingHours.EXTENDED)
    told_then = outlook(Side.SELL, D(1000), DEFAULTS[Side.SELL], now, background)
    assert told_then.fallback_cost is None
