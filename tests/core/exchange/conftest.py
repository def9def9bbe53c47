"""A real exchange on a loopback port, on a thread of its own, for clients that block."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest

from core.exchange.api.running_exchange import RunningExchange
from core.exchange.api.server import serve
from core.exchange.options import ExchangeOptions, Knobs

T = TypeVar("T")
QUICK = ExchangeOptions(
    knobs=Knobs(ack_delay=0.0, cancel_delay=0.05, hidden_chance=0.0), rate_limit=0
)
CAP = 20.0


class ExchangeThread:
    """An exchange that runs on another thread's loop."""

    def __init__(self, options: ExchangeOptions = QUICK) -> None:
        self.running: RunningExchange
        self.loop: asyncio.AbstractEventLoop
        self._options = options
        self._up = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))

    def __enter__(self) -> "ExchangeThread":
        self._thread.start()
        assert self._up.wait(CAP)
        return self

    def __exit__(self, *_: object) -> None:
        self.do(self.running.stopping.set)
        self._thread.join(CAP)
        assert not self._thread.is_alive()

    async def _run(self) -> None:
        async with serve(self._options) as self.running:
            self.loop = asyncio.get_running_loop()
            self._up.set()
            await self.running.stopping.wait()

    def do(self, action: Callable[[], T]) -> T:
        """Run `action` on the exchange's own thread."""

        async def run() -> T:
            return action()

        return asyncio.run_coroutine_threadsafe(run(), self.loop).result(CAP)


@pytest.fixture
def exchange_thread() -> Iterator[ExchangeThread]:
    """A quick exchange: acknowledgements at once, cancels after 50 ms, no hidden interest."""
    with ExchangeThread() as thread:
        yield thread
