"""May a person's word about the end of an unproven order be taken? Pure."""

from decimal import Decimal

from core.errors import Refusal
from core.market.prices import ZERO
from core.orders.state import ChildOrder, ParentOrder
from core.wording.numbers import qty
from core.wording.order_words import order_title


def check(order: ParentOrder, filled: Decimal, price: Decimal | None) -> ChildOrder:
    """The child that the word is about: `filled` shares in all, at `price` dollars a share.

    Raises Refusal: it is for an order that ended unproven, and takes back no proven fill.
    """
    title = order_title(order)
    if not order.final or order.done:
        what = "has ended, and that is proven" if order.final else "is still worked"
        raise Refusal("ended", f"{title} {what}: only the venue can say more.", order.id)
    (child, *others) = order.live_children
    if others:
        names = ", ".join(c.client_id for c in (child, *others))
        said = f"Of {title} several are not proven: {names}. Cancel them at the broker."
        raise Refusal("ended", said, names)
    if not child.filled <= filled <= child.qty:
        raise Refusal(
            "ended",
            f"Of {child.client_id} between {qty(child.filled)} and {qty(child.qty)} shares can "
            f"have filled, not {qty(filled)}.",
            filled,
        )
    if price is None and filled > ZERO and child.avg_price is None:
        raise Refusal("ended", "Say at which average price it filled, too.", filled)
    return child
