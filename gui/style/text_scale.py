"""Sizes in proportion to the text: a window is built at its usual size, then fitted.

Whatever was given a fixed, smallest or largest size in pixels keeps its proportion to the
words in it, so that larger text is cut off nowhere.
"""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QWidget

from gui.style.style import text_scale

SMALLEST = (1120, 720)  # the window at the usual size of text
_UNBOUNDED = 16_777_215  # Qt's word for no largest size
_USUAL = "usualSizes"

Sizes = tuple[int, int, int, int]  # smallest width and height, largest width and height


def px(usual: float) -> int:
    """A length at the size that text has now."""
    return round(usual * text_scale())


def at_least(usual: float) -> int:
    """The same for what smaller text needs no less of: paddings do not shrink with it."""
    return max(round(usual), px(usual))


def refit(top: QWidget, before: float) -> None:
    """Fit `top` and everything in it to the text of now; `before` is the scale they had."""
    now = text_scale()
    for widget in [top, *top.findChildren(QWidget)]:
        _refit_one(widget, before, now)
        if isinstance(widget, QHeaderView) and widget.orientation() is Qt.Orientation.Horizontal:
            _refit_columns(widget, now / before)


def _refit_one(widget: QWidget, before: float, now: float) -> None:
    limits = (
        widget.minimumWidth(),
        widget.minimumHeight(),
        widget.maximumWidth(),
        widget.maximumHeight(),
    )
    if limits == (0, 0, _UNBOUNDED, _UNBOUNDED):
        return
    usual = _usual(widget, limits, before)
    least_wide, least_high, most_wide, most_high = (_scaled(size, now) for size in usual)
    widget.setMinimumSize(least_wide, least_high)
    widget.setMaximumSize(most_wide, most_high)


def _usual(widget: QWidget, limits: Sizes, before: float) -> Sizes:
    """The sizes at usual text, kept so that rounding never adds up."""
    kept = widget.property(_USUAL)
    if isinstance(kept, tuple) and tuple(_scaled(size, before) for size in kept) == limits:
        return kept
    wide, high, widest, highest = (
        size if size == _UNBOUNDED else round(size / before) for size in limits
    )
    usual = (wide, high, widest, highest)
    widget.setProperty(_USUAL, usual)
    return usual


def _scaled(size: int, scale: float) -> int:
    return size if size == _UNBOUNDED else round(size * scale)


def _refit_columns(header: QHeaderView, share: float) -> None:
    for section in range(header.count()):
        mode = header.sectionResizeMode(section)
        if mode is not QHeaderView.ResizeMode.Stretch and not header.isSectionHidden(section):
            header.resizeSection(section, round(header.sectionSize(section) * share))
