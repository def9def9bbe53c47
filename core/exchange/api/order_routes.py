"""REST calls on orders: send, list, read, replace, cancel."""

from collections.abc import Mapping
from uuid import UUID

from core.exchange.api.query import choice, count, moment
from core.exchange.api.request import Request, Route
from core.exchange.matching.order_views import order_view
from core.exchange.matching.orders import Order
from core.exchange.matching.refusals import Refused, Reply, invalid

_MOST_ORDERS = 500
_USUAL_ORDERS = 50


def _submit(request: Request) -> Reply:
    return request.exchange.submit(request.body)


def _orders(request: Request) -> Reply:
    query = request.query
    status = choice(query, "status", ("open", "closed", "all"))
    side = choice(query, "side", ("", "buy", "sell"))
    direction = choice(query, "direction", ("desc", "asc"))
    choice(query, "nested", ("false", "true"))
    symbols = set(filter(None, query.get("symbols", "").split(",")))
    after, until = moment(query, "after"), moment(query, "until")
    found = [
        order
        for order in request.exchange.orders.values()
        if (status == "all" or order.is_open == (status == "open"))
        and (not symbols or order.symbol in symbols)
        and side in ("", order.side.value)
        and (after is None or order.created_ns > after)
        and (until is None or order.created_ns < until)
    ]
    if direction == "desc":
        found.reverse()
    found = _cut(found, query)
    return Reply(
        200,
        [
            order_view(order)
            for order in found[: count(query, "limit", _USUAL_ORDERS, _MOST_ORDERS)]
        ],
    )


def _cut(orders: list[Order], query: Mapping[str, str]) -> list[Order]:
    """What lies past `after_order_id` or before `before_order_id` in the listed direction."""
    ids = [order.id for order in orders]
    ascending = query.get("direction", "desc") == "asc"
    for name, later in (("after_order_id", True), ("before_order_id", False)):
        cursor = query.get(name)
        if cursor in ids:
            place = ids.index(cursor)
            orders = orders[place + 1 :] if later == ascending else orders[:place]
            ids = [order.id for order in orders]
    return orders


def _order(request: Request) -> Reply:
    return Reply(200, order_view(request.exchange.order(_order_id(request))))


def _order_by_client_id(request: Request) -> Reply:
    client_order_id = request.query.get("client_order_id", "")
    return Reply(200, order_view(request.exchange.order_by_client_id(client_order_id)))


def _replace(request: Request) -> Reply:
    return request.exchange.replace(_order_id(request), request.body)


def _cancel(request: Request) -> Reply:
    return request.exchange.cancel(_order_id(request))


def _order_id(request: Request) -> str:
    try:
        return str(UUID(request.parts[0]))
    except ValueError:
        raise invalid(f"invalid order_id {request.parts[0]}") from None


def cancel_all(request: Request) -> Reply:
    """Ask to cancel every open order; the answer says of each whether it was taken."""
    exchange = request.exchange
    results = []
    for order in exchange.open_orders():
        try:
            exchange.cancel(order.id)
            results.append({"id": order.id, "status": 200})
        except Refused as refused:
            status, body = refused.reply
            results.append({"id": order.id, "status": status, "body": body})
    return Reply(207, results)


ORDER_ROUTES: tuple[Route, ...] = (
    ("POST", "/v2/orders", _submit),
    ("GET", "/v2/orders", _orders),
    ("GET", "/v2/orders:by_client_order_id", _order_by_client_id),
    ("GET", "/v2/orders/([^/]+)", _order),
    ("PATCH", "/v2/orders/([^/]+)", _replace),
    ("DELETE", "/v2/orders/([^/]+)", _cancel),
    ("DELETE", "/v2/orders", cancel_all),
)
