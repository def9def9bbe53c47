"""What is read out of trade updates and orders, and what is refused."""

import contextlib
import json
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.market.prices import Side
from core.orders.facts import Execution, Source
from core.venue.alpaca.order_wire import (
    MAX_FRAME,
    Authorization,
    BadFrame,
    Listening,
    StreamFault,
    nanoseconds,
    order_report,
    order_reports,
    trading_message,
)
from core.venue.interface import OrderReport
from tests.core.venue.alpaca.frames import (
    CLIENT_ID,
    ORDER_ID,
    STAMP,
    STAMP_NS,
    as_json,
    fill,
    order,
    update,
)


def report_of(frame: Any) -> OrderReport:
    message = trading_message(as_json(frame))
    assert isinstance(message, OrderReport)
    return message


def test_a_partial_fill_is_read_with_exact_money_and_the_execution() -> None:
    report = report_of(fill())
    assert report == OrderReport(
        client_id=CLIENT_ID,
        source=Source.STREAM,
        broker_id=ORDER_ID,
        status="partially_filled",
        filled=Decimal(40),
        avg_price=Decimal("15.25"),
        event="partial_fill",
        execution=Execution("e1", Decimal(40), Decimal("15.25"), STAMP_NS),
        symbol="UVXY",
        side=Side.SELL,
        qty=Decimal(100),
        limit_price=Decimal("15.24"),
    )


def test_the_execution_is_the_slice_and_the_order_holds_the_total() -> None:
    done = {"status": "filled", "filled_qty": "100", "filled_avg_price": "15.2460"}
    report = report_of(update("fill", done, execution_id="e2", price="15.24", qty="60"))
    assert report.filled == 100
    assert report.execution is not None
    assert report.execution.qty == 60


def test_text_bytes_and_msgpack_say_the_same() -> None:
    assert trading_message(msgspec.msgpack.encode(fill())) == trading_message(as_json(fill()))


@pytest.mark.parametrize("number", [40, 40.0, "40", "40.0", "40.000000000"])
def test_a_number_may_be_written_in_any_way(number: object) -> None:
    execution = report_of(fill(qty=number)).execution
    assert execution is not None
    assert execution.qty == Decimal(40)


def test_a_cancel_after_a_partial_fill_is_no_fill() -> None:
    done = {"status": "canceled", "filled_qty": "40", "filled_avg_price": "15.25"}
    report = report_of(update("canceled", done))
    assert (report.status, report.filled, report.execution) == ("canceled", Decimal(40), None)


def test_unknown_events_statuses_and_sides_survive_as_they_are() -> None:
    report = report_of(update("teleported", {"status": "levitating", "side": "sideways"}))
    assert (report.event, report.status, report.side) == ("teleported", "levitating", None)


def test_a_bust_is_told_without_an_execution() -> None:
    done = {"status": "partially_filled", "filled_qty": "60"}
    report = report_of(update("trade_bust", done, execution_id="e9", qty="-40", price="15.25"))
    assert (report.event, report.filled, report.execution) == ("trade_bust", Decimal(60), None)


def test_a_replaced_order_names_its_successor() -> None:
    assert (
        report_of(update("replaced", {"status": "replaced", "replaced_by": "x"})).replaced_by == "x"
    )


def test_more_filled_than_asked_is_reported_as_it_stands() -> None:
    assert (
        report_of(
            update("fill", {"filled_qty": "105"}, execution_id="e", price="1", qty="5")
        ).filled
        == 105
    )


@pytest.mark.parametrize(
    ("spoiled", "reason"),
    [
        (fill(execution_id=None), "execution id"),
        (fill(execution_id=""), "execution id"),
        (fill(qty="0"), "0 shares"),
        (fill(qty="-40"), "-40 shares"),
        (fill(qty="NaN"), "NaN shares"),
        (fill(qty="sNaN"), "sNaN shares"),
        (fill(qty="Infinity"), "Infinity shares"),
        (fill(qty="1e400"), "1E+400 shares"),
        (fill(qty=None), "None shares"),
        (fill(qty="forty"), "decimal"),
        (fill(price="0"), "at 0"),
        (fill(price=None), "at None"),
        (fill(timestamp="yesterday"), "yesterday"),
        (fill(timestamp="2026-11-20T15:00:00"), "time"),
        (update(""), "without an event"),
        (update("new", {"filled_qty": "NaN"}), "NaN shares"),
        (update("new", {"filled_qty": "none"}), "filled_qty"),
        (update("new", {"filled_qty": "-1"}), "-1 shares"),
        (update("new", {"status": ""}), "status"),
        (update("new", {"status": 7}), "status"),
        (update("new", {"id": None}), "id"),
        (update("new", {"qty": "1e-99999"}), "1E-99999"),
    ],
)
def test_a_spoiled_update_is_refused_whole_and_names_its_order(spoiled: Any, reason: str) -> None:
    with pytest.raises(BadFrame) as caught:
        trading_message(as_json(spoiled))
    assert reason in caught.value.reason
    assert caught.value.client_id == CLIENT_ID


def test_a_fill_without_timestamp_takes_the_orders_own() -> None:
    frame = fill()
    del frame["data"]["timestamp"]
    execution = report_of(frame).execution
    assert execution is not None
    assert execution.at_ns == STAMP_NS


@pytest.mark.parametrize("cut", [30, 200, 700])
def test_a_frame_cut_off_names_the_order_if_it_got_that_far(cut: int) -> None:
    whole = as_json(fill())
    with pytest.raises(BadFrame) as caught:
        trading_message(whole[:cut])
    legible = whole.index(CLIENT_ID.encode()) + len(CLIENT_ID) < cut
    assert caught.value.client_id == (CLIENT_ID if legible else None)


