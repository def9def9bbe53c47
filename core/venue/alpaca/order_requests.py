"""An order as Alpaca wants it: the body of a POST, the query of a list. Pure.

Money and shares are decimal strings: no float touches them.
"""

from datetime import UTC, datetime
from decimal import Decimal

from core.market.prices import Side
from core.market.time import NS
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


def since_query(since_ns: int) -> dict[str, str]:
    """The query for every order made after `since_ns` (1970)."""
    moment = datetime.fromtimestamp(since_ns // NS, UTC)
    return {"status": "all", "after": f"{moment:%Y-%m-%dT%H:%M:%S}Z"}


def _plain(value: Decimal) -> str:
    return format(value, "f")
