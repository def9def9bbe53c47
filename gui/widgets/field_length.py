"""Keeps a field from taking far more than anything that means something in it.

What is too long is refused as a whole before it is looked at: shortened it could mean another
number, and laying out ten thousand letters takes the window a tenth of a second.
"""

from collections.abc import Callable

from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QLineEdit

MAX_LENGTH = 400


class LengthValidator(QValidator):
    """Any text of at most `MAX_LENGTH` characters."""

    def validate(self, text: str, at: int) -> tuple[QValidator.State, str, int]:
        """By count alone."""
        state = QValidator.State.Invalid if len(text) > MAX_LENGTH else QValidator.State.Acceptable
        return state, text, at


def limit_length(field: QLineEdit, refused: Callable[[str], None]) -> None:
    """Let `field` refuse what is too long, and say so."""
    field.setValidator(LengthValidator(field))
    name = field.accessibleName()
    words = (
        f"{name}: more than {MAX_LENGTH} characters were typed or pasted; what stood there stays."
    )
    field.inputRejected.connect(lambda: refused(words))
