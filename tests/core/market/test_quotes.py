"""When a quote may price an order."""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.market import quotes
from core.market.quotes import Quote, Unusable
from core.market.time import NS
from core.market.venue_time import VenueTime

D = Decimal
NOW = 1_790_000_000 * NS
MAX_AGE_NS = 5 * NS
SURE = VenueTime(0, 0, NOW + 60 * NS)


def why_unusable(
    quote: Quote | None,
    now_ns: int,
    time: VenueTime | None = SURE,
    *,
    halted: bool = False,
    is_open: bool = True,
) -> Unusable | None:
    return quotes.why_unusable(
        quote, now_ns, time, max_age_ns=MAX_AGE_NS, halted=halted, is_open=is_open
    )


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


def test_the_age_is_counted_from_the_exchange_stamp_and_not_from_our_receipt() -> None:
    assert why_unusable(quote(exchange=NOW - 3600 * NS), NOW) is Unusable.STALE
    assert why_unusable(quote(at=0), NOW) is None


@pytest.mark.parametrize("off", [-600 * NS, 600 * NS])
def test_a_computer_that_is_10_minutes_off_changes_no_age(off: int) -> None:
    time = VenueTime(off, off, NOW)
    assert why_unusable(quote(exchange=NOW + off), NOW, time) is None
    assert why_unusable(quote(exchange=NOW + off - 6 * NS), NOW, time) is Unusable.STALE


def test_what_is_uncertain_counts_against_the_quote() -> None:
    rough = VenueTime(-2 * NS, 2 * NS, NOW)
    assert why_unusable(quote(exchange=NOW - 3 * NS), NOW, rough) is None
    assert why_unusable(quote(exchange=NOW - 4 * NS), NOW, rough) is Unusable.STALE


@pytest.mark.parametrize("own", [0, 86_400 * NS, -62_135_596_800 * NS])
def test_a_quote_without_a_time_is_not_usable_and_named(own: int) -> None:
    assert why_unusable(quote(exchange=own), NOW) is Unusable.UNTIMED


def test_before_the_venue_told_its_time_no_quote_has_an_age() -> None:
    assert why_unusable(quote(), NOW, None) is Unusable.TIME_UNKNOWN


def test_a_delayed_feed_prices_nothing_however_new_its_stamps() -> None:
    delayed = msgspec.structs.replace(quote(), feed="delayed_sip")
    assert why_unusable(delayed, NOW) is Unusable.DELAYED


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
