"""What the regulators' fees come to, and that no rate is guessed."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from core.errors import Refusal
from core.market.fees import CAT, SECTION_31, TAF, Fees, Rate, billed, fees
from core.market.prices import Side

D = Decimal
TODAY = date(2026, 11, 22)
SEPTEMBER = date(2026, 9, 28)  # before the TAF was paused


def test_a_sell_pays_section_31_on_its_proceeds_the_taf_on_its_shares_and_cat() -> None:
    assert fees(Side.SELL, D(1000), D("15.24"), SEPTEMBER) == Fees(
        sec=D("15240") * D("0.0000206"), taf=D("0.195"), cat=D("0.003")
    )


def test_a_buy_pays_cat_alone() -> None:
    assert fees(Side.BUY, D(1000), D("15.30"), SEPTEMBER) == Fees(cat=D("0.003"))


def test_the_taf_of_one_trade_is_capped() -> None:
    assert fees(Side.SELL, D(1_000_000), D(1), SEPTEMBER).taf == D("9.79")


def test_no_taf_is_charged_in_the_last_quarter_of_2026() -> None:
    assert fees(Side.SELL, D(1000), D("15.24"), TODAY).taf == 0
    assert fees(Side.SELL, D(1000), D("15.24"), date(2026, 9, 30)).taf > 0


def test_a_bill_seen_for_a_real_sale_is_met_to_the_cent() -> None:
    one = fees(Side.SELL, D(17), D("1190.51") / 17, SEPTEMBER)
    assert billed([one]) == Fees(D("0.03"), D("0.01"), D("0.01"))
    assert billed([one]).total == D("0.05")


def test_each_type_is_rounded_up_once_a_day_and_not_once_a_trade() -> None:
    small = Fees(D("0.004"), D("0.001"), D("0.0001"))
    assert billed([small] * 10) == Fees(D("0.04"), D("0.01"), D("0.01"))
    assert billed([]) == Fees(D("0.00"), D("0.00"), D("0.00"))


@pytest.mark.parametrize(
    ("on", "sentence"),
    [
        (date(2027, 1, 1), "fees unknown after 2026-12-31"),
        (date(2013, 10, 8), "fees unknown before 2026-09-17"),
    ],
)
@pytest.mark.parametrize("side", list(Side))
def test_a_day_that_no_table_covers_is_refused(side: Side, on: date, sentence: str) -> None:
    with pytest.raises(Refusal) as caught:
        fees(side, D(1), D(1), on)
    assert caught.value.sentence == sentence
    assert caught.value.value == on


@pytest.mark.parametrize("table", [SECTION_31, TAF, CAT])
def test_a_table_has_neither_a_gap_nor_an_overlap(table: tuple[Rate, ...]) -> None:
    for before, after in pairwise(table):
        assert after.since - before.until == timedelta(days=1)
    assert all(rate.since <= rate.until for rate in table)
