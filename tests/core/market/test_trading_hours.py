"""When the regular session is open, from what was last read."""

from core.market.trading_hours import MarketClock


def test_an_open_session_ends_at_its_close_without_another_read() -> None:
    session = MarketClock(is_open=True, at_ns=100, next_open_ns=1000, next_close_ns=200)
    assert [session.open_at(at) for at in (100, 199, 200, 1000)] == [True, True, False, False]


def test_a_closed_session_opens_and_closes_without_another_read() -> None:
    session = MarketClock(is_open=False, at_ns=100, next_open_ns=200, next_close_ns=300)
    assert [session.open_at(at) for at in (100, 200, 299, 300)] == [False, True, True, False]


def test_a_session_is_moved_to_another_clock_with_all_that_is_known_of_it() -> None:
    session = MarketClock(False, at_ns=100, next_open_ns=200, next_close_ns=300)
    assert session.moved(-50) == MarketClock(False, 50, 150, 250)
    known = MarketClock(False, 100, 200, 300, last_close_ns=90)
    assert known.moved(5).last_close_ns == 95
