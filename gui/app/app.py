"""Starts the window: Qt, its loop, what stands behind it. Ends in the reverse order.

A session is opened in it after the first paint (`gui.app.core_start`). Without a display it
says so, works one order offscreen and writes a picture.
"""

import asyncio
import logging
import os
import signal
import sys
from typing import TYPE_CHECKING

from core.errors import Refusal
from core.market.printable import printable
from core.market.venues import profile_of
from core.runtime import garbage
from gui.app.core_start import opened
from gui.app.platform_check import check_platform
from gui.app.qt_loading import load_qt

if TYPE_CHECKING:
    from PySide6.QtGui import QIcon

    from core.app.session import SessionOptions
    from gui.controllers.desk import Desk
    from gui.state.preference_store import PreferenceStore
    from gui.style.palette import Palette
    from gui.style.theme_manager import ThemeManager
    from gui.window.layout_store import LayoutStore

OK, REFUSED = 0, 2
REFUSED_STAYS_S = 20.0
SWITCH_S = 0.0005  # a painting window gives the core its turn after half a millisecond


def run(options: "SessionOptions", symbol: str | None = None) -> int:
    """Open the window on `options` and run until it closes; returns the exit status.

    Raises Refusal when this Python and this PySide6 do not work together.
    """
    garbage.pause()  # looking through what is being loaded finds nothing
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy's threads: nothing here uses them
    check_platform()
    headless = not _has_display()
    if headless:
        _check_headless(options.venue)
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        _say("There is no display: working one order offscreen and taking a picture of it.")
    load_qt()
    from PySide6.QtCore import qInstallMessageHandler
    from PySide6.QtWidgets import QApplication

    from gui.app import qasync_loop
    from gui.style.theme_manager import ThemeManager

    sys.setswitchinterval(SWITCH_S)
    _end_in_a_sentence()
    app = QApplication(sys.argv[:1])
    qInstallMessageHandler(None)
    app.setApplicationName("touchline")
    app.setDesktopFileName("touchline")
    app.setWindowIcon(_icon())
    return qasync_loop.run(app, _main(ThemeManager(app, _preferences()), options, symbol, headless))


def _icon() -> "QIcon":
    from importlib.resources import files

    from PySide6.QtGui import QIcon, QPixmap

    picture = QPixmap()
    picture.loadFromData(files("resources").joinpath("touchline.svg").read_bytes(), "SVG")
    return QIcon(picture)


def _has_display() -> bool:
    """Whether Qt will find a screen to draw on."""
    if os.environ.get("QT_QPA_PLATFORM") or not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _check_headless(venue: str) -> None:
    """Refuse to work an order nobody asked for in an account that is not simulated."""
    if not profile_of(venue).simulated:
        raise Refusal(
            "display",
            f"There is no display for the window, and without one no order is worked on {venue}. "
            "The command line needs none: try 'touchline sell --help'.",
            venue,
        )


def _end_in_a_sentence() -> None:
    """Qt aborts the process when it finds no screen; nothing is open yet, so end it properly."""
    from PySide6.QtCore import QtMsgType, qInstallMessageHandler

    messages: list[str] = []

    def on_message(kind: QtMsgType, _context: object, message: str) -> None:
        messages.append(message)
        if kind is QtMsgType.QtFatalMsg:
            _say(f"The window cannot be opened: {messages[0]}.")
            sys.stderr.flush()
            os._exit(REFUSED)

    qInstallMessageHandler(on_message)


def _say(sentence: str) -> None:
    sys.stderr.write(printable(sentence) + "\n")


async def _main(
    themes: "ThemeManager", options: "SessionOptions", symbol: str | None, headless: bool
) -> int:
    given = options
    while True:
        status, account = await _on_account(themes, options, symbol, headless)
        if account is None:
            return status
        options, symbol = given.on_account(*account), None


async def _on_account(
    themes: "ThemeManager", options: "SessionOptions", symbol: str | None, headless: bool
) -> tuple[int, tuple[str, str] | None]:
    """One window on one account, so that nothing of two is ever mixed; and which comes next."""
    with themes.building():
        desk = build(themes.palette, themes.preferences, _layouts())
    desk.window.restyle()
    themes.changed.connect(desk.window.restyle)
    try:
        return await _run_desk(desk, options, symbol, headless), desk.next_account
    finally:
        await desk.accounts.stop()
        desk.window.close_for_good()
        desk.window.deleteLater()
        garbage.release()  # what was to live to the end has ended with its window


