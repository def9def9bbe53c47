"""When a quote may price an order, and what the board keeps."""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.market.quote_board import QuoteBoard, StreamLife
from core.market.quotes import MAX_AGE_NS, Quote, Trade, TradingStatus, Unusable, why_unusable
from core.market.time import NS
from core.market.trading_hours import MarketClock

D = Decimal
NOW = 1_000 * NS


def quote(bid: str = "15.23", ask: str = "15.32", at: int = NOW, exchange: int = NOW) -> Quote:
    return Quote("UVXY", D(bid), D(ask), 300, 500, exchange, at, feed="iex")


def print_of(price: str, exchange: int) -> Trade:
    return Trade("UVXY", D(price), 100, exchange, NOW)


def status(*, halted: bool) -> TradingStatus:
    return TradingStatus("UVXY", halted, "H" if halted else "T", "", NOW)


def test_spread_and_midpoint_are_exact() -> None:
    assert (quote().spread, quote().mid) == (D("0.09"), D("15.275"))


# -- may it price an order? --------------------------------------------------------------------


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


# -- is the feed alive? ------------------------------------------------------------------------


def test_a_feed_that_never_connected_proves_nothing() -> None:
    feed = StreamLife()
    feed.sign(NOW)
    assert feed.fresh_ns(quote()) == 0
    assert feed.fresh_ns(None) == 0


def test_a_quote_of_this_connection_is_as_fresh_as_the_last_sign_of_life() -> None:
    feed = StreamLife()
    feed.connected(NOW)
    held = quote(at=NOW + NS)
    assert feed.fresh_ns(held) == NOW
    feed.sign(NOW + 90 * NS)
    assert feed.fresh_ns(held) == NOW + 90 * NS
    assert feed.fresh_ns(None) == 0


def test_a_quote_from_before_a_gap_stays_old_after_the_feed_comes_back() -> None:
    feed = StreamLife()
    feed.connected(NOW)
    held = quote(at=NOW + NS)
    feed.lost()
    feed.sign(NOW + 2 * NS)
    assert feed.fresh_ns(held) == 0
    feed.connected(NOW + 3 * NS)
    feed.sign(NOW + 90 * NS)
    assert feed.fresh_ns(held) == 0
    assert feed.fresh_ns(quote(at=NOW + 4 * NS)) == NOW + 90 * NS


# -- the board ---------------------------------------------------------------------------------


def test_an_empty_board_has_no_quote_and_no_halt() -> None:
    board = QuoteBoard()
    assert board.why_unusable("UVXY", NOW, is_open=True) is Unusable.MISSING
    assert not board.halted("UVXY")


def test_an_older_quote_does_not_replace_a_newer_one() -> None:
    board = QuoteBoard()
    newer, older = quote(exchange=NOW), quote("15.00", "15.01", exchange=NOW - 1)
    assert board.put_quote(newer)
    assert not board.put_quote(older)
    assert board.quotes["UVXY"] is newer


def test_of_two_quotes_with_one_stamp_the_later_arrival_wins() -> None:
    board = QuoteBoard()
    board.put_quote(quote("15.00"))
    second = quote("15.01")
    assert board.put_quote(second)
    assert board.quotes["UVXY"] is second


@given(st.lists(st.integers(0, 50), min_size=1))
def test_whatever_the_order_of_arrival_the_newest_quote_and_print_stand(stamps: list[int]) -> None:
    board = QuoteBoard()
    for stamp in stamps:
        board.put_quote(quote(exchange=stamp))
        board.put_trade(print_of("15.30", stamp))
    assert board.quotes["UVXY"].exchange_ns == max(stamps)
    assert board.trades["UVXY"].exchange_ns == max(stamps)


def test_symbols_do_not_touch_one_another() -> None:
    board = QuoteBoard()
    board.put_quote(quote())
    board.put_status(status(halted=True))
    assert board.why_unusable("IBM", NOW, is_open=True) is Unusable.MISSING
    assert board.why_unusable("UVXY", NOW, is_open=True) is Unusable.HALTED


def test_a_halt_ends_with_the_next_status() -> None:
    board = QuoteBoard()
    board.put_quote(quote())
    board.put_status(status(halted=True))
    assert board.halted("UVXY")
    board.put_status(status(halted=False))
    assert board.why_unusable("UVXY", NOW, is_open=True) is None


def test_the_board_knows_a_closed_market_and_a_living_feed() -> None:
    board = QuoteBoard()
    board.stream.connected(NOW)
    board.put_quote(quote(at=NOW))
    late = NOW + 60 * NS
    assert board.why_unusable("UVXY", late, is_open=True) is Unusable.STALE
    board.stream.sign(late)
    assert board.why_unusable("UVXY", late, is_open=True) is None
    assert board.why_unusable("UVXY", late, is_open=False) is Unusable.CLOSED


# -- the session -------------------------------------------------------------------------------


def test_an_open_session_ends_at_its_close_without_another_read() -> None:
    session = MarketClock(is_open=True, at_ns=100, next_open_ns=1000, next_close_ns=200)
    assert [session.open_at(at) for at in (100, 199, 200, 1000)] == [True, True, False, False]


def test_a_closed_session_opens_and_closes_without_another_read() -> None:
    session = MarketClock(is_open=False, at_ns=100, next_open_ns=200, next_close_ns=300)
    assert [session.open_at(at) for at in (100, 200, 299, 300)] == [False, True, True, False]
