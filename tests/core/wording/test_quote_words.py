"""Sentences about quotes that price nothing and about the venue's time."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from core.market.quotes import Quote, Unusable
from core.market.time import NS
from core.market.venue_time import Age, VenueTime
from core.wording.quote_words import (
    as_of,
    early_words,
    quote_light,
    why_unusable_words,
    wrong_clock,
)

NOW = 1_790_000_000 * NS
HOUR = 3600 * NS
SURE = VenueTime(0, 0, NOW)
QUOTE = Quote("UVXY", Decimal("15.23"), Decimal("15.32"), 1, 1, NOW, NOW, "sip")


def light(quote: Quote, now_ns: int = NOW, time: VenueTime | None = SURE) -> tuple[str, str]:
    return quote_light(quote, time, now_ns, 5 * NS)


def test_an_old_quote_is_refused_with_its_age() -> None:
    words = why_unusable_words(Unusable.STALE, "UVXY", Age(18 * HOUR, 0))
    assert "the newest quote is 18 h old" in words


@pytest.mark.parametrize("why", Unusable)
def test_without_an_age_the_reason_speaks_for_itself(why: Unusable) -> None:
    assert why_unusable_words(why, "UVXY", None) == why.sentence("UVXY")


def test_what_is_not_old_is_refused_without_an_age() -> None:
    words = why_unusable_words(Unusable.CROSSED, "UVXY", Age(18 * HOUR, 0))
    assert words == Unusable.CROSSED.sentence("UVXY")


def test_when_a_quote_was_true() -> None:
    assert as_of(QUOTE, Age(18 * HOUR, 0)) == "18 h ago"
    assert as_of(QUOTE, None) == "an unknown time"
    assert as_of(replace(QUOTE, feed="delayed_sip"), Age(900 * NS, 0)) == "15 min ago, DELAYED"


def test_the_light_says_the_own_age_of_a_quote_and_not_when_it_came() -> None:
    words, why = light(replace(QUOTE, exchange_ns=NOW - 18 * HOUR), NOW + 60 * NS)
    assert words == "SIP, 18 h old"
    assert "18 h old" in why


@pytest.mark.parametrize(("behind", "words"), [(900 * NS, "15 min"), (8 * HOUR, "8 h")])
def test_the_light_says_how_far_a_feed_is_behind(behind: int, words: str) -> None:
    shown, why = light(replace(QUOTE, exchange_ns=NOW - behind))
    assert shown == f"SIP, {words} behind"
    assert f"{words} behind the venue's time" in why


def test_the_light_of_a_good_quote_says_its_age() -> None:
    assert light(QUOTE, NOW + 2 * NS)[0] == "SIP, 2.0 s old"


def test_the_light_marks_a_delayed_feed() -> None:
    words, why = light(replace(QUOTE, feed="delayed_sip"))
    assert words.startswith("DELAYED, ")
    assert "prices no order" in why


def test_the_light_says_when_no_age_is_known() -> None:
    assert light(replace(QUOTE, exchange_ns=0))[0] == "SIP, age unknown"
    assert light(replace(QUOTE, feed=""), time=None) == (
        "age unknown",
        "How old the latest quote of UVXY is, is not known.",
    )


def test_a_quote_of_a_time_to_come_is_told_with_how_far() -> None:
    assert "UVXY was stamped 1 h ahead of the venue's time" in early_words("UVXY", HOUR)


@pytest.mark.parametrize(
    ("off", "words"), [(600 * NS, "10 min behind the"), (-600 * NS, "10 min ahead of the")]
)
def test_a_wrong_clock_is_told_with_how_far_and_which_way(off: int, words: str) -> None:
    told = wrong_clock(VenueTime(off, off, NOW))
    assert words in told
    assert "trades as usual" in told


def test_a_right_clock_is_not_worth_a_word() -> None:
    assert wrong_clock(SURE) == ""
