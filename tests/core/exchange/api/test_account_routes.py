"""REST on the account: its worth, its executions, closing a position."""

from hypothesis import given
from hypothesis import strategies as st

from tests.core.exchange.api.test_order_routes import NUMBERS
from tests.core.exchange.virtual_exchange import SYMBOL, VirtualExchange, quote, trade


def test_the_account_is_worth_its_cash_and_shares() -> None:
    exchange = VirtualExchange((quote(0, "15.23", "15.32"), trade(0, "15.30", 100)))
    before = exchange.call("GET", "/v2/account").body
    assert (before["cash"], before["equity"]) == ("100000", "176500")
    exchange.working(qty="1000")
    after = exchange.call("GET", "/v2/account").body
    assert after["cash"] == "115230"
    assert after["long_market_value"] == "61200"


def test_executions_are_listed_as_activities() -> None:
    exchange = VirtualExchange((quote(0, "15.23", "15.32", size=300),))
    order = exchange.working(qty="500")
    exchange.working(qty="10")
    rows = exchange.call("GET", "/v2/account/activities/FILL", order_id=order).body
    assert sorted((r["qty"], r["type"]) for r in rows) == [("200", "fill"), ("300", "partial_fill")]


@given(st.sampled_from(("qty", "percentage")), st.text(max_size=6) | NUMBERS)
def test_nothing_in_the_query_of_a_closing_breaks_the_exchange(name: str, value: str) -> None:
    exchange = VirtualExchange()
    reply = exchange.call("DELETE", f"/v2/positions/{SYMBOL}", **{name: value})
    assert reply.status in (200, 400, 403, 422)
