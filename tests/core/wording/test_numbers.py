"""How prices, quantities, money and spreads read."""

from decimal import Decimal

import pytest

from core.wording.numbers import money, per_share, price, qty, spread

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
