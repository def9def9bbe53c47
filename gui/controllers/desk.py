"""Joins the window to the bridge: frames to widgets, clicks and keys to commands.

Decides nothing about orders: it asks the engine and shows what comes back.
"""

import asyncio
import os
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from core.market.asset_search import AssetIndex
from core.market.links import LinkName
from core.market.prices import Side
from core.market.venues import DEFAULT_VENUE, profile_of
from core.runtime.tasks import Tasks
from gui.actions.actions import ORDER_ACTIONS, Command, Doing, Menu
from gui.actions.shortcuts import Shortcuts
from gui.blotter.blotter import Tab
from gui.chart.updates import ChartUpdates
from gui.controllers.accounts import AccountController
from gui.controllers.chart import ChartController
from gui.controllers.columns import ColumnController
from gui.controllers.export import ExportController
from gui.controllers.fill_history import FillHistoryController
from gui.controllers.help import HelpController
from gui.controllers.links import LinkController
from gui.controllers.notifier import Notifier
from gui.controllers.order_display import OrderPresenter
from gui.controllers.orders import OrderController
from gui.controllers.past_orders import PastOrderController
from gui.controllers.scorecard import ScorecardController
from gui.controllers.settings import SettingsController
from gui.dialogs.closing import ClosingDialog
from gui.state.clocks import AnimationClock, RunClock
from gui.state.core_bridge import CoreBridge
from gui.state.core_session import Opened
from gui.state.inbox import Frame
from gui.state.view_state import ViewState
from gui.window.main_window import MainWindow

