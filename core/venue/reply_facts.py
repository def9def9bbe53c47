"""What a venue's answer to one of our requests is as a fact about the child. Pure."""

from core.orders.facts import (
    AnyFact,
    CancelFailed,
    CancelRefused,
    CancelTaken,
    NotFound,
    PostRefused,
    PostUnanswered,
    ReadFailed,
)
from core.venue.interface import (
    Absent,
    CancelReply,
    OrderReport,
    PostReply,
    ReadReply,
    Refused,
    Taken,
    Unanswered,
)


def post_fact(order_id: str, client_id: str, at: int, reply: PostReply) -> AnyFact:
    """The answer to a POST."""
    if isinstance(reply, OrderReport):
        return reply.as_fact(order_id, client_id, at)
    if isinstance(reply, Unanswered):
        return PostUnanswered(order_id=order_id, at=at, client_id=client_id, reason=reply.reason)
    return PostRefused(
        order_id=order_id,
        at=at,
        client_id=client_id,
        message=reply.message,
        code=reply.code,
        shares_reserved=reply.shares_reserved,
        opposed=reply.opposed,
        in_the_way=reply.in_the_way,
        held=reply.held,
        retry_after=reply.retry_after,
    )


def cancel_fact(order_id: str, client_id: str, at: int, reply: CancelReply) -> AnyFact:
    """The answer to a DELETE. One that may be sent again soon has failed, and refused nothing."""
    if isinstance(reply, Taken):
        return CancelTaken(order_id=order_id, at=at, client_id=client_id)
    if isinstance(reply, Unanswered):
        return CancelFailed(order_id=order_id, at=at, client_id=client_id, reason=reply.reason)
    if isinstance(reply, Refused) and reply.retry_after is not None:
        return CancelFailed(order_id=order_id, at=at, client_id=client_id, reason=reply.message)
    message = reply.message if isinstance(reply, Refused) else "no such order"
    return CancelRefused(order_id=order_id, at=at, client_id=client_id, message=message)


def read_fact(order_id: str, client_id: str, at: int, reply: ReadReply) -> AnyFact:
    """The answer to a status read."""
    if isinstance(reply, OrderReport):
        return reply.as_fact(order_id, client_id, at)
    if isinstance(reply, Absent):
        return NotFound(order_id=order_id, at=at, client_id=client_id)
    return ReadFailed(order_id=order_id, at=at, client_id=client_id, reason=reply.reason)
