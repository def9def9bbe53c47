"""What a person may type for an order, and the sentence for what he may not."""

from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Refusal
from core.market.limit_price import Collar
from core.orders.plan import MAX_QTY
from core.orders.plan_input import (
    parse_collar,
    parse_dollars,
    parse_end,
    parse_fraction,
    parse_grace,
    parse_price,
    parse_qty,
    parse_symbol,
    parse_timeout,
)

D = Decimal
NUMBERS: dict[str, Callable[[str], Decimal]] = {
    "quantity": parse_qty,
    "fraction": parse_fraction,
    "timeout": parse_timeout,
    "grace": parse_grace,
}


def refused(parse: Callable[[str], object], text: str) -> Refusal:
    with pytest.raises(Refusal) as caught:
        parse(text)
    assert caught.value.value == text
    assert str(caught.value) == caught.value.sentence
    return caught.value


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize(
    "text",
    ["", " ", "ten", "0x10", "1_000", "1,5", "1,0000", "0,500", "--1", "1e", ".", "1.2.3",
     "½", "\uff11\uff12", "٣", "1;2", "$5", "5%", "1e99999999999"],
)  # fmt: skip
def test_what_is_no_number_is_refused_with_the_words_typed(name: str, text: str) -> None:
    refusal = refused(NUMBERS[name], text)
    assert refusal.rule == name
    assert refusal.sentence == f"The {name} must be a number, not {text!r}."


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("text", ["NaN", "nan", "-nan", "inf", "Infinity", "-Infinity"])
def test_a_number_that_is_not_finite_is_refused(name: str, text: str) -> None:
    refusal = refused(NUMBERS[name], text)
    assert refusal.rule == name
    assert refusal.sentence == f"The {name} must be a finite number, not {text!r}."


def test_a_long_input_is_cut_in_the_sentence_and_kept_in_the_value() -> None:
    text = "shares " * 100
    refusal = refused(parse_qty, text)
    assert len(refusal.sentence) < 100
    assert refusal.sentence.endswith("shares sh...'.")


@pytest.mark.parametrize(
    ("text", "qty"),
    [
        ("1000", "1000"),
        ("1,000", "1000"),
        ("10,000,000", "10000000"),
        ("1,000.5", "1000.5"),
        (" 7 ", "7"),
        ("+3", "3"),
        ("5.", "5"),
        (".5", "0.5"),
        ("100.00", "100"),
        ("1e3", "1000"),
        ("0.123456789", "0.123456789"),
    ],
)
def test_a_quantity_is_read_as_people_write_it_and_kept_plain(text: str, qty: str) -> None:
    assert str(parse_qty(text)) == qty


@pytest.mark.parametrize("text", ["0", "-0", "0.000", "-1", "-0.5", "-1e400"])
def test_a_quantity_of_nothing_or_less_is_refused(text: str) -> None:
    refusal = refused(parse_qty, text)
    assert refusal.rule == "quantity"
    assert refusal.sentence == f"The quantity must be more than 0, not {text!r}."


@pytest.mark.parametrize("text", ["10000000.1", "10,000,001", "1e400", "9e9999"])
def test_a_huge_quantity_is_refused(text: str) -> None:
    refusal = refused(parse_qty, text)
    assert refusal.rule == "quantity"
    assert refusal.sentence == f"The quantity must be at most 10,000,000, not {text!r}."


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("quantity", "0.1234567891"),
        ("quantity", "1e-10"),
        ("quantity", "1.0000000000000000000000000000000000001"),
        ("fraction", "0.1234567891"),
        ("timeout", "10.0000000001"),
        ("grace", "1e-999"),
    ],
)
def test_too_many_decimals_are_refused(name: str, text: str) -> None:
    refusal = refused(NUMBERS[name], text)
    assert refusal.rule == name
    assert refusal.sentence == f"The {name} may have at most 9 decimals, not {text!r}."


@given(st.decimals("0.000000001", MAX_QTY, places=9))
def test_any_allowed_quantity_is_taken_exactly(qty: Decimal) -> None:
    assert parse_qty(f"{qty:f}") == parse_qty(f"{qty:,f}") == qty


@given(st.text() | st.floats().map(repr) | st.decimals().map(str) | st.integers().map(str))
def test_any_text_whatever_is_a_sound_quantity_or_a_refusal(text: str) -> None:
    with suppress(Refusal):
        assert 0 < parse_qty(text) <= MAX_QTY


@pytest.mark.parametrize(("text", "fraction"), [("0", "0"), ("1", "1"), ("0.850", "0.85")])
def test_a_fraction_from_0_to_1_is_taken(text: str, fraction: str) -> None:
    assert str(parse_fraction(text)) == fraction


@pytest.mark.parametrize("text", ["-0.01", "1.000000001", "85", "1e400"])
def test_a_fraction_outside_0_to_1_is_refused(text: str) -> None:
    refusal = refused(parse_fraction, text)
    assert refusal.rule == "fraction"
    assert refusal.sentence == f"The fraction must lie between 0 and 1, not {text!r}."


@pytest.mark.parametrize(("text", "seconds"), [("10", 10), ("0.001", D("0.001")), ("3600", 3600)])
def test_a_timeout_of_a_millisecond_to_an_hour_is_taken(text: str, seconds: Decimal) -> None:
    assert parse_timeout(text) == seconds


