"""How spans and instants read: the market's own zone unless another is asked for. Pure."""

from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from core.market.time import NS
from core.orders.plan import plain

MARKET_ZONE = ZoneInfo("America/New_York")


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
