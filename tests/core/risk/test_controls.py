"""Each pre-trade control, just inside and just outside, and the table as a whole."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Confirmation, Refusal
from core.market.account import Account, Asset, Position
from core.market.prices import Side
from core.market.quote_board import QuoteBoard
from core.market.quotes import Quote, Trade, Unusable
from core.market.time import NS
from core.market.trading_hours import TradingHours
from core.orders.plan import DEFAULTS, Fallback, Plan, Preview
from core.risk import judging, pre_trade_context
from core.risk.controls import CONFIRMABLE, CONTROLS, Severity
from core.risk.limits import Limits
from core.risk.pre_trade_context import PreTradeContext, Sent
from core.risk.send_gate import Resting
from core.wording.setting_spec import specs_of
from tests.support.scripted_orders import ScriptedOrder
from tests.support.wide_limits import WIDE_LIMITS

D = Decimal
NOW = 1_000 * NS
SELL, BUY = Side.SELL, Side.BUY


def quote(bid: str = "15.23", ask: str = "15.32") -> Quote:
    return Quote("UVXY", D(bid), D(ask), 100, 100, NOW, NOW, "iex")


def holding(qty: str, available: str | None = None) -> Position:
    return Position("UVXY", D(qty), D(available or qty), D(10))


def asset(*, tradable: bool = True, fractionable: bool = True, shortable: bool = True) -> Asset:
    return Asset("UVXY", "", tradable, fractionable, shortable)


def account(power: str = "1000000", *, blocked: bool = False) -> Account:
    return Account("id", "PA1", D(100_000), D(50_000), D(power), blocked)


def limits(**changed: Any) -> Limits:
    return msgspec.structs.replace(WIDE_LIMITS, **changed)


FINE = PreTradeContext(
    symbol="UVXY",
    quote=quote(),
    unusable=None,
    position=holding("4600"),
    account=account(),
    armed=True,
    asset=asset(),
    trade=Trade("UVXY", D("15.27"), 100, NOW, NOW),
    closes_ns=NOW + 3600 * NS,
    now_ns=NOW,
    settings=WIDE_LIMITS,
)


SHOWN = Preview(D("15.23"), D("15.32"), D("15.24"), 1, moved_ticks=2)


def found(
    now: PreTradeContext,
    side: Side = SELL,
    qty: str = "100",
    plan: Plan | None = None,
    shown: Preview | None = None,
) -> list[str]:
    """Names of the controls that are broken."""
    asked = pre_trade_context.proposed_order(side, D(qty), plan or DEFAULTS[side], now, shown)
    return [finding.name for finding in judging.findings(asked)]


def with_(**changed: Any) -> PreTradeContext:
    return replace(FINE, **changed)


def sent(seconds_ago: float, qty: str = "100", side: Side = SELL, symbol: str = "UVXY") -> Sent:
    return Sent(symbol, side, D(qty), NOW - int(seconds_ago * NS))


def ours(limit: str | None, side: Side = BUY) -> tuple[Resting, ...]:
    """An order of our own that is open."""
    return (Resting("UVXY", side, D(limit) if limit else None),)


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
    row("minimum", FINE, FINE, qty="0.0657", outside_qty="0.0656"),
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


def test_what_asks_is_sent_once_every_name_is_confirmed() -> None:
    now = with_(settings=limits(large_notional=D(1), duplicate_window=D(10)), recent=(sent(2),))
    asked = pre_trade_context.proposed_order(SELL, D(100), DEFAULTS[SELL], now)
    with pytest.raises(Confirmation) as asks:
        judging.judge(asked, ())
    assert asks.value.names == ("large", "duplicate")
    assert "The same order was sent 2 s ago." in asks.value.sentence
    with pytest.raises(Confirmation) as asks:
        judging.judge(asked, ("large",))
    assert asks.value.names == ("duplicate",)
    assert judging.judge(asked, ("large", "duplicate"))[1].price == D("15.24")


def test_no_confirmation_sends_what_is_refused() -> None:
    now = with_(connected=False, disconnected="Connection limit", settings=limits())
    asked = pre_trade_context.proposed_order(SELL, D(100), DEFAULTS[SELL], now)
    with pytest.raises(Refusal, match=r"not connected \(Connection limit\)") as refused:
        judging.judge(asked, [control.name for control in CONTROLS])
    assert not isinstance(refused.value, Confirmation)


def test_the_first_to_tell_is_the_first_that_refuses_else_the_first_that_asks() -> None:
    def first(now: PreTradeContext) -> str | None:
        finding = judging.first(pre_trade_context.proposed_order(SELL, D(100), DEFAULTS[SELL], now))
        return finding.name if finding else None

    asks = limits(large_notional=D(1), price_band_percent=D("0.1"))
    assert first(FINE) is None
    assert first(with_(settings=asks)) == "price-band"
    assert first(with_(settings=asks, killed="Killed.")) == "killed"
    assert first(with_(settings=asks, account=account(blocked=True), position=None)) == "account"


def test_another_symbol_side_or_quantity_is_no_duplicate() -> None:
    recent = (sent(1, "99"), sent(1, side=BUY), sent(1, symbol="IBM"))
    assert found(with_(settings=limits(duplicate_window=D(10)), recent=recent)) == []


def test_a_sell_of_what_is_held_needs_no_money_and_neither_does_a_buy_that_covers() -> None:
    assert found(with_(account=account("0"))) == []
    assert found(with_(account=account("0"), position=holding("-500")), BUY) == []
    assert found(with_(account=None), BUY) == []


def test_an_asset_is_judged_before_there_is_a_quote() -> None:
    judging.check_asset(SELL, D("1.5"), DEFAULTS[SELL], asset())
    with pytest.raises(Refusal, match=r"whole shares only, so not 1\.5"):
        judging.check_asset(SELL, D("1.5"), DEFAULTS[SELL], asset(fractionable=False))
    with pytest.raises(Refusal, match="cannot be traded"):
        judging.check_asset(SELL, D(1), DEFAULTS[SELL], asset(tradable=False))


def test_a_trade_without_a_price_is_no_reference() -> None:
    now = with_(settings=limits(price_band_percent=D(1)), trade=Trade("UVXY", D(0), 1, 1, 1))
    assert found(now) == []
    assert found(with_(trade=None)) == []


PRICES = st.decimals("0.01", "5000", places=2)
SHARES = st.decimals("0.000000001", "10000000", places=9)
SITUATIONS = st.builds(
    replace,
    st.just(FINE),
    quote=st.builds(quote, PRICES.map(str), PRICES.map(str)),
    position=st.none() | st.builds(holding, st.integers(-9999, 9999).map(str)),
    account=st.none() | st.builds(account, st.integers(0, 10**7).map(str), blocked=st.booleans()),
    connected=st.booleans(),
    unusable=st.none() | st.sampled_from(list(Unusable)),
    asset=st.builds(
        asset, tradable=st.booleans(), fractionable=st.booleans(), shortable=st.booleans()
    ),
    settings=st.builds(
        limits,
        max_shares=st.integers(1, 10**6).map(D),
        max_notional=st.integers(1, 10**6).map(D),
        short_sales=st.booleans(),
    ),
)


@given(SITUATIONS, st.sampled_from(list(Side)), SHARES)
def test_what_is_sent_breaks_no_limit_whatever_the_situation(
    now: PreTradeContext, side: Side, qty: Decimal
) -> None:
    asked = pre_trade_context.proposed_order(side, qty, DEFAULTS[side], now)
    finding = judging.first(asked)
    if finding is not None and finding.severity is Severity.REFUSE:
        with pytest.raises(Refusal) as refused:  # the engine says what the ticket says
            judging.judge(asked, CONFIRMABLE)
        assert refused.value.sentence.startswith(finding.sentence)
        return
    _, price = judging.judge(asked, CONFIRMABLE)
    assert now.connected
    assert now.unusable is None
    assert qty <= now.settings.max_shares
    assert qty * price.price <= now.settings.max_notional
    held = now.position.qty if now.position else D(0)
    if side is SELL and not now.settings.short_sales:
        assert qty <= held
    after = held - qty if side is SELL else held + qty
    assert held * after >= 0  # never from long to short or back in one order


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


def test_of_the_orders_sent_before_only_those_of_the_last_minute_or_longer_window_count() -> None:
    def seen(**changed: Any) -> list[Sent]:
        ages = {"old": 61, "young": 60 - 0.001, "now": 0}
        orders = {n: ScriptedOrder(n, at=NOW - int(age * NS)).order for n, age in ages.items()}
        now = pre_trade_context.context_of(
            "UVXY",
            board=QuoteBoard(),
            links={},
            market=None,
            account=None,
            positions={},
            orders=orders,
            current=(),
            asset=None,
            settings=limits(**changed),
            now_ns=NOW,
        )
        assert [s.at_ns for s in now.recent] == sorted((s.at_ns for s in now.recent), reverse=True)
        return list(now.recent)

    assert len(seen()) == 2
    assert len(seen(duplicate_window=D(62))) == 3
