"""What stands in a field of a tape: exact, or refused."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.exchange.market.tapes import fields
from core.exchange.units import DOLLAR
from core.market.time import NS

SPAN = (datetime.fromisoformat("2001-09-10"), datetime.fromisoformat("2100-01-01"))


@given(
    st.datetimes(*SPAN),
    st.integers(-12 * 4, 14 * 4),
    st.sampled_from(["T", " "]),
)
def test_a_time_is_the_same_moment_in_whatever_zone_it_is_written(
    when: datetime, quarters: int, between: str
) -> None:
    local = when.replace(tzinfo=timezone(timedelta(minutes=15 * quarters)))
    since = local.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    ns = (since // timedelta(microseconds=1)) * 1000
    assert fields.stamp(local.isoformat(between)) == ns
    assert fields.stamp(str(ns).rjust(19, "0")) == ns


@pytest.mark.parametrize(
    "text",
    [
        *("", "now", "2013-10-08", "2013-10-08T13:30Z", "2013-10-08T13:30:00", "13:30:00Z"),
        *("2013-10-08T24:00:00Z", "2013-10-08T13:30:60Z", "2013-13-08T13:30:00Z"),
        *("2013-10-08T13:30:00.Z", "2013-10-08T13:30:00.0123456789Z", "2013-10-08T13:30:00EST"),
        *(
            "2013-02-30T13:30:00Z",
            "1.38e18",
            "-1381239000",
            "138123900",
            "\u0662013-10-08T13:30:00Z",
        ),
        *("2013-10-08T13:30:00+25:00", "2013-10-08T13:30:00+4"),
    ],
)
def test_what_is_no_moment_is_none(text: str) -> None:
    assert fields.stamp(text) is None


@pytest.mark.parametrize("digits", [1, 1_000, 1_000_000, NS])
def test_a_count_since_1970_is_known_by_its_length(digits: int) -> None:
    assert fields.stamp(str(1_381_239_000 * digits)) == 1_381_239_000 * NS


@given(st.integers(0, 999_999 * DOLLAR), st.integers(0, 9))
def test_a_price_is_exact_and_zeros_behind_it_change_nothing(units: int, zeros: int) -> None:
    text = f"{Decimal(units) / DOLLAR:.4f}" + "0" * zeros
    for read in (fields.price, fields.nearest_price, fields.databento_price):
        assert read(text) == units


@given(st.integers(1, 1_000_000 * DOLLAR))
def test_a_price_in_billionths_is_exact(units: int) -> None:
    assert fields.databento_price(str(units * (NS // DOLLAR))) == units


@pytest.mark.parametrize(
    "text",
    ["", "-1", "+1", "1e2", "nan", "1_000", "1,5", "181.80001", ".5", "1.", "1234567", "\u0661"],
)
def test_what_is_no_price_is_none(text: str) -> None:
    assert fields.price(text) is None


@pytest.mark.parametrize(
    ("text", "units"),
    [("15.23454", 152_345), ("15.23455", 152_346), ("15.99999", 160_000), ("x", None)],
)
def test_a_print_finer_than_a_hundredth_of_a_cent_is_rounded_to_it(
    text: str, units: int | None
) -> None:
    assert fields.nearest_price(text) == units


@pytest.mark.parametrize(("text", "units"), [("182", 1_820_000), ("150001", None)])
def test_a_whole_number_is_never_read_as_dollars_and_billionths(
    text: str, units: int | None
) -> None:
    assert fields.databento_price(text) == units


@pytest.mark.parametrize(
    ("text", "shares"),
    [("500", 500), ("500.0", 500), ("500.5", None), ("", None), ("-1", None), ("1e3", None)],
)
def test_a_size_is_whole_shares(text: str, shares: int | None) -> None:
    assert fields.size(text) == shares
