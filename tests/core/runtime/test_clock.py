"""The run's own time scale."""

import pytest

from core.market.time import NS
from core.runtime.clock import Clock


class Hands:
    """A monotonic clock and a wall clock that a test moves."""

    def __init__(self, monotonic: float, wall_ns: int) -> None:
        self.monotonic = monotonic
        self.wall_ns = wall_ns

    def clock(self) -> Clock:
        return Clock(lambda: self.monotonic, lambda: self.wall_ns)


def test_a_clock_starts_at_the_wall_time_of_its_making() -> None:
    assert Hands(50.0, 1_700_000_000 * NS).clock().now_ns() == 1_700_000_000 * NS


def test_it_advances_with_the_monotonic_clock() -> None:
    hands = Hands(50.0, 1_700_000_000 * NS)
    clock = hands.clock()
    hands.monotonic += 10.25
    assert clock.now_ns() == 1_700_000_010 * NS + NS // 4


@pytest.mark.scenario(68)
def test_a_jump_of_the_wall_clock_moves_nothing() -> None:
    hands = Hands(50.0, 1_700_000_000 * NS)
    clock = hands.clock()
    before = clock.now_ns()
    hands.wall_ns -= 3600 * NS
    assert clock.now_ns() == before


def test_the_real_clocks_never_step_back() -> None:
    clock = Clock()
    readings = [clock.now_ns() for _ in range(1000)]
    assert readings == sorted(readings)
