"""What answers tell of the venue's clock, and how old a quote is by it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.market.time import NS
from core.market.venue_time import (
    AHEAD_NS,
    Age,
    Reading,
    VenueTime,
    age,
    early_ns,
    learn,
    timed,
)

NOW = 1_790_000_000 * NS
MS = NS // 1000


def read(offset_ns: int, at: int = NOW, took: int = 100 * MS, grain_ns: int = 0) -> Reading:
    """An answer of a venue that is `offset_ns` ahead, told in the middle of its way."""
    said = at + took // 2 + offset_ns
    return Reading(said - said % grain_ns if grain_ns else said, at, at + took, grain_ns)


def known(*readings: Reading) -> VenueTime:
    time: VenueTime | None = None
    for reading in readings:
        time = learn(time, reading)
    assert time is not None
    return time


def test_one_answer_tells_the_time_to_within_half_its_way() -> None:
    time = known(read(600 * NS))
    assert time.offset_ns == 600 * NS
    assert time.venue_ns(NOW) == NOW + 600 * NS
    assert time.uncertainty_ns(NOW + 100 * MS) == 50 * MS


def test_a_date_header_tells_it_to_a_second_and_never_spoils_what_is_known_better() -> None:
    rough = known(read(0, grain_ns=NS))
    assert 500 * MS <= rough.uncertainty_ns(rough.at_ns) <= 600 * MS
    both = known(read(0), read(0, grain_ns=NS))
    assert both.uncertainty_ns(both.at_ns) <= 51 * MS


def test_what_is_known_grows_less_certain_with_time() -> None:
    time = known(read(0))
    later = NOW + 10_000 * NS
    assert time.uncertainty_ns(later) - time.uncertainty_ns(NOW + 100 * MS) == pytest.approx(
        NS, abs=MS
    )


def test_clocks_that_drift_apart_are_followed() -> None:
    time = known(read(0), read(500 * MS, NOW + 10_000 * NS))
    assert time.offset_ns == pytest.approx(500 * MS, abs=60 * MS)


def test_one_answer_that_contradicts_moves_nothing_and_a_second_that_agrees_with_it_does() -> None:
    asleep = 8 * 3600 * NS  # the run's clock stood still while the computer slept
    time = known(read(0), read(asleep, NOW + NS))
    assert time.offset_ns == 0
    assert known(read(0), read(asleep, NOW + NS), read(asleep, NOW + 2 * NS)).offset_ns == asleep


def test_one_wrong_answer_is_forgotten_with_the_next_right_one() -> None:
    """A date out of a cache, an hour old."""
    wrong = read(-3600 * NS, NOW + NS)
    time = known(read(0), wrong, read(0, NOW + 2 * NS))
    assert time.offset_ns == 0
    assert time.doubt is None
    two = known(read(0), wrong, read(-60 * NS, NOW + 2 * NS))
    assert two.offset_ns == 0


@pytest.mark.parametrize("said", [0, -62_135_596_800 * NS])
def test_an_answer_without_a_time_tells_nothing(said: int) -> None:
    assert learn(None, Reading(said, NOW, NOW + NS)) is None


def test_an_answer_that_came_before_it_was_asked_for_tells_nothing() -> None:
    assert learn(None, Reading(NOW, NOW + NS, NOW)) is None


@given(st.integers(-10_000, 10_000), st.lists(st.integers(0, 5_000), min_size=1, max_size=20))
def test_the_true_time_is_always_within_the_uncertainty(offset_ms: int, ways: list[int]) -> None:
    offset, at = offset_ms * MS, NOW
    time: VenueTime | None = None
    for place, way in enumerate(ways):
        time = learn(time, read(offset, at, way * MS, grain_ns=NS if place % 2 else 0))
        at += 10 * NS
        assert time is not None
        assert abs(time.offset_ns - offset) <= time.uncertainty_ns(at)


def test_a_clock_that_cannot_be_told_apart_from_the_venues_moves_no_session() -> None:
    assert known(read(20 * MS)).to_run_ns() == 0
    assert known(read(600 * NS)).to_run_ns() == -600 * NS


@pytest.mark.parametrize(
    ("offset", "told"), [(0, 0), (NS, 0), (-NS, 0), (600 * NS, 600 * NS), (-600 * NS, -600 * NS)]
)
def test_only_a_clock_that_is_surely_wrong_is_told(offset: int, told: int) -> None:
    assert known(read(offset)).wrong_by() == told


@pytest.mark.parametrize("own", [0, 1, 86_400 * NS, -62_135_596_800 * NS, -1])
def test_a_stamp_of_0_of_1970_or_of_the_year_1_is_no_time(own: int) -> None:
    assert not timed(own)
    assert age(own, NOW, known(read(0))) is None


def test_an_age_is_the_own_time_against_the_venues_whatever_the_computer_says() -> None:
    for offset in (-600 * NS, 0, 600 * NS):
        time = known(read(offset))
        old = age(NOW + offset - 3 * NS, NOW, time)
        assert old is not None
        assert old.ns == 3 * NS


def test_there_is_no_age_before_the_venue_told_its_time() -> None:
    assert age(NOW, NOW, None) is None
    assert early_ns(NOW + 3600 * NS, NOW, None) == 0


def test_what_is_a_little_ahead_is_new_and_what_is_an_hour_ahead_cannot_be() -> None:
    time = known(read(0))
    assert age(NOW + NS, NOW, time) == Age(0, 50 * MS)
    assert early_ns(NOW + AHEAD_NS, NOW, time) == 0
    assert early_ns(NOW + 3600 * NS, NOW, time) == 3600 * NS


def test_an_age_exceeds_a_limit_as_soon_as_it_may() -> None:
    assert not Age(4 * NS, NS).exceeds(5 * NS)
    assert Age(4 * NS, NS + 1).exceeds(5 * NS)
