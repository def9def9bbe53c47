"""What the ticket shows before a click: the price, the gain if filled, what falls back, why not.

Pure: everything is passed in, so the numbers are tested without a window. Why not is
asked of `core.checks`, as the engine does when the order is sent; this tells it beforehand.
"""

from dataclasses import dataclass
from decimal import Decimal

from core import checks
from core.checks import Severity, Situation
from core.market import Quote
from core.plan import Fallback, Plan, Preview, preview_of
from core.prices import ZERO, LimitPrice, Side, better_by
from core.words import (
    DOT,
    basis_points,
    money,
    price,
    qty,
    side_word,
    ticks,
    wait,
)

_FALLBACK_WORDS = {
    Fallback.MARKET: "market for the rest",
    Fallback.COLLAR: "collared limit",
    Fallback.NONE: "cancelled",
}


@dataclass(frozen=True, slots=True)
class Outlook:
    """One side of the ticket. `refusal` is empty when the order may be sent.

    `question` is what is asked before it is. Both are what the engine would say.
    `gain` is dollars a share against the quoted far touch, if the limit fills.
    """

    side: Side
    symbol: str
    qty: Decimal | None
    plan: Plan
    refusal: str
    quote: Quote | None = None
    limit: LimitPrice | None = None
    gain: Decimal = ZERO
    position_after: Decimal | None = None
    question: str = ""
    restricted: bool = False  # a short sale under the short-sale restriction

    @property
    def ready(self) -> bool:
        """Nothing known stands against sending it."""
        return not self.refusal

    @property
    def shown(self) -> Preview | None:
        """The numbers to freeze at the click."""
        if self.limit is None or self.quote is None:
            return None
        return preview_of(self.quote.bid, self.quote.ask, self.limit)

    @property
    def button(self) -> str:
        """The button's words in full."""
        parts = [side_word(self.side)]
        if self.qty is not None:
            parts.append(qty(self.qty))
        if self.symbol:
            parts.append(self.symbol)
        if self.limit is not None:
            parts.append(f"@ {price(self.limit.price)}")
        return " ".join(parts)

    @property
    def headline(self) -> str:
        """Ticks and dollars gained against the far touch if it fills."""
        if self.limit is None:
            return ""
        if self.limit.collapsed:
            return f"this is the {self.side.far_touch}: it fills at once"
        total = f", {money(self.gain * self.qty, sign=True)}" if self.qty is not None else ""
        return f"{ticks(self.limit.ticks_better)}{total} vs the {self.side.far_touch}"

    @property
    def condition(self) -> str:
        """What the headline rests on."""
        if self.limit is None or self.quote is None:
            return ""
        if self.limit.collapsed:
            return "with a floor" if self.side is Side.SELL else "with a cap"
        return "if it fills"

    @property
    def otherwise(self) -> str:
        """What happens when it does not fill in time."""
        what = _FALLBACK_WORDS[self.plan.fallback]
        if self.restricted and self.plan.fallback is not Fallback.NONE:
            what = "waits while shorts are restricted"
        late = f"if not in {wait(self.plan.timeout)}: {what}"
        if self.limit is None or self.quote is None or self.limit.collapsed:
            return late
        touch = self.quote.far_touch(self.side)
        return f"{basis_points(self.gain, touch)} {DOT} {late}"

    @property
    def afterwards(self) -> str:
        """What nobody can promise, and the position when all of it is done."""
        known = "" if self.plan.fallback is Fallback.NONE else "that price is unknown"
        if self.position_after is None:
            return known
        after = f"position after {qty(self.position_after)}"
        return f"{known} {DOT} {after}" if known else after


def outlook(side: Side, quantity: Decimal | None, plan: Plan, now: Situation) -> Outlook:
    """The ticket's view of one side. `quantity` None: what is typed is no quantity."""
    order = checks.asked(side, quantity or ZERO, plan, now)
    found = checks.first(order) if quantity is not None and now.symbol else None
    refusal = _unfinished(quantity, now)
    if found is not None and found.severity is Severity.REFUSE:
        refusal = found.sentence
    if not refusal and not now.armed:
        refusal = "Disarmed: nothing is sent until you arm."
    after = None
    if quantity is not None and now.symbol:
        after = order.held - quantity if side is Side.SELL else order.held + quantity
    gain, limit = ZERO, order.limit
    if limit is not None and now.quote is not None:
        gain = better_by(side, limit.price, now.quote.far_touch(side))
    question = "" if refusal or found is None else found.sentence
    return Outlook(
        side,
        now.symbol,
        quantity,
        plan,
        refusal,
        now.quote,
        limit,
        gain,
        after,
        question,
        order.restricted,
    )


def _unfinished(quantity: Decimal | None, now: Situation) -> str:
    if not now.symbol:
        return "Choose a symbol first."
    return "Type a quantity above 0." if quantity is None else ""


def price_words(result: Outlook) -> str:
    """Where a price lies, in ticks from the far touch."""
    if result.limit is None:
        return ""
    if result.limit.collapsed:
        return f"the {result.side.far_touch}"
    sign = "+" if result.side is Side.SELL else "\N{MINUS SIGN}"
    return f"{result.side.far_touch} {sign} {ticks(result.limit.ticks_better).lstrip('+')}"
