"""Cancels and replacements: taken, pending, confirmed, and overtaken by fills."""

from decimal import Decimal

from tests.core.exchange.virtual_exchange import ACK, CANCEL, SYMBOL, Lab, quote, trade


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
