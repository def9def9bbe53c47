"""What is read out of the data stream, and that one bad item costs only itself."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.msgpack import Ext

from core.market.quotes import Quote, Trade, TradingStatus
from core.venue.alpaca.market_wire import (
    MarketDecoder,
    MarketMessage,
    StreamError,
    Subscription,
    Success,
    latest_quote,
)
from core.venue.alpaca.order_wire import MAX_FRAME, BadFrame
from tests.core.venue.alpaca.frames import STAMP, STAMP_NS, packed, quote, stamp, status, trade

NOW = 42


def read(data: bytes) -> list[MarketMessage]:
    messages, bad = MarketDecoder("iex").frame(data, NOW)
    assert not bad
    return messages


def test_a_quote_keeps_its_nanoseconds_and_exact_prices() -> None:
    assert read(packed(quote())) == [
        Quote("UVXY", Decimal("15.23"), Decimal("15.32"), 300, 200, STAMP_NS, NOW, "iex")
    ]


def test_json_says_the_same_as_msgpack() -> None:
    items = [quote(t=STAMP), trade(t=STAMP), status("H")]
    assert read(json.dumps(items).encode()) == read(packed(quote(), trade(), status("H")))


@pytest.mark.parametrize(
    ("time", "ns"),
    [
        (Ext(-1, (1).to_bytes(4)), 1_000_000_000),
        (stamp(1_000_000_005), 1_000_000_005),
        (Ext(-1, (5).to_bytes(4) + (1 << 35).to_bytes(8)), (1 << 35) * 1_000_000_000 + 5),
        (Ext(-1, (5).to_bytes(4) + (-1).to_bytes(8, signed=True)), -1_000_000_000 + 5),
    ],
)
def test_all_forms_of_the_packed_time_are_read(time: Ext, ns: int) -> None:
    (found,) = read(packed(trade(t=time)))
    assert isinstance(found, Trade)
    assert found.exchange_ns == ns


def test_prices_are_what_was_written_not_what_a_float_makes_of_them() -> None:
    (found,) = read(packed(quote(bid=0.1 + 0.2, ask=1e-4)))
    assert isinstance(found, Quote)
    assert found.bid == Decimal("0.30000000000000004")
    assert found.ask == Decimal("0.0001")


def test_a_side_without_a_quote_is_zero() -> None:
    (found,) = read(packed(quote(bid=0)))
    assert isinstance(found, Quote)
    assert found.bid == 0


@pytest.mark.parametrize(
    "spoiled",
    [
        quote(bid=float("nan")),
        quote(ask=float("inf")),
        quote(bid="15.23"),
        quote(bs=-1),
        quote(bs=float("nan")),
        quote(t=None),
        quote(t=12),
        quote(t="noon"),
        quote(t=Ext(5, b"1234")),
        quote(t=Ext(-1, b"123")),
        quote(t=Ext(-1, b"\xff" * 8)),
        quote(symbol=3),
        {"T": "q"},
        {"S": "UVXY"},
        7,
        trade(price=float("nan")),
        trade(p=None),
        status(code=None),
    ],
)
def test_a_bad_item_is_counted_and_the_rest_of_the_array_is_kept(spoiled: object) -> None:
    data = packed(quote("AAA"), spoiled, trade("BBB"), quote("CCC"))
    messages, bad = MarketDecoder("iex").frame(data, NOW)
    assert [m.symbol for m in messages if isinstance(m, Quote | Trade)] == ["AAA", "BBB", "CCC"]
    assert len(bad) == 1
    assert bad[0].reason


def test_kinds_we_have_no_use_for_are_no_faults() -> None:
    others = [{"T": kind, "S": "UVXY"} for kind in ("b", "c", "x", "l", "i", "n", "brandnew")]
    assert len(read(packed(*others, quote()))) == 1


def test_halts_are_read_and_other_codes_change_nothing() -> None:
    decoder = MarketDecoder("iex")
    seen = []
    for code in ("2", "5", "3", "7", "H", "Q", "T", "P", "nonsense", "T"):
        ((found,), _) = decoder.frame(packed(status(code)), NOW)
        assert isinstance(found, TradingStatus)
        seen.append(found.halted)
    assert seen == [True, True, False, False, True, True, False, True, True, False]


def test_the_short_sale_restriction_is_read_from_its_code_and_lasts_until_it_is_lifted() -> None:
    decoder = MarketDecoder("sip")
    seen = []
    for code, more in (
        ("E", {"rc": "A", "rm": "Activated"}),
        ("H", {}),
        ("T", {}),
        ("E", {"rc": "D", "rm": ""}),
        ("E", {"rc": "", "rm": "Short Sale Restriction In Effect"}),
        ("E", {"rc": "", "rm": "Short Sale Restriction Deactivated"}),
        ("E", {"sm": None, "rc": None, "rm": None}),
    ):
        ((found,), _) = decoder.frame(packed(status(code) | more), NOW)
        assert isinstance(found, TradingStatus)
        seen.append((found.restricted, found.halted))
    restricted, halted = zip(*seen, strict=True)
    assert restricted == (True, True, True, False, True, False, True)
    assert halted == (False, True, False, False, False, False, False)


def test_a_halt_of_one_symbol_is_not_a_halt_of_another() -> None:
    messages = read(packed(status("H", "AAA"), status("5", "BBB")))
    assert [m.halted for m in messages if isinstance(m, TradingStatus)] == [True, False]


def test_the_session_words_are_read() -> None:
    words = packed(
        {"T": "success", "msg": "connected"},
        {"T": "subscription", "trades": ["A"], "quotes": ["A"], "bars": [], "statuses": ["A"]},
        {"T": "error", "code": 402, "msg": "auth failed"},
    )
    assert read(words) == [
        Success("connected"),
        Subscription(("A",)),
        StreamError(402, "auth failed"),
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        b"{}",
        b"[",
        b"[1",
        b"\xdd\xff\xff\xff\xff",
        b"\x91" * 5000,
        b" " * (MAX_FRAME + 1),
    ],
)
def test_a_frame_that_is_no_array_is_one_bad_frame(data: bytes) -> None:
    messages, bad = MarketDecoder("iex").frame(data, NOW)
    assert (messages, len(bad)) == ([], 1)


@pytest.mark.parametrize(
    ("size", "shares"), [(0, 0), (0.0333, 1), (0.999, 1), (1, 1), (1.9, 1), (300.0, 300)]
)
def test_a_part_of_a_share_is_not_taken_for_none(size: float, shares: int) -> None:
    (read, printed), bad = MarketDecoder("iex").frame(packed(quote(bs=size), trade(s=size)), 1)
    assert not bad
    assert isinstance(read, Quote)
    assert isinstance(printed, Trade)
    assert (read.bid_size, printed.size) == (shares, shares)


@given(st.binary(max_size=200))
def test_arbitrary_bytes_raise_nothing(data: bytes) -> None:
    MarketDecoder("iex").frame(data, NOW)


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 255)), min_size=1, max_size=5))
def test_a_mutated_frame_raises_nothing(flips: list[tuple[int, int]]) -> None:
    for whole in (packed(quote(), trade(), status("H")), json.dumps([quote(t=STAMP)]).encode()):
        body = bytearray(whole)
        for place, value in flips:
            body[place % len(body)] = value
        MarketDecoder("iex").frame(bytes(body), NOW)


def test_the_latest_quote_is_read_and_an_unknown_symbol_is_none() -> None:
    body = json.dumps({"quotes": {"UVXY": quote(t=STAMP)}}).encode()
    found = latest_quote(body, "UVXY", NOW, "iex")
    assert found is not None
    assert (found.symbol, found.bid, found.exchange_ns) == ("UVXY", Decimal("15.23"), STAMP_NS)
    assert latest_quote(body, "NONE", NOW, "iex") is None


@pytest.mark.parametrize("body", [b"", b"[]", b'{"quotes":{"UVXY":{}}}', b'{"quotes":3}'])
def test_an_unreadable_latest_quote_is_a_bad_frame(body: bytes) -> None:
    with pytest.raises(BadFrame):
        latest_quote(body, "UVXY", NOW, "iex")
