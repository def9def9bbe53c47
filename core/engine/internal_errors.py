"""What goes wrong in Touchline itself, said to the person: a journal that fails, a task that does.

Orders go on as they are; what may still be done is in the sentence.
"""

import asyncio
import contextlib
import logging

from core.engine.events import Level
from core.engine.listeners import Counters, Listeners
from core.journal.writer import Recorder

_LOG = logging.getLogger(__name__)


class InternalErrors:
    """Hears of them, and raises the alarm."""

    def __init__(self, counters: Counters, listeners: Listeners) -> None:
        self._counters = counters
        self._listeners = listeners
        self._upkeep: dict[str, str] = {}  # what failed last in each

    def watch(self, recorder: Recorder) -> None:
        """Hear when it breaks, on whichever thread; it is told on the loop that runs now."""
        loop = asyncio.get_running_loop()

        def on_broken(sentence: str) -> None:
            with contextlib.suppress(RuntimeError):  # a loop that has ended needs it no more
                loop.call_soon_threadsafe(self.journal_failed, sentence)

        recorder.on_broken = on_broken

    def journal_failed(self, sentence: str) -> None:
        """The journal cannot record any more; told once."""
        if not self._counters.journal_error:
            self._counters.journal_error = sentence
            self._listeners.notice(
                Level.ALARM,
                f"{sentence} Nothing new is sent, but working orders are still watched and can be "
                "cancelled. Make room and start Touchline again: it cancels what is still open "
                "then, sends nothing more for it, and takes new orders.",
            )

    def upkeep_failed(self, what: str, error: Exception) -> None:
        """Something that is done again and again has failed, and goes on; the same told once."""
        if self._upkeep.get(what) == repr(error):
            return
        self._upkeep[what] = repr(error)
        _LOG.error("%s failed", what, exc_info=error)
        self._listeners.notice(
            Level.ALARM,
            f"Touchline met an error of its own ({type(error).__name__}) in {what}. It goes on and "
            "tries again; orders are worked as before.",
        )

    def task_failed(self, error: BaseException) -> None:
        """Something that nobody waits for has failed."""
        _LOG.error("a task of the engine failed", exc_info=error)
        self._listeners.notice(
            Level.ALARM,
            f"Touchline met an error of its own ({type(error).__name__}). Orders stay as shown; "
            "check open orders at the broker.",
        )
