"""Qt is loaded without a hand on how everything else is."""

import subprocess
import sys

from tests.support.commands import CAP, ROOT

LOADED = """
import builtins
before = builtins.__import__
from gui.app.qt_loading import load_qt
load_qt()
from PySide6.QtWidgets import QApplication
from PySide6 import QtGui, QtSvg
assert builtins.__import__ is before, builtins.__import__
"""
WINDOW = """
import builtins, sys
before = builtins.__import__
import gui.app.app
from core.app.session import SessionOptions
def stop():
    assert "PySide6.QtWidgets" in sys.modules
    assert builtins.__import__ is before, builtins.__import__
    sys.exit(7)
gui.app.app._end_in_a_sentence = stop
gui.app.app.run(SessionOptions())
"""


def ran(program: str) -> "subprocess.CompletedProcess[str]":
    """A process of its own: this one has Qt already."""
    argv = (sys.executable, "-c", program)
    return subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=CAP, check=False)


def test_python_imports_by_its_own_function_once_qt_is_there() -> None:
    done = ran(LOADED)
    assert done.returncode == 0, done.stderr


def test_the_window_is_opened_with_pythons_own_import() -> None:
    done = ran(WINDOW)
    assert done.returncode == 7, done.stderr
