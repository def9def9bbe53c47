"""REST on the account: its worth, its executions, closing a position."""

import pytest
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


def test_settings_of_the_account_are_changed_and_a_wrong_one_changes_nothing() -> None:
    exchange = VirtualExchange()
    path = "/v2/account/configurations"
    before = exchange.call("GET", path).body
    assert exchange.call("PATCH", path, {"trade_confirm_email": "all"}).body == before | {
        "trade_confirm_email": "all"
    }
    for wrong in ({"suspend_trade": "yes"}, {"colour": True}, {"trade_confirm_email": "some"}):
        assert exchange.call("PATCH", path, {"no_shorting": False} | wrong).status == 422
    assert exchange.call("GET", path).body["no_shorting"] is True


def test_an_account_whose_owner_suspends_trading_takes_no_order() -> None:
    exchange = VirtualExchange()
    exchange.call("PATCH", "/v2/account/configurations", {"suspend_trade": True})
    assert exchange.call("GET", "/v2/account").body["trade_suspended_by_user"] is True
    order = {"symbol": "UVXY", "qty": "1", "side": "sell", "type": "market", "time_in_force": "day"}
    reply = exchange.call("POST", "/v2/orders", order)
    assert (reply.status, reply.body["code"]) == (403, 40310000)


def test_the_portfolio_is_told_in_windows_with_its_gain_since_the_start() -> None:
    exchange = VirtualExchange(
        [*(quote(n * 20, "15.23", "15.32") for n in range(4)),
         *(trade(n * 60 + 1, f"15.{23 + n}", 100) for n in range(5))]
    )  # fmt: skip
    exchange.time.run_for(400)
    told = exchange.call("GET", "/v2/account/portfolio/history", timeframe="1Min").body
    assert told["timeframe"] == "1Min"
    assert len(told["timestamp"]) == len(told["equity"]) == len(told["profit_loss"]) >= 3
    assert told["equity"][-1] - told["base_value"] == pytest.approx(told["profit_loss"][-1])
    assert told["profit_loss"][-1] != 0
    for wrong in ({"period": "1X"}, {"timeframe": "2Min"}, {"start": "soon"}):
        assert exchange.call("GET", "/v2/account/portfolio/history", **wrong).status == 422


def test_activities_are_filtered_paged_and_turned_round() -> None:
    exchange = VirtualExchange()
    order = {"symbol": "UVXY", "side": "sell", "type": "market", "time_in_force": "day"}
    for qty in ("1", "2", "3"):
        exchange.call("POST", "/v2/orders", order | {"qty": qty})
        exchange.time.run_for(2)
    path = "/v2/account/activities"
    newest = exchange.call("GET", path).body
    assert [row["qty"] for row in newest] == ["3", "2", "1"]
    assert all(row["cum_qty"] == row["qty"] and row["leaves_qty"] == "0" for row in newest)
    assert exchange.call("GET", f"{path}/FILL", direction="asc").body == newest[::-1]
    first = exchange.call("GET", path, page_size="2").body
    assert exchange.call("GET", path, page_size="2", page_token=first[-1]["id"]).body == newest[2:]
    assert exchange.call("GET", path, after=newest[1]["transaction_time"]).body == newest[:1]
    assert exchange.call("GET", path, date=newest[0]["transaction_time"][:10]).body == newest
    assert exchange.call("GET", path, activity_types="DIV,FEE").body == []
    assert exchange.call("GET", path, category="non_trade_activity").body == []
    for wrong in ({"activity_types": "GOSSIP"}, {"page_size": "101"}, {"direction": "up"}):
        assert exchange.call("GET", path, **wrong).status == 422
