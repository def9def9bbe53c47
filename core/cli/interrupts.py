"""What Ctrl-C, a request to end and a closed terminal do to a command of the command line."""

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from typing import Any

from core.cli.printer import ATTENTION, ENDED_OTHERWISE, Printer
from core.runtime.tasks import Tasks

PATIENCE_S = 5.0  # without proof for so long, the next signal leaves without it

_CANCELLING = "Cancelling; waiting for the proof. Nothing falls back to market."
_STILL_WAITING = "Still no proof. It is waited for; another Ctrl-C leaves without it."
_LEFT = (
    "Left without proof: an order may still be live at the venue. "
    "Finish it with 'touchline resume', or look at the broker's page."
)


class Interrupts:
    """What Ctrl-C, a request to end, and a closed terminal do: `act`, or stop the command."""

    def __init__(self, printer: Printer) -> None:
        self.act: Callable[[], Coroutine[Any, Any, None]] | None = None
        self.stopped = False
        self._impatient = False
        self._patience: asyncio.TimerHandle | None = None
        self._printer = printer
        self._main = asyncio.current_task()
        self._tasks = Tasks(lambda error: printer.say(f"The cancel failed: {error}"))

    def on_signal(self) -> None:
        """Called on the loop, once for each signal."""
        if self.act is not None and not self._impatient:
            if self.act is not nothing:
                self._printer.say(_CANCELLING)
                if self._patience is None:
                    loop = asyncio.get_running_loop()
                    self._patience = loop.call_later(PATIENCE_S, self._lose_patience)
            self._tasks.spawn(self.act(), "interrupt")
        elif not self.stopped and self._main is not None:
            self.stopped = True
            self._main.cancel()

    def _lose_patience(self) -> None:
        if self.act is not nothing:
            self._impatient = True
            self._printer.say(_STILL_WAITING)

    def end(self) -> None:
        """Nothing is waited for any more."""
        if self._patience is not None:
            self._patience.cancel()


async def nothing() -> None:
    """All has ended: there is nothing to cancel."""


async def interruptible(
    main: Callable[[Interrupts], Awaitable[int]], printer: Printer, stopped: str
) -> int:
    """Run `main` with the signals going to its Interrupts; `stopped` is said when they ended it."""
    interrupts = Interrupts(printer)
    with _signals(interrupts.on_signal):
        try:
            return await main(interrupts)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if not interrupts.stopped or task is None:
                raise
            task.uncancel()
            printer.say(stopped if interrupts.act is None else _LEFT)
            return ENDED_OTHERWISE if interrupts.act is None else ATTENTION
        finally:
            interrupts.end()


@contextlib.contextmanager
def _signals(act: Callable[[], None]) -> Iterator[None]:
    """While inside, call `act` on the loop whenever somebody wants us to end."""
    loop = asyncio.get_running_loop()
    names = ("SIGINT", "SIGTERM", "SIGHUP")
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {n: signal.getsignal(n) for n in numbers}
    for number in numbers:
        if before[number] not in (None, signal.SIG_IGN):  # nohup means what it says
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(act))
    try:
        yield
    finally:
        for number, handler in before.items():
            if handler is not None:  # None: set by other than Python, so we left it alone
                signal.signal(number, handler)
