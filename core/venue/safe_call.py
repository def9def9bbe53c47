"""Calls handlers that are not ours to trust: what they raise is logged, counted and forgotten."""

import logging
from collections.abc import Callable

log = logging.getLogger(__name__)


class SafeCalls:
    """Isolates the handlers of one source. `faults` counts what they raised."""

    def __init__(self, source: str) -> None:
        self.faults = 0
        self._source = source

    def __call__(self, handler: Callable[..., None], *args: object) -> None:
        """Call `handler` with `args`; never raises an Exception."""
        try:
            handler(*args)
        except Exception:
            self.faults += 1
            if self.faults & (self.faults - 1) == 0:  # the 1st, 2nd, 4th, ...: no flood in the log
                log.exception("a handler of %s raised (%d so far)", self._source, self.faults)
