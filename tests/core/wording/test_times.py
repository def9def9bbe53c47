"""How spans and instants read."""

from datetime import UTC

from core.market.time import NS
from core.wording.times import age, brief_time, clock_time, countdown, latency, seconds, since
from tests.support.scripted_orders import START_NS


def test_times_are_as_coarse_as_they_may_be_read() -> None:
    assert age(12_000_000) == "12 ms"
    assert age(400_000_000) == "0.4 s"
    assert age(7200 * NS) == "2 h"
    assert since(999_000_000) == "just now"
    assert since(70 * NS + 1) == "70 s ago"
    assert since(240 * NS) == "4 min ago"
    assert seconds(6_200_000_000) == "6.2 s"
    assert countdown(8047 * NS) == "2:14:07"
    assert clock_time(1_123_000_000, UTC) == "00:00:01.123"


def test_a_time_leaves_out_what_it_shares_with_the_one_before() -> None:
    first = START_NS + 102_000_000  # 03:00:00 in New York
    assert brief_time(first + 2_000_000, first) == ".104"
    assert brief_time(first + 3_148_000_000, first) == "03.250"
    assert brief_time(first + 64 * NS, first) == "01:04.102"
    assert brief_time(first + 3600 * NS, first) == "04:00:00.102"
    assert brief_time(first + 24 * 3600 * NS, first) == "2027-01-16\n03:00:00.102"


def test_a_latency_is_told_in_milliseconds_below_a_second() -> None:
    assert latency(2_000_000) == "2 ms"
    assert latency(999_000_000) == "999 ms"
    assert latency(3_100_000_000) == "3.1 s"
