"""What a careless request gets, whatever its subject."""

from tests.core.exchange.virtual_exchange import Lab


def test_a_careless_request_is_answered_not_dropped() -> None:
    lab = Lab()
    for query in ({"limit": "501"}, {"limit": "-1"}, {"status": "odd"}, {"after": "then"}):
        assert lab.call("GET", "/v2/orders", **query).status == 422
    assert lab.call("GET", "/v2/orders/not-an-id").status == 422
    assert lab.call("GET", "/v2/nowhere").status == 404
    assert lab.call("POST", "/v2/orders", [1, 2]).status == 400
    assert lab.call("GET", "/v2/calendar", start="soon").status == 422
    assert lab.call("GET", "/v2/stocks/quotes/latest").status == 400
