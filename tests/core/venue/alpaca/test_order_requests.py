"""What an order is sent as."""

from decimal import Decimal

from core.market.prices import Side
from core.venue.alpaca.order_requests import order_body
from core.venue.interface import PostRequest


def test_a_market_order_has_no_price_and_a_buy_no_intent() -> None:
    body = order_body(PostRequest("c", "UVXY", Side.BUY, Decimal("1E+2"), None))
    assert (body["type"], body["qty"], body["side"]) == ("market", "100", "buy")
    assert "limit_price" not in body
    assert "position_intent" not in body
    assert "position_intent" not in order_body(
        PostRequest("c", "UVXY", Side.SELL, Decimal("0.000000001"), None, closes=False)
    )
