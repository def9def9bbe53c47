"""The window at work: built from its controllers, opened on a session, closed, or moved to another.

Each controller wires its own panel; here stands who there is, and in which order they hear of a
frame. Decides nothing about orders.
"""

import os
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from core.market.links import LinkName
from core.market.venues import DEFAULT_VENUE
from core.runtime.tasks import Tasks
from gui.actions.action_table import Menu, WindowAction
from gui.actions.shortcuts import Shortcuts
from gui.controllers.accounts import AccountController
from gui.controllers.chart import ChartController
from gui.controllers.help import HelpController
from gui.controllers.links import LinkController
from gui.controllers.notifier import Notifier
from gui.controllers.order_actions import OrderController
from gui.controllers.order_display import OrderPresenter
from gui.controllers.past_orders import PastOrderController
from gui.controllers.scorecard import ScorecardController
from gui.controllers.settings import SettingsController
from gui.controllers.status import StatusController
from gui.controllers.symbols import SymbolController
from gui.controllers.tables import TableController
from gui.controllers.ticket import TicketController
from gui.dialogs.closing import ClosingDialog
from gui.state.clocks import AnimationClock, RunClock
from gui.state.core_bridge import CoreBridge
from gui.state.fill_history import FillHistoryCount
from gui.state.inbox import Frame
from gui.state.view_state import ViewState
from gui.window.main_window import MainWindow

if TYPE_CHECKING:
    from gui.state.core_session import Opened


