"""What the ticket shows before a click: the price, the gain if filled, what falls back, why not.

Pure: everything is passed in, so the numbers are tested without a window. Why not is
asked of `core.risk.pre_trade_controls`, as the engine does when the order is sent; this tells it
beforehand.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from core.analysis.fill_history import NOTHING, FillHistory, Found, group, needed, verdict
from core.errors import Refusal
from core.market import fees
from core.market.limit_price import Collar, LimitPrice
from core.market.prices import ZERO, Side, better_by
from core.market.quotes import Quote
from core.market.trading_hours import TradingHours
from core.market.venues import profile_of
from core.orders.plan import Fallback, Instruction, Plan, Preview, preview_of
from core.risk import judging, pre_trade_context
from core.risk.pre_trade_context import PreTradeContext
from core.risk.pre_trade_controls import Severity
from core.wording.numbers import DOT, basis_points, money, per_share, price, qty, ticks
from core.wording.order_words import side_word
from core.wording.times import market_day, wait

ONE_EXCHANGE = {"iex": "IEX"}  # feeds that show one exchange, and no national best quote
_BETWEEN = "\N{EN DASH}"
_ARROW = "\N{RIGHTWARDS ARROW}"
_LATE = "if not in"


@dataclass(frozen=True, slots=True)
class Background:
    """What a preview rests on beside the market: whose orders, what became of earlier ones.

    `moved_ticks` is how far the price may move until the send unasked; None: any distance.
    """

    venue: str = ""
    account: str = ""
    evidence: FillHistory = field(default_factory=FillHistory)
    moved_ticks: int | None = None


NO_BACKGROUND = Background()


@dataclass(frozen=True, slots=True)
class Outlook:
    """One side of the ticket. `refusal` is empty when the order may be sent.

    `question` is what is asked before it is. Both are what the engine would say.
    `gain` is dollars a share against the quoted far touch, if the limit fills. `fees` are
    dollars, rounded as billed; None where `fees_unknown` says why. `found` is what like orders
    came to. `others` are shares that other working orders may still buy and sell.
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
    fees: Decimal | None = None
    fees_unknown: str = ""
    found: Found = NOTHING
    others: tuple[Decimal, Decimal] = (ZERO, ZERO)
    background: Background = NO_BACKGROUND
    extended: bool = False  # for extended hours

    @property
    def ready(self) -> bool:
        """Nothing known stands against sending it."""
        return not self.refusal

    @property
    def shown(self) -> Preview | None:
        """All that stood on the screen, to be frozen at the click."""
        if self.limit is None or self.quote is None:
            return None
        return preview_of(
            self.quote.bid,
            self.quote.ask,
            self.limit,
            gain=self.gain,
            fees=self.fees,
            fallback_cost=self.fallback_cost,
            position_after=self.position_after,
            lines=(self.button, *self.lines),
            moved_ticks=self.background.moved_ticks,
        )

    @property
    def fallback_cost(self) -> Decimal | None:
        """What the fallback of the whole order typically costs against the far touch, dollars."""
        typical = self.found.typical
        if self.extended or self.plan.fallback is Fallback.NONE:
            return None
        if typical is None or self.qty is None:
            return None
        return typical * self.qty

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
    def touch(self) -> str:
        """The far touch by name, and the exchange where it is that of one only."""
        one = ONE_EXCHANGE.get(self.quote.feed, "") if self.quote else ""
        return f"{one} {self.side.far_touch}".strip()

    @property
    def headline(self) -> str:
        """Ticks and dollars gained against the far touch if it fills."""
        if self.limit is None:
            return ""
        if self.limit.collapsed:
            return f"this is the {self.touch}: it fills at once"
        total = f", {money(self.gain * self.qty, sign=True)}" if self.qty is not None else ""
        return f"{ticks(self.limit.ticks_better)}{total} vs the {self.touch}"

    @property
    def condition(self) -> str:
        """What the headline rests on."""
        if self.limit is None or self.quote is None:
            return ""
        if self.limit.collapsed:
            return "with a floor" if self.side is Side.SELL else "with a cap"
        return "if it fills"

    @property
    def lines(self) -> tuple[str, ...]:
        """All that stands under the button, the most important first."""
        if not self.headline:
            return ()
        first = f"{self.headline} {self.condition}"
        record, after = self.record, self.afterwards
        if not self.found.enough:  # short enough for both
            record, after = f" {DOT} ".join(filter(None, (record, after))), ""
        rest = (self.otherwise, record, self.details, after)
        return (first, *(line for line in rest if line))

    @property
    def details(self) -> str:
        """The gain a share and in basis points, and the fees."""
        parts = []
        if self.limit is not None and self.quote is not None and not self.limit.collapsed:
            touch = self.quote.far_touch(self.side)
            parts = [f"{per_share(self.gain)} a share", basis_points(self.gain, touch)]
        return f" {DOT} ".join([*parts, self.fee_words] if self.fee_words else parts)

    @property
    def fee_words(self) -> str:
        """What the regulators take; simulated orders pay none of it."""
        if self.fees is None:
            return self.fees_unknown
        if profile_of(self.background.venue).charges_fees:
            return f"fees {money(self.fees)}"
        return f"fees {money(self.fees)} if live"

    @property
    def otherwise(self) -> str:
        """What happens when it does not fill in time, and what that has cost."""
        if self.extended:
            what = "cancelled; outside regular hours limit orders only"
            return f"{_LATE} {wait(self.plan.timeout)}: {what}"
        late = f"{_LATE} {wait(self.plan.timeout)}: {_fallback_words(self.plan)}"
        if self.plan.fallback is Fallback.NONE:
            return late
        if self.restricted:
            return f"{_LATE} {wait(self.plan.timeout)}: waits while shorts are restricted"
        if self.plan.limit is not None:
            never = "below" if self.side is Side.SELL else "above"
            return f"{late}, never {never} {price(self.plan.limit)}"
        if self.fallback_cost is None or self.qty is None:
            return f"{late}, price unknown"
        late += f", typical {money(-self.fallback_cost, sign=True)}"
        if self.found.worst is not None:
            late += f", 1 in 10 worse than {money(-self.found.worst * self.qty, sign=True)}"
        return late

    @property
    def record(self) -> str:
        """How often like orders filled, and whether that pays."""
        if self.limit is None or self.limit.collapsed or self.plan.steps:
            return ""
        found = self.found
        if not found.enough:
            return f"no evidence yet (n = {found.count})"
        low, high = (f"{bound * 100:.0f}" for bound in found.interval)
        words = f"fills {found.rate * 100:.0f} % [{low}{_BETWEEN}{high}] of {found.count} like it"
        judged = verdict(found, self.gain)
        if not judged or found.mean is None:
            return words
        least = f"{needed(self.gain, found.mean) * 100:.0f}"
        return f"{words} {DOT} needs {least} % to pay {_ARROW} {judged}"

    @property
    def afterwards(self) -> str:
        """The position when all of it is done, and what other working orders make of it."""
        if self.position_after is None:
            return ""
        words = f"position after {qty(self.position_after)}"
        bought, sold = self.others
        if not bought and not sold:
            return words
        low, high = self.position_after - sold, self.position_after + bought
        return f"{words}, {qty(low)} to {qty(high)} with other orders"


