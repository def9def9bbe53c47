"""The boundary that a price set by hand must pass before it is journaled. Pure.

The same rows judge it for the window's preview, so both give the same reason.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from core.errors import Confirmation, Refusal
from core.market.limit_price import LimitPrice, collar_price
from core.market.prices import (
    MAX_PRICE,
    ONE,
    ZERO,
    Side,
    better_by,
    ceil_legal,
    floor_legal,
    ticks_between,
)
from core.orders.repricing import is_theirs, replacing
from core.orders.state import AT_WORK, Cause, ParentOrder, State
from core.risk import judging, pre_trade_controls
from core.risk.judging import Finding
from core.risk.pre_trade_context import PreTradeContext, ProposedOrder
from core.risk.pre_trade_controls import Control, Severity
from core.risk.send_gate import short_restricted
from core.wording.numbers import money, price, ticks
from core.wording.order_words import order_title


def aim(order: ParentOrder) -> Decimal:
    """The price in force or on its way there, dollars a share."""
    return order.present_limit if order.own_price is None else order.own_price


def why_not(order: ParentOrder) -> str:
    """Why no price can be set on `order` at all, in words; empty when one can."""
    if order.final:
        return "it has ended"
    if order.cancel_asked or order.cause in (Cause.GRACE, Cause.UNRECORDED):
        return "it is being cancelled"
    if order.cause is Cause.UNWANTED:
        return "more than was asked for could fill, so it is being cancelled"
    if order.at_market:
        return "it is a market order"
    if order.cause is not Cause.NONE:
        return "its fallback is under way"
    if order.state is State.SENDING:
        return "it is not live yet"
    if order.state not in AT_WORK:
        return "its status is uncertain and being read"
    if any(is_theirs(child) for child in order.live_children):
        return "somebody else replaced it at the venue, so it is theirs to move"
    return ""


def accept(
    order: ParentOrder, limit: Decimal, now: PreTradeContext, confirmed: Iterable[str] = ()
) -> None:
    """Let `limit` be set on `order` now.

    Raises Refusal by the first rule that stands against it, Confirmation naming those that
    ask and are not among `confirmed`.
    """
    if reason := why_not(order):
        raise Refusal("order", f"{_no_price(order)}: {reason}.", order.state.value)
    stays = f"{order_title(order)} stays at {price(aim(order))}."
    broken = findings(order, limit, now)
    for found in broken:
        if found.severity is Severity.REFUSE:
            raise Refusal(found.name, f"{found.sentence} {stays}", limit)
    said = set(confirmed)
    if asks := [found for found in broken if found.name not in said]:
        sentences = " ".join(found.sentence for found in asks)
        raise Confirmation(tuple(found.name for found in asks), sentences, limit)


def findings(order: ParentOrder, limit: Decimal, now: PreTradeContext) -> tuple[Finding, ...]:
    """Every rule that `limit` breaks, those that refuse first; of no legal price only that."""
    if sentence := _illegal(limit):
        return (Finding("increment", Severity.REFUSE, sentence),)
    if limit == aim(order) and (order.own_price is not None or not replacing(order)):
        sentence = f"{price(limit)} is its price already."
        return (Finding("unchanged", Severity.REFUSE, sentence),)
    return judging.findings(proposed_order(order, limit, now), _controls(order))


def proposed_order(order: ParentOrder, limit: Decimal, now: PreTradeContext) -> ProposedOrder:
    """The order at `limit`, for the controls to judge."""
    better = ZERO if now.quote is None else _ticks_better(order.side, limit, now)
    at = LimitPrice(limit, int(better), ZERO, collapsed=better == 0)
    return ProposedOrder(order.side, order.qty, order.instruction.plan, now, at)


@dataclass(frozen=True, slots=True)
class Judged:
    """What a price would mean if it were set now, for whoever shows it before it is.

    `reason` says why no price can be set at all, `broken` which rules this one breaks.
    """

    words: str = ""
    reason: str = ""
    broken: tuple[Finding, ...] = ()

    @property
    def refusal(self) -> str:
        """Why it would not be taken, as a sentence; empty when it would."""
        if self.reason:
            return f"No price can be set: {self.reason}."
        refuses = bool(self.broken) and self.broken[0].severity is Severity.REFUSE
        return self.broken[0].sentence if refuses else ""

    @property
    def question(self) -> str:
        """What is asked before it is taken; empty when nothing is."""
        return "" if self.refusal else " ".join(found.sentence for found in self.broken)

    @property
    def names(self) -> tuple[str, ...]:
        """The rules it breaks, as they are confirmed by."""
        return tuple(found.name for found in self.broken)


def judge(order: ParentOrder, limit: Decimal, now: PreTradeContext) -> Judged:
    """The same rules as `accept`, told and not raised."""
    if reason := why_not(order):
        return Judged(reason=reason)
    return Judged(words(order, limit, now), "", findings(order, limit, now))


def words(order: ParentOrder, limit: Decimal, now: PreTradeContext) -> str:
    """Where `limit` lies, what it gains if all that is left fills, and what it replaces."""
    replaces = f"replaces {price(aim(order))}"
    if now.quote is None or _illegal(limit):
        return replaces
    better, touch = _ticks_better(order.side, limit, now), now.quote.far_touch(order.side)
    if not better:
        return f"at the far touch, {replaces}"
    gain = money(better_by(order.side, limit, touch) * order.rest, sign=True)
    return f"{ticks(better)}, {gain} vs the {order.side.far_touch}, {replaces}"


def _ticks_better(side: Side, limit: Decimal, now: PreTradeContext) -> int:
    """Whole ticks by which `limit` is better than the far touch; negative: past it."""
    assert now.quote is not None
    touch = now.quote.far_touch(side)
    low, high = (touch, limit) if side is Side.SELL else (limit, touch)
    if low <= high:
        return ticks_between(ceil_legal(low), high)
    return -ticks_between(high, low)


def _no_price(order: ParentOrder) -> str:
    return f"The price of {order_title(order)} cannot be set"


def _illegal(limit: Decimal) -> str:
    if not limit.is_finite() or not ZERO < limit <= MAX_PRICE:
        return f"A price must be above 0 and at most {MAX_PRICE:,}, not {limit}."
    if floor_legal(limit) == limit:
        return ""
    step = "whole cents" if limit >= ONE else "hundredths of a cent"
    return f"{limit:f} is no legal price: it must be in {step}."


# ---- rules of its own -----------------------------------------------------------------------


def _own_limit(order: ProposedOrder) -> str:
    worst = order.plan.limit
    if worst is None or order.limit is None or better_by(order.side, order.limit.price, worst) >= 0:
        return ""
    return f"{price(order.limit.price)} is beyond the limit of {price(worst)} that you gave it."


def _far_touch(order: ProposedOrder) -> str:
    quote, limit = order.now.quote, order.limit
    if quote is None or limit is None or order.now.unusable is not None:
        return ""
    worst = collar_price(order.side, quote.bid, quote.ask)
    if better_by(order.side, limit.price, worst) >= 0:
        return ""
    touch = f"{order.side.far_touch} at {price(quote.far_touch(order.side))}"
    return (
        f"{price(limit.price)} is past the {touch} by more than a marketable limit may be "
        f"({price(worst)}). For the market there is Market now."
    )


def _marketable(order: ProposedOrder) -> str:
    quote, limit = order.now.quote, order.limit
    if quote is None or limit is None or order.now.unusable is not None:
        return ""
    touch = quote.far_touch(order.side)
    if better_by(order.side, limit.price, touch) > 0:
        return ""
    where = "at" if limit.price == touch else "past"
    return (
        f"{price(limit.price)} is {where} the {order.side.far_touch} of {price(touch)}: "
        "it fills at once."
    )


def _costs(order: ParentOrder) -> Control:
    """A dearer buy, or short sale, takes more buying power than the order has reserved."""

    def judge(at: ProposedOrder) -> str:
        account, limit = at.now.account, at.limit
        if account is None or limit is None or (order.side is Side.SELL and not order.short):
            return ""
        more = (limit.price - aim(order)) * order.rest
        if more <= max(account.buying_power, ZERO):
            return ""
        return f"It takes {money(more)} more; buying power is {money(account.buying_power)}."

    return Control("funds", Severity.REFUSE, judge)


def _restriction(order: ParentOrder) -> Control:
    """A short sale may not be moved to where the short-sale restriction forbids it."""

    def judge(at: ProposedOrder) -> str:
        if not (order.short and at.now.restricted) or at.limit is None or at.now.quote is None:
            return ""
        return short_restricted(order.symbol, at.limit.price, at.now.quote.bid)

    return Control("short-restriction", Severity.REFUSE, judge)


_SHARED = {control.name: control for control in pre_trade_controls.CONTROLS}
_FIRST = ("killed", "journal", "settings", "login", "stream", "account", "session", "halt", "quote")
_STANDING = tuple(_SHARED[name] for name in (*_FIRST, "quote-age"))
_RULES = (
    Control("limit", Severity.REFUSE, _own_limit),
    Control("far-touch", Severity.REFUSE, _far_touch),
    _SHARED["wash"],
    _SHARED["max-notional"],
    Control("marketable", Severity.CONFIRM, _marketable),
    _SHARED["price-band"],
)
CONFIRMABLE = tuple(c.name for c in _RULES if c.severity is Severity.CONFIRM)


def _controls(order: ParentOrder) -> tuple[Control, ...]:
    return (*_STANDING, _costs(order), _restriction(order), *_RULES)
