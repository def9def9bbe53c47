"""A plan's records: their defaults, and what older journals say."""

from decimal import Decimal

import msgspec
import pytest

from core.market.limit_price import Collar, limit_price
from core.market.prices import Side
from core.orders.plan import DEFAULTS, Fallback, Plan, Preview, plain, preview_of, stepped
from core.orders.plan_input import (
    parse_steps,
)

D = Decimal


def test_the_defaults_are_those_that_define_the_product() -> None:
    sell, buy = DEFAULTS[Side.SELL], DEFAULTS[Side.BUY]
    assert sell == Plan(D("0.85"), D(10), Fallback.MARKET, D(60))
    assert buy == Plan(D("0.75"), D(15), Fallback.MARKET, D(60))


@pytest.mark.parametrize(
    ("number", "shown"),
    [("1E+3", "1000"), ("100.00", "100"), ("-0.0", "0"), ("0E+5", "0"), ("15.240", "15.24"),
     ("-2.50", "-2.5"), ("1E+30", "1" + "0" * 30)],
)  # fmt: skip
def test_a_plain_number_has_no_exponent_and_no_trailing_zeros(number: str, shown: str) -> None:
    assert f"{plain(D(number)):f}" == shown


def test_a_preview_keeps_the_numbers_of_the_click() -> None:
    bid, ask = D("15.23"), D("15.32")
    price = limit_price(Side.SELL, bid, ask, D("0.85"))
    assert preview_of(bid, ask, price) == Preview(bid, ask, D("15.24"), 1)


def test_a_preview_of_an_older_journal_is_read_without_what_it_did_not_keep() -> None:
    old = b'{"bid":"15.23","ask":"15.32","limit_price":"15.24","ticks_better":1}'
    preview = msgspec.json.decode(old, type=Preview)
    assert preview == Preview(D("15.23"), D("15.32"), D("15.24"), 1)
    assert (preview.fees, preview.lines, preview.moved_ticks) == (None, (), None)


def test_a_plan_of_an_older_journal_has_the_usual_collar() -> None:
    old = b'{"fraction":"0.85","timeout":"10","fallback":"collar"}'
    assert msgspec.json.decode(old, type=Plan).collar == Collar(2, D(25))


def test_a_plan_keeps_its_collar_through_the_journal() -> None:
    plan = stepped(parse_steps(["0.5:3", "0.85:3"]), Fallback.COLLAR, collar=Collar(5, D(0)))
    assert msgspec.json.decode(msgspec.json.encode(plan), type=Plan) == plan
