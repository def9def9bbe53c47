"""When the garbage collector stands aside, and from what."""

import gc
from collections.abc import Iterator

import pytest

from core.runtime import garbage


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    collects = gc.isenabled()
    yield
    gc.unfreeze()
    (gc.enable if collects else gc.disable)()


@pytest.mark.parametrize("collects", [True, False])
def test_a_pause_ends_as_it_was_before(collects: bool) -> None:
    (gc.enable if collects else gc.disable)()
    with garbage.paused():
        assert not gc.isenabled()
    assert gc.isenabled() is collects


def test_what_is_settled_is_left_alone_until_it_is_released() -> None:
    garbage.pause()
    assert not gc.isenabled()
    garbage.settle()
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0
    garbage.release()
    assert gc.get_freeze_count() == 0
