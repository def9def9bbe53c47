"""The one file that touches Python's garbage collector: when it stands aside, and from what.

What is built to be kept holds no garbage, and walking it takes as long again as building it.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


def pause() -> None:
    """Collect nothing, until `settle`."""
    gc.disable()


@contextmanager
def paused() -> Iterator[None]:
    """Collect nothing meanwhile; afterwards as before."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def settle() -> None:
    """Collect from here on, but never what is there now and no garbage: it lives to the end."""
    gc.collect()  # what is garbage now would never be collected once it is frozen
    gc.freeze()
    gc.enable()


def release() -> None:
    """What was settled has come to its end after all: it may be collected again."""
    gc.unfreeze()
