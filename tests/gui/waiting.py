"""Waiting for something to become true on the window's own loop."""

import asyncio
from collections.abc import Callable

CAP_S = 20.0


async def until(happened: Callable[[], bool], seconds: float = CAP_S) -> None:
    """Let the loop run until `happened`; fails after `seconds`."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not happened():
        assert loop.time() < end, "it did not happen in time"
        await asyncio.sleep(0.01)
