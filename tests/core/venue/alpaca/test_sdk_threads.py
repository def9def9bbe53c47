"""The threads that ask by alpaca-py: what a caller sees when it is let go, and when they close."""

import asyncio
from typing import Any, cast

from core.venue.alpaca.sdk_threads import SdkThreads


async def test_a_caller_that_is_cancelled_at_the_moment_of_its_answer_is_cancelled() -> None:
    threads = SdkThreads("test", 1, lambda: cast(Any, object()))
    try:
        await threads.run(lambda _sdk: cast(Any, "loaded"), 5.0)
        asking = asyncio.create_task(threads.run(lambda _sdk: cast(Any, "answer"), 5.0))
        await asyncio.sleep(0)
        (answered,) = threads._waiting
        loop = asyncio.get_running_loop()

        def cancel_once_answered() -> None:
            if answered.done():
                asking.cancel()  # before the caller has run on with its answer
            else:
                loop.call_soon(cancel_once_answered)

        cancel_once_answered()
        await asyncio.wait([asking])
        assert asking.cancelled()
    finally:
        threads.close()
