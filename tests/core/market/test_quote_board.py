"""What the board keeps, and whether its stream lives."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from core.market.quote_board import QuoteBoard, StreamLife
from core.market.quotes import Quote, Trade, TradingStatus, Unusable
from core.market.time import NS

D = Decimal
NOW = 1_000 * NS


def quote(bid: str = "15.23", ask: str = "15.32", at: int = NOW, exchange: int = NOW) -> Quote:
    return Quote("UVXY", D(bid), D(ask), 300, 500, exchange, at, feed="iex")


def print_of(price: str, exchange: int) -> Trade:
    return Trade("UVXY", D(price), 100, exchange, NOW)


def status(*, halted: bool) -> TradingStatus:
    return TradingStatus("UVXY", halted, "H" if halted else "T", "", NOW)


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
