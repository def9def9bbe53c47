"""Opens the window on a venue, offscreen, and prints what a person sees of it, as JSON.

`python -m tests.contributing.window_on VENUE`; run in a copy of the tree that has the venue.
"""

import json
import sys

from PySide6.QtWidgets import QApplication

from core.app.session import SessionOptions
from core.market.venues import profile_of
from gui.app import qasync_loop
from gui.app.app import build
from gui.app.core_start import opened
from gui.controllers.desk import Desk
from gui.style import style
from gui.style.palette import DARK


def seen(desk: Desk, venue: str) -> dict[str, object]:
    """What the window shows of the venue it is on, and what the accounts dialog offers."""
    window, dialog = desk.window, desk.accounts.dialog
    dialog.open_on(venue, venue)
    return {
        "title": window.windowTitle(),
        "strip": window.strip.venue.text(),
        "coloured": style.venue_colour(DARK, venue) in window.strip.venue.styleSheet(),
        "results": profile_of(venue).results,
        "remark": window.status.remark.text(),
        "guide": desk.help.guide.running,
        "about": dialog.about.text(),
        "keys": dialog.keys.isVisible(),
    }


async def look(venue: str) -> int:
    """Open, look, close."""
    desk = build(DARK)
    desk.window.show()
    async with opened(desk, SessionOptions(venue=venue), "UVXY"):
        desk.help.show_guide()
        sys.stdout.write(json.dumps(seen(desk, venue)) + "\n")
    await desk.accounts.stop()
    desk.window.close_for_good()
    return 0


if __name__ == "__main__":
    app = QApplication(sys.argv[:1])
    style.apply(app, DARK)
    sys.exit(qasync_loop.run(app, look(sys.argv[1])))
