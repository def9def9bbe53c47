"""What a careless request gets, whatever its subject."""

from tests.core.exchange.virtual_exchange import VirtualExchange


def test_a_careless_request_is_answered_not_dropped() -> None:
    exchange = VirtualExchange()
    for query in ({"limit": "501"}, {"limit": "-1"}, {"status": "odd"}, {"after": "then"}):
        assert exchange.call("GET", "/v2/orders", **query).status == 422
    assert exchange.call("GET", "/v2/orders/not-an-id").status == 422
    assert exchange.call("GET", "/v2/nowhere").status == 404
    assert exchange.call("POST", "/v2/orders", [1, 2]).status == 400
    assert exchange.call("GET", "/v2/calendar", start="soon").status == 422
    assert exchange.call("GET", "/v2/stocks/quotes/latest").status == 400
