"""What the ticket would send: what was entered and the market make an outlook for each side.

Plain data and functions; no Qt may enter. Whether an order may be sent is asked of
`core.analysis.preview`, which asks the rules that the engine asks; what is added here is only
that a field says nothing clear.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_FLOOR, Decimal
from enum import Enum

from core.analysis.preview import Background, Outlook, outlook
from core.errors import Refusal
from core.market.account import Position
from core.market.limit_price import USUAL_COLLAR, Collar, LimitPrice
from core.market.prices import ZERO, Side
from core.market.quotes import Quote
from core.orders.plan import DEFAULTS, Fallback, Plan, Step, stepped
from core.orders.plan_input import parse_dollars, parse_price, parse_qty
from core.orders.repricing import first_price
from core.risk.pre_trade_context import PreTradeContext
from core.risk.shares_from_dollars import Sized, for_dollars, for_risk
from core.wording.numbers import DOT
from core.wording.numbers import qty as qty_words
from core.wording.order_words import side_word

SIDES = (Side.SELL, Side.BUY)  # as they stand on the ticket
FIRST_QTY = Decimal(100)
Sizes = Mapping[Side, Sized | Refusal]  # the shares of each side, or why there are none


class Unit(Enum):
    """What the number in the quantity field counts: its word, and what that means."""

    SHARES = ("Shares", "Shares")
    DOLLARS = ("Dollars", "Dollars: as many whole shares as they buy at the limit price")
    RISK = ("Risk $", "Dollars at risk: as many whole shares as lose them down to a stop price")


@dataclass(frozen=True, slots=True)
class QuantityEntry:
    """What stands in the quantity's field and, where a risk is divided, in the stop's."""

    text: str
    unit: Unit = Unit.SHARES
    stop: str = ""

    def value(self) -> Decimal:
        """The number as typed, shares or dollars. Raises Refusal."""
        if self.unit is Unit.SHARES:
            return parse_qty(self.text)
        return parse_dollars(self.text, "amount")

    def size(self, side: Side, limit: LimitPrice | None) -> Sized | Refusal:
        """Shares of that side at its limit price, or why there are none."""
        try:
            return self._sized(side, limit)
        except Refusal as refusal:
            return refusal

    def _sized(self, side: Side, limit: LimitPrice | None) -> Sized:
        if self.unit is Unit.SHARES:
            return Sized(parse_qty(self.text), "")
        if self.unit is Unit.DOLLARS:
            dollars = parse_dollars(self.text, "amount")
            if limit is None:
                raise Refusal("amount", "Without a price no dollars make shares.")
            return for_dollars(dollars, limit.price)
        dollars = parse_dollars(self.text, "risk")
        stop = parse_price(self.stop, "stop")
        if limit is None:
            raise Refusal("risk", "Without a price no risk makes shares.")
        return for_risk(side, dollars, limit.price, stop)

    def means_nothing(self, sizes: Sizes) -> bool:
        """Whether the field is to be marked; a stop is on one side of the price only."""
        refused = [isinstance(size, Refusal) for size in sizes.values()]
        return all(refused) if self.unit is Unit.RISK else any(refused)

    def arithmetic(self, sizes: Sizes) -> str:
        """The sums that made shares of dollars; why not, where none did."""
        sums = [
            f"{side_word(side)[0]} {size.sum}"
            for side in SIDES
            if isinstance(size := sizes[side], Sized)
        ]
        return f" {DOT} ".join(sums) if sums else self.why_none(sizes[Side.BUY])

    def why_none(self, size: Sized | Refusal) -> str:
        """Why there is no quantity; an empty field of shares speaks for itself."""
        empty = self.unit is Unit.SHARES and not self.text.strip()
        return size.sentence if isinstance(size, Refusal) and not empty else ""


@dataclass(frozen=True, slots=True)
class PlanEntry:
    """How an order is to be worked, of whichever side. `wait` None: each side's own time."""

    wait: Decimal | None = None  # seconds
    steps: tuple[Step, ...] = ()
    fallback: Fallback = Fallback.MARKET
    limit: Decimal | None = None
    collar: Collar = USUAL_COLLAR

    def plan(self, side: Side, fraction: Decimal) -> Plan:
        """How an order of that side would be worked, at `fraction` unless in steps."""
        grace = DEFAULTS[side].grace
        if self.steps:
            return stepped(self.steps, self.fallback, grace, self.limit, self.collar)
        seconds = DEFAULTS[side].timeout if self.wait is None else self.wait
        return Plan(fraction, seconds, self.fallback, grace, limit=self.limit, collar=self.collar)

    def first_fraction(self, fraction: Decimal) -> Decimal:
        """The fraction of the first price: the first step's, where there are steps."""
        return self.steps[0].fraction if self.steps else fraction


def usual_fractions() -> dict[Side, Decimal]:
    """Each side's fraction of the spread before anybody chose one."""
    return {side: plan.fraction for side, plan in DEFAULTS.items()}


@dataclass(frozen=True, slots=True)
class TicketEntry:
    """All that was chosen and typed. `unclear` says which field makes no order, and why."""

    quantity: QuantityEntry
    plan: PlanEntry = PlanEntry()
    fractions: Mapping[Side, Decimal] = field(default_factory=usual_fractions)
    unclear: str = ""

    def plan_of(self, side: Side) -> Plan:
        """How an order of that side would be worked."""
        return self.plan.plan(side, self.fractions[side])

    def limit(self, side: Side, quote: Quote | None) -> LimitPrice | None:
        """The price on the button, by which dollars are divided; None where there is none."""
        if quote is None:
            return None
        try:
            return first_price(side, quote.bid, quote.ask, self.plan_of(side), quote.symbol)
        except Refusal:
            return None

    def sizes(self, quote: Quote | None) -> Sizes:
        """The shares of each side at these prices."""
        return {side: self.quantity.size(side, self.limit(side, quote)) for side in Side}


def outlooks(
    entry: TicketEntry, sizes: Sizes, now: PreTradeContext, background: Background
) -> dict[Side, Outlook]:
    """What a click on either side would send, or why it would not."""
    return {side: _outlook(side, entry, sizes[side], now, background) for side in Side}


def _outlook(
    side: Side,
    entry: TicketEntry,
    size: Sized | Refusal,
    now: PreTradeContext,
    background: Background,
) -> Outlook:
    quantity = size.qty if isinstance(size, Sized) else None
    view = outlook(side, quantity, entry.plan_of(side), now, background)
    refusal = entry.unclear or entry.quantity.why_none(size)
    return replace(view, refusal=refusal) if refusal else view


def first_quantity(position: Position | None) -> Decimal:
    """A hundred, or all that can be sold when that is less."""
    available = position.available if position else FIRST_QTY
    return min(FIRST_QTY, available) if available > 0 else FIRST_QTY


def part_of_available(position: Position | None, percent: int) -> Decimal:
    """So much of what can be sold, in whole shares; 0 when that is none."""
    available = position.available if position else ZERO
    return (available * percent / 100).to_integral_value(ROUND_FLOOR)


def available_words(now: PreTradeContext) -> str:
    """What of a position can be sold, and what working orders reserve."""
    position = now.position
    if not now.symbol:
        return ""
    if position is None or not position.qty:
        return f"no position in {now.symbol}"
    words = f"{qty_words(position.available)} of {qty_words(position.qty)} available"
    reserved = position.qty - position.available
    if reserved > 0:
        words += f" {DOT} {qty_words(reserved)} reserved by working orders"
    return words
