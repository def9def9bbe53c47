"""Keeps a field from taking far more than anything that means something in it.

What is too long is refused as a whole before it is looked at: shortened it could mean another
number, and laying out ten thousand letters takes the window a tenth of a second.
"""

from collections.abc import Callable

from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QLineEdit

MOST = 400


class Within(QValidator):
    """Any text of at most `MOST` characters."""

    def validate(self, text: str, at: int) -> tuple[QValidator.State, str, int]:
        """By count alone."""
        state = QValidator.State.Invalid if len(text) > MOST else QValidator.State.Acceptable
        return state, text, at


def hold_short(field: QLineEdit, refused: Callable[[str], None]) -> None:
    """Let `field` refuse what is too long, and say so."""
    field.setValidator(Within(field))
    words = (
        f"{field.accessibleName()}: more than {MOST} characters were typed or pasted; what stood "
        "there stays."
    )
    field.inputRejected.connect(lambda: refused(words))
