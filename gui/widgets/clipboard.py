"""The clipboard: whatever is put there is said in the same words."""

from collections.abc import Callable

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication


def copy(content: str | QImage, what: str, say: Callable[[str], object]) -> None:
    """Put `content` there and say so, naming it as `what`."""
    if isinstance(content, QImage):
        QApplication.clipboard().setImage(content)
    else:
        QApplication.clipboard().setText(content)
    say(f"Copied: {what.rstrip('.')}.")
