"""REST on orders: lists, and what is made of any field."""

import json

from hypothesis import given
from hypothesis import strategies as st

from tests.core.exchange.virtual_exchange import SYMBOL, VirtualExchange


def test_orders_are_listed_newest_first_and_cut_by_status_limit_side_and_cursor() -> None:
    exchange = VirtualExchange()
    ids = [exchange.working(limit_price=f"15.{30 + n}") for n in range(3)]
    exchange.cancel(ids[0])
    exchange.time.run_for(1)

    def listed(**query: str) -> list[str]:
        return [o["id"] for o in exchange.call("GET", "/v2/orders", **query).body]

    assert listed() == [ids[2], ids[1]]
    assert listed(status="closed") == [ids[0]]
    assert listed(status="all", direction="asc") == ids
    assert listed(status="all", limit="1") == [ids[2]]
    assert listed(status="all", side="buy") == []
    assert listed(status="all", symbols="IBM") == []
    assert listed(status="all", after_order_id=ids[1]) == [ids[2]]
    assert listed(status="all", before_order_id=ids[1]) == [ids[0]]
    middle = exchange.order(ids[1])["submitted_at"]
    assert listed(status="all", after=middle) == [ids[2]]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=3,
)
NUMBERS = st.sampled_from(("1", "1e-9", "1e999", "-0", "sNaN", "Infinity", "0x10", "", " 5 "))
FIELDS = (
    *("symbol", "qty", "notional", "side", "type", "time_in_force", "limit_price", "stop_price"),
    *("extended_hours", "client_order_id", "order_class", "take_profit", "position_intent"),
)


@given(st.sampled_from(FIELDS), ANYTHING | NUMBERS, st.sampled_from(("POST", "PATCH")))
def test_nothing_in_any_field_breaks_the_exchange(name: str, value: object, method: str) -> None:
    good = {"symbol": SYMBOL, "side": "sell", "qty": "1", "type": "limit", "limit_price": "15.3"}
    body = good | {"time_in_force": "day"} if method == "POST" else {}
    exchange = VirtualExchange()
    working = exchange.working(limit_price="15.30")
    path = "/v2/orders" if method == "POST" else f"/v2/orders/{working}"
    reply = exchange.call(method, path, body | {name: value})
    assert reply.status in (200, 400, 403, 422)
    assert len(exchange.real.orders) == 1 + (reply.status == 200)
    json.dumps(reply.body)
