"""How an order and its children are called, and who told of them. Pure."""

from core.market.prices import Side
from core.orders.facts import Source
from core.orders.plan import plain
from core.orders.state import ChildOrder, ParentOrder
from core.wording.numbers import MINUS, price, qty
from core.wording.times import age

SOURCES = {
    Source.POST: "REST reply",
    Source.STREAM: "stream",
    Source.READ: "REST read",
    Source.SELF: "Touchline",
}


def side_word(side: Side) -> str:
    """SELL or BUY."""
    return side.value.upper()


def order_title(order: ParentOrder) -> str:
    """Side, quantity and symbol of a parent order."""
    return f"{side_word(order.side)} {qty(order.qty)} {order.symbol}"


def order_price(order: ParentOrder) -> str:
    """The limit that was sent last, or that there is none."""
    return "market" if order.at_market else price(order.present_limit)


def child_title(child: ChildOrder) -> str:
    """What a child is and its number under its parent."""
    return f"{child.kind.value} {MINUS}{child.client_id.rpartition('-')[2]}"


def told_by(child: ChildOrder, now_ns: int) -> str:
    """Who the latest word about a child comes from, and how old it is."""
    if not child.as_of:
        return "not sent"
    return f"{SOURCES[child.source]}, {age(now_ns - child.as_of)} ago"


def step_words(order: ParentOrder) -> str:
    """The step in force by its number."""
    return f"step {order.step + 1} of {len(order.instruction.plan.all_steps)}"


def step_fraction(order: ParentOrder, step: int) -> str:
    """How far across the spread a step is priced."""
    return f"{plain(order.instruction.plan.all_steps[step].fraction):f} of the spread"


_STATUS_WORDS = {
    "new": "live at the venue",
    "accepted": "accepted by the venue",
    "pending_new": "accepted by the venue, not live yet",
    "accepted_for_bidding": "accepted by the venue",
    "pending_cancel": "cancel pending; it may still fill",
    "canceled": "cancelled, proven",
    "expired": "expired at the venue",
    "rejected": "rejected by the venue",
    "done_for_day": "done for the day",
    "replaced": "replaced at the venue",
    "pending_replace": "replacement pending",
    "stopped": "stopped: a fill is guaranteed",
    "suspended": "suspended at the venue",
    "calculated": "done, being calculated",
    "filled": "filled",
    "partially_filled": "partly filled",
}


def status_words(status: str) -> str:
    """A venue's status in our words; an unknown one as it came."""
    return _STATUS_WORDS.get(status, status.replace("_", " "))
