"""Tasks that nobody awaits: all of them end when they are stopped."""

import asyncio
import contextlib

from core.runtime.tasks import Tasks


async def test_what_is_repeated_ends_even_when_a_cancellation_was_swallowed_inside() -> None:
    errors: list[BaseException] = []
    rounds: list[int] = []
    started = asyncio.Event()

    async def deaf() -> None:
        rounds.append(len(rounds))
        started.set()
        with contextlib.suppress(asyncio.CancelledError):  # as a library may
            await asyncio.sleep(60)

    tasks = Tasks(errors.append)
    tasks.repeat(deaf, 0.0, "deaf", errors.append)
    await started.wait()
    async with asyncio.timeout(5.0):
        await tasks.stop()
    assert (rounds, errors) == ([0], [])