def asked_about(order: Instruction) -> tuple[str, str]:
    """An order that waits for an answer: what and at which price; and what follows, a sentence."""
    kept = order.preview
    words = f"{side_word(order.side)} {qty(order.qty)} {order.symbol}"
    if kept is None:
        return words, ""
    late = next((line for line in kept.lines if line.startswith(_LATE)), "")
    return f"{words} at {price(kept.limit_price)}", f"{late[:1].upper()}{late[1:]}." if late else ""


def _fallback_words(plan: Plan) -> str:
    if plan.fallback is Fallback.MARKET:
        return "market for the rest"
    if plan.fallback is Fallback.NONE:
        return "cancelled"
    return f"limit within {collar_words(plan.collar)}"


def collar_words(collar: Collar) -> str:
    """How far a collared fallback may go through the far touch."""
    far = [f"{collar.bps:f} bps"] if collar.bps else []
    if collar.ticks or not far:
        far.append(ticks(collar.ticks).lstrip("+"))
    return " or ".join(far)


def outlook(
    side: Side,
    quantity: Decimal | None,
    plan: Plan,
    now: PreTradeContext,
    background: Background = NO_BACKGROUND,
) -> Outlook:
    """The ticket's view of one side. `quantity` None: what is typed is no quantity."""
    order = pre_trade_context.proposed_order(side, quantity or ZERO, plan, now)
    found = judging.first(order) if quantity is not None and now.symbol else None
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
    taken, unknown = _fees(side, quantity, limit, now)
    return Outlook(
        side,
        now.symbol,
        quantity,
        order.plan,
        refusal,
        now.quote,
        limit,
        gain,
        after,
        question="" if refusal or found is None else found.sentence,
        restricted=order.restricted,
        fees=taken,
        fees_unknown=unknown,
        found=_like(side, limit, plan, now.symbol, background),
        others=(now.may_buy, now.may_sell),
        background=background,
        extended=now.session is TradingHours.EXTENDED,
    )


def _fees(
    side: Side, quantity: Decimal | None, limit: LimitPrice | None, now: PreTradeContext
) -> tuple[Decimal | None, str]:
    """What it costs when all of it trades at the limit price at once; or why nobody knows."""
    if quantity is None or limit is None:
        return None, ""
    try:
        one = fees.fees(side, quantity, limit.price, market_day(now.now_ns))
    except Refusal as refusal:
        return None, refusal.sentence
    return fees.billed([one]).total, ""


def _like(
    side: Side, limit: LimitPrice | None, plan: Plan, symbol: str, background: Background
) -> Found:
    if limit is None or limit.collapsed or plan.steps:
        return NOTHING
    whose = group(background.venue, background.account, symbol, side)
    return background.evidence.about(whose, limit.fraction, plan.timeout)


def _unfinished(quantity: Decimal | None, now: PreTradeContext) -> str:
    if not now.symbol:
        return f"{now.awaited} is being looked up." if now.awaited else "Choose a symbol first."
    return "Type a quantity above 0." if quantity is None else ""


def price_words(result: Outlook) -> str:
    """Where a price lies, in ticks from the far touch."""
    if result.limit is None:
        return ""
    if result.limit.collapsed:
        return f"the {result.side.far_touch}"
    sign = "+" if result.side is Side.SELL else "\N{MINUS SIGN}"
    return f"{result.side.far_touch} {sign} {ticks(result.limit.ticks_better).lstrip('+')}"
