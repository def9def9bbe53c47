"""When our orders execute, at what price, and for how much. Pure; chance is passed in.

The rules: an arriving order that reaches the facing touch takes the size shown, then
deeper levels, worse by ticks. A resting order executes at its limit when the facing
touch comes to it, or when a print goes through it (or at it, once the queue ahead is
served) while it is the best price, never for more than was shown or printed. An order
inside the spread may also meet hidden interest.
"""

from decimal import Decimal
from random import Random

from msgspec.structs import replace

from core.exchange.market.events import Touch
from core.exchange.matching.book import Book, Fill, Resting, better, reaches
from core.exchange.options import Knobs
from core.exchange.units import tick
from core.market.prices import ZERO, Side

_THINNEST_LEVEL = 100

Matched = tuple[Book, tuple[Fill, ...]]


def arrive(book: Book, order: Resting, knobs: Knobs, *, rests: bool = True) -> Matched:
    """An order comes to the market: it takes what it reaches; the remainder rests if it may."""
    if book.halted:
        return (_add(book, order, knobs) if rests else book), ()
    book, order, fills = _walk(book, order, knobs)
    if rests and order.leaves:
        book = _add(book, order, knobs)
    return book, fills


def leave(book: Book, order_id: str) -> Book:
    """The book without one order."""
    return replace(book, resting=tuple(r for r in book.resting if r.order_id != order_id))


def quote(book: Book, touch: Touch, knobs: Knobs, chance: Random) -> Matched:
    """The market's touch moved."""
    book = replace(
        book,
        touch=touch,
        taken_bid=book.taken_bid if touch.bid == book.touch.bid else ZERO,
        taken_ask=book.taken_ask if touch.ask == book.touch.ask else ZERO,
    )
    if book.halted or not book.resting:
        return book, ()
    book, reached = _touched(book, knobs)
    book, hidden = _hidden(book, knobs, chance)
    return book, reached + hidden


def trade(book: Book, price: int, size: int, knobs: Knobs, chance: Random, *, lit: bool) -> Matched:
    """Somebody traded `size` at `price`; `lit` is False for a print off the exchanges.

    A print off the exchanges at our own price says nothing about our queue; one
    through our price should have met us.
    """
    if book.halted or not book.resting:
        return book, ()
    fills: list[Fill] = []
    printed = Decimal(size)
    for resting in _by_priority(book.resting):
        book, printed, fill = _printed(book, resting, price, printed, lit=lit)
        if fill is not None:
            fills.append(fill)
    book, hidden = _hidden(book, knobs, chance)
    return book, (*fills, *hidden)


def halt(book: Book) -> Book:
    """Nothing matches until `resume`."""
    return replace(book, halted=True)


def resume(book: Book, knobs: Knobs) -> Matched:
    """Trading goes on; what is already reachable executes."""
    return _touched(replace(book, halted=False), knobs)


def _add(book: Book, order: Resting, knobs: Knobs) -> Book:
    ahead = 0
    own, size = book.touch.own(order.side)
    if order.limit is not None and own and not better(order.side, order.limit, own):
        ahead = round(size * knobs.queue_ahead)
    return replace(book, resting=(*book.resting, replace(order, ahead=ahead)))


def _by_priority(resting: tuple[Resting, ...]) -> list[Resting]:
    """Market orders first, then the most aggressive limit; orders of one price as they came."""

    def key(order: Resting) -> tuple[bool, int]:
        if order.limit is None:
            return (False, 0)
        return (True, -order.limit if order.side is Side.BUY else order.limit)

    return sorted(resting, key=key)


def _changed(book: Book, order: Resting) -> Book:
    resting = tuple(order if r.order_id == order.order_id else r for r in book.resting)
    return replace(book, resting=resting)


def _filled(book: Book, order: Resting, qty: Decimal, *, from_touch: bool = False) -> Book:
    """The book after a resting order had `qty`."""
    left = order.leaves - qty
    book = _changed(book, replace(order, leaves=left)) if left else leave(book, order.order_id)
    return _take(book, order.side, qty) if from_touch else book


