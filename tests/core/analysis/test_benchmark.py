"""How one order stands against crossing at the click, and that nothing unknown is a number."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from core.analysis.benchmark import effective_over_quoted, fees_of, figures
from core.errors import Refusal
from core.market.fees import Fees
from core.market.prices import Side
from core.market.quotes import Quote
from core.orders.facts import Execution
from core.orders.plan import Plan
from core.orders.state import ChildKind, ParentOrder
from tests.support.scripted_orders import START_NS, ScriptedOrder

D = Decimal
NS = 1_000_000_000
SEPTEMBER_NS = 1_790_600_000 * NS  # 2026-09-28, when every fee is taken


def quote(bid: str, ask: str, feed: str = "sip") -> Quote:
    return Quote("UVXY", D(bid), D(ask), 1200, 900, START_NS, START_NS, feed)


def arrived(order: ParentOrder, at: Quote) -> ParentOrder:
    return replace(order, quote=at)


def values(order: ParentOrder, now: Quote | None, why_not: str = "") -> list[str]:
    return [figure.value for figure in figures(order, now, why_not)]


def of_september(side: Side = Side.SELL) -> ScriptedOrder:
    return ScriptedOrder(side=side, at=SEPTEMBER_NS).working()


def test_a_part_filled_sell_as_it_stands_against_its_twin() -> None:
    told = of_september().filled(400, 400)
    assert values(told.order, quote("15.23", "15.32")) == [
        "+$4.00",
        "$0.00",
        "15.23",
        "\N{MINUS SIGN}$0.22",
        "0.78",
    ]
    assert values(told.order, quote("15.20", "15.32"))[1] == "\N{MINUS SIGN}$18.00"


def test_a_buy_gains_below_the_ask_and_pays_cat_alone() -> None:
    told = of_september(Side.BUY).filled(400, 400)
    filled, rest, twin, fees, spread = figures(told.order, quote("15.23", "15.34"))
    assert (filled.value, rest.value, twin.value) == ("+$32.00", "\N{MINUS SIGN}$12.00", "15.32")
    assert "(15.32 \N{MINUS SIGN} average 15.24)" in filled.meaning
    assert "900 shares were shown" in twin.meaning
    assert (fees.name, fees.value) == ("fees if it were live", "\N{MINUS SIGN}$0.01")
    assert spread.value == "\N{MINUS SIGN}0.78", "better than the middle: part of it was earned"


def test_formulas_hold_the_numbers_and_one_exchange_is_never_called_national() -> None:
    told = of_september().filled(400, 400)
    meanings = [figure.meaning for figure in figures(told.order, quote("15.22", "15.32", "iex"))]
    assert "(average 15.24 \N{MINUS SIGN} 15.23) \N{MULTIPLICATION SIGN} 400" in meanings[0]
    assert "(15.22 \N{MINUS SIGN} 15.23) \N{MULTIPLICATION SIGN} 600" in meanings[1]
    assert "1,200 shares were shown there" in meanings[2]
    assert "SEC $0.13, TAF $0.08, CAT $0.01" in meanings[3]
    assert "pay none" in meanings[3]
    assert "(15.275 \N{MINUS SIGN} average 15.24) / (15.32 \N{MINUS SIGN} 15.23)" in meanings[4]
    assert all("IEX alone" in meanings[place] for place in (0, 1, 2, 4))
    national = arrived(told.order, quote("15.23", "15.32"))
    assert "IEX" not in "".join(f.meaning for f in figures(national, quote("15.22", "15.32")))


def test_before_the_first_fill_nothing_is_counted() -> None:
    told = ScriptedOrder().working()
    dash = "\N{EM DASH}"
    assert values(told.order, quote("15.24", "15.32")) == [dash, "+$10.00", "15.23", dash, dash]


def test_without_a_usable_quote_the_rest_is_unknown_and_says_why() -> None:
    rest = figures(ScriptedOrder().working().order, None, "UVXY is halted.")[1]
    assert (rest.value, rest.meaning) == ("unknown", "UVXY is halted.")


def test_a_quote_without_a_far_touch_at_the_click_leaves_all_unknown() -> None:
    order = arrived(of_september().filled(400, 400).order, quote("0", "15.32"))
    assert values(order, quote("15.23", "15.32")) == [
        "unknown",
        "unknown",
        "unknown",
        "\N{MINUS SIGN}$0.22",
        "unknown",
    ]
    assert all("no bid" in f.meaning for f in figures(order, None, "")[:3])


@pytest.mark.parametrize(("bid", "ask"), [("15.23", "15.23"), ("15.23", "0"), ("0", "15.32")])
def test_a_quote_without_a_spread_gives_no_ratio(bid: str, ask: str) -> None:
    order = arrived(of_september().filled(400, 400).order, quote(bid, ask))
    assert effective_over_quoted(order) is None


def test_what_an_ended_order_left_untraded_is_no_zero() -> None:
    told = ScriptedOrder().working().filled(400, 400).cancel_asked().reported("canceled", 400)
    assert told.order.final
    rest = figures(told.order, quote("15.23", "15.32"))[1]
    assert (rest.name, rest.value) == ("rest", "600 not traded")
    assert "15.23" in rest.meaning
    done = ScriptedOrder().working().filled(1000, 1000)
    assert figures(done.order, None, "")[1].value == "$0.00"


def test_a_real_order_pays_its_fees() -> None:
    order = replace(of_september().filled(400, 400).order, venue="live")
    fees = figures(order, None, "")[3]
    assert (fees.name, fees.value) == ("fees (SEC, TAF, CAT)", "\N{MINUS SIGN}$0.22")
    assert "pay none" not in fees.meaning


def test_fees_of_a_day_whose_rates_nobody_knows_are_unknown() -> None:
    told = ScriptedOrder().working().filled(400, 400)  # 2027
    with pytest.raises(Refusal):
        fees_of(told.order)
    fees = figures(told.order, None, "")[3]
    assert fees.value == "unknown"
    assert fees.meaning == "fees unknown after 2026-12-31"


def test_fills_that_only_the_total_tells_of_are_billed_by_it() -> None:
    told = of_september()
    told.reported("partially_filled", 400)  # no execution told it
    assert fees_of(told.order) == Fees(D("0.13"), D("0.08"), D("0.01"))
    (child,) = told.order.children
    silent = replace(told.order, children=(replace(child, avg_price=None),))
    assert fees_of(silent) == Fees()


def test_each_fill_is_a_trade_of_its_day_and_types_are_rounded_once() -> None:
    told = of_september()
    for total in range(1, 4):
        told.filled(1, total)
    assert fees_of(told.order) == Fees(D("0.01"), D("0.01"), D("0.01"))


def test_the_worked_example_of_the_definitions() -> None:
    """Sell 100 at 20.00 / 20.10: 60 at 20.02, the rest falls back to 19.98."""
    told = ScriptedOrder(qty=100, plan=Plan(D("0.85"), D(10))).working()
    (child,) = told.order.children
    limit = replace(child, filled=D(60), avg_price=D("20.02"))
    back = replace(
        child, client_id="tl-a1-2", kind=ChildKind.MARKET, filled=D(40), avg_price=D("19.98")
    )
    order = arrived(replace(told.order, children=(limit, back)), quote("20.00", "20.10"))
    assert values(order, None)[0] == "+$0.40"
    assert values(order, None)[4] == "0.92"


def test_an_execution_is_billed_at_its_own_price() -> None:
    told = of_september()
    told.reported("partially_filled", 400, Execution("e", D(400), D("15.30"), told.at))
    sec = fees_of(told.order).sec
    assert sec == D("0.13")  # 400 * 15.30 * 0.0000206 = 0.126


@pytest.mark.parametrize("ask", ["15.25", "15.25001", "15.24999"])
def test_a_fill_in_the_middle_has_no_sign(ask: str) -> None:
    order = arrived(of_september().filled(400, 400).order, quote("15.23", ask))
    assert values(order, None)[4] == "0.00"
