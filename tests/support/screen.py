"""A screen, a mouse and a keyboard of the test's own: Xvfb, a window manager, xdotool, scrot."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtGui import QColor, QImage

TOOLS = ("Xvfb", "openbox", "xdotool", "scrot")
CAP_S = 60.0
_NEAR = 40  # how far each part of a colour may be off


def missing() -> list[str]:
    """The tools that are not here."""
    return [tool for tool in TOOLS if shutil.which(tool) is None]


class Screen:
    """What stands on it, and what is done there by hand."""

    def __init__(self, display: str, folder: Path) -> None:
        self.env = {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
        self._folder = folder

    def _do(self, *argv: str) -> str:
        env = {**os.environ, **self.env}
        done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
        return done.stdout

    def has(self, title: str) -> bool:
        """Whether a window with that in its title is shown."""
        return bool(self._do("xdotool", "search", "--onlyvisible", "--name", title).strip())

    def key(self, name: str) -> None:
        """Press a key, such as F8 or ctrl+q."""
        self._do("xdotool", "key", name)

    def click(self, x: int, y: int, button: int = 1) -> None:
        """Go there with the mouse and click; button 3 is the right one, 4 and 5 the wheel."""
        self._do("xdotool", "mousemove", str(x), str(y), "click", str(button))

    def point(self, x: int, y: int) -> None:
        """Go there with the mouse."""
        self._do("xdotool", "mousemove", str(x), str(y))

    def press(self) -> None:
        """Press the left button where the mouse is, and keep it down."""
        self._do("xdotool", "mousedown", "1")

    def let_go(self) -> None:
        """Let go of the left button."""
        self._do("xdotool", "mouseup", "1")

    def write(self, text: str) -> None:
        """Type it."""
        self._do("xdotool", "type", "--delay", "15", text)

    def picture(self) -> QImage:
        """The screen now."""
        path = self._folder / "screen.png"
        self._do("scrot", "--overwrite", str(path))
        return QImage(str(path))

    def patch(self, colour: str, *, right: int, least: int = 2000) -> tuple[int, int] | None:
        """The middle of what has about this colour, left of `right`; None under `least` pixels."""
        picture, wanted = self.picture(), QColor(colour)
        found = [
            (x, y)
            for y in range(0, picture.height(), 2)
            for x in range(0, min(right, picture.width()), 2)
            if _near(picture.pixelColor(x, y), wanted)
        ]
        if 4 * len(found) < least:
            return None
        xs, ys = sorted(x for x, _ in found), sorted(y for _, y in found)
        return xs[len(xs) // 2], ys[len(ys) // 2]


def _near(one: QColor, other: QColor) -> bool:
    pairs = (
        (one.red(), other.red()),
        (one.green(), other.green()),
        (one.blue(), other.blue()),
    )
    return all(abs(a - b) <= _NEAR for a, b in pairs)


@contextmanager
def screen(folder: Path, size: str = "1600x1000") -> Iterator[Screen]:
    """A virtual screen that is there while the block runs."""
    reads, writes = os.pipe()
    server = subprocess.Popen(
        ("Xvfb", "-displayfd", str(writes), "-screen", "0", f"{size}x24", "-nolisten", "tcp"),
        pass_fds=[writes],
        stderr=subprocess.DEVNULL,
    )
    os.close(writes)
    try:
        display = f":{os.read(reads, 16).decode().strip()}"
        env = {**os.environ, "DISPLAY": display}
        manager = subprocess.Popen(
            ("openbox",), env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            yield Screen(display, folder)
        finally:
            manager.terminate()
            manager.wait()
    finally:
        os.close(reads)
        server.terminate()
        server.wait()


def wait_for(happened: Callable[[], object], what: str) -> None:
    """Look again until it is so; fails, naming `what`, after a generous while."""
    end = time.monotonic() + CAP_S
    while not happened():
        assert time.monotonic() < end, f"it never came to this: {what}"
        time.sleep(0.1)