@pytest.mark.parametrize("text", ["0", "-0", "-10"])
def test_a_timeout_of_nothing_or_less_is_refused(text: str) -> None:
    refusal = refused(parse_timeout, text)
    assert refusal.rule == "timeout"
    assert refusal.sentence == f"The timeout must be more than 0 s, not {text!r}."


@pytest.mark.parametrize("text", ["3600.1", "1e400", "0.0009", "1e-400"])
def test_an_absurd_timeout_is_refused(text: str) -> None:
    refusal = refused(parse_timeout, text)
    assert refusal.rule == "timeout"
    assert refusal.sentence == f"The timeout must lie between 0.001 and 3600 s, not {text!r}."


@pytest.mark.parametrize(("text", "seconds"), [("0", 0), ("60", 60), ("3600.0", 3600)])
def test_a_grace_of_up_to_an_hour_is_taken(text: str, seconds: int) -> None:
    assert parse_grace(text) == seconds


@pytest.mark.parametrize("text", ["-1", "3601"])
def test_a_grace_below_nothing_or_above_an_hour_is_refused(text: str) -> None:
    refusal = refused(parse_grace, text)
    assert refusal.rule == "grace"
    assert refusal.sentence == f"The grace must lie between 0 and 3600 s, not {text!r}."


@pytest.mark.parametrize(
    ("text", "symbol"),
    [("UVXY", "UVXY"), ("uvxy", "UVXY"), (" ibm ", "IBM"), ("brk.b", "BRK.B"), ("BF-B", "BF-B")],
)
def test_a_symbol_is_taken_in_upper_case(text: str, symbol: str) -> None:
    assert parse_symbol(text) == symbol


@pytest.mark.parametrize(
    "text",
    ["", " ", ".", "A.", ".A", "A..B", "A B", "A/B", "../orders", "A?x=1", "1A", "A\nB", "ß", "ÄÖ",
     "\uff49\uff42\uff4d", "A" * 13, "%41"],
)  # fmt: skip
def test_what_is_no_ticker_is_refused(text: str) -> None:
    refusal = refused(parse_symbol, text)
    assert refusal.rule == "symbol"
    assert refusal.sentence == f"The symbol must be a ticker such as UVXY, not {text!r}."


@pytest.mark.parametrize(
    ("text", "ticks", "bps"),
    [("", 2, "25"), ("5 ticks", 5, "0"), ("1 tick", 1, "0"), ("3t", 3, "0"), ("40 BPS", 0, "40"),
     ("12.5bps", 0, "12.5"), (" 0 ticks ", 0, "0"), ("1000 bps", 0, "1000")],
)  # fmt: skip
def test_a_collar_is_written_in_ticks_or_basis_points(text: str, ticks: int, bps: str) -> None:
    assert parse_collar(text) == Collar(ticks, D(bps))


@pytest.mark.parametrize(
    ("text", "why"),
    [("5", "is written 2 ticks or 25 bps"), ("wide", "is written"), ("-1 tick", "is written"),
     ("1.5 ticks", "whole ticks"), ("1001 bps", "at most 1000"), ("9999 ticks", "at most 1000")],
)  # fmt: skip
def test_a_collar_that_is_none_is_refused(text: str, why: str) -> None:
    refusal = refused(parse_collar, text)
    assert refusal.rule == "fallback"
    assert why in refusal.sentence


@pytest.mark.parametrize(
    ("text", "dollars"),
    [("5000", "5000"), ("$5,000", "5000"), (" $ 12.50 ", "12.5"), ("1 000", "1000")],
)
def test_money_is_read_with_or_without_its_sign(text: str, dollars: str) -> None:
    assert str(parse_dollars(text, "amount")) == dollars


@pytest.mark.parametrize("text", ["0", "-5", "$", "1.000", "1000000001", "1e400", "nan"])
def test_money_that_is_none_is_refused(text: str) -> None:
    assert refused(lambda typed: parse_dollars(typed, "risk"), text).rule == "risk"


@pytest.mark.parametrize("text", ["0", "15.001", "0.00001", "10000001", "x"])
def test_a_stop_is_a_price_that_an_order_may_carry(text: str) -> None:
    refusal = refused(lambda typed: parse_price(typed, "stop"), text)
    assert refusal.rule == "stop"
    assert refusal.sentence.startswith("The stop must be ")
    assert parse_price("15.20", "stop") == D("15.2")


@pytest.mark.parametrize(
    ("text", "filled", "price"),
    [("0", "0", None), ("0 @ 15.24", "0", None), ("40 @ 15.24", "40", "15.24"),
     ("1,000", "1000", None), ("40@15.123456789", "40", "15.123456789"),
     ("0.5 @ 0.0001", "0.5", "0.0001")],
)  # fmt: skip
def test_how_an_order_ended_is_read_as_shares_and_their_average(
    text: str, filled: str, price: str | None
) -> None:
    assert parse_end(text) == (D(filled), None if price is None else D(price))


@pytest.mark.parametrize(
    ("text", "rule"),
    [("", "number of filled shares"), ("-1", "quantity"), ("all", "number of filled shares"),
     ("40 @", "average price"), ("40 @ 0", "price"), ("40 @ -1", "price"),
     ("40 @ 15.12345678901", "average price"), ("40 @ 99999999", "price")],
)  # fmt: skip
def test_an_end_that_can_not_have_been_is_refused(text: str, rule: str) -> None:
    with pytest.raises(Refusal) as refusal:
        parse_end(text)
    assert refusal.value.rule == rule
