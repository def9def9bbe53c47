"""Regular and extended hours of the US market, as the venue's clock tells them. Pure."""

from enum import StrEnum

import msgspec

from core.market.time import NS

BEFORE_OPEN_NS = 5 * 3600 * NS + 1800 * NS
AFTER_CLOSE_NS = 4 * 3600 * NS


class TradingHours(StrEnum):
    """Which hours it is. Extended hours trade limit orders only."""

    REGULAR = "regular"
    EXTENDED = "extended"
    CLOSED = "closed"


class MarketClock(msgspec.Struct, frozen=True):
    """The venue's regular session; times are nanoseconds since 1970.

    They are by the venue's clock as it tells them, by the run's once the record is `moved`.

    `last_close_ns` is the last close that was read before it came; 0: none, as for a program
    that was started after it.
    """

    is_open: bool
    at_ns: int
    next_open_ns: int
    next_close_ns: int
    last_close_ns: int = 0

    def moved(self, by_ns: int) -> "MarketClock":
        """The same with every time that is known `by_ns` later, as on another clock."""
        last = self.last_close_ns and self.last_close_ns + by_ns
        times = (self.at_ns + by_ns, self.next_open_ns + by_ns, self.next_close_ns + by_ns)
        return MarketClock(self.is_open, *times, last)

    def hours(self, now_ns: int) -> TradingHours:
        """The hours at `now_ns`: from 04:00 to the opening and for 4 h after a close, extended.

        Alpaca's hours in New York; after an early close at 13:00 they end at 17:00. Whether
        today had a session is known from its close, so one that was not read counts as none.
        """
        if self.open_at(now_ns):
            return TradingHours.REGULAR
        early = 0 <= self.next_open_ns - now_ns <= BEFORE_OPEN_NS
        closed_ns = self.closed_by(now_ns)
        late = bool(closed_ns) and now_ns < closed_ns + AFTER_CLOSE_NS
        return TradingHours.EXTENDED if early or late else TradingHours.CLOSED

    def closed_by(self, now_ns: int) -> int:
        """The last close before `now_ns`, as far as it was read; 0: unknown."""
        over = self.is_open and self.next_close_ns <= now_ns
        return self.next_close_ns if over else self.last_close_ns

    def open_at(self, now_ns: int) -> bool:
        """Whether the regular session is open at `now_ns`, from what was last read."""
        if self.is_open:
            return now_ns < self.next_close_ns
        return self.next_open_ns <= now_ns < self.next_close_ns
