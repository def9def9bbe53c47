"""Positions kept up to date by our own orders, between two reads of the account. Pure."""

from collections.abc import Mapping
from decimal import Decimal

from core.market.account import Position
from core.market.prices import ZERO, Side
from core.market.quotes import Quote
from core.orders.state import ParentOrder


def after_change(
    held: Position | None, before: ParentOrder | None, after: ParentOrder
) -> Position | None:
    """The position once `before` became `after`.

    A buy adds what filled. A sell takes it away, and takes what may still fill out
    of `available`, as the venue does.
    """
    filled = after.filled - (before.filled if before else ZERO)
    exposed = after.reserved - (before.reserved if before else ZERO)
    if not filled and (not exposed or after.side is Side.BUY or held is None):
        return held
    held = held or Position(after.symbol, ZERO, ZERO, ZERO)
    if after.side is Side.SELL:
        free = max(held.available - exposed, ZERO)
        return Position(held.symbol, held.qty - filled, free, held.avg_entry_price)
    entry = _entry_price(held, after, filled)
    return Position(held.symbol, held.qty + filled, held.available + filled, entry)


def most_at_stake(positions: Mapping[str, Position], quotes: Mapping[str, Quote]) -> str:
    """The symbol held in whose spread most dollars lie; empty when nothing is held.

    Without a usable quote of any it is the first by name.
    """
    held = sorted(symbol for symbol, position in positions.items() if position.qty)
    return max(held, key=lambda symbol: _stake(positions[symbol], quotes.get(symbol)), default="")


def _stake(position: Position, quote: Quote | None) -> Decimal:
    usable = quote is not None and quote.bid > 0 and quote.ask > quote.bid
    return quote.spread * abs(position.qty) if quote is not None and usable else ZERO


def _entry_price(held: Position, order: ParentOrder, bought: Decimal) -> Decimal:
    price = order.avg_price
    if price is None:
        return held.avg_entry_price
    if held.qty <= 0 or held.qty + bought <= 0:  # a bust may be told after a read that knows it
        return price
    return (held.qty * held.avg_entry_price + bought * price) / (held.qty + bought)
