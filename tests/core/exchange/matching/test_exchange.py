"""An order's life as a client sees it: answers, updates, holds, cancels, races."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from core.exchange.market.events import Status
from tests.core.exchange.virtual_exchange import ACK, CANCEL, STILL, SYMBOL, Lab, quote, trade


def test_a_resting_order_is_pending_then_new_and_the_answer_comes_before_both() -> None:
    lab = Lab()
    reply = lab.post(limit_price="15.24", client_order_id="mine")
    assert (reply.status, reply.body["status"], lab.updates) == (200, "pending_new", [])
    lab.time.run_for(ACK)
    assert lab.events() == ["pending_new", "new"]
    pending, new = lab.updates
    assert pending["execution_id"] is None
    assert new["execution_id"]
    assert new["order"] == lab.order(reply.body["id"])
    assert new["order"]["client_order_id"] == "mine"


def test_a_market_sell_takes_the_bid_then_worse_prices_by_ticks() -> None:
    lab = Lab((quote(0, "15.23", "15.32", size=300),))
    order = lab.working(qty="1000")
    fills = [u for u in lab.updates if "price" in u]
    assert [(f["price"], f["qty"]) for f in fills] == [
        ("15.23", "300"),
        ("15.22", "600"),
        ("15.21", "100"),
    ]
    assert [f["event"] for f in fills] == ["partial_fill", "partial_fill", "fill"]
    assert lab.order(order)["filled_avg_price"] == "15.222"
    assert fills[-1]["position_qty"] == "4000"


def test_a_market_order_may_be_given_part_of_the_spread_on_the_shares_at_the_touch() -> None:
    lab = Lab(knobs=replace(STILL, price_improvement=0.1))
    lab.working(qty="100")
    assert lab.updates[-1]["price"] == "15.239"


def test_the_same_bid_is_not_sold_to_twice() -> None:
    lab = Lab((quote(0, "15.23", "15.32", size=300),))
    lab.working(qty="300")
    lab.working(qty="100")
    assert lab.updates[-1]["price"] == "15.22"


def test_a_resting_sell_fills_at_its_limit_when_the_bid_comes_to_it_for_no_more_than_is_shown() -> (
    None
):
    lab = Lab((quote(0, "15.23", "15.32"), quote(1, "15.25", "15.34", size=400)))
    order = lab.working(qty="1000", limit_price="15.24")
    lab.time.run_for(1)
    assert lab.order(order)["filled_qty"] == "400"
    assert lab.order(order)["status"] == "partially_filled"
    assert lab.updates[-1]["price"] == "15.24"


def test_a_print_through_a_resting_order_fills_it_for_no_more_than_was_printed() -> None:
    lab = Lab((quote(0, "15.23", "15.32"), trade(1, "15.30", 250)))
    order = lab.working(qty="1000", limit_price="15.24")
    lab.time.run_for(1)
    assert lab.order(order)["filled_qty"] == "250"


def test_an_order_that_joins_the_touch_waits_for_the_queue_ahead() -> None:
    prints = (trade(1, "15.32", 900), trade(2, "15.32", 300), trade(3, "15.32", 500, venue="D"))
    lab = Lab((quote(0, "15.23", "15.32", size=1000), *prints))
    order = lab.working(qty="1000", limit_price="15.32")
    lab.time.run_for(1)
    assert lab.order(order)["filled_qty"] == "0"
    lab.time.run_for(2)
    assert lab.order(order)["filled_qty"] == "200"


def test_an_order_behind_the_touch_is_not_reached_by_prints() -> None:
    lab = Lab((quote(0, "15.23", "15.32"), trade(1, "15.40", 900)))
    order = lab.working(limit_price="15.33")
    lab.time.run_for(2)
    assert lab.order(order)["filled_qty"] == "0"


def test_immediate_or_cancel_takes_what_there_is_and_ends() -> None:
    lab = Lab((quote(0, "15.23", "15.32", size=300),))
    order = lab.working(qty="1000", limit_price="15.23", time_in_force="ioc")
    assert (lab.order(order)["status"], lab.order(order)["filled_qty"]) == ("canceled", "300")


def test_fill_or_kill_takes_all_or_nothing() -> None:
    lab = Lab((quote(0, "15.23", "15.32", size=300),))
    order = lab.working(qty="301", limit_price="15.23", time_in_force="fok")
    assert (lab.order(order)["status"], lab.order(order)["filled_qty"]) == ("canceled", "0")
    order = lab.working(qty="300", limit_price="15.23", time_in_force="fok")
    assert lab.order(order)["status"] == "filled"


def test_a_cancel_is_taken_then_pending_then_confirmed() -> None:
    lab = Lab()
    order = lab.working(limit_price="15.24")
    assert lab.cancel(order) == (204, None)
    assert lab.order(order)["status"] == "pending_cancel"
    lab.time.run_for(CANCEL / 2)
    assert lab.events()[-1] == "pending_cancel"
    lab.time.run_for(CANCEL)
    assert lab.events()[-1] == "canceled"
    assert lab.order(order)["canceled_at"]


def test_a_fill_wins_the_race_against_a_cancel() -> None:
    lab = Lab((quote(0, "15.23", "15.32"), trade(1, "15.30", 500)))
    order = lab.working(qty="500", limit_price="15.24")
    lab.time.run_for(1 - ACK - CANCEL / 2)
    lab.cancel(order)
    lab.time.run_for(5)
    assert lab.events()[2:] == ["pending_cancel", "fill"]
    assert lab.cancel(order).body["message"] == 'order is already in "filled" state'


def test_a_partial_fill_during_a_cancel_counts_and_the_order_ends_canceled() -> None:
    lab = Lab((quote(0, "15.23", "15.32"), trade(1, "15.30", 200)))
    order = lab.working(qty="500", limit_price="15.24")
    lab.time.run_for(1 - ACK - CANCEL / 2)
    lab.cancel(order)
    lab.time.run_for(5)
    assert lab.events()[2:] == ["pending_cancel", "partial_fill", "canceled"]
    assert (lab.order(order)["status"], lab.order(order)["filled_qty"]) == ("canceled", "200")


def test_a_second_cancel_is_refused_while_the_first_is_pending_and_after_it() -> None:
    lab = Lab()
    order = lab.working(limit_price="15.24")
    lab.cancel(order)
    refusal = lab.cancel(order)
    assert (refusal.status, refusal.body["code"]) == (422, 42210000)
    assert refusal.body["message"] == "order pending cancel"
    lab.time.run_for(1)
    assert lab.cancel(order).body["message"] == 'order is already in "canceled" state'


def test_an_order_canceled_before_it_was_acknowledged_never_reaches_the_market() -> None:
    lab = Lab()
    reply = lab.post()
    lab.cancel(reply.body["id"])
    lab.time.run_for(1)
    assert lab.events() == ["pending_new", "pending_cancel", "canceled"]


def test_shares_are_held_until_the_cancel_is_confirmed() -> None:
    lab = Lab(positions={SYMBOL: Decimal(100)})
    order = lab.working(limit_price="15.30")
    assert lab.position()["qty_available"] == "0"
    lab.cancel(order)
    refusal = lab.post()
    assert (refusal.status, refusal.body["code"]) == (403, 40310000)
    assert refusal.body["message"] == (
        "insufficient qty available for order (requested: 100, available: 0)"
    )
    assert refusal.body["held_for_orders"] == "100"
    assert refusal.body["existing_qty"] == "100"
    assert refusal.body["related_orders"] == [order]
    lab.time.run_for(CANCEL)
    assert lab.post().status == 200


def test_a_replacement_takes_over_and_the_old_order_names_it() -> None:
    lab = Lab()
    old = lab.working(qty="500", limit_price="15.30")
    reply = lab.call("PATCH", f"/v2/orders/{old}", {"limit_price": "15.28", "qty": 400})
    new = reply.body["id"]
    assert (reply.status, reply.body["replaces"], reply.body["qty"]) == (200, old, "400")
    assert lab.cancel(old).body["message"] == "order pending replace"
    lab.time.run_for(ACK)
    assert lab.order(old)["status"] == "replaced"
    assert lab.order(old)["replaced_by"] == new
    assert lab.events(new) == ["new"]
    assert lab.events(old)[-2:] == ["pending_replace", "replaced"]
    assert lab.position()["qty_available"] == "4600"


def test_a_replacement_is_rejected_when_the_old_order_fills_first() -> None:
    lab = Lab((quote(0, "15.23", "15.32"), trade(1, "15.31", 500)))
    old = lab.working(qty="500", limit_price="15.30")
    lab.time.run_for(1 - ACK - ACK / 2)
    new = lab.call("PATCH", f"/v2/orders/{old}", {"limit_price": "15.28"}).body["id"]
    lab.time.run_for(1)
    assert lab.order(old)["status"] == "filled"
    assert lab.order(new)["status"] == "rejected"


def test_a_replacement_that_fills_leave_uncovered_is_rejected_and_the_old_goes_on() -> None:
    lab = Lab((quote(0, "15.23", "15.32"), trade(1, "15.31", 40)), positions={SYMBOL: Decimal(100)})
    old = lab.working(limit_price="15.30")
    lab.time.run_for(1 - ACK - ACK / 2)
    new = lab.call("PATCH", f"/v2/orders/{old}", {"limit_price": "15.28"}).body["id"]
    lab.time.run_for(1)
    assert lab.events(old)[-1] == "order_replace_rejected"
    assert (lab.order(old)["status"], lab.order(new)["status"]) == ("partially_filled", "rejected")


def test_a_replacement_canceled_before_it_took_over_leaves_the_old_order_working() -> None:
    lab = Lab()
    old = lab.working(limit_price="15.30")
    new = lab.call("PATCH", f"/v2/orders/{old}", {"limit_price": "15.28"}).body["id"]
    assert lab.cancel(new).status == 204
    lab.time.run_for(1)
    assert (lab.order(old)["status"], lab.order(new)["status"]) == ("new", "canceled")
    assert lab.events(old)[-1] == "order_replace_rejected"


def test_a_replacement_under_way_at_the_close_ends_with_the_old_order() -> None:
    lab = Lab(at=15.9)
    old = lab.working(limit_price="15.30")
    lab.time.run_for(360 - ACK - ACK / 2)
    new = lab.call("PATCH", f"/v2/orders/{old}", {"limit_price": "15.28"}).body["id"]
    lab.time.run_for(1)
    assert (lab.order(old)["status"], lab.order(new)["status"]) == ("expired", "expired")


def test_outside_the_session_an_order_waits_for_the_opening() -> None:
    lab = Lab((quote(1800.5, "15.23", "15.32"),), at=9.0)
    reply = lab.post()
    assert reply.body["status"] == "accepted"
    lab.time.run_for(1799)
    assert lab.events() == ["accepted"]
    lab.time.run_for(2)
    assert lab.events() == ["accepted", "pending_new", "new", "fill"]


def test_day_orders_expire_at_the_close_and_good_till_canceled_ones_stay() -> None:
    lab = Lab(at=15.9)
    day = lab.working(limit_price="15.30")
    lasting = lab.working(limit_price="15.30", time_in_force="gtc")
    assert lab.call("GET", "/v2/clock").body["is_open"]
    lab.time.run_for(361)
    assert not lab.call("GET", "/v2/clock").body["is_open"]
    assert (lab.order(day)["status"], lab.order(lasting)["status"]) == ("expired", "new")
    assert lab.order(day)["expired_at"]


def test_a_halt_stops_executions_and_the_resumption_lets_them_happen() -> None:
    lab = Lab()
    lab.exchange.halt(SYMBOL)
    order = lab.working()
    lab.time.run_for(5)
    assert lab.order(order)["status"] == "new"
    lab.exchange.resume(SYMBOL)
    assert lab.order(order)["status"] == "filled"
    assert lab.statuses == [(SYMBOL, Status.HALTED), (SYMBOL, Status.RESUMED)]


def test_a_market_order_waits_when_there_is_no_bid() -> None:
    lab = Lab((quote(0, "0", "15.32"), quote(1, "15.20", "15.32")))
    order = lab.working()
    assert lab.order(order)["status"] == "new"
    lab.time.run_for(1)
    assert lab.updates[-1]["price"] == "15.2"


_SUB_PENNY = "sub-penny increment does not fulfill minimum pricing criteria"
_MISMATCH = "position intent mismatch, inferred: sell_to_close, specified: sell_to_open"
_TOO_MANY = "insufficient qty available for order (requested: 5001, available: 5000)"

REFUSED: tuple[tuple[dict[str, object], int, int, str], ...] = (
    ({"limit_price": "15.245"}, 422, 42210000, f"invalid limit_price 15.245. {_SUB_PENNY}"),
    ({"limit_price": "0.40125"}, 422, 42210000, f"invalid limit_price 0.40125. {_SUB_PENNY}"),
    ({"limit_price": "-1"}, 422, 40010001, "limit price must be > 0"),
    ({"limit_price": "NaN"}, 422, 40010001, "invalid limit_price NaN"),
    ({"limit_price": "1e400"}, 422, 42210000, "invalid limit_price"),
    ({"type": "limit"}, 422, 40010001, "limit orders require a limit price"),
    (
        {"type": "market", "limit_price": "15"},
        422,
        40010001,
        "market orders require no stop or limit price",
    ),
    ({"type": "magic"}, 422, 40010001, "invalid order type"),
    ({"type": "stop"}, 422, 42210000, "stop orders are not served by the embedded exchange"),
    ({"side": "both"}, 422, 40010001, "side must be buy or sell"),
    ({"time_in_force": "week"}, 422, 40010001, "invalid time_in_force"),
    ({"qty": "0"}, 422, 40010001, "qty must be > 0"),
    ({"qty": "-5"}, 422, 40010001, "qty must be > 0"),
    ({"qty": "1e400"}, 422, 40010001, "qty is too large"),
    ({"qty": "many"}, 422, 40010001, "invalid qty many"),
    ({"qty": True}, 422, 40010001, "qty must be a number"),
    ({"qty": None}, 422, 40010001, "qty or notional is required"),
    ({"notional": "50"}, 400, 40010001, "only one of qty or notional is accepted"),
    ({"qty": "1.5"}, 403, 40310000, 'asset "UVXY" is not fractionable'),
    ({"symbol": "NOPE"}, 422, 42210000, 'asset "NOPE" not found'),
    ({"symbol": ""}, 422, 40010001, "symbol is required"),
    ({"client_order_id": "x" * 129}, 422, 40010001, "client_order_id must be no more than 128"),
    ({"extended_hours": True}, 422, 42210000, "extended hours order must be DAY or GTC limit"),
    ({"position_intent": "sell_to_open"}, 422, 42210000, _MISMATCH),
    ({"qty": "5001"}, 403, 40310000, _TOO_MANY),
    ({"side": "buy", "qty": "10000"}, 403, 40310000, "insufficient buying power"),
)


@pytest.mark.parametrize(("fields", "status", "code", "message"), REFUSED)
def test_a_bad_order_is_refused_in_alpacas_words(
    fields: dict[str, object], status: int, code: int, message: str
) -> None:
    lab = Lab()
    reply = lab.post(**fields)
    assert (reply.status, reply.body["code"]) == (status, code)
    assert reply.body["message"].startswith(message)
    lab.time.run_for(1)
    assert lab.updates == []
    assert lab.call("GET", "/v2/orders", status="all").body == []


def test_a_client_id_is_taken_once_even_after_its_order_ended() -> None:
    lab = Lab()
    lab.working(client_order_id="one")
    reply = lab.post(client_order_id="one")
    assert (reply.status, reply.body["code"]) == (422, 40010001)
    assert reply.body["message"] == "client_order_id must be unique"


def test_a_repeated_post_says_not_unique_rather_than_not_enough_shares() -> None:
    lab = Lab(positions={SYMBOL: Decimal(100)})
    lab.working(limit_price="15.30", client_order_id="one")
    assert lab.post(client_order_id="one").body["message"] == "client_order_id must be unique"


def test_an_order_that_could_meet_our_own_is_refused_as_a_wash_trade() -> None:
    lab = Lab()
    buy = lab.working(side="buy", limit_price="15.25")
    refusal = lab.post(limit_price="15.25")
    assert refusal.body["message"] == "potential wash trade detected. use complex orders"
    assert refusal.body["existing_order_id"] == buy
    assert lab.post().status == 403
    assert lab.post(limit_price="15.26").status == 200


def test_without_a_position_a_sell_would_be_short_and_is_refused() -> None:
    lab = Lab(positions={})
    assert lab.post().body["message"] == "account is not allowed to short"
    closing = lab.post(position_intent="sell_to_close")
    assert "inferred: sell_to_open" in closing.body["message"]


def test_an_account_that_may_short_opens_and_covers() -> None:
    lab = Lab(positions={}, allow_short=True)
    lab.working(qty="100")
    assert (lab.position()["side"], lab.position()["qty"]) == ("short", "-100")
    assert lab.post(side="buy", qty="101").status == 403
    lab.working(side="buy", qty="100", position_intent="buy_to_close")
    assert lab.call("GET", f"/v2/positions/{SYMBOL}").status == 404


def test_a_restricted_short_is_taken_only_above_the_best_bid_and_a_long_sale_always() -> None:
    lab = Lab(positions={}, allow_short=True)
    lab.exchange.restrict(SYMBOL)
    for body in ({}, {"limit_price": "15.23"}):
        refusal = lab.post(**body)
        assert refusal.status == 422
        assert "short sale restriction" in refusal.body["message"]
    assert lab.post(limit_price="15.24").status == 200
    lab.exchange.unrestrict(SYMBOL)
    assert lab.post().status == 200
    assert lab.statuses == [(SYMBOL, Status.RESTRICTED), (SYMBOL, Status.UNRESTRICTED)]
    long = Lab()
    long.exchange.restrict(SYMBOL)
    assert long.exchange.is_restricted(SYMBOL)
    assert long.post().status == 200


def test_fractions_of_a_fractionable_stock_are_traded_exactly() -> None:
    lab = Lab((quote(0, "181.82", "181.86", symbol="IBM"),), positions={"IBM": Decimal(1)})
    for qty in ("0.1", "0.2", "0.7"):
        lab.working(symbol="IBM", qty=qty)
    assert lab.call("GET", "/v2/positions/IBM").status == 404
    refusal = lab.post(symbol="IBM", qty="0.1", side="buy", time_in_force="gtc")
    assert refusal.body["message"] == "fractional orders must be DAY orders"


def test_open_buys_reserve_buying_power_until_they_end() -> None:
    lab = Lab(positions={}, cash="2000")
    order = lab.working(side="buy", limit_price="15.00", qty="100")
    assert lab.call("GET", "/v2/account").body["buying_power"] == "500"
    assert lab.post(side="buy", limit_price="15.00", qty="50").status == 403
    lab.cancel(order)
    lab.time.run_for(1)
    assert lab.call("GET", "/v2/account").body["buying_power"] == "2000"
