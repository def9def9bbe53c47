"""Limits under which no pre-trade limit bites, for tests of what happens after it."""

from decimal import Decimal

from core.risk.limits import Limits

WIDE_LIMITS = Limits(
    max_shares=Decimal(10_000_000),
    max_notional=Decimal(1_000_000_000),
    large_notional=Decimal(1_000_000_000),
    price_band_percent=Decimal(100),
    max_spread_bps=Decimal(10_000),
    max_spread_refuse_bps=Decimal(20_000),
    max_quote_age=Decimal(1_000_000),
    duplicate_window=Decimal(0),
    orders_per_minute=1_000,
    before_close=Decimal(0),
)
