"""What the ticket showed at the click beside what came of the order, line by line. Pure.

Both sides are held against the quote of their own moment: the preview's when it was on the
screen, the order's when it was sent.
"""

from dataclasses import dataclass
from decimal import Decimal

from core.analysis.benchmark import NOTHING_YET, UNKNOWN, fees_of
from core.errors import Refusal
from core.market.prices import Side, far_touch
from core.market.venues import profile_of
from core.orders.execution_quality import better_than_touch, fallback_of, gained
from core.orders.plan import Fallback, Preview
from core.orders.state import ChildKind, ParentOrder, State
from core.wording.numbers import MINUS, basis_points, money, per_share, price, qty
from core.wording.times import latency, wait

NOT_KEPT = "No preview was kept with this order: it was not sent from the ticket."


@dataclass(frozen=True, slots=True)
class Compared:
    """One line: what was shown, what came of it, and how it is meant."""

    name: str
    shown: str
    came: str
    meaning: str


def compared(order: ParentOrder) -> tuple[Compared, ...]:
    """The preview kept with the order beside its outcome so far."""
    kept = order.instruction.preview
    return (
        _touches(order, kept),
        _limits(order, kept),
        _averages(order, kept),
        *_gains(order, kept),
        _fallback(order, kept),
        _fees(order, kept),
        _position(order, kept),
        _times(order),
    )


def _touches(order: ParentOrder, kept: Preview | None) -> Compared:
    touch = order.side.far_touch
    shown = far_touch(order.side, kept.bid, kept.ask) if kept else None
    return Compared(
        touch,
        price(shown),
        price(order.quote.far_touch(order.side)),
        f"The {touch} on the screen at the click, and the one held when the order was sent.",
    )


def _limits(order: ParentOrder, kept: Preview | None) -> Compared:
    limits = [c.limit_price for c in order.children if c.kind is ChildKind.LIMIT and c.posts]
    sent = [price(limit) for limit in dict.fromkeys(limits) if limit is not None]
    came = f"{sent[0]} to {sent[-1]}" if len(sent) > 1 else sent[0] if sent else NOTHING_YET
    return Compared(
        "limit",
        price(kept.limit_price if kept else None),
        came,
        "The limit price on the button, and those that were sent: the first and the last.",
    )


def _averages(order: ParentOrder, kept: Preview | None) -> Compared:
    return Compared(
        "average",
        price(kept.limit_price if kept else None),
        price(order.avg_price),
        "The limit, if it fills; and the average of all fills, the fallback's included.",
    )


def _gains(order: ParentOrder, kept: Preview | None) -> tuple[Compared, ...]:
    side, average, touch = order.side, order.avg_price, order.quote.far_touch(order.side)
    shown, came = (NOTHING_YET,) * 3, (NOTHING_YET,) * 3
    if kept is not None and kept.gain is not None:
        shown = _gain(kept.gain, kept.gain * order.qty, far_touch(side, kept.bid, kept.ask))
    if average is not None:
        came = (UNKNOWN,) * 3
        if touch > 0:
            came = _gain(better_than_touch(order, average), gained(order), touch)
    against = f"against the {side.far_touch}"
    meanings = (
        f"Dollars a share {against}: if the limit fills, and over all fills.",
        f"Dollars {against}: for all {qty(order.qty)}, and for the {qty(order.filled)} filled.",
        f"The same in hundredths of a percent of the {side.far_touch}.",
    )
    names = ("gain a share", "gain", "gain in bps")
    return tuple(Compared(*line) for line in zip(names, shown, came, meanings, strict=True))


def _gain(a_share: Decimal, total: Decimal, touch: Decimal) -> tuple[str, str, str]:
    bps = basis_points(a_share, touch).replace("-", MINUS) if touch > 0 else UNKNOWN
    sign = "+" if a_share > 0 and touch > 0 else ""
    return per_share(a_share), money(total, sign=True), f"{sign}{bps}"


def _fallback(order: ParentOrder, kept: Preview | None) -> Compared:
    cost = kept.fallback_cost if kept else None
    shown = UNKNOWN if cost is None else money(-cost, sign=True)
    if order.instruction.plan.fallback is Fallback.NONE:
        shown = "none"
    return Compared(
        "fallback",
        shown if kept else NOTHING_YET,
        _fell_back(order),
        f"Dollars against the {order.side.far_touch} at the click: what falling back typically "
        f"cost like orders of {qty(order.qty)}, and what it cost this one.",
    )


def _fell_back(order: ParentOrder) -> str:
    shares, cost = fallback_of(order)
    if shares:
        return f"{money(-cost, sign=True)} on {qty(shares)}"
    if not order.final:
        return "not yet"
    return "not sent" if order.rest else "not needed"


def _fees(order: ParentOrder, kept: Preview | None) -> Compared:
    shown = NOTHING_YET
    if kept is not None:
        shown = UNKNOWN if kept.fees is None else money(-kept.fees, sign=True)
    came = NOTHING_YET
    if order.filled:
        try:
            came = money(-fees_of(order).total, sign=True)
        except Refusal:
            came = UNKNOWN
    charged = profile_of(order.venue).charges_fees
    only = "" if charged else " A live order would pay them; this one pays none."
    return Compared(
        "fees",
        shown,
        came,
        "SEC, TAF and CAT: for all of it at the limit, and as its fills make them, each rounded "
        f"up to a cent.{only}",
    )


def _position(order: ParentOrder, kept: Preview | None) -> Compared:
    after = kept.position_after if kept else None
    shown = came = NOTHING_YET
    if after is not None:
        shown = qty(after)
        came = qty(after + order.rest if order.side is Side.SELL else after - order.rest)
    return Compared(
        "position",
        shown,
        came,
        "When all of it trades, and as this order's own fills make it; other orders not counted.",
    )


def _times(order: ParentOrder) -> Compared:
    plan = order.instruction.plan
    came = f"{qty(order.filled)} of {qty(order.qty)}"
    if order.state is State.FILLED and order.ended_ns is not None:
        took = order.ended_ns - order.started_ns
        came = latency(took)
    return Compared(
        "time to fill",
        "at once" if plan.at_market else f"in {wait(plan.timeout)}",
        came,
        "The time it was given as a limit, and from the click until all of it had filled.",
    )
