"""The chart in words: its quote and spread, a caption for its picture, a summary to be heard."""

from collections.abc import Sequence
from decimal import Decimal

from core.market.prices import ZERO
from core.market.quotes import Quote
from core.market.venues import profile_of
from core.orders.state import ParentOrder
from core.wording import numbers, times
from gui.chart.model.order_scene import sentence
from gui.chart.model.scales import price_text
from gui.chart.model.series import NO_PRICE, to_units


def touch_words(price: Decimal, size: int) -> tuple[str, str]:
    """A touch and its size, in words; no size where there is no touch."""
    units = to_units(price)
    return (price_text(units), f"× {size:,}") if units != NO_PRICE else ("none", "")


def spread_text(quote: Quote) -> str:
    """The spread in cents and basis points, or what is odd about the quote."""
    said = numbers.spread(quote.bid, quote.ask)
    return f"spread {said}" if quote.bid > ZERO and quote.bid <= quote.ask else said


def span_text(seconds: float) -> str:
    """How much of the past is shown."""
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def _quote_parts(quote: Quote) -> tuple[str, str, str]:
    bid = " ".join(touch_words(quote.bid, quote.bid_size)).strip()
    ask = " ".join(touch_words(quote.ask, quote.ask_size)).strip()
    return f"bid {bid}", f"ask {ask}", spread_text(quote)


def caption(
    symbol: str, quote: Quote | None, age: str, orders: Sequence[ParentOrder], now_ns: int
) -> str:
    """What a picture of the chart is of: symbol, quote and its `age`, day and time, whose orders.

    `orders` are those on the chart.
    """
    parts = [symbol or "no symbol"]
    if quote is not None:
        parts += [*_quote_parts(quote), *([age] if age else [])]
    parts.append(f"{times.market_day(now_ns):%Y-%m-%d} {times.clock_time(now_ns)} New York")
    parts += [profile_of(venue).results for venue in sorted({o.venue for o in orders})]
    return f" {numbers.DOT} ".join(parts)


def summary(
    symbol: str, quote: Quote | None, orders: Sequence[ParentOrder], now_ns: int, *, losing: bool
) -> str:
    """What the chart shows, in sentences; `losing`: quotes are lost now."""
    if not symbol:
        return "No symbol is shown."
    parts = [f"{symbol}: no quote yet."]
    if quote is not None:
        parts = [f"{symbol}: {', '.join(_quote_parts(quote))}."]
    if losing:
        parts.append("Quotes are being lost now.")
    return " ".join([*parts, *(sentence(order, now_ns) for order in orders)])
