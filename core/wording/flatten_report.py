"""What flattening asks beforehand, and what came of it. Pure."""

from decimal import Decimal

import msgspec

from core.market.account import Position
from core.market.prices import ZERO, Side
from core.market.quotes import Quote
from core.orders.state import ParentOrder
from core.wording.numbers import money, price, qty
from core.wording.order_words import order_title


class Flattened(msgspec.Struct, frozen=True):
    """What came of one symbol. `order` is the id of what was sent, empty when nothing was.

    `cancelled` names the orders that were open, `unproven` those of which something may
    still fill: then nothing is sent. `refused`: nothing was sent for another reason.
    """

    symbol: str
    cancelled: tuple[str, ...]
    unproven: tuple[str, ...]
    order: str
    sentence: str
    refused: bool = False

    @property
    def in_doubt(self) -> bool:
        """It is neither flat nor on its way there: a person has to look."""
        return self.refused or bool(self.unproven)


def side_of(position: Position) -> Side:
    """Which way a position is closed."""
    return Side.SELL if position.qty > 0 else Side.BUY


def question(
    symbol: str,
    position: Position | None,
    open_orders: tuple[ParentOrder, ...],
    quote: Quote | None,
) -> str:
    """What will be done for one symbol, with quantity and value, for a person to confirm."""
    first = ""
    if open_orders:
        names = ", ".join(order_title(order) for order in open_orders)
        first = f"First {names} {'is' if len(open_orders) == 1 else 'are'} cancelled. "
    if position is None or not position.qty:
        return f"{first}No {symbol} is held now: only what fills meanwhile is sent to market."
    side, shares = side_of(position), abs(position.qty)
    verb = "sold" if side is Side.SELL else "bought back"
    then = "Then " if first else ""
    worth = _worth(side, shares, quote)
    return f"{first}{then}{qty(shares)} {symbol} are {verb} at market, {worth}."


def _worth(side: Side, shares: Decimal, quote: Quote | None) -> str:
    touch = ZERO if quote is None else quote.far_touch(side)
    if not touch.is_finite() or touch <= 0:
        return "at a price that nobody knows now"
    return f"about {money(shares * touch)} at the {side.far_touch} of {price(touch)}"


def left_as_held(positions: tuple[Position, ...]) -> str:
    """What Touchline does not trade, and so leaves."""
    names = ", ".join(f"{qty(p.qty)} {p.symbol}" for p in positions)
    return f"Left as held: {names}. Touchline trades stocks and funds only."


def not_proven(symbol: str, names: str) -> str:
    """Cancelled orders of `symbol` may still fill, so nothing was sent."""
    return (
        f"{symbol} was not flattened: {names} is NOT PROVEN dead, and may still fill. Touchline "
        "goes on trying; flatten again once it has ended, or once you have said how it ended."
    )
