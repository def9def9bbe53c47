"""Each pre-trade control, just inside and just outside, and the table as a whole."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Confirmation, Refusal
from core.market.prices import Side
from core.market.quotes import Quote, Trade, Unusable
from core.market.time import NS
from core.market.trading_hours import TradingHours
from core.orders.plan import DEFAULTS, Fallback, Plan, Preview
from core.risk import judging, pre_trade_context
from core.risk.limits import Limits
from core.risk.pre_trade_context import PreTradeContext
from core.risk.pre_trade_controls import CONTROLS
from core.wording.setting_spec import specs_of
from tests.core.risk.samples import (
    BUY,
    FINE,
    NOW,
    SELL,
    SHARES,
    SHOWN,
    SITUATIONS,
    D,
    account,
    asset,
    found,
    holding,
    limits,
    ours,
    quote,
    sent,
    with_,
)


def wide_by(ticks: int, tick: str = "0.01") -> Quote:
    return quote("1.00", str(D("1.00") + ticks * D(tick)))


COLLAR = Plan(D("0.75"), D(15), Fallback.COLLAR)
NONE = Plan(D("0.75"), D(15), Fallback.NONE)
CAPPED = Plan(D("0.75"), D(15), limit=D("15.30"))
AT_THE_BID = Plan(D(1), D(10))
SHORT = with_(position=None, settings=limits(short_sales=True))
SHORT_RESTRICTED = replace(SHORT, restricted=True)
Row = tuple[str, PreTradeContext, PreTradeContext, Side, str, str, Plan | None]


def row(
    name: str,
    inside: PreTradeContext,
    outside: PreTradeContext,
    side: Side = SELL,
    qty: str = "100",
    outside_qty: str = "",
    plan: Plan | None = None,
) -> Row:
    return name, inside, outside, side, qty, outside_qty or qty, plan


ROWS: list[Row] = [
    row("killed", FINE, with_(killed="Killed by a person: arm again to trade.")),
    row("journal", FINE, with_(journal="The journal cannot record: disk full.")),
    row("settings", FINE, with_(damaged="The settings in x cannot be used.")),
    row("stream", FINE, with_(connected=False)),
    row("account", FINE, with_(account=account(blocked=True))),
    row("account", FINE, with_(account=account(not_open="ACCOUNT_CLOSED"))),
    row("symbol", FINE, with_(asset=asset(tradable=False))),
    row(
        "whole",
        with_(asset=asset(fractionable=False)),
        with_(asset=asset(fractionable=False)),
        outside_qty="1.5",
    ),
    row("session", FINE, with_(unusable=Unusable.CLOSED)),
    row("session", FINE, with_(unusable=Unusable.CLOSED, session=TradingHours.EXTENDED)),
    row(
        "extended",
        with_(session=TradingHours.EXTENDED),
        with_(session=TradingHours.EXTENDED),
        SELL,
        "1",
        "1.5",
    ),
    row("halt", FINE, with_(unusable=Unusable.HALTED)),
    row("quote", FINE, with_(unusable=Unusable.CROSSED)),
    row("quote-age", FINE, with_(unusable=Unusable.STALE)),
    row("price", FINE, with_(quote=quote("15.321", "15.329"))),
    row("minimum", FINE, FINE, BUY, qty="0.0654", outside_qty="0.0653"),
    row("short-restriction", SHORT, SHORT_RESTRICTED, plan=AT_THE_BID),
    row("wash", with_(resting=ours("15.23")), with_(resting=ours("15.24"))),
    row("wash", with_(resting=ours("15.31", SELL)), with_(resting=ours("15.30", SELL)), BUY),
    row("wash", with_(resting=ours("15.24", SELL)), with_(resting=ours(None))),
    row("short", FINE, with_(position=None)),
    row("short", with_(position=holding("1")), with_(position=holding("0")), qty="1"),
    row("short", FINE, with_(position=holding("-5"))),
    row(
        "short",
        with_(position=None, settings=limits(short_sales=True)),
        with_(position=None, settings=limits(short_sales=True), asset=asset(shortable=False)),
    ),
    row(
        "short",
        with_(position=None, settings=limits(short_sales=True)),
        with_(position=None, settings=limits(short_sales=True)),
        outside_qty="100.5",
    ),
    row("flip", FINE, FINE, qty="4600", outside_qty="4601"),
    row(
        "flip",
        with_(position=holding("-5")),
        with_(position=holding("-5")),
        side=BUY,
        qty="5",
        outside_qty="6",
    ),
    row(
        "available",
        with_(position=holding("4600", "4000")),
        with_(position=holding("4600", "4000")),
        qty="4000",
        outside_qty="4001",
    ),
    row("funds", with_(account=account("1532")), with_(account=account("1531.99")), side=BUY),
    row(
        "funds",
        with_(account=account("1530")),
        with_(account=account("1529.99")),
        side=BUY,
        plan=NONE,
    ),
    row(
        "funds",
        with_(account=account("1530")),
        with_(account=account("1529.99")),
        side=BUY,
        plan=CAPPED,
    ),
    row(
        "funds",
        with_(account=account("1535")),
        with_(account=account("1534.99")),
        side=BUY,
        plan=COLLAR,
    ),
    row(
        "funds",
        with_(position=None, settings=limits(short_sales=True), account=account("1577.96")),
        with_(position=None, settings=limits(short_sales=True), account=account("1577.95")),
    ),
    row("login", with_(), with_(locked_out="The venue does not accept these keys.")),
    row(
        "max-shares",
        with_(settings=limits(max_shares=D(100))),
        with_(settings=limits(max_shares=D(100))),
        outside_qty="100.000000001",
    ),
    row(
        "max-notional",
        with_(settings=limits(max_notional=D(1524))),
        with_(settings=limits(max_notional=D("1523.99"))),
    ),
    row(
        "rate",
        with_(settings=limits(orders_per_minute=2), recent=(sent(1, "1"), sent(60, "1"))),
        with_(settings=limits(orders_per_minute=2), recent=(sent(1, "1"), sent(59.9, "1"))),
    ),
    row(
        "before-close",
        with_(settings=limits(before_close=D(30)), closes_ns=NOW + 30 * NS),
        with_(settings=limits(before_close=D(30)), closes_ns=NOW + 30 * NS - 1),
    ),
    row(
        "spread",
        with_(settings=limits(max_spread_bps=D(100), max_spread_ticks=10), quote=wide_by(10)),
        with_(settings=limits(max_spread_bps=D(100), max_spread_ticks=10), quote=wide_by(11)),
    ),
    row(
        "spread",
        with_(settings=limits(max_spread_bps=D(59), max_spread_ticks=1)),
        with_(settings=limits(max_spread_bps=D(58), max_spread_ticks=1)),
    ),
    row(
        "spread-limit",
        with_(settings=limits(max_spread_refuse_bps=D(59), max_spread_ticks=1)),
        with_(settings=limits(max_spread_refuse_bps=D(58), max_spread_ticks=1)),
    ),
    row(
        "spread-limit",
        with_(settings=limits(max_spread_refuse_bps=D(58), max_spread_ticks=9)),
        with_(settings=limits(max_spread_refuse_bps=D(58), max_spread_ticks=8)),
    ),
    row(
        "price-band",
        with_(settings=limits(price_band_percent=D(1)), trade=Trade("UVXY", D("15.10"), 1, 1, 1)),
        with_(settings=limits(price_band_percent=D(1)), trade=Trade("UVXY", D("15.08"), 1, 1, 1)),
    ),
    row(
        "large",
        with_(settings=limits(large_notional=D(1524))),
        with_(settings=limits(large_notional=D("1523.99"))),
    ),
    row("moved", with_(quote=quote("15.25", "15.34")), with_(quote=quote("15.26", "15.35"))),
    row("moved", with_(quote=quote("15.21", "15.30")), with_(quote=quote("15.20", "15.29"))),
    row(
        "duplicate",
        with_(settings=limits(duplicate_window=D(10)), recent=(sent(10),)),
        with_(settings=limits(duplicate_window=D(10)), recent=(sent(9.999),)),
    ),
    row(
        "unproven",
        with_(unproven=((Side.BUY, D(100)), (Side.SELL, D(0)))),
        with_(unproven=((Side.BUY, D(100)), (Side.SELL, D(1)))),
    ),
]


@pytest.mark.parametrize(
    ("name", "inside", "outside", "side", "qty", "outside_qty", "plan"),
    ROWS,
    ids=[f"{number}-{each[0]}" for number, each in enumerate(ROWS)],
)
def test_a_control_lets_by_what_is_just_inside_and_stops_what_is_just_outside(
    name: str,
    inside: PreTradeContext,
    outside: PreTradeContext,
    side: Side,
    qty: str,
    outside_qty: str,
    plan: Plan | None,
) -> None:
    if inside.quote is not None and inside.quote.bid < 2:  # a holding for that price as well
        assert name == "spread"
        inside, outside = replace(inside, trade=None), replace(outside, trade=None)
    shown = SHOWN if name == "moved" else None
    assert found(inside, side, qty, plan, shown) == []
    assert found(outside, side, outside_qty, plan, shown) == [name]


def test_a_move_is_told_with_both_prices() -> None:
    now = with_(quote=quote("15.19", "15.28"))
    (finding,) = judging.findings(
        pre_trade_context.proposed_order(SELL, D(100), DEFAULTS[SELL], now, SHOWN)
    )
    assert finding.sentence == ("The price moved 4 ticks since the click, from 15.24 to 15.20.")


@pytest.mark.parametrize("shown", [None, msgspec.structs.replace(SHOWN, moved_ticks=None)])
def test_a_price_that_nobody_was_shown_or_that_may_move_is_not_asked_about(
    shown: Preview | None,
) -> None:
    assert found(with_(quote=quote("15.10", "15.19")), shown=shown) == []


def test_an_order_without_a_price_now_cannot_have_moved() -> None:
    assert found(with_(quote=None, unusable=Unusable.MISSING), shown=SHOWN) == ["quote"]


def test_every_control_has_a_row_of_its_own_above() -> None:
    assert {each[0] for each in ROWS} == {control.name for control in CONTROLS}


def test_names_are_unique_and_every_limit_is_a_setting() -> None:
    names = [control.name for control in CONTROLS]
    assert len(names) == len(set(names))
    compared = {name for control in CONTROLS for name in control.limits}
    assert compared == set(specs_of(Limits))


def test_every_sentence_ends_and_none_says_anything_when_all_is_well() -> None:
    assert found(FINE) == found(FINE, BUY) == []
    for _, _, outside, side, _, qty, plan in ROWS:
        asked = pre_trade_context.proposed_order(side, D(qty), plan or DEFAULTS[side], outside)
        assert all(f.sentence.endswith(".") for f in judging.findings(asked))


@pytest.mark.parametrize("reason", list(Unusable))
def test_no_quote_that_is_unusable_prices_an_order(reason: Unusable) -> None:
    asked = pre_trade_context.proposed_order(SELL, D(100), DEFAULTS[SELL], with_(unusable=reason))
    with pytest.raises(Refusal) as refused:
        judging.judge(asked)
    assert refused.value.sentence == f"{reason.sentence('UVXY')} Nothing was sent."


def test_without_any_quote_nothing_is_sent_whatever_was_said_of_it() -> None:
    asked = pre_trade_context.proposed_order(
        SELL, D(100), DEFAULTS[SELL], with_(quote=None, unusable=None)
    )
    with pytest.raises(Refusal, match="no quote"):
        judging.judge(asked)


def test_a_like_order_of_this_very_second_was_sent_just_now() -> None:
    now = with_(settings=limits(duplicate_window=D(10)), recent=(sent(0),))
    asked = pre_trade_context.proposed_order(SELL, D(100), DEFAULTS[SELL], now)
    with pytest.raises(Confirmation, match="The same order was sent just now"):
        judging.judge(asked, ())


def test_another_symbol_side_or_quantity_is_no_duplicate() -> None:
    recent = (sent(1, "99"), sent(1, side=BUY), sent(1, symbol="IBM"))
    assert found(with_(settings=limits(duplicate_window=D(10)), recent=recent)) == []


def test_a_sell_of_what_is_held_needs_no_money_and_neither_does_a_buy_that_covers() -> None:
    assert found(with_(account=account("0"))) == []
    assert found(with_(account=account("0"), position=holding("-500")), BUY) == []
    assert found(with_(account=None), BUY) == []


def test_a_trade_without_a_price_is_no_reference() -> None:
    now = with_(settings=limits(price_band_percent=D(1)), trade=Trade("UVXY", D(0), 1, 1, 1))
    assert found(now) == []
    assert found(with_(trade=None)) == []


JUDGES: list[Callable[[pre_trade_context.ProposedOrder], str]] = [
    control.judge for control in CONTROLS
]


@given(st.sampled_from(JUDGES), SITUATIONS, st.sampled_from(list(Side)), SHARES)
def test_no_control_fails_on_any_situation(
    judge: Callable[[pre_trade_context.ProposedOrder], str],
    now: PreTradeContext,
    side: Side,
    qty: Decimal,
) -> None:
    asked = pre_trade_context.proposed_order(side, qty, DEFAULTS[side], now)
    assert judge(asked) == judge(asked)
