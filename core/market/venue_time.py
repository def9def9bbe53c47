"""The venue's clock as known from its answers, and the age of a quote by it. Pure.

Each answer bounds how far the venue's clock is ahead of the run's: it was read between the
request and the answer. The bounds of several answers are cut with each other, and drift apart
again with time. The run's clock (`core.runtime.clock`) is monotonic, so setting the computer's
clock moves nothing here.
"""

import msgspec

from core.market.time import NS

DRIFT_PPM = 100  # by which two clocks may run apart: a quartz's worst
AHEAD_NS = 2 * NS  # by which a quote may be ahead of the venue, beyond what is uncertain
WRONG_NS = 2 * NS  # from here on a person is told of the computer's clock
EARLIEST_NS = 946_684_800 * NS  # 2000: a stamp before it is no time


class Reading(msgspec.Struct, frozen=True):
    """One answer that told the venue's time; `sent_ns` and `received_ns` on the run's clock.

    `grain_ns` is what was cut off from `said_ns`: a second for a `Date` header.
    """

    said_ns: int
    sent_ns: int
    received_ns: int
    grain_ns: int = 0


class VenueTime(msgspec.Struct, frozen=True):
    """The venue's clock is ahead of the run's by `low_ns` to `high_ns`, as of `at_ns`.

    `doubt` are the bounds of the last answer if it contradicts these; a second one that agrees
    with it takes their place, as after the computer has slept.
    """

    low_ns: int
    high_ns: int
    at_ns: int
    doubt: tuple[int, int] | None = None

    @property
    def offset_ns(self) -> int:
        """How far the venue's clock is ahead of the run's; negative: behind."""
        return (self.low_ns + self.high_ns) // 2

    def venue_ns(self, now_ns: int) -> int:
        """The venue's time at `now_ns` on the run's clock."""
        return now_ns + self.offset_ns

    def uncertainty_ns(self, now_ns: int) -> int:
        """By how much that may be wrong either way."""
        return (self.high_ns - self.low_ns + 1) // 2 + _drift(now_ns - self.at_ns)

    def to_run_ns(self) -> int:
        """What makes the venue's times of day the run's; 0 while the two cannot be told apart."""
        return 0 if self.low_ns <= 0 <= self.high_ns else -self.offset_ns

    def wrong_by(self) -> int:
        """How far the computer's clock is surely behind the venue's; 0: not worth a word."""
        surely = max(self.low_ns, -self.high_ns, 0)
        return self.offset_ns if surely > WRONG_NS else 0


class Age(msgspec.Struct, frozen=True):
    """How old a quote is: its own time against the venue's."""

    ns: int
    uncertainty_ns: int

    def exceeds(self, limit_ns: int) -> bool:
        """Whether it may be older than that."""
        return self.ns + self.uncertainty_ns > limit_ns


def learn(known: VenueTime | None, reading: Reading) -> VenueTime | None:
    """What is known of the venue's time after one more answer."""
    low = reading.said_ns - reading.received_ns
    high = reading.said_ns + reading.grain_ns - reading.sent_ns
    if low > high or not timed(reading.said_ns):
        return known
    fresh = VenueTime(low, high, reading.received_ns)
    if known is None:
        return fresh
    drift = _drift(reading.received_ns - known.at_ns)
    both = _cut(fresh, (known.low_ns - drift, known.high_ns + drift))
    if both is not None:
        return both
    sure = _cut(fresh, known.doubt) if known.doubt is not None else None
    return sure or msgspec.structs.replace(known, doubt=(low, high))


def timed(own_ns: int) -> bool:
    """Whether a stamp is a time at all: not 0, not of 1970, not of the year 1."""
    return own_ns >= EARLIEST_NS


def age(own_ns: int, now_ns: int, time: VenueTime | None) -> Age | None:
    """The age at `now_ns` of what the venue stamped `own_ns`; None where it has none."""
    if time is None or not timed(own_ns):
        return None
    return Age(max(time.venue_ns(now_ns) - own_ns, 0), time.uncertainty_ns(now_ns))


def early_ns(own_ns: int, now_ns: int, time: VenueTime | None) -> int:
    """How far a stamp is ahead of the venue's time; 0 unless that cannot be."""
    if time is None:
        return 0
    ahead = own_ns - time.venue_ns(now_ns)
    return ahead if ahead > time.uncertainty_ns(now_ns) + AHEAD_NS else 0


def _cut(fresh: VenueTime, bounds: tuple[int, int]) -> VenueTime | None:
    low, high = max(fresh.low_ns, bounds[0]), min(fresh.high_ns, bounds[1])
    return VenueTime(low, high, fresh.at_ns) if low <= high else None


def _drift(span_ns: int) -> int:
    return max(span_ns, 0) * DRIFT_PPM // 1_000_000
