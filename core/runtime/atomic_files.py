"""Files written whole or not at all, and damaged ones kept. Blocks while it does."""

import contextlib
import logging
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

_LOG = logging.getLogger(__name__)


@contextlib.contextmanager
def drafted(path: Path) -> Iterator[Path]:
    """A draft beside `path` that takes its place when all went well, and else is gone.

    Raises OSError when it cannot take that place.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        yield draft
        draft.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):  # the disk is full, or not to be written
            draft.unlink(missing_ok=True)
        raise


def kept_aside(path: Path) -> str:
    """Keep a damaged file under another name, as its next writing goes over it.

    Returns a sentence that says where, with a blank before it; empty when that failed.
    """
    aside = path.with_suffix(f".damaged{path.suffix}")
    try:
        shutil.copyfile(path, aside)
    except OSError:
        _LOG.warning("the damaged file %s could not be kept aside", path, exc_info=True)
        return ""
    return f" The file as it was is kept in {aside}."


def reason(error: OSError) -> str:
    """Why a file could not be used, in the system's words."""
    return error.strerror or str(error) or type(error).__name__
