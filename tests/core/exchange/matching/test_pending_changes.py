"""Cancels and replacements: taken, pending, confirmed, and overtaken by fills."""

from decimal import Decimal

from tests.core.exchange.virtual_exchange import ACK, CANCEL, SYMBOL, VirtualExchange, quote, trade


def test_a_cancel_is_taken_then_pending_then_confirmed() -> None:
    exchange = VirtualExchange()
    order = exchange.working(limit_price="15.24")
    assert exchange.cancel(order) == (204, None)
    assert exchange.order(order)["status"] == "pending_cancel"
    exchange.time.run_for(CANCEL / 2)
    assert exchange.events()[-1] == "pending_cancel"
    exchange.time.run_for(CANCEL)
    assert exchange.events()[-1] == "canceled"
    assert exchange.order(order)["canceled_at"]


def test_a_fill_wins_the_race_against_a_cancel() -> None:
    exchange = VirtualExchange((quote(0, "15.23", "15.32"), trade(1, "15.30", 500)))
    order = exchange.working(qty="500", limit_price="15.24")
    exchange.time.run_for(1 - ACK - CANCEL / 2)
    exchange.cancel(order)
    exchange.time.run_for(5)
    assert exchange.events()[2:] == ["pending_cancel", "fill"]
    assert exchange.cancel(order).body["message"] == 'order is already in "filled" state'


def test_a_partial_fill_during_a_cancel_counts_and_the_order_ends_canceled() -> None:
    exchange = VirtualExchange((quote(0, "15.23", "15.32"), trade(1, "15.30", 200)))
    order = exchange.working(qty="500", limit_price="15.24")
    exchange.time.run_for(1 - ACK - CANCEL / 2)
    exchange.cancel(order)
    exchange.time.run_for(5)
    assert exchange.events()[2:] == ["pending_cancel", "partial_fill", "canceled"]
    assert (exchange.order(order)["status"], exchange.order(order)["filled_qty"]) == (
        "canceled",
        "200",
    )


def test_a_second_cancel_is_refused_while_the_first_is_pending_and_after_it() -> None:
    exchange = VirtualExchange()
    order = exchange.working(limit_price="15.24")
    exchange.cancel(order)
    refusal = exchange.cancel(order)
    assert (refusal.status, refusal.body["code"]) == (422, 42210000)
    assert refusal.body["message"] == "order pending cancel"
    exchange.time.run_for(1)
    assert exchange.cancel(order).body["message"] == 'order is already in "canceled" state'


def test_a_replacement_takes_over_and_the_old_order_names_it() -> None:
    exchange = VirtualExchange()
    old = exchange.working(qty="500", limit_price="15.30")
    reply = exchange.call("PATCH", f"/v2/orders/{old}", {"limit_price": "15.28", "qty": 400})
    new = reply.body["id"]
    assert (reply.status, reply.body["replaces"], reply.body["qty"]) == (200, old, "400")
    assert exchange.cancel(old).body["message"] == "order pending replace"
    exchange.time.run_for(ACK)
    assert exchange.order(old)["status"] == "replaced"
    assert exchange.order(old)["replaced_by"] == new
    assert exchange.events(new) == ["new"]
    assert exchange.events(old)[-2:] == ["pending_replace", "replaced"]
    assert exchange.position()["qty_available"] == "4600"


def test_a_replacement_is_rejected_when_the_old_order_fills_first() -> None:
    exchange = VirtualExchange((quote(0, "15.23", "15.32"), trade(1, "15.31", 500)))
    old = exchange.working(qty="500", limit_price="15.30")
    exchange.time.run_for(1 - ACK - ACK / 2)
    new = exchange.call("PATCH", f"/v2/orders/{old}", {"limit_price": "15.28"}).body["id"]
    exchange.time.run_for(1)
    assert exchange.order(old)["status"] == "filled"
    assert exchange.order(new)["status"] == "rejected"


def test_a_replacement_that_fills_leave_uncovered_is_rejected_and_the_old_goes_on() -> None:
    exchange = VirtualExchange(
        (quote(0, "15.23", "15.32"), trade(1, "15.31", 40)), positions={SYMBOL: Decimal(100)}
    )
    old = exchange.working(limit_price="15.30")
    exchange.time.run_for(1 - ACK - ACK / 2)
    new = exchange.call("PATCH", f"/v2/orders/{old}", {"limit_price": "15.28"}).body["id"]
    exchange.time.run_for(1)
    assert exchange.events(old)[-1] == "order_replace_rejected"
    assert (exchange.order(old)["status"], exchange.order(new)["status"]) == (
        "partially_filled",
        "rejected",
    )


def test_a_replacement_canceled_before_it_took_over_leaves_the_old_order_working() -> None:
    exchange = VirtualExchange()
    old = exchange.working(limit_price="15.30")
    new = exchange.call("PATCH", f"/v2/orders/{old}", {"limit_price": "15.28"}).body["id"]
    assert exchange.cancel(new).status == 204
    exchange.time.run_for(1)
    assert (exchange.order(old)["status"], exchange.order(new)["status"]) == ("new", "canceled")
    assert exchange.events(old)[-1] == "order_replace_rejected"
