"""Layouts: where the window and its parts stood, kept across starts and by name.

Reading is tolerant: a damaged file gives the usual layout and a sentence, and is kept aside.
"""

import logging
from collections.abc import Sequence
from pathlib import Path

import msgspec
from PySide6.QtCore import QRect
from PySide6.QtGui import QGuiApplication

from core.errors import Refusal
from core.runtime.atomic_files import kept_aside
from core.runtime.private_files import MAX_SETTINGS_BYTES, read_regular, write_private

_LOG = logging.getLogger(__name__)
FILE_NAME = "layouts.json"
MAX_NAME = 40
MOST = 30
_VISIBLE = (120, 30)  # so much of a window's top must be on a screen, or it is lost

Box = tuple[int, int, int, int]  # left, top, width, height


class DockLayout(msgspec.Struct, frozen=True):
    """Where the parts stand, as Qt saves it, and which parts there were."""

    docks: tuple[str, ...]
    state: str


class SavedLayouts(msgspec.Struct, frozen=True):
    """The file: the window and its parts as last left, and the layouts saved by name."""

    window: Box | None = None
    maximized: bool = False
    last: DockLayout | None = None
    named: dict[str, DockLayout] = {}


class LayoutStore:
    """The layouts on the disk. `path` None keeps nothing beyond the program's end.

    `problem` says what of the file could not be used; empty when all is well.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self.saved = SavedLayouts()
        self.problem = ""
        if path is not None:
            self._load(path)

    def save(self, layouts: SavedLayouts) -> None:
        """Remember, and write the file whole or not at all. Raises Refusal for a failed write."""
        if layouts == self.saved:
            return
        self.saved = layouts
        if self._path is not None:
            write_private(self._path, msgspec.json.encode(layouts).decode() + "\n")

    def save_as(self, name: str, place: DockLayout) -> None:
        """Keep a layout by name, over one of the same name. Raises Refusal for a bad name."""
        name = " ".join(name.split())
        if not name or len(name) > MAX_NAME or not name.isprintable():
            raise Refusal("layout", f"A layout needs a name of 1 to {MAX_NAME} letters.", name)
        if name not in self.saved.named and len(self.saved.named) >= MOST:
            raise Refusal("layout", f"There are {MOST} layouts already: delete one first.", name)
        named = {**self.saved.named, name: place}
        self.save(msgspec.structs.replace(self.saved, named=dict(sorted(named.items()))))

    def delete(self, name: str) -> None:
        """Forget a layout."""
        named = {other: place for other, place in self.saved.named.items() if other != name}
        self.save(msgspec.structs.replace(self.saved, named=named))

    def _load(self, path: Path) -> None:
        try:
            self.saved = msgspec.json.decode(
                read_regular(path, MAX_SETTINGS_BYTES), type=SavedLayouts
            )
        except FileNotFoundError:
            return
        except (OSError, msgspec.MsgspecError, RecursionError, ValueError) as error:
            _LOG.warning("the layouts cannot be used: %s", error)
            self.problem = "The saved layouts could not be used: the usual one holds instead."
            self.problem += kept_aside(path)


def on_screen(window: Box, screens: Sequence[Box]) -> Box:
    """`window` where it is, as long as it can be taken hold of; else in the middle of the first.

    A window larger than the screen it is on shrinks to it.
    """
    left, top, width, height = window
    for screen in screens:
        across = min(left + width, screen[0] + screen[2]) - max(left, screen[0])
        down = min(top + height, screen[1] + screen[3]) - max(top, screen[1])
        if (
            across >= min(_VISIBLE[0], width)
            and down >= min(_VISIBLE[1], height)
            and top >= screen[1]
        ):
            return left, top, min(width, screen[2]), min(height, screen[3])
    if not screens:
        return window
    x, y, room, tall = screens[0]
    width, height = min(width, room), min(height, tall)
    return x + (room - width) // 2, y + (tall - height) // 2, width, height


def screens_now() -> list[Box]:
    """Every screen, without what the desktop keeps for itself; the first one first."""
    return [box_of(screen.availableGeometry()) for screen in QGuiApplication.screens()]


def box_of(rect: QRect) -> Box:
    """A rectangle in plain numbers."""
    return rect.x(), rect.y(), rect.width(), rect.height()
