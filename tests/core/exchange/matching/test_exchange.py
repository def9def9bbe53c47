"""An order's life as a client sees it: answers, updates, its id."""

from decimal import Decimal

from tests.core.exchange.virtual_exchange import ACK, SYMBOL, VirtualExchange


def test_a_resting_order_is_pending_then_new_and_the_answer_comes_before_both() -> None:
    exchange = VirtualExchange()
    reply = exchange.post(limit_price="15.24", client_order_id="mine")
    assert (reply.status, reply.body["status"], exchange.updates) == (200, "pending_new", [])
    exchange.time.run_for(ACK)
    assert exchange.events() == ["pending_new", "new"]
    pending, new = exchange.updates
    assert pending["execution_id"] is None
    assert new["execution_id"]
    assert new["order"] == exchange.order(reply.body["id"])
    assert new["order"]["client_order_id"] == "mine"


def test_an_order_canceled_before_it_was_acknowledged_never_reaches_the_market() -> None:
    exchange = VirtualExchange()
    reply = exchange.post()
    exchange.cancel(reply.body["id"])
    exchange.time.run_for(1)
    assert exchange.events() == ["pending_new", "pending_cancel", "canceled"]


def test_a_client_id_is_taken_once_even_after_its_order_ended() -> None:
    exchange = VirtualExchange()
    exchange.working(client_order_id="one")
    reply = exchange.post(client_order_id="one")
    assert (reply.status, reply.body["code"]) == (422, 40010001)
    assert reply.body["message"] == "client_order_id must be unique"


def test_a_repeated_post_says_not_unique_rather_than_not_enough_shares() -> None:
    exchange = VirtualExchange(positions={SYMBOL: Decimal(100)})
    exchange.working(limit_price="15.30", client_order_id="one")
    assert exchange.post(client_order_id="one").body["message"] == "client_order_id must be unique"
