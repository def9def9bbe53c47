"""Orders as Alpaca wants them: the bodies of POST and PATCH. Pure.

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


def replace_body(client_id: str, qty: Decimal, limit_price: Decimal) -> dict[str, str]:
    """The body of a PATCH. `qty` is all the new order may fill: what filled before is not in it."""
    return {
        "qty": _plain(qty),
        "limit_price": _plain(limit_price),
        "client_order_id": client_id,
    }


def _plain(value: Decimal) -> str:
    return format(value, "f")
