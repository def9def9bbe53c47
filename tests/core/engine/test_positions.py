"""Which position a window begins with, from what is held and quoted."""

from decimal import Decimal

from core.engine.positions import most_at_stake
from core.market.account import Position
from core.market.quotes import Quote

D = Decimal


def held(symbol: str, shares: int) -> dict[str, Position]:
    return {symbol: Position(symbol, D(shares), D(shares), D(10))}


def quoted(symbol: str, bid: str, ask: str) -> dict[str, Quote]:
    return {symbol: Quote(symbol, D(bid), D(ask), 1, 1, 1, 1)}


def test_the_spread_with_most_dollars_of_a_position_comes_first() -> None:
    positions = held("A", 100) | held("B", 1000) | held("C", -2000)
    quotes = quoted("A", "10", "10.50") | quoted("B", "10", "10.06") | quoted("C", "10", "10.04")
    assert most_at_stake(positions, quotes) == "C"


def test_a_one_sided_or_crossed_quote_counts_for_nothing() -> None:
    positions = held("A", 100) | held("B", 100) | held("C", 1)
    quotes = quoted("A", "0", "50") | quoted("B", "11", "10") | quoted("C", "10", "10.01")
    assert most_at_stake(positions, quotes) == "C"


def test_without_quotes_it_is_the_first_by_name_and_without_positions_none() -> None:
    assert most_at_stake(held("B", 1) | held("A", 1), {}) == "A"
    assert most_at_stake(held("A", 0), quoted("A", "10", "11")) == ""
