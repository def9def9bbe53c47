"""Eyes and hands before one Touchline: clicks what has a name, types, waits, takes pictures."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.connection import Connection, Listener
from pathlib import Path
from typing import Any

from PySide6.QtCore import QRect

from tests.pictures.beside import Box
from tests.pictures.camera import around, write
from tests.support.commands import ROOT
from tests.support.screen import CAP_S, Screen, wait_for

SETTLE_S = 0.35  # a window that changed has been painted, and takes clicks again
WORKING = "working-table"


class Hand:
    """Works one Touchline on one screen. Pictures go to `folder`, their names end in `theme`."""

    def __init__(self, on: Screen, beside: Connection, folder: Path, theme: str) -> None:
        self.on = on
        self._beside = beside
        self._folder = folder
        self._theme = theme

    # -- what is seen -----------------------------------------------------------

    def ask(self, *question: str) -> Any:
        """Ask the one beside the program."""
        self._beside.send(question)
        return self._beside.recv()

    def shown(self, name: str) -> bool:
        """Whether a part of that name is to be seen."""
        return self.ask("box", name) is not None

    def words(self, name: str) -> str:
        """What stands on a button or label."""
        return str(self.ask("words", name))

    def says(self, table: str, *words: str) -> bool:
        """Whether a row of the table holds all of these words."""
        return any(all(each in row for each in words) for row in self.ask("rows", table))

    def until_says(self, *words: str, table: str = WORKING) -> None:
        """Wait until a row of the table holds all of these words."""
        try:
            wait_for(lambda: self.says(table, *words), f"a row of {table} says {words}")
        except AssertionError as error:
            error.add_note("\n".join(self.ask("rows", table)))
            raise

    def until_shown(self, name: str) -> None:
        """Wait until a part of that name is to be seen."""
        wait_for(lambda: self.shown(name), f"{name} is shown")
        self.settle()

    def settle(self, seconds: float = SETTLE_S) -> None:
        """Let it come to rest."""
        time.sleep(seconds)

    def _place(self, *question: str) -> Box:
        wait_for(lambda: self.ask(*question) is not None, f"there is a {' '.join(question)}")
        box: Box = self.ask(*question)
        return box

    def middle(self, name: str) -> tuple[int, int]:
        """The middle of a part."""
        left, top, width, height = self._place("box", name)
        return left + width // 2, top + height // 2

    # -- what is done -----------------------------------------------------------

    def click(self, name: str, button: int = 1) -> None:
        """Click a part by its name."""
        self._click(self._place("box", name), button)

    def choose(self, words: str) -> None:
        """Click the entry of the open menu that begins with these words."""
        self._click(self._place("entry", words))

    def rest_on(self, words: str) -> None:
        """Let the mouse rest on an entry of the open menu."""
        left, top, width, height = self._place("entry", words)
        self.on.point(left + width // 2, top + height // 2)
        self.settle()

    def click_cell(self, table: str, row: int, column: int = 0, button: int = 1) -> None:
        """Click a cell of a table."""
        self._click(self._place("cell", table, str(row), str(column)), button)

    def _click(self, box: Box, button: int = 1) -> None:
        left, top, width, height = box
        self.on.click(left + width // 2, top + height // 2, button)
        self.settle()

    def keys(self, *names: str) -> None:
        """Press keys, one after the other."""
        for name in names:
            self.on.key(name)
            self.settle(0.1)
        self.settle()

    def write_into(self, name: str, text: str) -> None:
        """Put a text in the place of what a field holds."""
        self.click(name)
        self.on.key("ctrl+a")
        self.on.write(text)
        self.settle()

    def grab(self, name: str) -> None:
        """Press the left button on a part, and keep it down."""
        self.on.point(*self.middle(name))
        self.on.press()

    def drag(self, name: str, right: int, down: int) -> None:
        """Take a part and put it down somewhere else."""
        x, y = self.middle(name)
        self.grab(name)
        for step in range(1, 9):
            self.on.point(x + right * step // 8, y + down * step // 8)
            self.settle(0.04)
        self.on.let_go()
        self.settle()

    def carry(self, start: str, to: str) -> None:
        """Drag what lies at a price on the chart to another one, and keep it in hand."""
        left, top, _, _ = self._place("price", start)
        _, end, _, _ = self._place("price", to)
        self.on.point(left - 14, top)
        self.settle(0.2)
        self.on.press()
        for step in range(1, 9):
            self.on.point(left - 14, top + (end - top) * step // 8)
            self.settle(0.04)

    def aside(self) -> None:
        """Take the mouse out of the way, so that nothing is under it."""
        self.on.point(2, 2)

    # -- pictures ---------------------------------------------------------------

    def shoot(self, name: str, *parts: str, margin: int = 0) -> None:
        """Take a picture of these parts together; of the whole screen when none is named."""
        picture = self.on.picture()
        if parts:
            boxes = [self._place("box", part) for part in parts]
            cut = around(boxes, margin, picture.width(), picture.height())
            picture = picture.copy(cut)
        else:
            picture = picture.copy(QRect(0, 0, picture.width(), picture.height()))
        write(picture, self._folder / f"{name}-{self._theme}.png")


@contextmanager
def touchline(
    on: Screen, env: Mapping[str, str], folder: Path, theme: str, *arguments: str
) -> Iterator[Hand]:
    """A Touchline whose window is open while the block runs, and a hand before it.

    The story ends it by itself; one that does not is ended here.
    """
    with Listener() as ear:
        program = subprocess.Popen(
            (sys.executable, "-m", "tests.pictures.program", str(ear.address), *arguments),
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], **env, **on.env, "TOUCHLINE_THEME": theme},
        )
        try:
            with ear.accept() as beside:
                hand = Hand(on, beside, folder, theme)
                hand.until_shown("safety-strip")
                wait_for(lambda: "@" in hand.words("ticket-sell"), "there is a price")
                hand.settle(1.0)
                yield hand
                hand.keys("ctrl+q")
            program.wait(CAP_S)
        finally:
            if program.poll() is None:
                program.kill()
                program.wait()
