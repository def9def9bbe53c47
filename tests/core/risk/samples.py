"""Orders and what is known around them, for tests of the controls."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import msgspec
from hypothesis import strategies as st

from core.market.account import Account, Asset, Position
from core.market.prices import Side
from core.market.quotes import Quote, Trade, Unusable
from core.market.time import NS
from core.orders.plan import DEFAULTS, Plan, Preview
from core.risk import judging, pre_trade_context
from core.risk.limits import Limits
from core.risk.pre_trade_context import PreTradeContext, Sent
from core.risk.send_gate import Resting
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


def account(power: str = "1000000", *, blocked: bool = False, not_open: str = "") -> Account:
    return Account("id", "PA1", D(100_000), D(50_000), D(power), blocked, not_open)


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