def _take(book: Book, side: Side, qty: Decimal) -> Book:
    if side is Side.BUY:
        return replace(book, taken_ask=book.taken_ask + qty)
    return replace(book, taken_bid=book.taken_bid + qty)


def _walk(book: Book, order: Resting, knobs: Knobs) -> tuple[Book, Resting, tuple[Fill, ...]]:
    """Take the touch, then deeper levels, as far as the limit allows."""
    price, shown = book.touch.facing(order.side)
    fills: list[Fill] = []
    level, leaves = 0, order.leaves
    while leaves and price > 0 and reaches(order.side, order.limit, price):
        size = Decimal(shown) - book.taken(order.side)
        paid = price
        if level:
            # Books are thicker away from the touch.
            size = Decimal(max(shown, _THINNEST_LEVEL) * (1 + level))
        elif order.limit is None:
            paid = _improved(book.touch, order.side, price, knobs)
        qty = min(leaves, max(ZERO, size))
        if qty:
            fills.append(Fill(order.order_id, qty, paid))
            leaves -= qty
            book = book if level else _take(book, order.side, qty)
        level += 1
        price = _deeper(order.side, price, knobs)
    return book, replace(order, leaves=leaves), tuple(fills)


def _deeper(side: Side, price: int, knobs: Knobs) -> int:
    step = max(1, knobs.slippage_ticks)
    if side is Side.BUY:
        return price + step * tick(price)
    # A seller always finds a last bid of one ten-thousandth.
    return max(1, price - step * tick(price - 1))


def _improved(touch: Touch, side: Side, price: int, knobs: Knobs) -> int:
    gain = int(touch.spread() * knobs.price_improvement)
    return price - gain if side is Side.BUY else price + gain


def _touched(book: Book, knobs: Knobs) -> Matched:
    """Resting orders that the facing touch has come to."""
    fills: list[Fill] = []
    for order in _by_priority(book.resting):
        if order.limit is None:
            book, after, walked = _walk(book, order, knobs)
            book = _filled(book, order, order.leaves - after.leaves)
            fills.extend(walked)
            continue
        price, shown = book.touch.facing(order.side)
        if not price or not reaches(order.side, order.limit, price):
            continue
        qty = min(order.leaves, Decimal(shown) - book.taken(order.side))
        if qty > 0:
            book = _filled(book, order, qty, from_touch=True)
            fills.append(Fill(order.order_id, qty, order.limit))
    return book, tuple(fills)


def _printed(
    book: Book, order: Resting, price: int, printed: Decimal, *, lit: bool
) -> tuple[Book, Decimal, Fill | None]:
    """One resting order against what is left of one print."""
    limit = order.limit
    own, _ = book.touch.own(order.side)
    if limit is None or printed <= 0 or (own and better(order.side, own, limit)):
        return book, printed, None
    through = price != limit and reaches(order.side, limit, price)
    if not through and not (lit and price == limit):
        return book, printed, None
    if not through and order.ahead:
        served = min(order.ahead, int(printed))
        waiting = replace(order, ahead=order.ahead - served)
        book = _changed(book, waiting)
        order, printed = waiting, printed - served
    qty = min(order.leaves, printed)
    if (order.ahead and not through) or qty <= 0:
        return book, printed, None
    return _filled(book, order, qty), printed - qty, Fill(order.order_id, qty, limit)


def _hidden(book: Book, knobs: Knobs, chance: Random) -> Matched:
    """Orders inside the spread may meet interest that nobody shows."""
    fills: list[Fill] = []
    spread = book.touch.spread()
    for order in book.resting if spread else ():
        if order.limit is None or not book.touch.bid < order.limit < book.touch.ask:
            continue
        own, _ = book.touch.own(order.side)
        across = abs(own - order.limit) / spread
        if chance.random() >= knobs.hidden_chance * across:
            continue
        _, shown = book.touch.facing(order.side)
        most = max(1, round(shown * knobs.hidden_size))
        qty = min(order.leaves, Decimal(chance.randint(1, most)))
        book = _filled(book, order, qty)
        fills.append(Fill(order.order_id, qty, order.limit))
    return book, tuple(fills)