class Desk(QObject):
    """The window at work. `closed` says that it may go."""

    closed = Signal()

    def __init__(
        self, window: MainWindow, bridge: CoreBridge, known: ViewState, clock: RunClock
    ) -> None:
        super().__init__(window)
        self.window = window
        self.bridge = bridge
        self.known = known
        self.clock = clock
        ticket, strip, blotter = window.ticket, window.strip, window.blotter
        palette, keys, preferences = window.palette_table, window.keys, window.preferences
        status, busy = window.status, window.status.busy
        notifier = Notifier(window, blotter, window.notice, preferences, known, clock)
        tasks = Tasks(notifier.failed)
        self.notifier, self.tasks = notifier, tasks
        self.ticket = TicketController(
            window, ticket, strip, window.guard, bridge, known, notifier, tasks
        )
        self.orders = OrderController(
            window, blotter, strip, busy, bridge, known, clock, self.ticket, notifier, tasks
        )
        self.symbols = SymbolController(
            ticket, window.watch, busy, bridge, known, self.orders, notifier, tasks
        )
        self.links = LinkController(known, self.ticket, notifier)
        self.order_display = OrderPresenter(
            blotter, window.detail, window.benchmark, status, known, clock, notifier
        )
        self.chart = ChartController(
            window,
            ticket,
            blotter,
            busy,
            palette,
            preferences,
            known,
            clock,
            self.orders,
            self.symbols,
            notifier,
            tasks,
        )
        self.status = StatusController(
            strip, status, bridge, known, clock, self.symbols, notifier, tasks
        )
        self.fill_history = FillHistoryCount(known, tasks)
        self.past_orders = PastOrderController(blotter, busy, self.order_display, tasks)
        self.scorecard = ScorecardController(blotter, busy, self.past_orders, tasks)
        self.tables = TableController(window, blotter, busy, preferences, notifier, tasks)
        self.help = HelpController(
            window, ticket, strip, blotter, palette, keys, preferences, known, notifier
        )
        self.settings = SettingsController(
            window,
            ticket,
            window.docks,
            keys,
            preferences,
            window.layouts,
            bridge,
            known,
            notifier,
            tasks,
        )
        self.accounts = AccountController(window, palette, os.environ, notifier.failed)
        self.next_account: tuple[str, str] | None = None  # to be opened once this one has closed
        self.shortcuts = Shortcuts(window, keys, notifier.warn)
        self.animation = AnimationClock(clock.now_ns, self, lambda: not window.isMinimized())
        self.closing = ClosingDialog(window)
        self._offer_commands()
        self.connect_frames()
        self._keep_moving()
        self._wire_closing()

    # -- wiring ---------------------------------------------------------------

    def _offer_commands(self) -> None:
        """What can be done, by key and in the menu."""
        strip = self.window.strip
        actions = {
            WindowAction.MENU: strip.menu.open,
            WindowAction.ACCOUNTS: self._open_accounts,
            WindowAction.CLOSE: self.window.close_asked.emit,
            **self.ticket.actions(),
            **self.orders.actions(),
            **self.symbols.actions(),
            **self.chart.actions(),
            **self.tables.actions(),
            **self.help.actions(),
            **self.settings.actions(),
        }
        for action_id, work in actions.items():
            self.shortcuts.bind(action_id, work)
        in_menu = {**actions, **self.ticket.menu_actions()}
        strip.menu.offer(in_menu, lambda action_id: in_menu[action_id]())
        self.settings.fill_menu(strip.menu.menus[Menu.VIEW])

    def connect_frames(self) -> None:
        """Connect who hears of a frame, in this order: at first whoever looks at what was known."""
        for listener in (
            self.chart.before_frame,
            self.links.before_frame,
            self.ticket.before_frame,
            self._take_frame,
            self.fill_history.on_frame,
            self.order_display.on_frame,
            self.help.on_frame,
            self._go_on_closing,
            self.symbols.on_frame,
            self.notifier.on_frame,
            self.chart.on_frame,
            self.ticket.on_frame,
            self.orders.on_frame,
            self.status.on_frame,
            self._hurry,
        ):
            self.bridge.frame.connect(listener)

    def _take_frame(self, frame: Frame) -> None:
        self.known.take(frame, self.clock.now_ns())

    def _hurry(self, frame: Frame) -> None:
        if frame.quotes or frame.trades:
            self.animation.hurry()

    def _keep_moving(self) -> None:
        """Connect whatever moves by itself: first what has crossed, to be in the same picture."""
        blotter = self.window.blotter
        for tick in (lambda _: self.bridge.catch_up(), self.chart.tick, lambda _: blotter.tick()):
            self.animation.tick.connect(tick)
        for slow_tick in (
            self.status.slow_tick,
            lambda _: self.window.ticket.refresh(),
            blotter.slow_tick,
            lambda _: self.help.follow(),
            self.chart.slow_tick,
            self.window.watch.slow_tick,
            self.order_display.slow_tick,
        ):
            self.animation.slow_tick.connect(slow_tick)

    def _wire_closing(self) -> None:
        self.window.refused.connect(self.notifier.warn)
        self.window.close_asked.connect(self.close)
        self.closing.cancel_chosen.connect(lambda: self.ticket.disarm("the window is closing"))
        self.closing.cancel_chosen.connect(self.orders.cancel_all)
        self.closing.leave_chosen.connect(self.closed)
        self.closing.rejected.connect(self._stay)
        self.accounts.chosen.connect(self._change_account)

    # -- beginning ------------------------------------------------------------

    def refused(self) -> None:
        """There is no connection to the venue, and none will come."""
        self.symbols.expect("")
        self.window.strip.show_refused()

    def begin(self, opened: "Opened", symbol: str | None) -> None:
        """A session is open: show it and watch what is held."""
        self.clock.follow(opened.clock)
        self.fill_history.begin(opened.earlier)
        self.known.begin(opened)
        if opened.settings_error:
            self.notifier.warn(opened.settings_error)
        self.window.show_venue(opened.venue, opened.account)
        self.status.begin(opened)
        self.symbols.begin(opened.held, symbol)
        self.animation.start()
        self.past_orders.begin(opened.journal)
        self.notifier.begin(opened.log_file)
        self.settings.begin()

    # -- closing, and going to another account --------------------------------

    def _open_accounts(self) -> None:
        now = self.window.strip.venue_name
        cut_off = not any(self.known.up(name) for name in LinkName)  # it may be opened anew
        self.accounts.open(now or DEFAULT_VENUE, "" if cut_off else now)

    def _change_account(self, venue: str, confirm: str) -> None:
        """Close this account as the window would close, then open the other one."""
        self.next_account = (venue, confirm)
        self.ask_to_close()

    def _stay(self) -> None:
        self.next_account = None

    def close(self) -> None:
        """The window's own button or key: nothing is opened after it."""
        self.next_account = None
        self.ask_to_close()

    def ask_to_close(self) -> None:
        """Close, or ask first while orders work or are on their way."""
        if self.ticket.sending:
            self.tasks.spawn(self._ask_once_sent(), "close")
        elif self.known.working() or self.known.ledger.unproven:
            self.closing.ask(self.known.working(), self.known.ledger.unproven)
        else:
            self.closed.emit()

    async def _ask_once_sent(self) -> None:
        await self.ticket.all_sent()
        self.ask_to_close()

    def interrupt(self) -> None:
        """Ctrl-C in the terminal: as the window's close button, the second time without asking."""
        if self.closing.isVisible():
            self.closed.emit()
        else:
            self.close()

    def _go_on_closing(self, frame: Frame) -> None:
        """Orders changed while the question stands."""
        if not frame.orders or not self.closing.isVisible():
            return
        working, unproven = self.known.working(), self.known.ledger.unproven
        if working or (unproven and not self.closing.waiting):
            self.closing.show_working(working, unproven)
        elif self.closing.waiting:
            self.closing.hide()
            if unproven:
                self.closing.ask((), unproven)
            else:
                self.closed.emit()
        else:  # a click meant for the question must not close anything
            self.closing.reject()
            self.notifier.say("No order is working any more. Nothing was closed: ask again.")
