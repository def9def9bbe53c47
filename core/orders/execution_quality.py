"""How well an order was worked: what it gained against the far touch of its arrival quote.

Pure. Numbers only; `core.wording` says them, fees are not in them.
"""

from dataclasses import dataclass
from decimal import Decimal

from core.market.prices import ZERO, better_by, increment
from core.orders.state import Cause, ChildKind, ChildOrder, ParentOrder


def better_than_touch(order: ParentOrder, at: Decimal) -> Decimal:
    """Dollars a share by which `at` beats the far touch of the arrival quote; negative: worse."""
    touch = order.quote.far_touch(order.side)
    return better_by(order.side, at, touch) if touch > 0 else ZERO


def gained(order: ParentOrder) -> Decimal:
    """Dollars that the fills gained against the far touch at the click; 0 before the first."""
    average = order.avg_price
    return ZERO if average is None else better_than_touch(order, average) * order.filled


# ---- one order as it ended ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Measured:
    """One ended order in numbers that add up over orders; dollars are over all its shares.

    Terms and signs are those of SEC Rule 605 (17 CFR 242.600(b), 242.605) as a client can know
    them: the reference is the last quote held when the order was sent, not when the venue
    received it. `gain` is price improvement against the far touch, over limit and fallback;
    `effective` is twice what was paid against the midpoint, `quoted` the quoted spread, both
    share-weighted; None where the arrival quote had no spread. `ticks` are whole steps of
    price improvement times shares.
    """

    asked: Decimal
    filled: Decimal
    by_limit: Decimal
    notional: Decimal  # filled shares at the far touch of the arrival quote
    gain: Decimal
    ticks: Decimal
    effective: Decimal | None
    quoted: Decimal | None
    fell_back: bool
    fallback_shares: Decimal
    fallback_cost: Decimal
    waited_ns: int  # from the venue's word that the limit was live
    censored: bool  # ended early by something that says nothing about fills


def measured(order: ParentOrder) -> Measured | None:
    """The measures of an ended order; None for one that never was live or had no usable quote."""
    quote, side = order.quote, order.side
    touch = quote.far_touch(side)
    limits = [child for child in order.children if child.kind is ChildKind.LIMIT]
    live_at = next((child.acked_at for child in limits if child.acked_at is not None), None)
    if not order.final or live_at is None or touch <= 0 or order.ended_ns is None:
        return None
    filled = order.filled
    by_limit = sum((child.filled for child in limits), ZERO)
    gain = gained(order)
    spread = quote.spread if quote.bid > 0 and quote.ask > 0 and quote.spread > 0 else None
    paid = None if order.avg_price is None else -better_by(side, order.avg_price, quote.mid)
    effective = None if spread is None or paid is None else 2 * paid * filled
    shares, cost = fallback_of(order)
    return Measured(
        asked=order.qty,
        filled=filled,
        by_limit=by_limit,
        notional=touch * filled,
        gain=gain,
        ticks=gain / increment(touch, order.symbol),
        effective=effective,
        quoted=None if effective is None or spread is None else spread * filled,
        fell_back=order.fell_back,
        fallback_shares=shares,
        fallback_cost=cost,
        waited_ns=_waited(order, limits, live_at),
        censored=by_limit < order.qty and order.cause not in _RAN_OUT,
    )


_RAN_OUT = (Cause.TIMEOUT, Cause.EXHAUSTED)


def fallback_of(order: ParentOrder) -> tuple[Decimal, Decimal]:
    """Shares of the fallback, and the dollars by which they were worse than the far touch."""
    shares = cost = ZERO
    for child in order.children:
        if child.kind is not ChildKind.LIMIT and child.filled and child.avg_price is not None:
            shares += child.filled
            cost -= better_than_touch(order, child.avg_price) * child.filled
    return shares, cost


def _waited(order: ParentOrder, limits: list[ChildOrder], live_at: int) -> int:
    """How long the limit lived, on the run's one clock, until it had filled or was dead."""
    dead = [child.dead_at for child in limits if child.dead_at is not None]
    return max((max(dead) if dead else order.ended_ns or live_at) - live_at, 0)
