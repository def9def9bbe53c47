"""Shares for an amount, and shares at risk."""

from decimal import Decimal

import pytest

from core.errors import Refusal
from core.market.prices import Side
from core.risk.shares_from_dollars import for_dollars, for_risk, stepped

D = Decimal


def test_dollars_buy_whole_shares_at_the_limit_and_never_more_than_asked() -> None:
    sized = for_dollars(D(5000), D("15.24"))
    assert sized.qty == 328
    assert sized.qty * D("15.24") <= 5000 < (sized.qty + 1) * D("15.24")
    assert sized.sum == "$5,000.00 ÷ 15.24 = 328"


def test_risk_is_divided_by_the_way_from_the_limit_to_the_stop() -> None:
    bought = for_risk(Side.BUY, D(200), D("15.30"), D("15.00"))
    assert (bought.qty, bought.sum) == (D(666), "$200.00 ÷ (15.30 \N{MINUS SIGN} 15.00) = 666")
    sold = for_risk(Side.SELL, D(200), D("15.24"), D("15.50"))
    assert (sold.qty, sold.sum) == (D(769), "$200.00 ÷ (15.50 \N{MINUS SIGN} 15.24) = 769")


@pytest.mark.parametrize(
    ("side", "stop", "where"),
    [
        (Side.BUY, "15.30", "below"),
        (Side.BUY, "15.40", "below"),
        (Side.SELL, "15.30", "above"),
        (Side.SELL, "15.00", "above"),
    ],
)
def test_a_stop_where_nothing_would_be_lost_is_refused(side: Side, stop: str, where: str) -> None:
    with pytest.raises(Refusal) as caught:
        for_risk(side, D(200), D("15.30"), D(stop))
    assert caught.value.sentence == (
        f"A {side.value} at 15.30 loses only {where} that, not at {stop}."
    )


def test_too_little_money_for_one_share_is_refused() -> None:
    with pytest.raises(Refusal, match=r"less than one share at 15\.24"):
        for_dollars(D("15.23"), D("15.24"))
    with pytest.raises(Refusal, match=r"less than the 0\.30 that one share would lose"):
        for_risk(Side.BUY, D("0.29"), D("15.30"), D("15.00"))


@pytest.mark.parametrize(
    ("quantity", "more", "less"),
    [
        ("1", "2", "1"),
        ("9", "10", "8"),
        ("10", "20", "9"),
        ("100", "200", "90"),
        ("150", "200", "100"),
        ("900", "1000", "800"),
        ("1000", "2000", "900"),
        ("4600", "5000", "4000"),
        ("0.5", "1", "1"),
        ("12.5", "20", "10"),
    ],
)
def test_a_quantity_goes_up_and_down_by_its_leading_digit(
    quantity: str, more: str, less: str
) -> None:
    assert stepped(D(quantity), up=True) == D(more)
    assert stepped(D(quantity), up=False) == D(less)
