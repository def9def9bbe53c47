"""One start of the program in this process: prints when each stage was reached, in JSON.

Imports nothing but what the program itself imports, so that the figures are its own.
"""

import asyncio
import json
import sys
import time
from typing import TYPE_CHECKING

import gui.app.app as program
from gui.__main__ import main

if TYPE_CHECKING:
    from gui.controllers.desk import Desk

PAINTED = "process start to the first paint"
INTERACTIVE = "process start to an interactive window"
PRICED = "process start to a live price on the button"


class Notes:
    """Follows one window through its start, and closes it as soon as it has a price."""

    def __init__(self) -> None:
        self.at: dict[str, tuple[int, int]] = {}
        self._shown = program.first_paint
        self._follower: asyncio.Task[None] | None = None

    def _note(self, stage: str) -> None:
        self.at[stage] = time.monotonic_ns(), time.process_time_ns()

    async def first_paint(self, desk: "Desk") -> None:
        """The program's own, then look on."""
        await self._shown(desk)
        self._note(PAINTED)
        self._follower = asyncio.ensure_future(self._follow(desk))

    async def _follow(self, desk: "Desk") -> None:
        await self._answers(desk)
        self._note(INTERACTIVE)
        await self._priced(desk)
        self._note(PRICED)
        desk.closed.emit()

    async def _answers(self, desk: "Desk") -> None:
        """Until all of the window stands and a click would be heard."""
        from PySide6.QtWidgets import QWidget

        while desk.window.findChild(QWidget, "spreadChart") is None:  # noqa: ASYNC110
            await asyncio.sleep(0)
        clicked = asyncio.Event()
        desk.window.strip.arm.clicked.connect(clicked.set)
        desk.window.strip.arm.click()
        await clicked.wait()

    async def _priced(self, desk: "Desk") -> None:
        """Until the sell button carries a price."""
        from core.market.prices import Side

        ticket, priced = desk.window.ticket, asyncio.Event()

        def look() -> None:
            if ticket.outlook(Side.SELL).limit is not None:
                priced.set()

        ticket.outlooks_changed.connect(look)
        look()
        await priced.wait()


if __name__ == "__main__":
    notes = Notes()
    program.first_paint = notes.first_paint
    status = main(sys.argv[1:])
    print(json.dumps(notes.at))
    sys.exit(status)
