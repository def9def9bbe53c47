"""Where Touchline writes what went wrong inside itself: `touchline.log` in the data folder.

The command line and the window both start here. Nothing goes to the terminal, and
no key or secret reaches the file: every word given to `hide` is blotted out.
"""

import logging
import sys
import threading
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

from core.market.printable import printable
from core.runtime.private_files import opener

FILE_NAME = "touchline.log"
SIZE = 1 << 20
KEPT = 2
_HIDDEN = "***"

_LOG = logging.getLogger("touchline")
_hidden: set[str] = set()


def start(folder: Path) -> Path:
    """Log to a file in `folder`, which is made with the first record; returns its path."""
    path = folder / FILE_NAME
    root = logging.getLogger()
    for handler in tuple(root.handlers):
        if isinstance(handler, _File):
            root.removeHandler(handler)
            handler.close()
    file = _File(path, maxBytes=SIZE, backupCount=KEPT, encoding="utf-8", delay=True)
    file.setFormatter(_Scrubbed("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root.addHandler(file)
    root.setLevel(logging.WARNING)  # libraries tell their headers below that
    logging.captureWarnings(True)
    return path


def hide(*words: str) -> None:
    """Never write any of `words`."""
    _hidden.update(word for word in words if word)


def catch_all() -> None:
    """What nobody caught, in any thread, goes to the log instead of the terminal."""

    def on_thread(args: threading.ExceptHookArgs) -> None:
        _uncaught(args.exc_type, args.exc_value, args.exc_traceback)

    def on_unraisable(args: "sys.UnraisableHookArgs") -> None:
        _uncaught(args.exc_type, args.exc_value, args.exc_traceback)

    sys.excepthook = _uncaught
    threading.excepthook = on_thread
    sys.unraisablehook = on_unraisable


def failed(error: BaseException) -> str:
    """Log an error of Touchline's own; returns the sentence for the person."""
    _uncaught(type(error), error, error.__traceback__)
    where = next((h.baseFilename for h in logging.getLogger().handlers if isinstance(h, _File)), "")
    details = f"; details are in {where}" if where and Path(where).exists() else ""
    return (
        f"Touchline met an error of its own ({type(error).__name__}){details}; "
        "look after open orders with 'touchline resume'."
    )


def _uncaught(
    kind: type[BaseException], error: BaseException | None, trace: TracebackType | None
) -> None:
    _LOG.error("uncaught", exc_info=(kind, error or kind(), trace))


class _File(RotatingFileHandler):
    """A log that nobody needs does no harm: a full disk or a missing folder stops nothing."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record, in a folder that is made when it is first needed."""
        try:
            Path(self.baseFilename).parent.mkdir(parents=True, exist_ok=True)
        except OSError:
            return
        super().emit(record)

    def _open(self) -> TextIOWrapper:
        """For us alone: a log may tell of orders."""
        file = open(self.baseFilename, "ab", opener=opener)  # noqa: SIM115 - the handler closes it
        return TextIOWrapper(file, encoding=self.encoding)

    def handleError(self, record: logging.LogRecord) -> None:
        """Say nothing: the terminal is not for this, and there is nowhere else."""


class _Scrubbed(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        for word in _hidden:
            text = text.replace(word, _HIDDEN)
        return "\n".join(map(printable, text.split("\n")))
