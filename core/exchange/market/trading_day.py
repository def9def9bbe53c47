"""Market time: which time of the trading day it is, and when the session opens and closes.

The exchange's own time is real time, so that quotes are fresh. Market time runs beside it
from a chosen time of day at a chosen speed. All times are nanoseconds.
"""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from core.market.time import NS

NEW_YORK = ZoneInfo("America/New_York")
HOUR = 3600 * NS
DAY = 24 * HOUR
OPEN = 9 * HOUR + HOUR // 2
CLOSE = 16 * HOUR
EARLIEST = 4 * HOUR
LATEST = 20 * HOUR
_BLOCK = 4 * HOUR


@dataclass(frozen=True, slots=True)
class MarketTime:
    """The run began at `start_ns` of the exchange's clock, at `start_of_day` past midnight.

    `speed` market seconds pass in a second. `always_open` is the generated market, whose
    session has no end: its close is always some hours ahead.
    """

    start_ns: int
    start_of_day: int = 10 * HOUR
    speed: float = 1.0
    always_open: bool = True

    def elapsed(self, now_ns: int) -> int:
        """Market nanoseconds since the start of the run."""
        return round((now_ns - self.start_ns) * self.speed)

    def due(self, elapsed: int) -> int:
        """When, on the exchange's clock, that much market time has passed."""
        return self.start_ns + round(elapsed / self.speed)

    def time_of_day(self, now_ns: int) -> int:
        """Market nanoseconds past midnight in New York."""
        return (self.start_of_day + self.elapsed(now_ns)) % DAY

    def is_open(self, now_ns: int) -> bool:
        """Whether the regular session is open."""
        return self.always_open or OPEN <= self.time_of_day(now_ns) < CLOSE

    def is_extended(self, now_ns: int) -> bool:
        """Whether it is before the opening or after the close, and limit orders trade."""
        outside = not self.is_open(now_ns)
        return outside and EARLIEST <= self.time_of_day(now_ns) < LATEST

    def next_end(self, now_ns: int) -> int:
        """The next end of extended hours, on the exchange's clock; not of a market without end."""
        return self._next(LATEST, now_ns)

    def next_open(self, now_ns: int) -> int:
        """The next opening, on the exchange's clock."""
        if self.always_open:
            return self.next_close(now_ns) + 17 * HOUR + HOUR // 2
        return self._next(OPEN, now_ns)

    def next_close(self, now_ns: int) -> int:
        """The next close, on the exchange's clock."""
        if self.always_open:
            return (now_ns // _BLOCK + 2) * _BLOCK
        return self._next(CLOSE, now_ns)

    def _next(self, time_of_day: int, now_ns: int) -> int:
        """Counted from the start of the run, so that rounding never moves a boundary."""
        first = (time_of_day - self.start_of_day) % DAY
        passed = self.elapsed(now_ns)
        days = max(0, (passed - first) // DAY + 1)
        due = self.due(first + days * DAY)
        return due if due > now_ns else self.due(first + (days + 1) * DAY)


def new_york(ns: int) -> str:
    """Nanoseconds since 1970 as RFC 3339 in New York time, as `/v2/clock` writes it."""
    seconds, rest = divmod(ns, NS)
    when = datetime.fromtimestamp(seconds, NEW_YORK)
    offset = f"{when:%z}"
    return f"{when:%Y-%m-%dT%H:%M:%S}.{rest:09d}{offset[:3]}:{offset[3:]}"