if TYPE_CHECKING:
    from gui.chart.chart import SpreadChart  # numpy and pyqtgraph come after the first paint


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
        self.symbol = ""
        self._begun = self._counting = False
        self.tell = Notifier(window, known, clock)
        self.tasks = Tasks(self.tell.failed)
        self.ask = OrderController(window, bridge, known, self.tell, self.tasks, clock.now_ns)
        self.links = LinkController(window, known, self.ask, self.tell)
        self.orders = OrderPresenter(window, known, clock, self.tell)
        self.chart = ChartUpdates(known)
        self.charting = ChartController(window, self.ask, self.tell, self.tasks)
        self.evidence = FillHistoryController(known, self.tasks)
        self.keys = Shortcuts(window, window.keys, self.tell.warn)
        self.timer = AnimationClock(clock.now_ns, self, lambda: not window.isMinimized())
        self.closing = ClosingDialog(window)
        self.past = PastOrderController(window, self.orders, self.tell, self.tasks)
        self.quality = ScorecardController(window, self.past, self.tasks)
        self.columns = ColumnController(window, self.tell)
        self.exporting = ExportController(window, self.tell, self.tasks)
        self.help = HelpController(window, known, self.tell)
        self.accounts = AccountController(
            window, window.palette_table, os.environ, self.tell.failed
        )
        self.next_account: tuple[str, str] | None = None  # to be opened once this one has closed
        self.set_up = SettingsController(window, known, self.tell, self.tasks)
        self._wire()
        self._bind_keys()

    def _wire(self) -> None:
        window, ask, warn = self.window, self.ask, self.tell.warn
        self.bridge.frame.connect(self.on_frame)
        self.timer.tick.connect(self._on_tick)
        self.timer.slow_tick.connect(self._on_slow_tick)
        window.ticket.send.connect(ask.send)
        window.ticket.refused.connect(warn)
        window.ticket.symbol_typed.connect(self.type_symbol)
        window.ticket.outlooks_changed.connect(self.chart.show_outlooks)
        window.watch.symbol_chosen.connect(self.choose_symbol)
        window.strip.arm_asked.connect(ask.arm)
        window.strip.cancel_all_asked.connect(ask.cancel_all)
        window.strip.kill_asked.connect(ask.kill)
        window.blotter.asked.connect(ask.act)
        window.blotter.refused.connect(warn)
        window.blotter.said.connect(self.tell.say)
        window.blotter.order_chosen.connect(self.orders.choose)
        window.blotter.detail_asked.connect(lambda _: window.detail.timeline.setFocus())
        window.blotter.painted.connect(self.orders.on_blotter_painted)
        window.refused.connect(warn)
        window.notice.open_log.clicked.connect(lambda: window.blotter.show_tab(Tab.LOG))
        window.close_asked.connect(self.close)
        self.closing.cancel_chosen.connect(lambda: ask.disarm("the window is closing"))
        self.closing.cancel_chosen.connect(ask.cancel_all)
        self.closing.leave_chosen.connect(self.closed)
        self.closing.rejected.connect(self._stay)
        self.accounts.chosen.connect(self._change_account)

    def _bind_keys(self) -> None:
        ticket = self.window.ticket
        works: dict[Doing, Callable[[], None]] = {
            Command.SELL: partial(ticket.press, Side.SELL),
            Command.BUY: partial(ticket.press, Side.BUY),
            Command.QTY_25: partial(ticket.amount.take_share, 25),
            Command.QTY_50: partial(ticket.amount.take_share, 50),
            Command.QTY_75: partial(ticket.amount.take_share, 75),
            Command.QTY_100: partial(ticket.amount.take_share, 100),
            Command.QTY_UP: partial(ticket.amount.step, up=True),
            Command.QTY_DOWN: partial(ticket.amount.step, up=False),
            Command.PRICE_UP: partial(ticket.slider.nudge, 1),
            Command.PRICE_DOWN: partial(ticket.slider.nudge, -1),
            Command.OTHER_SIDE: ticket.slider.take_other,
            Command.PRESETS: ticket.presets.button.open,
            Command.SEND_MODES: ticket.modes.button.open,
            Command.ARM: self.ask.toggle_arm,
            Command.CANCEL_ALL: self.ask.cancel_all,
            Command.KILL: self.window.strip.kill.press,
            Command.FLATTEN: self._flatten,
            Command.FLATTEN_ALL: partial(self.ask.flatten, ""),
            Command.FIND_SYMBOL: self._find_symbol,
            Command.ACCOUNTS: self._open_accounts,
            Command.FIND_ORDER: self.window.blotter.bar.go_to_search,
            Command.GUIDE: self.help.show_guide,
            Command.LIGHTS: self.help.show_lights,
            Command.MENU: self.window.strip.menu.open,
            Command.KEY_MAP: self.set_up.show_keys,
            Command.SETTINGS: self.set_up.show_settings,
            Command.SAVE_LAYOUT: self.set_up.layouts.ask_name,
            Command.RESET_LAYOUT: self.window.docks.reset,
            Command.CLOSE: self.window.close_asked.emit,
            **self.charting.works(),
            **{action: partial(self.ask.act_in_focus, action) for action in ORDER_ACTIONS},
        }
        for doing, work in works.items():
            self.keys.bind(doing, work)
        self.window.strip.menu.offer(works, self._run_in_menu)
        self.set_up.layouts.fill(self.window.strip.menu.menus[Menu.VIEW])

    def _run_in_menu(self, doing: Doing) -> None:
        sides: dict[Doing, Side] = {Command.SELL: Side.SELL, Command.BUY: Side.BUY}
        if doing in sides:
            self.window.ticket.press_in_menu(sides[doing])
        else:
            self.keys.run(doing)

    def _flatten(self) -> None:
        if self.symbol:
            self.ask.flatten(self.symbol)
        else:
            self.tell.warn("Choose the symbol to flatten first.")

    def _find_symbol(self) -> None:
        self.window.ticket.symbol_field.setFocus()
        self.window.ticket.symbol_field.selectAll()

    # -- beginning ------------------------------------------------------------

    def put_chart(self, chart: "SpreadChart") -> None:
        """Feed `chart` from now on, beginning with what is known."""
        self.chart.put_chart(chart)
        self.charting.put_chart(chart)
        self.window.ticket.refresh()

    def expect(self, symbol: str) -> None:
        """This symbol was asked for: it is chosen once the venue knows it; empty: no more."""
        self.known.awaited = symbol
        self.window.ticket.refresh()

    def refused(self) -> None:
        """There is no connection to the venue, and none will come."""
        self.expect("")
        self.window.strip.show_refused()

    def begin(self, opened: Opened, symbol: str | None) -> None:
        """A session is open: show it and watch what is held."""
        self.clock.follow(opened.clock)
        self.evidence.begin(opened.earlier)
        self.known.settings = opened.settings
        self.known.settings_error = opened.settings_error
        if opened.settings_error:
            self.tell.warn(opened.settings_error)
        self.window.show_venue(opened.venue, opened.account)
        self.known.venue = opened.venue
        if profile_of(opened.venue).simulated:
            self.window.status.remark.setText("simulated results are never mixed with live ones")
        self.window.watch.watch(opened.held)
        self.tasks.spawn(self._load_assets(), "assets")
        if symbol:
            self.choose_symbol(symbol)
        self._begun = True
        self.tasks.spawn(self._watch_first(), "watch")
        self.timer.start()

    async def _watch_first(self) -> None:
        """If nobody named a symbol, begin where most dollars of a position lie in the spread."""
        await self.bridge.watch(self.window.watch.model.symbols)
        first = "" if self.symbol else await self.bridge.most_at_stake()
        if first and not self.symbol:
            self.choose_symbol(first)

    def _watch(self, symbols: Iterable[str]) -> None:
        """Watch these too; before the beginning they are put down for it."""
        if self.window.watch.watch(symbols) and self._begun:
            self.tasks.spawn(self.bridge.watch(self.window.watch.model.symbols), "watch")

    async def _load_assets(self) -> None:
        with self.window.status.busy.during("reading the list of symbols"):
            assets = await self.bridge.assets()
            index = await asyncio.to_thread(AssetIndex, assets)
        self.known.assets = {asset.symbol: asset for asset in assets}
        self.window.ticket.set_assets(index)

    # -- frames ---------------------------------------------------------------

    def on_frame(self, frame: Frame) -> None:
        """Draw everything that became known."""
        now = self.clock.now_ns()
        for link in frame.links:
            self.chart.on_link(link, now)
            self.links.take(link)
        self._disarm_for_another(frame)
        self.known.take(frame, now)
        window = self.window
        if frame.orders:
            self.evidence.take(frame.orders)
            self.orders.on_changes(frame.orders)
            self.help.look()
            self.ask.look()
            if self.closing.isVisible():
                self._go_on_closing()
        if frame.quotes:
            window.watch.model.quotes_changed(frame.quotes)
        if frame.account is not None:
            self._watch(sorted(self.known.positions))
            window.watch.show_account()
        if frame.taking is not None:
            self.ask.arm(self.window.strip.armed and not frame.taking.why)
        for notice in frame.notices:
            self.tell.show_notice(notice)
        self.chart.add(frame)
        window.ticket.refresh()
        if self.ask.pricing.isVisible():
            self.ask.pricing.refresh()
        if frame.links or frame.statuses or frame.market is not None:
            window.strip.refresh(self.symbol, now)
        if frame.quotes or frame.trades:
            self.timer.hurry()

    def _disarm_for_another(self, frame: Frame) -> None:
        """Nobody armed the account that this frame tells of."""
        before, after = self.known.account, frame.account
        if before is not None and after is not None and after.account.number != before.number:
            self.ask.disarm(f"the account is {after.account.number} now")

    # -- time -----------------------------------------------------------------

    def _on_tick(self, now_ns: int) -> None:
        self.bridge.catch_up()  # in one picture with what moves by itself
        self.chart.tick(now_ns)
        self.window.blotter.tick()

    def _on_slow_tick(self, now_ns: int) -> None:
        window = self.window
        window.strip.refresh(self.symbol, now_ns)
        window.ticket.refresh()
        window.blotter.slow_tick(now_ns)
        self.help.look()
        self.chart.slow_tick(now_ns)
        window.watch.model.show_ages(now_ns)
        self.charting.slow_tick()
        window.status.show_rate(self.bridge.quotes_seen, now_ns)
        if self.bridge.connected and not self._counting:
            self._counting = True
            self.tasks.spawn(self._count(), "counters")
        self.orders.slow_tick(now_ns)

    async def _count(self) -> None:
        """Ask for what the engine has counted, and show it."""
        try:
            counters = await self.bridge.counters()
        finally:
            self._counting = False
        self.known.journal_error = counters.journal_error
        self.window.status.show_counters(counters)

    # -- choosing -------------------------------------------------------------

    def choose_symbol(self, symbol: str) -> None:
        """Make the ticket, the chart and the watch list about `symbol`."""
        if symbol == self.symbol:
            self.window.ticket.restore_symbol()
            return
        self.symbol, self.known.awaited = symbol, ""
        self._watch([symbol])
        self.window.watch.show_symbol(symbol)
        self.window.ticket.show_symbol(symbol)
        self.chart.show_symbol(symbol)
        self.window.strip.refresh(symbol, self.clock.now_ns())

    def type_symbol(self, symbol: str) -> None:
        """A symbol was typed: it is chosen once the venue knows it."""
        if symbol in self.window.watch.model.symbols:
            self.choose_symbol(symbol)
        elif not self.bridge.connected:
            self.tell.warn("Not connected: symbols can be chosen later.")
        else:
            self.tasks.spawn(self._look_up(symbol), "asset")

    async def _look_up(self, symbol: str) -> None:
        ticket = self.window.ticket
        try:
            with self.window.status.busy.during(f"looking up {symbol}"):
                asset = await self.bridge.asset(symbol)
        except Exception:
            if ticket.awaits(symbol):
                ticket.reject_symbol()
            raise
        if not ticket.awaits(symbol):
            return  # another one was chosen meanwhile
        if asset.tradable:
            self.choose_symbol(symbol)
        else:
            ticket.reject_symbol()
            self.tell.warn(f"{symbol} cannot be traded at this venue.")

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
        if self.ask.sending:
            self.tasks.spawn(self._ask_once_sent(), "close")
        elif working := self.known.working():
            self.closing.ask(working)
        else:
            self.closed.emit()

    async def _ask_once_sent(self) -> None:
        await self.ask.all_sent()
        self.ask_to_close()

    def interrupt(self) -> None:
        """Ctrl-C in the terminal: as the window's close button, the second time without asking."""
        if self.closing.isVisible():
            self.closed.emit()
        else:
            self.close()

    def _go_on_closing(self) -> None:
        working = self.known.working()
        if working:
            self.closing.show_working(working)
        elif self.closing.waiting:
            self.closing.hide()
            self.closed.emit()
        else:  # a click meant for the question must not close anything
            self.closing.reject()
            self.tell.say("No order is working any more. Nothing was closed: ask again.")
