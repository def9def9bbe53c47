"""Refuses a Python and PySide6 that do not work together, before Qt is loaded.

Imports no Qt. The rule is measured: PySide6 6.12 on Python < 3.12 drops a
reference of None per void call and aborts the interpreter after a while;
6.11.0 and 6.11.1 resize docks wrongly (QTBUG-147209).
"""

import sys
from importlib.metadata import PackageNotFoundError, version

from core.errors import Refusal

_IMMORTAL_NONE = (3, 12)
_BROKEN_EVERYWHERE = frozenset({(6, 11, 0), (6, 11, 1)})
_BROKEN_BEFORE_3_12 = (6, 12)


def check_platform() -> None:
    """Raise Refusal when the installed pair is known to be broken, or Qt is missing."""
    check_pair(sys.version_info[:2], _installed())


def check_pair(python: tuple[int, int], pyside: str) -> None:
    """Raise Refusal when PySide6 `pyside` must not be run by `python`."""
    parts = tuple(int(part) for part in pyside.split(".")[:3] if part.isdigit())
    if parts in _BROKEN_EVERYWHERE:
        raise Refusal(
            "pyside6",
            f"PySide6 {pyside} resizes windows wrongly; install another, for example "
            "'PySide6-Essentials>=6.11.2,<6.12'.",
            pyside,
        )
    if python < _IMMORTAL_NONE and parts[:2] >= _BROKEN_BEFORE_3_12:
        raise Refusal(
            "pyside6",
            f"PySide6 {pyside} ends Python {python[0]}.{python[1]} after a while; use Python 3.12 "
            "or newer, or install 'PySide6-Essentials>=6.11.2,<6.12'.",
            pyside,
        )


def _installed() -> str:
    for name in ("PySide6-Essentials", "PySide6"):
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    raise Refusal("pyside6", "PySide6 is not installed: run 'make run', which installs it.")
