"""What becomes of a DELETE: sent, taken, refused (404, 422), unanswered. Pure.

None of them proves anything about the order: the stream or a read does.
"""

from msgspec.structs import replace

from core.orders.commands import Cancel, Read
from core.orders.facts import (
    CancelFailed,
    CancelRefused,
    CancelSent,
    CancelTaken,
)
from core.orders.repricing import PROOF_GRACE_NS, Draft, backoff_ns
from core.orders.state import ChildOrder, ParentOrder, with_child


def on_cancel_sent(order: ParentOrder, child: ChildOrder, fact: CancelSent) -> Draft:
    """Count the DELETE; the order may still fill."""
    sent = replace(child, cancels=child.cancels + 1, cancel_sent_at=child.cancel_sent_at or fact.at)
    return with_child(order, sent), []


def on_cancel_taken(order: ParentOrder, child: ChildOrder, fact: CancelTaken) -> Draft:
    """Wait for the proof, and read when it does not come."""
    return order, [Read(child.client_id, PROOF_GRACE_NS, unless_told=True)]


def on_cancel_refused(order: ParentOrder, child: ChildOrder, fact: CancelRefused) -> Draft:
    """No error to a person: usually the fill won. Reading tells."""
    if child.dead:
        return order, []
    refused = replace(child, cancels_refused=child.cancels_refused + 1, error=fact.message)
    return with_child(order, refused), [Read(child.client_id)]


def on_cancel_failed(order: ParentOrder, child: ChildOrder, fact: CancelFailed) -> Draft:
    """Read first: that tells whether the DELETE is to be repeated."""
    # One or the other is under way, never both, so that a failing venue is not asked ever more
    # often.
    return with_child(order, replace(child, error=fact.reason)), [Read(child.client_id)]


def cancel_again(child: ChildOrder) -> Cancel:
    """The DELETE once more, later each time."""
    return Cancel(child.client_id, backoff_ns(child.cancels) if child.cancels else 0)
