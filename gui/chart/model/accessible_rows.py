"""What the chart shows as rows of words, for those who hear it or read it as a table."""

from collections.abc import Sequence
from typing import NamedTuple

from core.market.prices import ZERO
from core.market.quotes import Quote
from core.orders.state import ParentOrder
from core.risk.amendment import aim
from core.wording.next_step import state_words
from core.wording.numbers import price, qty
from gui.chart.model.order_scene import draw_order, waiting
from gui.chart.model.series import to_price

COLUMNS = ("line", "price", "state", "next")


class AccessibleRow(NamedTuple):
    """One line of the chart in words; `key` tells it from the others, `order_id` whose it is."""

    key: str
    order_id: str
    line: str
    price: str
    state: str
    next: str

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """What stands in the columns of `COLUMNS`."""
        return self.line, self.price, self.state, self.next


def accessible_rows(
    quote: Quote | None, orders: Sequence[ParentOrder], now_ns: int
) -> tuple[AccessibleRow, ...]:
    """Working orders first, the newest on top; then the touches, then orders that ended."""
    newest_first = sorted(orders, key=lambda o: -o.started_ns)
    working = [row for o in newest_first if not o.final for row in _order_rows(o, now_ns)]
    ended = [row for o in newest_first if o.final for row in _order_rows(o, now_ns)]
    return (*working, *_touch_rows(quote), *ended)


def _order_rows(order: ParentOrder, now_ns: int) -> list[AccessibleRow]:
    drawing = draw_order(order)
    first, second = waiting(order, now_ns)
    follows = ", ".join(part for part in (first, second) if part)
    stands, state = price(to_price(drawing.live_units)), state_words(order)
    if order.filled and not order.final:
        state += f", {qty(order.filled)} of {qty(order.qty)} filled"
    rows = [AccessibleRow(order.id, order.id, drawing.title, stands, state, follows)]
    if drawing.replacing and drawing.aim_units != drawing.live_units:
        asked = price(aim(order))
        rows.append(
            AccessibleRow(f"{order.id} aim", order.id, "its next price", asked, "not proven", "")
        )
    return rows


def _touch_rows(quote: Quote | None) -> list[AccessibleRow]:
    if quote is None:
        return []
    sides = (("ask", quote.ask, quote.ask_size), ("bid", quote.bid, quote.bid_size))
    return [
        AccessibleRow(name, "", name, price(value), f"{size:,} shares", "")
        for name, value, size in sides
        if value > ZERO
    ]
