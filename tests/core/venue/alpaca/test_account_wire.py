"""What is read out of account, positions, assets, clock and error bodies."""

import contextlib
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.market.account import Account, Position
from core.venue.alpaca import account_wire
from core.venue.alpaca.account_wire import ErrorBody, error_body
from core.venue.alpaca.order_wire import BadFrame
from tests.core.venue.alpaca.frames import as_json

ACCOUNT = {
    "id": "a-1",
    "account_number": "PA123456",
    "status": "ACTIVE",
    "equity": "100000.12",
    "cash": "-5.5",
    "buying_power": "200000",
    "trading_blocked": False,
}
POSITION = {
    "symbol": "UVXY",
    "qty": "100",
    "qty_available": "60",
    "side": "long",
    "avg_entry_price": "14.1",
}
ASSET = {
    "symbol": "UVXY",
    "name": "ProShares",
    "status": "active",
    "tradable": True,
    "fractionable": True,
    "shortable": False,
    "exchange": "A_NEW_ONE",
}
CLOCK = {
    "timestamp": "2026-11-20T10:00:00-05:00",
    "is_open": True,
    "next_open": "2026-11-23T09:30:00-05:00",
    "next_close": "2026-11-20T16:00:00-05:00",
}


def test_the_account_is_read_and_any_block_counts() -> None:
    read = account_wire.account(as_json(ACCOUNT))
    assert read == Account(
        "a-1", "PA123456", Decimal("100000.12"), Decimal("-5.5"), Decimal(200000), blocked=False
    )
    assert account_wire.account(as_json(ACCOUNT | {"trade_suspended_by_user": True})).blocked


def test_an_account_without_number_and_buying_power_has_its_id_and_its_cash() -> None:
    bare = {"id": "a-1", "equity": "10", "cash": "7.5", "buying_power": None}
    for said in (bare, bare | {"account_number": None}, bare | {"account_number": ""}):
        read = account_wire.account(as_json(said))
        assert (read.number, read.buying_power) == ("a-1", Decimal("7.5"))


@pytest.mark.parametrize(
    ("status", "not_open"),
    [
        ("ACTIVE", ""),
        ("ACCOUNT_UPDATED", ""),
        ("A_WORD_OF_NEXT_YEAR", ""),
        (None, ""),
        ("INACTIVE", "INACTIVE"),
        ("account_closed", "ACCOUNT_CLOSED"),
    ],
)
def test_an_account_that_takes_no_order_is_known_by_its_status(
    status: str | None, not_open: str
) -> None:
    assert account_wire.account(as_json(ACCOUNT | {"status": status})).not_open == not_open


def test_a_short_position_is_negative_and_free_shares_are_read() -> None:
    short = POSITION | {"symbol": "TSLA", "qty": "5", "side": "short", "qty_available": None}
    assert account_wire.positions(as_json([POSITION, short])) == (
        Position("UVXY", Decimal(100), Decimal(60), Decimal("14.1")),
        Position("TSLA", Decimal(-5), Decimal(-5), Decimal("14.1")),
    )


def test_an_inactive_asset_is_not_tradable_and_strange_ones_hide_no_others() -> None:
    rows: list[Any] = [ASSET, ASSET | {"symbol": "OLD", "status": "inactive"}, {"symbol": 7}, None]
    read = account_wire.assets(as_json(rows))
    assert [(a.symbol, a.tradable) for a in read] == [("UVXY", True), ("OLD", False)]


def test_the_clock_is_read_across_offsets() -> None:
    read = account_wire.clock(as_json(CLOCK))
    assert read.is_open
    assert read.next_close_ns - read.at_ns == 6 * 3600 * 10**9


@pytest.mark.parametrize(
    ("parse", "whole"),
    [(account_wire.account, ACCOUNT), (account_wire.asset, ASSET), (account_wire.clock, CLOCK)],
)
def test_a_missing_field_is_a_bad_frame(parse: Any, whole: dict[str, Any]) -> None:
    first = next(iter(whole))
    with pytest.raises(BadFrame):
        parse(as_json({k: v for k, v in whole.items() if k != first}))
    with pytest.raises(BadFrame):
        parse(b"<html>")


def test_money_that_is_no_number_is_a_bad_frame() -> None:
    with pytest.raises(BadFrame, match="equity NaN"):
        account_wire.account(as_json(ACCOUNT | {"equity": "NaN"}))


def test_the_venues_own_errors_are_told_from_a_gateways_page() -> None:
    assert error_body(b'{"code":42210000,"message":"no"}') == ErrorBody("no", "42210000", json=True)
    assert error_body(b'{"message":"forbidden."}') == ErrorBody("forbidden.", json=True)
    page = b"<html><head><title>502 Bad Gateway</title></head></html>"
    assert error_body(page) == ErrorBody("502 Bad Gateway", html=True)
    assert error_body(b"") == ErrorBody("")
    assert error_body(b"too many\r\n requests") == ErrorBody("too many requests")


@pytest.mark.parametrize(
    ("reserved", "expected"), [("44", True), (44, True), ("0", False), (None, False)]
)
def test_reserved_shares_are_seen(reserved: object, expected: bool) -> None:
    body = {"code": 40310000, "message": "insufficient qty", "held_for_orders": reserved}
    assert error_body(as_json(body)).shares_reserved is expected


@given(st.binary(max_size=200))
def test_arbitrary_bytes_raise_nothing_else(body: bytes) -> None:
    error_body(body)
    for parse in (
        account_wire.account,
        account_wire.positions,
        account_wire.asset,
        account_wire.assets,
        account_wire.clock,
    ):
        with contextlib.suppress(BadFrame):
            parse(body)
