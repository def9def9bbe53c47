"""How numbers, times and facts read to a person: the one place that words them.

Pure: no clock, no I/O, no Qt. The log, the timeline, the blotter and the command
line all take their words from here.
"""

from datetime import UTC, date, datetime, tzinfo
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from core.market.prices import ONE, Side
from core.market.time import NS
from core.orders import facts as f
from core.orders.facts import Source
from core.orders.improvement import better_than_touch
from core.orders.plan import plain
from core.orders.state import Cause, ChildOrder, ParentOrder

MARKET_ZONE = ZoneInfo("America/New_York")
DOT = "\N{MIDDLE DOT}"
MINUS = "\N{MINUS SIGN}"
_CENT = Decimal("0.01")
_BASIS = Decimal("0.0001")
_TENTH = Decimal("0.1")

SOURCES = {
    Source.POST: "REST reply",
    Source.STREAM: "stream",
    Source.READ: "REST read",
    Source.SELF: "Touchline",
}


def price(value: Decimal | None) -> str:
    """A price a share: at least cents, up to four places between them, four below a dollar."""
    if value is None:
        return "\N{EM DASH}"
    shown = f"{value.quantize(_BASIS, ROUND_HALF_EVEN):,}"
    if _BASIS <= value < ONE and value % _CENT:
        return shown
    return shown[:-2] + shown[-2:].rstrip("0")


def qty(value: Decimal) -> str:
    """Shares, thousands apart, fractions only where there are any."""
    return f"{plain(value):,f}".replace("-", MINUS)


def money(value: Decimal, *, sign: bool = False) -> str:
    """Dollars and cents; with `sign` a plus is written too."""
    rounded = value.quantize(_CENT, ROUND_HALF_EVEN)
    mark = MINUS if rounded < 0 else "+" if sign and rounded > 0 else ""
    return f"{mark}${abs(rounded):,}"


def per_share(value: Decimal) -> str:
    """Dollars a share with their sign, to the hundredth of a cent where there is one."""
    mark = MINUS if value < 0 else "+" if value > 0 else ""
    shown = f"{abs(value).quantize(_BASIS, ROUND_HALF_EVEN):,}"
    return f"{mark}${shown[:-2]}{shown[-2:].rstrip('0')}"


def amount(value: Decimal) -> str:
    """Dollars and cents of an account, without the sign of the currency."""
    return f"{value.quantize(_CENT, ROUND_HALF_EVEN):,}".replace("-", MINUS)


def percent(fraction: Decimal) -> str:
    """A share of one as whole percent."""
    return f"{(fraction * 100).quantize(ONE)} %"


def basis_points(value: Decimal, reference: Decimal) -> str:
    """`value` as hundredths of a percent of `reference`."""
    bps = value / reference * 10_000
    return f"{bps.quantize(_TENTH) if abs(bps) < 10 else bps.quantize(ONE)} bps"


def spread(bid: Decimal, ask: Decimal) -> str:
    """The spread in cents, or dollars below a cent, and in basis points of the middle."""
    gap = ask - bid
    if bid <= 0 or ask <= 0:
        return "one-sided"
    if gap < 0:
        return "crossed"
    return f"{qty(gap * 100)}¢ {DOT} {basis_points(gap, (bid + ask) / 2)}"


def ticks(count: int) -> str:
    """A signed number of ticks."""
    mark = "+" if count > 0 else MINUS if count < 0 else ""
    return f"{mark}{abs(count)} tick{'' if abs(count) == 1 else 's'}"


def seconds(ns: int) -> str:
    """A short time to a tenth of a second; minutes above two of them."""
    if ns >= 120 * NS:
        return f"{ns // (60 * NS)} min"
    return f"{max(ns, 0) / NS:.1f} s"


def wait(value: Decimal) -> str:
    """A timeout as it was set."""
    return f"{plain(value):f} s"


def age(ns: int) -> str:
    """How old something is, as coarse as it may be read."""
    if ns < NS // 10:
        return f"{max(ns, 0) // 1_000_000} ms"
    if ns < 3600 * NS:
        return seconds(ns)
    return f"{ns // (3600 * NS)} h"


def since(ns: int) -> str:
    """How long ago, in whole seconds: it is read while it grows."""
    if ns < NS:
        return "just now"
    return f"{ns // NS} s ago" if ns < 120 * NS else f"{age(ns)} ago"


def latency(ns: int) -> str:
    """A time that counts in milliseconds below a second; as coarse as an age above."""
    return f"{max(ns, 0) // 1_000_000} ms" if ns < NS else age(ns)


def countdown(ns: int) -> str:
    """Hours, minutes and seconds to go."""
    total = max(ns, 0) // NS
    if total >= 48 * 3600:
        return f"{total // 86_400} days"
    return f"{total // 3600}:{total // 60 % 60:02}:{total % 60:02}"


