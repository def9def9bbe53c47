"""What the chart shows, as lines of words for those who read it as a table. Pure, no Qt."""

from collections.abc import Sequence
from typing import NamedTuple

from core.market.prices import ZERO
from core.market.quotes import Quote
from core.orders.state import ParentOrder
from core.risk.amendment import aim
from core.wording.next_step import STATE_WORDS
from core.wording.numbers import price, qty
from gui.chart.model.order_scene import draw_order, waiting
from gui.chart.model.series import to_price

TITLES = ("line", "price", "state", "next")


class ChartLine(NamedTuple):
    """One line of the chart; `key` tells it from the others, `order_id` whose it is."""

    key: str
    order_id: str
    line: str
    price: str
    state: str
    next: str

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """What stands in the columns of `TITLES`."""
        return self.line, self.price, self.state, self.next


def chart_lines(
    quote: Quote | None, orders: Sequence[ParentOrder], now_ns: int
) -> tuple[ChartLine, ...]:
    """Working orders first, the newest on top; then the touches, then orders that ended."""
    ordered = sorted(orders, key=lambda o: (o.final, -o.started_ns))
    working = [line for order in ordered if not order.final for line in _of(order, now_ns)]
    ended = [line for order in ordered if order.final for line in _of(order, now_ns)]
    return (*working, *_touches(quote), *ended)


def _of(order: ParentOrder, now_ns: int) -> list[ChartLine]:
    drawing = draw_order(order)
    first, second = waiting(order, now_ns)
    follows = ", ".join(part for part in (first, second) if part)
    stands, state = price(to_price(drawing.live_units)), STATE_WORDS[order.state]
    if order.filled and not order.final:
        state += f", {qty(order.filled)} of {qty(order.qty)} filled"
    lines = [ChartLine(order.id, order.id, drawing.title, stands, state, follows)]
    if drawing.replacing and drawing.aim_units != drawing.live_units:
        asked = ChartLine(
            f"{order.id} aim", order.id, "its next price", price(aim(order)), "not proven", ""
        )
        lines.append(asked)
    return lines


def _touches(quote: Quote | None) -> list[ChartLine]:
    if quote is None:
        return []
    sides = (("ask", quote.ask, quote.ask_size), ("bid", quote.bid, quote.bid_size))
    return [
        ChartLine(name, "", name, price(value), f"{size:,} shares", "")
        for name, value, size in sides
        if value > ZERO
    ]
