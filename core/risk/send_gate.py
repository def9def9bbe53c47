"""The gate before every POST: whether it may leave at this moment, and what keeps it back. Pure.

`verdict` is the one question. Part of its answer is a table of rows (`SEND_RULES`): what a row
forbids waits and is asked about again while its grace runs, then a person decides; without
`again` it ends at once. `core.risk.pre_trade_controls` asks the same rules when an order is
submitted.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto

import msgspec

from core.market.prices import ZERO, Side, ticks_between
from core.market.quotes import Quote, Unusable
from core.orders import repricing
from core.orders.commands import Post
from core.orders.permissions import may_post, still_wanted, too_late
from core.orders.state import Cause, ChildKind, ChildOrder, Liveness, ParentOrder
from core.risk.limits import DEFAULTS, Limits
from core.wording.numbers import price, qty

RETRY_S = 1.0
_BPS = Decimal(10_000)

READ_ONLY = (
    "Another program uses this account's order stream, or the venue has not yet let go of an "
    "earlier connection: no new order is begun meanwhile; orders at work go on, proven by request."
)


# ---- our own orders that are open -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Resting:
    """An order of ours that may still trade. `limit` None: at any price."""

    symbol: str
    side: Side
    limit: Decimal | None


def resting(
    orders: Iterable[ParentOrder], symbol: str, *, unsent: bool = False
) -> tuple[Resting, ...]:
    """What is not proven dead in `symbol`; with `unsent` also what waits to be sent."""
    return tuple(
        Resting(symbol, order.side, child.limit_price)
        for order in orders
        if order.symbol == symbol
        for child in order.live_children
        if unsent or child.liveness is not Liveness.UNSENT
    )


def may_trade(orders: Iterable[ParentOrder], symbol: str, side: Side) -> Decimal:
    """Shares that orders of `side` in `symbol` may still trade, their fallbacks among them."""
    return sum((_open_shares(o) for o in orders if (o.symbol, o.side) == (symbol, side)), ZERO)


def _open_shares(order: ParentOrder) -> Decimal:
    if order.final or order.cancel_asked:
        return order.unproven
    return order.rest


def died(before: ParentOrder, after: ParentOrder) -> bool:
    """Whether a child of the order has been proven dead by this change."""
    return any(
        new.dead and not old.dead for old, new in zip(before.children, after.children, strict=False)
    )


def wash_trade(side: Side, limit: Decimal | None, open_orders: Iterable[Resting]) -> str:
    """The sentence when an order could trade with one of ours; `limit` None: a market order.

    Alpaca's rule ("User Protection", preventing wash trades), which it applies to each new
    order against the open ones of the symbol: with a market order on either side it refuses
    always, of two limits only where the buy is at or above the sell (403, "potential wash trade
    detected"). A limit that does not reach our other one may be sent, however marketable.
    """
    for other in open_orders:
        if other.side is not side and _could_meet(side, limit, other.limit):
            at = "at market" if other.limit is None else f"at {price(other.limit)}"
            return (
                f"Your own {other.side.value} of {other.symbol} {at} is open: "
                "trading with it would be a wash trade."
            )
    return ""


def _could_meet(side: Side, limit: Decimal | None, other: Decimal | None) -> bool:
    if limit is None or other is None:
        return True
    return limit <= other if side is Side.SELL else limit >= other


def short_restricted(symbol: str, limit: Decimal | None, bid: Decimal | None) -> str:
    """The sentence when a short sale may not be sent; `bid` is the best one, None: unknown.

    Regulation SHO, Rule 201: once a stock has fallen by 10 % from its last close, a short may
    for the rest of that day and the next not be sold at or below the national best bid.
    """
    if limit is not None and bid is not None and limit > bid:
        return ""
    return (
        f"{symbol} is under the short-sale restriction (Rule 201): "
        "a short may be sold only above the best bid."
    )


def wider(quote: Quote, most_bps: Decimal, most_ticks: int) -> bool:
    """Whether the spread of a two-sided quote is wider than both."""
    if quote.bid <= 0 or quote.spread <= 0:
        return False
    wide = quote.spread * _BPS > most_bps * quote.mid
    return wide and ticks_between(quote.bid, quote.ask) > most_ticks


# ---- the table ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SendContext:
    """What a POST in one symbol depends on at `now_ns`. `resting` is ours and has been sent.

    `restricted`: short sales are (Rule 201). `locked_out` says why the venue does not know us,
    or as another account than before.
    """

    is_open: bool = True
    locked_out: str = ""
    read_only: bool = False
    halted: bool = False
    restricted: bool = False
    quote: Quote | None = None
    resting: tuple[Resting, ...] = ()
    settings: Limits = DEFAULTS
    now_ns: int = 0


Judge = Callable[[ParentOrder, ChildOrder, SendContext], str]
"""The sentence when the row forbids the POST, else an empty text."""


@dataclass(frozen=True, slots=True)
class SendRule:
    """One row: which kinds of child it stops, seconds until it is asked again, who is told."""

    name: str
    kinds: frozenset[ChildKind]
    judge: Judge
    again: float | None = RETRY_S
    tells: bool = True


def _read_only(order: ParentOrder, child: ChildOrder, now: SendContext) -> str:
    """No order begins; one at work goes on, as what its earlier children did is proven by REST."""
    return READ_ONLY if now.read_only and repricing.is_first(order, child) else ""


def _locked_out(order: ParentOrder, child: ChildOrder, now: SendContext) -> str:
    return now.locked_out


def _closed(order: ParentOrder, child: ChildOrder, now: SendContext) -> str:
    return "" if now.is_open else Unusable.CLOSED.sentence(order.symbol)


def _halted(order: ParentOrder, child: ChildOrder, now: SendContext) -> str:
    return Unusable.HALTED.sentence(order.symbol) if now.halted else ""


def _wash(order: ParentOrder, child: ChildOrder, now: SendContext) -> str:
    return wash_trade(order.side, child.limit_price, now.resting)


def _short(order: ParentOrder, child: ChildOrder, now: SendContext) -> str:
    if not (order.short and now.restricted):
        return ""
    bid = None if now.quote is None else now.quote.bid
    return short_restricted(order.symbol, child.limit_price, bid)


def _spread(order: ParentOrder, child: ChildOrder, now: SendContext) -> str:
    """Whoever asks for the market now has seen the spread; a timeout has not."""
    most, ticks = now.settings.max_spread_refuse_bps, now.settings.max_spread_ticks
    if now.quote is None or order.cause is Cause.MARKET_NOW or not wider(now.quote, most, ticks):
        return ""
    return f"The spread of {order.symbol} is wider than your limit of {most:f} bps."


_ALL = frozenset(ChildKind)
_FALLBACKS = _ALL - {ChildKind.LIMIT}
WASH = "wash"

SEND_RULES: tuple[SendRule, ...] = (
    SendRule("login", _ALL, _locked_out, tells=False),  # told when the keys were refused
    SendRule("read-only", _ALL, _read_only, tells=False),  # told when the other program appears
    SendRule(
        "session", _FALLBACKS, _closed, again=None, tells=False
    ),  # it would queue for tomorrow
    SendRule("halt", _FALLBACKS, _halted),  # it would queue for the reopening
    SendRule(WASH, _ALL, _wash),
    SendRule("short-restriction", _ALL, _short),
    SendRule("spread", frozenset({ChildKind.MARKET}), _spread),
)


# ---- the verdict ----------------------------------------------------------------------------


class Look(Enum):
    """When the gate is asked about a POST; each look asks what can have changed by then."""

    DUE = auto()  # its turn has come, at once or after a wait
    READY = auto()  # it is about to be recorded as sent
    RECORDED = auto()  # the record is durable, and writing it may have taken a while


class Send(msgspec.Struct, frozen=True):
    """`child` may leave, as it is now."""

    child: ChildOrder


class NotWanted(msgspec.Struct, frozen=True):
    """It is of no use any more, and nothing of it is recorded."""


class Withhold(msgspec.Struct, frozen=True):
    """It is recorded as sent and must not leave: not wanted any more, or too late."""


class Block(msgspec.Struct, frozen=True):
    """Why a child may not be sent now, and when to ask again (seconds; None: not at all).

    `warning` is for the person, the first time that this bars it. `until_free`: the end of
    another order of ours lifts it.
    """

    reason: str
    retry_after: float | None = None
    warning: str = ""
    until_free: bool = False


Verdict = Send | NotWanted | Withhold | Block


def verdict(order: ParentOrder, client_id: str, look: Look, now: SendContext) -> Verdict:
    """Whether the POST of this child may leave."""
    child = order.child(client_id)
    if child is None:
        return NotWanted()
    if look is Look.DUE:
        return Send(child) if still_wanted(order, Post(client_id)) else NotWanted()
    if look is Look.RECORDED and _overtaken(order, child, now.now_ns):
        return Withhold()
    return block_for(order, child, now) or Send(child)


def _overtaken(order: ParentOrder, child: ChildOrder, now_ns: int) -> bool:
    return not may_post(order, child.client_id) or too_late(order, child, now_ns)


def block_for(order: ParentOrder, child: ChildOrder, now: SendContext) -> Block | None:
    """The first row that forbids `child` to be sent now; None when it may be."""
    for rule in SEND_RULES:
        reason = rule.judge(order, child, now) if child.kind in rule.kinds else ""
        if reason:
            what = "limit" if child.kind is ChildKind.LIMIT else "fallback"
            what = "market order" if order.at_market else what
            told = not rule.tells or child.error == reason
            warning = "" if told else f"{reason} The {what} for {qty(child.qty)} shares waits."
            return Block(reason, rule.again, warning, until_free=rule.name == WASH)
    return None