def clock_time(ns: int, zone: tzinfo = MARKET_ZONE, *, millis: bool = True) -> str:
    """Time of day in `zone`, the market's own unless another is given."""
    return _second(ns // NS, zone) + (f".{ns % NS // 1_000_000:03}" if millis else "")


@lru_cache(maxsize=1024)  # tables and axes are drawn again and again with the same times
def _second(at: int, zone: tzinfo) -> str:
    return f"{datetime.fromtimestamp(at, UTC).astimezone(zone):%H:%M:%S}"


def brief_time(ns: int, before_ns: int) -> str:
    """Time of day without what it shares with the time told before it: .104, 57.250, 46:04.102.

    The date stands above it where it is another day's.
    """
    if market_day(ns) != market_day(before_ns):
        return f"{market_day(ns)}\n{clock_time(ns)}"
    clock, before = clock_time(ns), clock_time(before_ns)
    same = (start for start in (8, 6, 3) if clock[:start] == before[:start])
    return clock[next(same, 0) :]


@lru_cache(maxsize=4)
def _day(hour: int) -> date:
    return datetime.fromtimestamp(hour * 3600, UTC).astimezone(MARKET_ZONE).date()


def market_day(ns: int) -> date:
    """The calendar day in New York."""
    return _day(ns // (3600 * NS))


def side_word(side: Side) -> str:
    """SELL or BUY."""
    return side.value.upper()


def order_title(order: ParentOrder) -> str:
    """Side, quantity and symbol of a parent order."""
    return f"{side_word(order.side)} {qty(order.qty)} {order.symbol}"


def order_price(order: ParentOrder) -> str:
    """The limit that was sent last, or that there is none."""
    return "market" if order.at_market else price(order.present_limit)


def child_title(child: ChildOrder) -> str:
    """What a child is and its number under its parent."""
    return f"{child.kind.value} {MINUS}{child.client_id.rpartition('-')[2]}"


def told_by(child: ChildOrder, now_ns: int) -> str:
    """Who the latest word about a child comes from, and how old it is."""
    if not child.as_of:
        return "not sent"
    return f"{SOURCES[child.source]}, {age(now_ns - child.as_of)} ago"


def fact_source(fact: f.AnyFact) -> str:
    """Who told a fact, and the beginning of the execution's id of a fill."""
    if isinstance(fact, f.Reported) and fact.execution is not None:
        return f"{told_from(fact)}, execution {fact.execution.id[:8]}"
    return told_from(fact)


def told_from(fact: f.AnyFact) -> str:
    """Who told a fact: the venue and by which way, a person, Touchline, or nobody: assumed."""
    match fact:
        case f.Reported(source=source):
            return SOURCES[source]
        case f.CancelAsked(by=by) if by != "person":
            return by
    return _TOLD_FROM.get(type(fact), SOURCES[Source.SELF])


_TOLD_FROM: dict[type[f.AnyFact], str] = {
    **dict.fromkeys((f.OrderAccepted, f.CancelAsked, f.MarketNowAsked), "you"),
    **dict.fromkeys((f.DeadlineMoved, f.PriceSet), "you"),
    **dict.fromkeys((f.PostRefused, f.CancelTaken, f.CancelRefused), SOURCES[Source.POST]),
    **dict.fromkeys((f.PostUnanswered, f.CancelFailed, f.ReadFailed), "no REST reply"),
    **dict.fromkeys((f.VenueGone, f.LoginLost), "assumed"),
    f.NotFound: SOURCES[Source.READ],
    f.Resumed: "journal",
}


def fact_sentence(fact: f.AnyFact, order: ParentOrder) -> str:
    """What a fact says, in plain words. `order` is the state after it."""
    if isinstance(fact, f.Reported):
        return _reported(fact, order)
    if isinstance(fact, f.ChildFact):
        return _about_child(fact, order)
    return _about_parent(fact, order)


def _about_parent(fact: f.AnyFact, order: ParentOrder) -> str:
    match fact:
        case f.OrderAccepted():
            shown = fact.instruction.preview
            at = f"clicked at {price(fact.quote.bid)} / {price(fact.quote.ask)}"
            return f"{at}, shown {price(shown.limit_price)}" if shown else at
        case f.CancelAsked(by=by):
            who = "you asked to cancel" if by == "person" else f"cancel asked by {by}"
            return f"{who}: no fallback any more"
        case f.MarketNowAsked():
            return "you asked for the market now"
        case f.DeadlineMoved(deadline_ns=None):
            return "countdown held"
        case f.DeadlineMoved(deadline_ns=int(deadline)):
            return f"deadline moved to {clock_time(deadline)}"
        case f.PriceSet(limit_price=limit):
            return f"you set the price to {price(limit)}{_given_up(order)}"
        case f.DeadlineReached() if order.cause is Cause.NONE:
            return f"{step_words(order)} begins"
        case f.DeadlineReached():
            return "time is up"
        case f.Resumed(unrecorded=True):
            return "taken up after a run that could not record its end: nothing more is sent"
        case f.Resumed():
            return "taken up from the journal by a new run"
        case f.VenueGone():
            return "the embedded exchange has ended, and its orders with it"
        case f.LoginLost():
            return "the venue does not accept the keys: unknown until it does"
        case f.FallbackPriced(limit_price=None, reason=reason):
            return f"the collared fallback could not be priced: {reason or 'no usable quote'}"
        case f.FallbackPriced(limit_price=limit):
            return f"collared fallback priced at {price(limit)}"
        case f.StepPriced(limit_price=None, reason=reason) if order.own_price is not None:
            return f"{price(order.own_price)} could not be sent: {reason}"
        case f.StepPriced() if order.own_price is not None:
            return f"your price may be sent: {price(order.own_price)}"
        case f.StepPriced(limit_price=None, reason=reason):
            return f"{step_words(order)} could not be priced: {reason}"
        case f.StepPriced(step=step, limit_price=limit):
            return f"{step_words(order)} is priced {step_fraction(order, step)}: {price(limit)}"
    return type(fact).__name__


def _about_child(fact: f.ChildFact, order: ParentOrder) -> str:
    child = order.child(fact.client_id)
    name = child_title(child) if child else fact.client_id
    match fact:
        case f.PostSent():
            return f"journaled, then sent: {_as_sent(child)}" if child else f"sent {name}"
        case f.PostRefused(message=message):
            return f"{name} refused by the venue: {message}"
        case f.PostWithheld(reason=reason):
            return f"{name} was not sent: {reason}"
        case f.PostBarred(reason=reason, retry_after=again):
            waits = "" if again is None else " It waits."
            return f"{name} was not sent: {reason}{waits}"
        case f.PostUnanswered(reason=reason):
            return f"no usable answer about {name} ({reason}); it is being read"
        case f.CancelSent():
            return f"cancel of {name} sent"
        case f.CancelTaken():
            return "cancel request taken; this proves nothing yet"
        case f.CancelRefused(message=message):
            return f"cancel refused ({message}); {name} is being read"
        case f.CancelFailed(reason=reason):
            return f"no usable answer to the cancel ({reason})"
        case f.NotFound():
            return f"the venue finds no {name}; this proves nothing yet"
        case f.ReadFailed(reason=reason):
            return f"{name} could not be read ({reason})"
    return type(fact).__name__


def _given_up(order: ParentOrder) -> str:
    """What a price set by hand does to the plan."""
    later = len(order.instruction.plan.all_steps) - order.step - 1
    steps = "" if not later else f"; {later} later step{'s' if later > 1 else ''} given up"
    return f"{steps}; the deadline stays"


def step_words(order: ParentOrder) -> str:
    """The step in force by its number."""
    return f"step {order.step + 1} of {len(order.instruction.plan.all_steps)}"


def step_fraction(order: ParentOrder, step: int) -> str:
    """How far across the spread a step is priced."""
    return f"{plain(order.instruction.plan.all_steps[step].fraction):f} of the spread"


def _as_sent(child: ChildOrder) -> str:
    at = f" @ {price(child.limit_price)}" if child.limit_price is not None else ""
    if child.replaces:
        at += f" in place of {MINUS}{child.replaces.rpartition('-')[2]}"
    return f"{child.kind.value} {qty(child.qty)}{at}"


_STATUS_WORDS = {
    "new": "live at the venue",
    "accepted": "accepted by the venue",
    "pending_new": "accepted by the venue, not live yet",
    "accepted_for_bidding": "accepted by the venue",
    "pending_cancel": "cancel pending; it may still fill",
    "canceled": "cancelled, proven",
    "expired": "expired at the venue",
    "rejected": "rejected by the venue",
    "done_for_day": "done for the day",
    "replaced": "replaced at the venue",
    "pending_replace": "replacement pending",
    "stopped": "stopped: a fill is guaranteed",
    "suspended": "suspended at the venue",
    "calculated": "done, being calculated",
    "filled": "filled",
    "partially_filled": "partly filled",
}


def status_words(status: str) -> str:
    """A venue's status in our words; an unknown one as it came."""
    return _STATUS_WORDS.get(status, status.replace("_", " "))


def _reported(fact: f.Reported, order: ParentOrder) -> str:
    child = order.child(fact.client_id)
    name = "" if child is None or child is order.children[0] else f"{child.kind.value}: "
    if fact.execution is not None:
        return name + _fill(fact.execution, order)
    words = status_words(fact.status or fact.event)
    if fact.filled and fact.status in ("canceled", "expired", "filled", "partially_filled"):
        words += f"; {qty(fact.filled)} filled"
    if fact.reason:
        words += f": {fact.reason}"
    return name + words


def _fill(execution: f.Execution, order: ParentOrder) -> str:
    better = better_than_touch(order, execution.price)
    gain = f" ({per_share(better)} a share)" if better else " (at the touch)"
    return f"filled {qty(execution.qty)} @ {price(execution.price)}{gain}"
