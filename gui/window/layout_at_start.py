"""Which layout a window opens with: as it was left, where that still fits; else the usual one."""

from msgspec import structs
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from gui.window.docks import Docks
from gui.window.layout_store import SavedLayouts, box_of, on_screen, screens_now


def open_as_left(
    window: QWidget, docks: Docks, kept: SavedLayouts, usual_size: tuple[int, int]
) -> str:
    """Show as it was left; else at the usual size, or filling a screen no larger than that.

    Returns a sentence when the layout that was kept could not be used; the usual one stands then.
    """
    why = ""
    if kept.last is not None and not docks.restore(kept.last):
        why = "The last layout is of another version: the usual one holds instead."
    if kept.window is not None:
        window.setGeometry(*on_screen(kept.window, screens_now()))
    room = window.screen().availableGeometry()
    fits = room.width() > usual_size[0] and room.height() > usual_size[1]
    fits = fits or QGuiApplication.platformName() == "offscreen"
    if kept.maximized if kept.window is not None else not fits:
        window.showMaximized()
    else:
        window.show()
    return why


def layout_now(window: QWidget, docks: Docks, kept: SavedLayouts) -> SavedLayouts:
    """`kept` with where everything stands now, for the next start."""
    return structs.replace(
        kept,
        window=box_of(window.normalGeometry()),
        maximized=window.isMaximized(),
        last=docks.place() if docks.arranged else None,
    )
