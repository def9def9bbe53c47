"""An order as Alpaca wants it: the body of a POST. Pure.

Money and shares are decimal strings: no float touches them.
"""

from decimal import Decimal

from core.market.prices import Side
from core.venue.interface import PostRequest


def order_body(request: PostRequest) -> dict[str, str | bool]:
    """The body of a POST."""
    body: dict[str, str | bool] = {
        "symbol": request.symbol,
        "qty": _plain(request.qty),
        "side": request.side.value,
        "type": "market" if request.limit_price is None else "limit",
        "time_in_force": "day",
        "client_order_id": request.client_id,
    }
    if request.limit_price is not None:
        body["limit_price"] = _plain(request.limit_price)
    if request.extended:
        body["extended_hours"] = True
    if request.closes and request.side is Side.SELL:
        body["position_intent"] = "sell_to_close"
    return body


def _plain(value: Decimal) -> str:
    return format(value, "f")
