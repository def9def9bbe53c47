"""Which rule takes in which fact about a child order.

Every rule takes the order, the child and the fact, and returns the order with its commands. Pure.
"""

from collections.abc import Callable
from typing import Any

from core.orders.facts import (
    CancelFailed,
    CancelRefused,
    CancelSent,
    CancelTaken,
    EndSeen,
    NotFound,
    PostBarred,
    PostRefused,
    PostSent,
    PostUnanswered,
    PostWithheld,
    ReadFailed,
    Reported,
)
from core.orders.repricing import Draft
from core.orders.state import ChildOrder, ParentOrder
from core.orders.venue_answers import reported, to_cancel, to_post, to_read

_ChildRule = Callable[[ParentOrder, ChildOrder, Any], Draft]

CHILD_RULES: dict[type, _ChildRule] = {
    PostSent: to_post.on_post_sent,
    PostWithheld: to_post.on_post_withheld,
    PostBarred: to_post.on_post_barred,
    PostRefused: to_post.on_post_refused,
    PostUnanswered: to_post.on_post_unanswered,
    CancelSent: to_cancel.on_cancel_sent,
    CancelTaken: to_cancel.on_cancel_taken,
    CancelRefused: to_cancel.on_cancel_refused,
    CancelFailed: to_cancel.on_cancel_failed,
    ReadFailed: to_read.on_read_failed,
    NotFound: to_read.on_not_found,
    Reported: reported.on_reported,
    EndSeen: reported.on_end_seen,
}
