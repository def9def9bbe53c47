"""What the opening and the close do to orders."""

from tests.core.exchange.virtual_exchange import ACK, Lab, quote


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
