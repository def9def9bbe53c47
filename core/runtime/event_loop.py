"""Which event loop the core runs on: uvloop where it exists."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    """Uvloop where it exists, asyncio's own loop on Windows."""
    if sys.platform == "win32":
        return asyncio.new_event_loop
    import uvloop

    return uvloop.new_event_loop


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run `main` to its end on a loop of the right kind."""
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        return runner.run(main)
