"""Client order ids: `tl-ORDER-N`, the same whenever they are computed. Pure."""

from core.orders.state import ChildOrder, ParentOrder

PREFIX = "tl-"


def client_id(order_id: str, number: int) -> str:
    """The client order id of the `number`-th child, the same whenever it is computed."""
    return f"{PREFIX}{order_id}-{number}"


def next_id(order: ParentOrder) -> str:
    """The client id of the next child: a number that none of its children has."""
    taken = [int(c.client_id.rpartition("-")[2]) for c in order.children if _is_ours(order, c)]
    return client_id(order.id, max(len(order.children), *taken, 0) + 1)


def _is_ours(order: ParentOrder, child: ChildOrder) -> bool:
    return parent_of(child.client_id) == order.id


def parent_of(child_client_id: str) -> str | None:
    """The parent order's id in one of our client ids; None for a foreign id."""
    if not child_client_id.startswith(PREFIX):
        return None
    body, dash, number = child_client_id[len(PREFIX) :].rpartition("-")
    return body if dash and body and number.isdecimal() else None