async def _run_desk(
    desk: "Desk", options: "SessionOptions", symbol: str | None, headless: bool
) -> int:
    closed = _closed(desk)
    await first_paint(desk)
    try:
        async with opened(desk, options, symbol or options.tape_symbol, somebody=not headless):
            return await _work(desk, closed, headless)
    except Refusal as refusal:
        await _tell_refusal(desk, closed, refusal.sentence, options.venue, headless)
        return REFUSED
    except asyncio.CancelledError:
        if not closed.is_set():
            raise
        return OK  # closed before there was a session


def _closed(desk: "Desk") -> asyncio.Event:
    """Set when the window may go: by its button, by Ctrl-C, or by whoever ends processes."""
    closed = asyncio.Event()
    desk.closed.connect(closed.set)
    if sys.platform != "win32":
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, desk.interrupt)
        loop.add_signal_handler(signal.SIGTERM, desk.closed.emit)  # nobody may be there to ask
    return closed


def _preferences() -> "PreferenceStore":
    from core.runtime.data_folder import folder
    from gui.state.preference_store import PreferenceStore
    from gui.state.preferences import FILE_NAME

    return PreferenceStore(folder(os.environ) / FILE_NAME)


def _layouts() -> "LayoutStore":
    from core.runtime.data_folder import folder
    from gui.window.layout_store import FILE_NAME, LayoutStore

    return LayoutStore(folder(os.environ) / FILE_NAME)


def build(
    palette: "Palette",
    preferences: "PreferenceStore | None" = None,
    layouts: "LayoutStore | None" = None,
) -> "Desk":
    """The window and everything behind it but the engine; without stores nothing is kept."""
    from gui.controllers.desk import Desk
    from gui.state.clocks import RunClock
    from gui.state.core_bridge import CoreBridge
    from gui.state.preference_store import PreferenceStore
    from gui.state.view_state import ViewState
    from gui.window.layout_store import LayoutStore
    from gui.window.main_window import MainWindow

    clock, known = RunClock(), ViewState()
    store, places = preferences or PreferenceStore(), layouts or LayoutStore()
    window = MainWindow(palette, known, clock.now_ns, store, places)
    desk = Desk(window, CoreBridge(window), known, clock)
    for problem in (store.problem, *window.keys.problems, places.problem):
        if problem:
            desk.notifier.warn(problem)
    return desk


async def first_paint(desk: "Desk") -> None:
    """Show the window and return when it has been painted once."""
    painted = asyncio.Event()
    desk.window.first_painted.connect(painted.set)
    desk.window.open_fitting()
    await painted.wait()


async def _work(desk: "Desk", closed: asyncio.Event, headless: bool) -> int:
    before = sys.excepthook
    sys.excepthook = lambda _kind, error, _trace: desk.notifier.failed(error)
    garbage.settle()
    try:
        if headless:
            from gui.app.headless import run_headless

            return await run_headless(desk)
        desk.help.begin(desk.window.strip.venue_name)
        await closed.wait()
        return OK
    finally:
        sys.excepthook = before


async def _tell_refusal(
    desk: "Desk", closed: asyncio.Event, sentence: str, venue: str, headless: bool
) -> None:
    """Say on stderr and in the window why nothing could be opened, and offer the accounts.

    It ends by itself only while nobody has touched it.
    """
    _say(sentence)
    garbage.settle()
    if headless:
        return
    from gui.dialogs.closing import RefusedDialog

    desk.refused()
    desk.notifier.warn(sentence)
    dialog = RefusedDialog(sentence, desk.window)
    accounts = desk.accounts.dialog
    dialog.closed.connect(closed.set)
    dialog.accounts_asked.connect(lambda: desk.accounts.open(venue, ""))
    accounts.rejected.connect(dialog.open)
    dialog.open()
    try:
        async with asyncio.timeout(REFUSED_STAYS_S):
            await closed.wait()
    except TimeoutError:
        if dialog.isVisible() and not dialog.touched:
            logging.getLogger(__name__).info("nobody closed the refusal")
        else:
            await closed.wait()
    dialog.close()
