"""When a quote may price an order."""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.market.quotes import MAX_AGE_NS, Quote, Unusable, why_unusable
from core.market.time import NS

D = Decimal
NOW = 1_000 * NS


def quote(bid: str = "15.23", ask: str = "15.32", at: int = NOW, exchange: int = NOW) -> Quote:
    return Quote("UVXY", D(bid), D(ask), 300, 500, exchange, at, feed="iex")


def test_spread_and_midpoint_are_exact() -> None:
    assert (quote().spread, quote().mid) == (D("0.09"), D("15.275"))


@pytest.mark.parametrize(
    ("bid", "ask", "reason"),
    [
        ("15.23", "15.32", None),
        ("15.23", "15.23", None),  # locked
        ("0.0001", "0.0002", None),
        ("0", "0", Unusable.ZERO),
        ("-0", "0", Unusable.ZERO),
        ("0", "15.32", Unusable.ONE_SIDED),
        ("15.23", "0", Unusable.ONE_SIDED),
        ("15.33", "15.32", Unusable.CROSSED),
        ("-15.23", "15.32", Unusable.NEGATIVE),
        ("15.23", "-15.32", Unusable.NEGATIVE),
        ("-1", "0", Unusable.NEGATIVE),
        ("NaN", "15.32", Unusable.NEGATIVE),
        ("15.23", "sNaN", Unusable.NEGATIVE),
        ("15.23", "Infinity", Unusable.NEGATIVE),
    ],
)
def test_the_shape_of_a_quote_decides_whether_it_may_price(
    bid: str, ask: str, reason: Unusable | None
) -> None:
    assert why_unusable(quote(bid, ask), NOW) is reason


def test_no_quote_is_missing() -> None:
    assert why_unusable(None, NOW) is Unusable.MISSING


@pytest.mark.parametrize(
    ("age", "reason"), [(0, None), (MAX_AGE_NS, None), (MAX_AGE_NS + 1, Unusable.STALE)]
)
def test_a_quote_is_stale_after_the_greatest_age(age: int, reason: Unusable | None) -> None:
    assert why_unusable(quote(), NOW + age) is reason


def test_the_age_is_counted_from_our_receipt_and_not_from_the_exchange_stamp() -> None:
    assert why_unusable(quote(exchange=NOW - 3600 * NS), NOW) is None
    assert why_unusable(quote(exchange=NOW + 3600 * NS, at=0), NOW) is Unusable.STALE


def test_a_quiet_symbol_on_a_feed_that_lives_is_not_stale() -> None:
    late = NOW + 60 * NS
    assert why_unusable(quote(), late) is Unusable.STALE
    assert why_unusable(quote(), late, fresh_ns=late - NS) is None


@pytest.mark.parametrize("held", [quote(), quote("0", "0"), quote(at=0), None])
def test_closed_comes_before_halted_and_halted_before_the_quote_itself(held: Quote | None) -> None:
    assert why_unusable(held, NOW, halted=True, is_open=False) is Unusable.CLOSED
    assert why_unusable(held, NOW, halted=True) is Unusable.HALTED


@given(st.decimals(), st.decimals(), st.integers(0, 2 * MAX_AGE_NS))
def test_a_usable_quote_is_positive_uncrossed_and_fresh(
    bid: Decimal, ask: Decimal, age: int
) -> None:
    held = msgspec.structs.replace(quote(), bid=bid, ask=ask)
    if why_unusable(held, NOW + age) is None:
        assert bid.is_finite()
        assert ask.is_finite()
        assert 0 < bid <= ask
        assert age <= MAX_AGE_NS


@pytest.mark.parametrize("reason", Unusable)
def test_every_reason_is_one_sentence(reason: Unusable) -> None:
    sentence = reason.sentence("UVXY")
    assert sentence.endswith(".")
    assert sentence.count(".") == 1
    assert "{" not in sentence
    assert "UVXY" in sentence or reason is Unusable.CLOSED
