"""What the opening and the close do to orders."""

from tests.core.exchange.virtual_exchange import ACK, VirtualExchange, quote


def test_a_replacement_under_way_at_the_close_ends_with_the_old_order() -> None:
    exchange = VirtualExchange(at=15.9)
    old = exchange.working(limit_price="15.30")
    exchange.time.run_for(360 - ACK - ACK / 2)
    new = exchange.call("PATCH", f"/v2/orders/{old}", {"limit_price": "15.28"}).body["id"]
    exchange.time.run_for(1)
    assert (exchange.order(old)["status"], exchange.order(new)["status"]) == ("expired", "expired")


def test_outside_the_session_an_order_waits_for_the_opening() -> None:
    exchange = VirtualExchange((quote(1800.5, "15.23", "15.32"),), at=9.0)
    reply = exchange.post()
    assert reply.body["status"] == "accepted"
    exchange.time.run_for(1799)
    assert exchange.events() == ["accepted"]
    exchange.time.run_for(2)
    assert exchange.events() == ["accepted", "pending_new", "new", "fill"]


def test_day_orders_expire_at_the_close_and_good_till_canceled_ones_stay() -> None:
    exchange = VirtualExchange(at=15.9)
    day = exchange.working(limit_price="15.30")
    lasting = exchange.working(limit_price="15.30", time_in_force="gtc")
    assert exchange.call("GET", "/v2/clock").body["is_open"]
    exchange.time.run_for(361)
    assert not exchange.call("GET", "/v2/clock").body["is_open"]
    assert (exchange.order(day)["status"], exchange.order(lasting)["status"]) == ("expired", "new")
    assert exchange.order(day)["expired_at"]
