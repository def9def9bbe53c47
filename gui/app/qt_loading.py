"""Loads Qt, and leaves Python's import to Python.

PySide6 puts a function of its own in the place of `builtins.__import__`. It reads the source of
every module imported from then on, for a feature that nothing here uses, and it minds only one
thread: when the core loads the broker's library while the window loads the chart, that library
now and then finds itself half loaded, and Touchline does not start.
"""

import builtins


def load_qt() -> None:
    """Load PySide6 for the first time in this process."""
    python_import = builtins.__import__
    import PySide6.QtCore  # noqa: F401

    builtins.__import__ = python_import
