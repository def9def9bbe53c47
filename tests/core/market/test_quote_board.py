"""What the board keeps, and what of it may price an order."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from core.market.quote_board import QuoteBoard
from core.market.quotes import Quote, Trade, TradingStatus, Unusable
from core.market.time import NS
from core.market.venue_time import Age, VenueTime

D = Decimal
NOW = 1_790_000_000 * NS
HOUR = 3600 * NS


def quote(bid: str = "15.23", ask: str = "15.32", at: int = NOW, exchange: int = NOW) -> Quote:
    return Quote("UVXY", D(bid), D(ask), 300, 500, exchange, at, feed="iex")


def print_of(price: str, exchange: int) -> Trade:
    return Trade("UVXY", D(price), 100, exchange, NOW)


def status(*, halted: bool) -> TradingStatus:
    return TradingStatus("UVXY", halted, "H" if halted else "T", "", NOW)


def why_unusable(board: QuoteBoard, symbol: str = "UVXY", at: int = NOW) -> Unusable | None:
    return board.why_unusable(symbol, at, is_open=True, max_age_ns=5 * NS)


def timed_board() -> QuoteBoard:
    board = QuoteBoard()
    board.time = VenueTime(0, 0, NOW + HOUR)
    return board


def test_an_empty_board_has_no_quote_and_no_halt() -> None:
    board = QuoteBoard()
    assert why_unusable(board) is Unusable.MISSING
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
    assert why_unusable(board, "IBM") is Unusable.MISSING
    assert why_unusable(board) is Unusable.HALTED


def test_a_halt_ends_with_the_next_status() -> None:
    board = timed_board()
    board.put_quote(quote())
    board.put_status(status(halted=True))
    assert board.halted("UVXY")
    board.put_status(status(halted=False))
    assert why_unusable(board) is None


def test_a_quote_of_a_time_to_come_is_not_kept_and_later_ones_are() -> None:
    board = timed_board()
    assert board.put_quote(quote())
    early = quote("99", "100", exchange=NOW + HOUR)
    assert board.early_ns(early) == HOUR
    assert not board.put_quote(early)
    later = quote(at=NOW + NS, exchange=NOW + NS)
    assert board.put_quote(later)
    assert board.quotes["UVXY"] is later


def test_a_print_of_a_time_to_come_is_not_kept() -> None:
    board = timed_board()
    board.put_trade(print_of("99", NOW + HOUR))
    board.put_trade(print_of("15.30", NOW))
    assert board.trades["UVXY"].price == D("15.30")


def test_one_kept_before_the_time_was_known_does_not_win_for_ever() -> None:
    board = QuoteBoard()
    assert board.put_quote(quote("99", "100", exchange=NOW + HOUR))
    board.time = VenueTime(0, 0, NOW)
    assert board.put_quote(quote())


def test_the_age_and_the_young_quote_follow_the_venues_time() -> None:
    board = timed_board()
    assert board.age("UVXY", NOW) is None
    assert board.young_quote("UVXY", NOW, 5 * NS) is None
    held = quote()
    board.put_quote(held)
    assert board.age("UVXY", NOW + 3 * NS) == Age(3 * NS, 0)
    assert board.young_quote("UVXY", NOW + 3 * NS, 5 * NS) is held
    assert board.young_quote("UVXY", NOW + 6 * NS, 5 * NS) is None
    assert why_unusable(board, at=NOW + 6 * NS) is Unusable.STALE
