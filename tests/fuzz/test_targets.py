"""Every reader of bytes from outside takes what Hypothesis thinks of, and what atheris found."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.corpus import SEEDS
from tests.fuzz.targets import TARGETS

PLACES = st.tuples(st.integers(0, 3000), st.binary(max_size=4))


def mutated(whole: bytes, changes: list[tuple[int, bytes]], cut: int, again: int) -> bytes:
    """`whole` with bytes written over, its end cut off, and repeated."""
    body = bytearray(whole)
    for place, new in changes:
        start = place % max(len(body), 1)
        body[start : start + len(new)] = new
    return bytes(body[: len(body) - cut % (len(body) + 1)]) * again


@pytest.mark.parametrize("name", TARGETS)
def test_what_the_venue_sends_is_read(name: str) -> None:
    for whole in SEEDS[name]:
        TARGETS[name](whole)


@pytest.mark.parametrize("name", TARGETS)
def test_anything_like_it_is_read_or_refused_by_name(name: str) -> None:
    @settings(max_examples=150)
    @given(
        st.sampled_from(SEEDS[name]),
        st.lists(PLACES, max_size=5),
        st.just(0) | st.integers(0, 3000),
        st.just(1) | st.integers(1, 4),
    )
    def holds(whole: bytes, changes: list[tuple[int, bytes]], cut: int, again: int) -> None:
        TARGETS[name](mutated(whole, changes, cut, again))

    holds()
