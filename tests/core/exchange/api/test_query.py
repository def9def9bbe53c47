"""Whatever stands in a query, every route answers in its own words, and none of them breaks."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.exchange.virtual_exchange import VirtualExchange

GET = [
    "/v2/account", "/v2/account/configurations", "/v2/account/portfolio/history",
    "/v2/account/activities", "/v2/account/activities/FILL", "/v2/account/activities/x",
    "/v2/positions", "/v2/positions/UVXY", "/v2/positions/no", "/v2/orders", "/v2/orders/no",
    "/v2/orders:by_client_order_id", "/v2/assets", "/v2/assets/UVXY", "/v2/assets/no",
    "/v2/clock", "/v3/clock", "/v2/calendar", "/v3/calendar/NYSE", "/v3/calendar/no",
    "/v2/stocks/quotes", "/v2/stocks/trades", "/v2/stocks/bars", "/v2/stocks/UVXY/quotes",
    "/v2/stocks/UVXY/bars", "/v2/stocks/no/trades", "/v2/stocks/quotes/latest",
    "/v2/stocks/UVXY/bars/latest", "/v2/stocks/snapshots", "/v2/stocks/UVXY/snapshot",
    "/v2/watchlists", "/v2/watchlists/no", "/v2/watchlists:by_name",
]  # fmt: skip
NAMES = [
    "start", "end", "after", "until", "date", "limit", "page_size", "page_token", "sort",
    "direction", "status", "symbols", "side", "timeframe", "feed", "period", "markets", "name",
    "activity_types", "category", "date_type", "timezone", "asset_class", "exchange", "nested",
    "client_order_id", "intraday_reporting",
]  # fmt: skip
ODD = [
    "", " ", "0", "-1", "1", "10001", "1e9", "99999999999999999999999", "NaN", "true",
    "9999-12-31", "0001-01-01", "9999-12-31T23:59:59.999999999Z", "1969-12-31T23:59:59Z",
    "2024-02-30", "2024-02-29", "2026-12-01T00:00:00+14:00", "0001-01-01T00:00:00+23:59",
    "UVXY", "UVXY,IBM", ",,,", "\x00", "\u202e", "1Min", "999Min", "1D", "desc", "asc", "all",
    "FILL", "YWZ0ZXIgMTA=", "YWZ0ZXIgeA==", "\u0661", "SETTLEMENT", "UTC", "NYSE,XNAS",
]  # fmt: skip


@pytest.fixture(scope="module")
def exchange() -> VirtualExchange:
    return VirtualExchange()


@settings(max_examples=400, deadline=None)
@given(
    path=st.sampled_from(GET),
    query=st.dictionaries(
        st.sampled_from(NAMES), st.sampled_from(ODD) | st.text(max_size=12), max_size=4
    ),
)
def test_no_query_breaks_a_route(
    exchange: VirtualExchange, path: str, query: dict[str, str]
) -> None:
    reply = exchange.call("GET", path, **query)
    assert reply.status in (200, 400, 404, 422), reply
    if reply.status != 200:
        assert isinstance(reply.body["message"], str)


@pytest.mark.parametrize("path", GET)
@pytest.mark.parametrize("name", ["start", "end", "after", "until", "date"])
@pytest.mark.parametrize("given_", ["9999-12-31", "0001-01-01", "9999-12-31T23:59:59Z"])
def test_a_date_at_its_bounds_is_answered(
    exchange: VirtualExchange, path: str, name: str, given_: str
) -> None:
    assert exchange.call("GET", path, **{name: given_}).status < 500


BODIES = st.dictionaries(
    st.sampled_from(
        ["name", "symbols", "symbol", "no_shorting", "suspend_trade", "trade_confirm_email",
         "qty", "side", "type", "time_in_force", "limit_price", "client_order_id"]
    ),
    st.none() | st.booleans() | st.integers() | st.text(max_size=8)
    | st.lists(st.text(max_size=5), max_size=3),
    max_size=4,
)  # fmt: skip
CHANGES = [
    ("PATCH", "/v2/account/configurations"), ("POST", "/v2/watchlists"), ("POST", "/v2/orders"),
    ("PUT", "/v2/watchlists:by_name"), ("POST", "/v2/watchlists:by_name"),
    ("DELETE", "/v2/watchlists/no"), ("DELETE", "/v2/watchlists/no/UVXY"),
    ("PATCH", "/v2/orders/no"), ("DELETE", "/v2/orders/no"),
]  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(change=st.sampled_from(CHANGES), body=BODIES)
def test_no_body_breaks_a_route(
    exchange: VirtualExchange, change: tuple[str, str], body: dict[str, object]
) -> None:
    reply = exchange.call(*change, body)
    assert reply.status in (200, 204, 400, 403, 404, 422), reply
