"""How numbers, times and facts read."""

from datetime import UTC
from decimal import Decimal

import pytest

from core.market.time import NS
from core.orders import facts as f
from core.wording.fact_words import fact_sentence, fact_source, told_from
from core.wording.numbers import money, per_share, price, qty, spread
from core.wording.order_words import told_by
from core.wording.times import age, brief_time, clock_time, countdown, latency, seconds, since
from tests.support.scripted_orders import START_NS, ScriptedOrder

D = Decimal


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (D("15.2"), "15.20"),
        (D("15.275"), "15.275"),
        (D("15.24666666"), "15.2467"),
        (D("0.4012"), "0.4012"),
        (D("0.4"), "0.40"),
        (D("1234.5"), "1,234.50"),
        (None, "\N{EM DASH}"),
    ],
)
def test_prices_show_cents_and_as_many_places_as_they_have(
    value: Decimal | None, words: str
) -> None:
    assert price(value) == words


def test_quantities_stand_in_thousands_and_keep_their_fractions() -> None:
    assert qty(D("12000")) == "12,000"
    assert qty(D("0.50")) == "0.5"
    assert qty(D("1E+3")) == "1,000"


def test_money_carries_its_sign_only_where_it_is_a_gain_or_a_loss() -> None:
    assert money(D("10"), sign=True) == "+$10.00"
    assert money(D("-14.5"), sign=True) == "\N{MINUS SIGN}$14.50"
    assert money(D("0"), sign=True) == "$0.00"
    assert per_share(D("0.0003")) == "+$0.0003"
    assert per_share(D("0.003")) == "+$0.003"
    assert per_share(D("-0.01")) == "\N{MINUS SIGN}$0.01"


def test_a_spread_is_told_in_cents_and_in_basis_points() -> None:
    assert spread(D("15.23"), D("15.32")) == "9¢ · 59 bps"
    assert spread(D("0.4012"), D("0.4020")) == "0.08¢ · 20 bps"
    assert spread(D("15.32"), D("15.23")) == "crossed"
    assert spread(D("0"), D("15.23")) == "one-sided"


def test_times_are_as_coarse_as_they_may_be_read() -> None:
    assert age(12_000_000) == "12 ms"
    assert age(400_000_000) == "0.4 s"
    assert age(7200 * NS) == "2 h"
    assert since(999_000_000) == "just now"
    assert since(70 * NS + 1) == "70 s ago"
    assert since(240 * NS) == "4 min ago"
    assert seconds(6_200_000_000) == "6.2 s"
    assert countdown(8047 * NS) == "2:14:07"
    assert clock_time(1_123_000_000, UTC) == "00:00:01.123"


def test_a_time_leaves_out_what_it_shares_with_the_one_before() -> None:
    first = START_NS + 102_000_000  # 03:00:00 in New York
    assert brief_time(first + 2_000_000, first) == ".104"
    assert brief_time(first + 3_148_000_000, first) == "03.250"
    assert brief_time(first + 64 * NS, first) == "01:04.102"
    assert brief_time(first + 3600 * NS, first) == "04:00:00.102"
    assert brief_time(first + 24 * 3600 * NS, first) == "2027-01-16\n03:00:00.102"


def test_a_latency_is_told_in_milliseconds_below_a_second() -> None:
    assert latency(2_000_000) == "2 ms"
    assert latency(999_000_000) == "999 ms"
    assert latency(3_100_000_000) == "3.1 s"


def test_who_told_a_fact_is_never_left_open() -> None:
    told = ScriptedOrder().working()
    assert told_from(f.CancelAsked(order_id="a1", at=1)) == "you"
    assert told_from(f.CancelAsked(order_id="a1", at=1, by="the kill file")) == "the kill file"
    assert told_from(f.VenueGone(order_id="a1", at=1)) == "assumed"
    assert told_from(f.Resumed(order_id="a1", at=1, grace=D(60))) == "journal"
    assert told_from(f.NotFound(order_id="a1", at=1, client_id=told.child_id)) == "REST read"
    failed = f.CancelFailed(order_id="a1", at=1, client_id=told.child_id, reason="timeout")
    assert told_from(failed) == "no REST reply"


def test_a_fill_is_told_with_its_gain_against_the_touch_at_the_click() -> None:
    told = ScriptedOrder().working().wait(2).filled(400, 400)
    change = told.changes[-1]
    assert change.fact is not None
    assert fact_sentence(change.fact, change.order) == "filled 400 @ 15.24 (+$0.01 a share)"
    assert fact_source(change.fact) == "stream, execution a1-400"


def test_every_fact_has_a_sentence_of_its_own() -> None:
    told = ScriptedOrder().working()
    child = told.child_id
    facts: list[f.AnyFact] = [
        f.MarketNowAsked(order_id="a1", at=1),
        f.DeadlineMoved(order_id="a1", at=1, deadline_ns=None),
        f.DeadlineMoved(order_id="a1", at=1, deadline_ns=START_NS),
        f.DeadlineReached(order_id="a1", at=1),
        f.Resumed(order_id="a1", at=1, grace=D(60)),
        f.VenueGone(order_id="a1", at=1),
        f.LoginLost(order_id="a1", at=1),
        f.FallbackPriced(order_id="a1", at=1, limit_price=D("15.2")),
        f.FallbackPriced(order_id="a1", at=1, limit_price=None, reason="no quote"),
        f.CancelAsked(order_id="a1", at=1),
        f.CancelAsked(order_id="a1", at=1, by="command line"),
        f.PostSent(order_id="a1", at=1, client_id=child),
        f.PostRefused(order_id="a1", at=1, client_id=child, message="no"),
        f.PostUnanswered(order_id="a1", at=1, client_id=child, reason="timeout"),
        f.PostWithheld(order_id="a1", at=1, client_id=child, reason="it is too late"),
        f.PostBarred(order_id="a1", at=1, client_id=child, reason="UVXY is halted."),
        f.PostBarred(order_id="a1", at=1, client_id=child, reason="halted", retry_after=1.0),
        f.CancelSent(order_id="a1", at=1, client_id=child),
        f.CancelTaken(order_id="a1", at=1, client_id=child),
        f.CancelRefused(order_id="a1", at=1, client_id=child, message="gone"),
        f.CancelFailed(order_id="a1", at=1, client_id=child, reason="timeout"),
        f.NotFound(order_id="a1", at=1, client_id=child),
        f.ReadFailed(order_id="a1", at=1, client_id=child, reason="timeout"),
    ]
    sentences = [fact_sentence(fact, told.order) for fact in facts]
    assert len(set(sentences)) == len(facts)
    for fact, sentence in zip(facts, sentences, strict=True):
        assert type(fact).__name__ not in sentence
        assert fact_source(fact)


def test_a_child_says_who_told_the_latest_and_how_long_ago() -> None:
    told = ScriptedOrder()
    assert told_by(told.order.children[0], told.at) == "not sent"
    told.working()
    assert told_by(told.order.children[0], told.at + 400_000_000) == "stream, 0.4 s ago"
