"""How one order stands against crossing the spread at the click: figures, each with its formula.

Pure: the present quote is passed in. The measures and their signs are those of SEC Rule 605
(17 CFR 242.600(b), 242.605) as a client can know them: the reference is the quote held when
the order was sent. Positive is good for the trader. What no evidence tells is "unknown".
One order only, so simulated and real results are never added up.
"""

from dataclasses import dataclass
from decimal import Decimal

from core.errors import Refusal
from core.market import fees
from core.market.fees import Fees
from core.market.prices import ZERO, Side, better_by
from core.market.quotes import Quote
from core.market.venues import profile_of
from core.orders.execution_quality import better_than_touch, gained
from core.orders.state import ChildOrder, ParentOrder
from core.wording.numbers import MINUS, money, price, qty
from core.wording.times import market_day

UNKNOWN = "unknown"
NOTHING_YET = "\N{EM DASH}"
_HUNDREDTH = Decimal("0.01")
_TIMES = "\N{MULTIPLICATION SIGN}"
_ONE_EXCHANGE = " This is the quote of IEX alone, not the national best."
_NO_TOUCH = "The quote at the click had no {touch} to hold it against."


@dataclass(frozen=True, slots=True)
class Metric:
    """A value by name; `meaning` is its formula with the numbers put in."""

    name: str
    value: str
    meaning: str


def figures(order: ParentOrder, quote: Quote | None, why_not: str = "") -> tuple[Metric, ...]:
    """The order against its twin that crossed. `quote` None: there is no usable one, `why_not`."""
    return (
        _filled_part(order),
        rest(order, quote, why_not),
        _twin(order),
        _fees(order),
        _effective(order),
    )


def fees_of(order: ParentOrder) -> Fees:
    """What the regulators take of its fills, each type rounded up to a cent, dollars.

    Raises Refusal for a day whose rates are not known.
    """
    return fees.billed(trade for child in order.children for trade in _trades(order.side, child))


def _trades(side: Side, child: ChildOrder) -> list[Fees]:
    if child.explained == child.filled:
        return [fees.fees(side, e.qty, e.price, market_day(e.at_ns)) for e in child.executions]
    average = child.avg_price  # the executions do not tell it all: the venue's own numbers do
    whole = [] if average is None else [(child.filled, average)]
    return [fees.fees(side, shares, at, market_day(child.as_of)) for shares, at in whole]


def _touch(order: ParentOrder) -> Decimal:
    return order.quote.far_touch(order.side)


def _difference(side: Side, better: str, than: str) -> str:
    """The formula of a gain; the same words serve both sides."""
    first, second = (better, than) if side is Side.SELL else (than, better)
    return f"({first} {MINUS} {second})"


def _filled_part(order: ParentOrder) -> Metric:
    name, touch, average = "filled part", _touch(order), order.avg_price
    if touch <= 0:
        return Metric(name, UNKNOWN, _NO_TOUCH.format(touch=order.side.far_touch))
    if average is None:
        return Metric(name, NOTHING_YET, "Nothing has filled.")
    formula = _difference(order.side, f"average {price(average)}", price(touch))
    return Metric(
        name,
        money(gained(order), sign=True),
        f"What the fills gained against the {order.side.far_touch} at the click, before fees: "
        f"{formula} {_TIMES} {qty(order.filled)}. Price improvement as in SEC Rule 605."
        f"{_feed(order.quote)}",
    )


def rest(order: ParentOrder, quote: Quote | None, why_not: str) -> Metric:
    """The one figure that moves with the market."""
    touch = order.side.far_touch
    name = f"rest, at the {touch} now"
    if not order.rest:
        return Metric(name, money(order.rest), "All of it has filled.")
    if order.final:
        meaning = (
            f"It has ended and {qty(order.rest)} did not trade; the twin would have traded them "
            f"at {price(_touch(order))}. What they are worth is for you to say."
        )
        return Metric("rest", f"{qty(order.rest)} not traded", meaning)
    if _touch(order) <= 0:
        return Metric(name, UNKNOWN, _NO_TOUCH.format(touch=touch))
    if quote is None:
        return Metric(name, UNKNOWN, why_not)
    present = quote.far_touch(order.side)
    formula = _difference(order.side, price(present), price(_touch(order)))
    return Metric(
        name,
        money(better_than_touch(order, present) * order.rest, sign=True),
        f"What the rest would gain or lose by crossing now and not at the click: {formula} "
        f"{_TIMES} {qty(order.rest)}.{_feed(quote)}",
    )


def _twin(order: ParentOrder) -> Metric:
    touch, quote = _touch(order), order.quote
    name = "twin: crossed at send"
    if touch <= 0:
        return Metric(name, UNKNOWN, _NO_TOUCH.format(touch=order.side.far_touch))
    size = quote.bid_size if order.side is Side.SELL else quote.ask_size
    meaning = (
        f"The price of an order for {qty(order.qty)} that crossed to the {order.side.far_touch} "
        f"when this one was sent; {size:,} shares were shown there. Real market orders often get "
        f"a better price than the quoted touch.{_feed(quote)}"
    )
    return Metric(name, price(touch), meaning)


def _fees(order: ParentOrder) -> Metric:
    charged = profile_of(order.venue).charges_fees
    name = "fees (SEC, TAF, CAT)" if charged else "fees if it were live"
    if not order.filled:
        return Metric(name, NOTHING_YET, "Nothing has filled.")
    try:
        taken = fees_of(order)
    except Refusal as refusal:
        return Metric(name, UNKNOWN, refusal.sentence)
    simulated = "" if charged else " Simulated orders pay none of it."
    meaning = (
        f"SEC {money(taken.sec)}, TAF {money(taken.taf)}, CAT {money(taken.cat)}: from each fill "
        "by the rates of its day, each type rounded up to a cent as if nothing else had traded "
        f"that day.{simulated}"
    )
    return Metric(name, money(-taken.total, sign=True), meaning)


def effective_over_quoted(order: ParentOrder) -> Decimal | None:
    """Effective over quoted spread: 1 at the far touch, 0 in the middle, below 0 earned.

    None before a fill, and where the quote at the click had no spread.
    """
    quote, average = order.quote, order.avg_price
    if average is None or quote.bid <= 0 or quote.ask <= 0 or quote.spread <= 0:
        return None
    return 2 * better_by(order.side, quote.mid, average) / quote.spread


def _effective(order: ParentOrder) -> Metric:
    name, quote, average = "effective / quoted spread", order.quote, order.avg_price
    ratio = effective_over_quoted(order)
    if average is None:
        return Metric(name, NOTHING_YET, "Nothing has filled.")
    if ratio is None:
        return Metric(name, UNKNOWN, "The quote at the click had no spread to hold it against.")
    paid = _difference(order.side, price(quote.mid), f"average {price(average)}")
    return Metric(
        name,
        f"{ratio.quantize(_HUNDREDTH) + ZERO}".replace("-", MINUS),  # no minus before 0
        f"2 {_TIMES} {paid} / ({price(quote.ask)} {MINUS} {price(quote.bid)}), fallback and all: "
        "1 is the quoted touch, 0 the middle, below 0 part of the spread was earned. "
        f"E/Q of SEC Rule 605.{_feed(quote)}",
    )


def _feed(quote: Quote) -> str:
    return _ONE_EXCHANGE if quote.feed == "iex" else ""
