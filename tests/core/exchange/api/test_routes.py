"""REST beyond orders: lists, limits, and what a careless request gets."""

import json

from hypothesis import given
from hypothesis import strategies as st

from core.exchange.api.rate_limit import Budget
from tests.core.exchange.virtual_clock import VirtualTime
from tests.core.exchange.virtual_exchange import SYMBOL, Lab, quote, trade


def test_orders_are_listed_newest_first_and_cut_by_status_limit_side_and_cursor() -> None:
    lab = Lab()
    ids = [lab.working(limit_price=f"15.{30 + n}") for n in range(3)]
    lab.cancel(ids[0])
    lab.time.run_for(1)

    def listed(**query: str) -> list[str]:
        return [o["id"] for o in lab.call("GET", "/v2/orders", **query).body]

    assert listed() == [ids[2], ids[1]]
    assert listed(status="closed") == [ids[0]]
    assert listed(status="all", direction="asc") == ids
    assert listed(status="all", limit="1") == [ids[2]]
    assert listed(status="all", side="buy") == []
    assert listed(status="all", symbols="IBM") == []
    assert listed(status="all", after_order_id=ids[1]) == [ids[2]]
    assert listed(status="all", before_order_id=ids[1]) == [ids[0]]
    middle = lab.order(ids[1])["submitted_at"]
    assert listed(status="all", after=middle) == [ids[2]]


def test_a_careless_request_is_answered_not_dropped() -> None:
    lab = Lab()
    for query in ({"limit": "501"}, {"limit": "-1"}, {"status": "odd"}, {"after": "then"}):
        assert lab.call("GET", "/v2/orders", **query).status == 422
    assert lab.call("GET", "/v2/orders/not-an-id").status == 422
    assert lab.call("GET", "/v2/nowhere").status == 404
    assert lab.call("POST", "/v2/orders", [1, 2]).status == 400
    assert lab.call("GET", "/v2/calendar", start="soon").status == 422
    assert lab.call("GET", "/v2/stocks/quotes/latest").status == 400


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
    lab = Lab()
    working = lab.working(limit_price="15.30")
    path = "/v2/orders" if method == "POST" else f"/v2/orders/{working}"
    reply = lab.call(method, path, body | {name: value})
    assert reply.status in (200, 400, 403, 422)
    assert len(lab.exchange.orders) == 1 + (reply.status == 200)
    json.dumps(reply.body)


@given(st.sampled_from(("qty", "percentage")), st.text(max_size=6) | NUMBERS)
def test_nothing_in_the_query_of_a_closing_breaks_the_exchange(name: str, value: str) -> None:
    lab = Lab()
    reply = lab.call("DELETE", f"/v2/positions/{SYMBOL}", **{name: value})
    assert reply.status in (200, 400, 403, 422)


def test_the_account_is_worth_its_cash_and_shares() -> None:
    lab = Lab((quote(0, "15.23", "15.32"), trade(0, "15.30", 100)))
    before = lab.call("GET", "/v2/account").body
    assert (before["cash"], before["equity"]) == ("100000", "176500")
    lab.working(qty="1000")
    after = lab.call("GET", "/v2/account").body
    assert after["cash"] == "115230"
    assert after["long_market_value"] == "61200"


def test_executions_are_listed_as_activities() -> None:
    lab = Lab((quote(0, "15.23", "15.32", size=300),))
    order = lab.working(qty="500")
    lab.working(qty="10")
    rows = lab.call("GET", "/v2/account/activities/FILL", order_id=order).body
    assert sorted((r["qty"], r["type"]) for r in rows) == [("200", "fill"), ("300", "partial_fill")]


def test_prints_make_minute_bars_and_a_finished_one_is_told() -> None:
    prints = (trade(1, "15.30", 100), trade(2, "15.32", 300), trade(70, "15.28", 100))
    lab = Lab((quote(0, "15.23", "15.32"), *prints))
    lab.time.run_for(71)
    [bar] = lab.bars
    assert (bar.open, bar.high, bar.low, bar.close) == (153_000, 153_200, 153_000, 153_200)
    assert (bar.volume, bar.trades, bar.vwap) == (400, 2, 15.315)
    shot = lab.call("GET", f"/v2/stocks/{SYMBOL}/snapshot").body
    assert shot["dailyBar"]["v"] == 500
    assert shot["minuteBar"]["o"] == shot["latestTrade"]["p"] == 15.28


def test_unknown_symbols_are_absent_from_market_data() -> None:
    lab = Lab()
    assert lab.call("GET", "/v2/stocks/quotes/latest", symbols="NOPE").body == {"quotes": {}}
    assert lab.call("GET", "/v2/stocks/NOPE/quotes/latest").status == 404
    assert lab.call("GET", "/v2/stocks/snapshots", symbols=f"{SYMBOL},NOPE").body.keys() == {SYMBOL}


def test_a_minutes_budget_is_used_up_and_comes_back() -> None:
    time = VirtualTime()
    budget = Budget(2, time.now_ns)
    assert [budget.take() for _ in range(3)] == [True, True, False]
    headers = budget.headers()
    assert (headers["X-RateLimit-Limit"], headers["X-RateLimit-Remaining"]) == ("2", "0")
    assert 0 < budget.seconds_left() <= 60
    time.run_for(budget.seconds_left())
    assert budget.take()