def test_a_frame_over_a_megabyte_is_refused_unread() -> None:
    with pytest.raises(BadFrame, match="1048577 bytes"):
        trading_message(b" " * (MAX_FRAME + 1))


@pytest.mark.parametrize(
    "frame", [b"", b"{", b"null", b"[]", b"\xff\xfe", b"{}", b"[" * 9999, b"{" * 9]
)
def test_garbage_is_a_bad_frame(frame: bytes) -> None:
    with pytest.raises(BadFrame):
        trading_message(frame)


def test_the_handshake_words_are_read() -> None:
    answer = {"stream": "authorization", "data": {"status": "authorized", "action": "authenticate"}}
    assert trading_message(as_json(answer)) == Authorization("authorized", "authenticate")
    listening = {"stream": "listening", "data": {"streams": ["trade_updates"]}}
    assert trading_message(as_json(listening)) == Listening(("trade_updates",))
    fault = {"action": "error", "data": {"error_message": "internal server error"}}
    assert trading_message(as_json(fault)) == StreamFault("internal server error")


def test_a_stream_we_do_not_know_is_no_fault() -> None:
    assert trading_message(as_json({"stream": "account_updates", "data": {"cash": "1"}})) is None


def test_an_order_by_rest_is_the_same_order() -> None:
    report = order_report(as_json(order(filled_qty="40", status="canceled")), Source.READ)
    assert (report.source, report.filled, report.event) == (Source.READ, Decimal(40), "")
    assert report.avg_price is None


def test_a_list_keeps_the_orders_that_can_be_read_and_names_the_others() -> None:
    spoiled = order(client_order_id="tl-bad-1", filled_qty="none")
    reports, bad = order_reports(as_json([order(), spoiled, order(client_order_id="other")]))
    assert [report.client_id for report in reports] == [CLIENT_ID, "other"]
    assert [error.client_id for error in bad] == ["tl-bad-1"]


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        (STAMP, STAMP_NS),
        ("2026-11-20T15:00:00Z", STAMP_NS - 123_456_789),
        ("2026-11-20T10:00:00.123456789-05:00", STAMP_NS),
        ("2026-11-20T10:00:00-05:00", STAMP_NS - 123_456_789),
        ("2026-11-20T15:00:00.1Z", STAMP_NS - 23_456_789),
        ("2026-11-20T15:00:00.1234567899999Z", STAMP_NS),
        ("1970-01-01T00:00:00Z", 0),
    ],
)
def test_times_keep_their_nanoseconds(text: str, ns: int) -> None:
    assert nanoseconds(text) == ns


@given(st.text(max_size=40))
def test_any_text_is_a_time_or_a_bad_frame(text: str) -> None:
    with contextlib.suppress(BadFrame):
        assert isinstance(nanoseconds(text), int)


def attempt(data: bytes) -> None:
    """Reading may end in a message, in nothing, or in the typed error: in nothing else."""
    for read in (trading_message, lambda body: order_report(body, Source.READ), order_reports):
        with contextlib.suppress(BadFrame):
            read(data)


@given(st.binary(max_size=300))
def test_arbitrary_bytes_raise_nothing_else(data: bytes) -> None:
    attempt(data)


@given(
    st.sampled_from([as_json(fill()), msgspec.msgpack.encode(fill()), as_json(order())]),
    st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), min_size=1, max_size=6),
    st.integers(0, 2000),
)
def test_a_mutated_frame_raises_nothing_else(
    frame: bytes, flips: list[tuple[int, int]], cut: int
) -> None:
    body = bytearray(frame)
    for place, value in flips:
        body[place % len(body)] = value
    attempt(bytes(body[: max(cut, 1)]))


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(st.sampled_from(sorted(order())), st.sampled_from(sorted(fill()["data"])), values, values)
def test_any_value_in_any_field_raises_nothing_else(
    inner: str, outer: str, first: object, second: object
) -> None:
    frame = fill()
    frame["data"]["order"][inner] = first
    attempt(as_json(frame))
    frame["data"][outer] = second
    attempt(as_json(frame))
    attempt(as_json(order(**{inner: first})))


MLEG = {
    "stream": "trade_updates",
    "data": {
        "event": "fill",
        "price": "-0.52",
        "qty": "1",
        "order": {
            "id": "b1",
            "client_order_id": "by hand",
            "status": "filled",
            "order_class": "mleg",
            "symbol": None,
            "side": None,
            "filled_qty": "1",
            "filled_avg_price": "-0.52",
            "legs": [{"id": "l1", "symbol": "UVXY261218C00015000", "execution_id": "e1"}],
        },
    },
}


@pytest.mark.scenario(113)
@pytest.mark.parametrize("event", ["new", "fill", "canceled"])
def test_an_update_of_several_legs_is_not_ours_and_no_bad_frame(event: str) -> None:
    frame = json.loads(json.dumps(MLEG))
    frame["data"]["event"] = event
    assert trading_message(json.dumps(frame).encode()) is None
    assert trading_message(msgspec.msgpack.encode(frame)) is None


@pytest.mark.scenario(113)
def test_what_claims_to_be_of_several_legs_under_our_id_is_not_passed_over() -> None:
    frame = json.loads(json.dumps(MLEG))
    frame["data"]["order"]["client_order_id"] = "tl-a-1"
    with pytest.raises(BadFrame) as bad:
        trading_message(json.dumps(frame).encode())
    assert bad.value.client_id == "tl-a-1"


def test_an_order_whose_filled_quantity_is_null_has_filled_nothing() -> None:
    frame = update("new", {"filled_qty": None})
    assert report_of(frame).filled == 0
    with pytest.raises(BadFrame, match="without a number of filled shares"):
        report_of(update("replaced", {"filled_qty": None, "status": "partially_filled"}))
