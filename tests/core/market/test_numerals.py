"""Numbers as typed in several countries: read where there is one way to, else refused."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Refusal
from core.market.numerals import as_typed, number, shown
from core.orders.plan import MAX_QTY, plain
from core.orders.plan_input import parse_qty

D = Decimal


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 000", "1000"),
        ("1'000", "1000"),
        ("1\N{RIGHT SINGLE QUOTATION MARK}000", "1000"),
        ("1\N{NO-BREAK SPACE}000\N{NO-BREAK SPACE}000", "1000000"),
        ("12\N{NARROW NO-BREAK SPACE}000,5", "12000.5"),
        ("1.000,5", "1000.5"),
        ("1.000.000", "1000000"),
        ("1,000.5", "1000.5"),
        ("1 000.25", "1000.25"),
        ("10,000,000", "10000000"),
        ("0.125", "0.125"),
        ("1000.125", "1000.125"),
        ("1.1250", "1.125"),
    ],
)
def test_thousands_are_read_where_the_whole_has_one_meaning(text: str, value: str) -> None:
    assert str(parse_qty(text)) == value


@pytest.mark.parametrize(
    ("text", "large", "small"),
    [("1.000", "1000", "1.0000"), (" 1.125 ", "1125", "1.1250"), ("999.999", "999999", "999.9990")],
)
def test_what_could_be_a_thousand_or_one_is_asked_about(text: str, large: str, small: str) -> None:
    with pytest.raises(Refusal) as caught:
        parse_qty(text)
    assert f"in two ways: type {large} or {small}." in caught.value.sentence
    assert caught.value.rule == "quantity"
    assert {parse_qty(large), parse_qty(small)} == {D(large), D(small)}


@pytest.mark.parametrize(
    "text",
    ["1,5", "1 5", "1 00", "1,000 000", "1'000 000", "1,000,5", "01 000", "1 000e3", "1..000"],
)
def test_thousands_that_are_mixed_or_cut_short_are_no_number(text: str) -> None:
    with pytest.raises(Refusal, match="must be a number"):
        parse_qty(text)


def test_only_quantities_and_amounts_have_thousands() -> None:
    with pytest.raises(Refusal):
        number("1 000", "timeout")
    assert number("1.000", "timeout") == 1


@given(st.decimals("0.000000001", MAX_QTY, places=9))
def test_a_quantity_written_into_its_field_is_read_back_as_it_was(qty: Decimal) -> None:
    assert parse_qty(as_typed(plain(qty))) == qty


@pytest.mark.parametrize(("value", "text"), [("1.125", "1.1250"), ("1000.125", "1,000.125")])
def test_three_decimals_are_written_so_that_nobody_takes_them_for_thousands(
    value: str, text: str
) -> None:
    assert as_typed(D(value)) == text


def test_a_long_text_is_cut_where_it_is_repeated() -> None:
    assert shown("x" * 41) == f"'{'x' * 37}...'"
