"""Joins the window to the bridge: frames to widgets, clicks and keys to commands.

Decides nothing about orders: it asks the engine and shows what comes back.
"""

import logging
from collections.abc import Callable, Coroutine
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QLineEdit

from core.account import Asset
from core.clock import Clock
from core.errors import Confirmation, Refusal
from core.events import Level, Notice, OrderChanged
from core.facts import Reported
from core.links import Link, LinkName, LinkState
from core.next_step import OrderAction, due_step, possible
from core.order_state import ParentOrder
from core.plan import Instruction
from core.preview import Outlook
from core.prices import Side
from core.tasks import Tasks
from core.words import order_title, price, ticks
from gui.actions import COMMANDS, ORDER_ACTIONS, Action, Command
from gui.bridge import Bridge, Frame
from gui.closing import ClosingDialog
from gui.confirming import ConfirmingDialog
from gui.known import Known
from gui.log_view import LogLine
from gui.story import Entry, Stories, Tone, level_of
from gui.timers import AnimationClock
from gui.window import MainWindow

if TYPE_CHECKING:
    from gui.spread_chart import SpreadChart  # numpy and pyqtgraph come after the first paint

_LOG = logging.getLogger(__name__)
_MORE_TIME = Decimal(10)
_CHART_ENDED = 4  # ended orders that stay on the chart


class Desk(QObject):
    """The window at work. `closed` says that it may go."""

    closed = Signal()

    def __init__(self, window: MainWindow, bridge: Bridge, known: Known, clock: "RunClock") -> None:
        super().__init__(window)
        self.window = window
        self.bridge = bridge
        self.known = known
        self.clock = clock
        self.tasks = Tasks(self.failed)
        self.stories = Stories()
        self.symbol = ""
        self._order_id = ""
        self._chart: SpreadChart | None = None
        self._for_chart: list[Frame] = []
        self._gap_from: int | None = None
        self._unpainted_fills: list[int] = []
        self.timer = AnimationClock(clock.now_ns, self)
        self.closing = ClosingDialog(window)
        self.confirming = ConfirmingDialog(window)
        self._wire()
        self._bind_keys()

    def _wire(self) -> None:
        window = self.window
        self.bridge.frame.connect(self.on_frame)
        self.timer.tick.connect(self._on_tick)
        self.timer.slow_tick.connect(self._on_slow_tick)
        window.ticket.send.connect(self.send)
        window.ticket.refused.connect(self.refuse)
        window.ticket.symbol_typed.connect(self.type_symbol)
        window.ticket.outlooks_changed.connect(self._on_outlooks)
        window.watch.symbol_chosen.connect(self.choose_symbol)
        window.strip.arm_asked.connect(self.arm)
        window.strip.cancel_all_asked.connect(self.cancel_all)
        window.strip.kill_asked.connect(self.kill)
        window.blotter.asked.connect(self.act)
        window.blotter.refused.connect(self.refuse)
        window.blotter.order_chosen.connect(self.choose_order)
        window.blotter.painted.connect(self._on_blotter_painted)
        window.notice.open_log.clicked.connect(lambda: window.blotter.show_tab(3))
        window.close_asked.connect(self.ask_to_close)
        self.closing.cancel_chosen.connect(self.cancel_all)
        self.closing.leave_chosen.connect(self.closed)
        self.confirming.confirmed.connect(self._on_confirmed)

    # -- keys -----------------------------------------------------------------

    def _bind_keys(self) -> None:
        commands: dict[Command, Callable[[], None]] = {
            Command.SELL: lambda: self.window.ticket.press(Side.SELL),
            Command.BUY: lambda: self.window.ticket.press(Side.BUY),
            Command.ARM: lambda: self.arm(not self.window.strip.armed),
            Command.CANCEL_ALL: self.cancel_all,
            Command.KILL: self.window.strip.kill.press,
            Command.FIND_SYMBOL: self._find_symbol,
        }
        for command, work in commands.items():
            self._bind(COMMANDS[command], work)
        for action, info in ORDER_ACTIONS.items():
            self._bind(info, partial(self._act_in_focus, action))

    def _bind(self, info: Action, work: Callable[[], None]) -> None:
        key = QShortcut(QKeySequence(info.keys), self.window)
        way_out = info.dangerous and info.in_fields  # works while a question has the focus, too
        everywhere, here = Qt.ShortcutContext.ApplicationShortcut, Qt.ShortcutContext.WindowShortcut
        key.setContext(everywhere if way_out else here)
        key.setAutoRepeat(not info.dangerous)
        key.activated.connect(lambda: self._on_key(info, work))

    def _on_key(self, info: Action, work: Callable[[], None]) -> None:
        if not info.in_fields and isinstance(QApplication.focusWidget(), QLineEdit):
            self.refuse(f"{info.keys} does nothing while you type: press Enter first.")
            return
        work()

    def _find_symbol(self) -> None:
        self.window.ticket.symbol_field.setFocus()
        self.window.ticket.symbol_field.selectAll()

    def _act_in_focus(self, action: OrderAction) -> None:
        order = self.window.blotter.current_order()
        if order is None:
            self.refuse("No order is chosen.")
        elif not possible(action, self.known.orders.get(order.id, order)):
            self.refuse(f"{order_title(order)}: nothing to do for {ORDER_ACTIONS[action].title}.")
        else:
            self.act(action, order.id)

    # -- beginning ------------------------------------------------------------

    def put_chart(self, chart: "SpreadChart") -> None:
        """Feed `chart` from now on, beginning with what is known."""
        self._chart = chart
        chart.show_symbol(self.symbol)
        for quote in self.known.board.quotes.values():
            chart.add_quote(quote)
        self._show_orders_on_chart()
        self.window.ticket.refresh()

    def begin(self, symbol: str | None) -> None:
        """The engine is attached: show it and watch what is held."""
        engine = self.bridge.engine
        assert engine is not None
        self.clock.follow(engine.clock)
        self.known.settings = engine.settings
        self.known.settings_error = engine.settings_error
        if engine.settings_error:
            self.warn(engine.settings_error)
        self.window.strip.show_venue(engine.venue_name)
        if engine.venue_name == "embedded":
            self.window.status.remark.setText("simulated results are never mixed with live ones")
        self.window.watch.watch(sorted(engine.positions))
        self.tasks.spawn(self._load_assets(), "assets")
        if symbol:
            self.choose_symbol(symbol)
        self.tasks.spawn(self._watch_held(), "watch")
        self.timer.start()

    async def _watch_held(self) -> None:
        """If nobody named a symbol, begin where most dollars of a position lie in the spread."""
        await self.bridge.watch(self.window.watch.model.symbols)
        if self.symbol:
            return
        engine = self.bridge.engine
        if engine is None:
            return
        held = self.window.watch.model.symbols
        stakes = {
            symbol: quote.spread * abs(engine.positions[symbol].qty)
            for symbol, quote in engine.board.quotes.items()
            if symbol in engine.positions and quote.bid > 0
        }
        first = max(stakes, key=lambda name: stakes[name], default=held[0] if held else "")
        if first:
            self.choose_symbol(first)

    async def _load_assets(self) -> None:
        self.show_assets(await self.bridge.assets())

    def show_assets(self, assets: tuple[Asset, ...]) -> None:
        """Offer these symbols."""
        self.known.assets = {asset.symbol: asset for asset in assets}
        self.window.ticket.set_assets(assets)

    # -- frames ---------------------------------------------------------------

    def on_frame(self, frame: Frame) -> None:
        """Draw everything that became known."""
        now = self.clock.now_ns()
        for link in frame.links:
            self._on_link(link, now)
        self.known.take(frame, now)
        window = self.window
        if frame.orders:
            self._on_orders(frame.orders)
        if frame.quotes:
            window.watch.model.quotes_changed(frame.quotes)
        if frame.account is not None:
            window.watch.watch(sorted(self.known.positions))
            window.watch.show_account()
        if frame.taking is not None:
            self.arm(self.window.strip.armed and not frame.taking.why)
        for notice in frame.notices:
            self.show_notice(notice)
        if self._chart is not None:
            self._for_chart.append(frame)
        window.ticket.refresh()
        if frame.links or frame.statuses or frame.market is not None:
            window.strip.refresh(self.symbol, now)

    def _feed_chart(self, chart: "SpreadChart") -> None:
        """Hand the chart what came since its last frame; the animation clock draws it."""
        frames, self._for_chart = self._for_chart, []
        for frame in frames:
            for quote in frame.quotes:
                chart.add_quote(quote)
            for trade in frame.trades:
                chart.add_trade(trade)
        if any(frame.orders for frame in frames):
            self._show_orders_on_chart()

    def _show_orders_on_chart(self) -> None:
        if self._chart is None:
            return
        here = [order for order in self.known.orders.values() if order.symbol == self.symbol]
        ended = [order for order in here if order.final][-_CHART_ENDED:]
        working = [order for order in here if not order.final]
        self._chart.set_orders((*ended, *working))

    def _on_link(self, link: Link, now: int) -> None:
        was_up = self.known.up(link.name)
        is_up = link.state is LinkState.UP
        if link.name is LinkName.QUOTES and self._chart is not None:
            if was_up and not is_up:
                self._gap_from = now
                self._chart.mark_gap(now, None)
            elif is_up and self._gap_from is not None:
                self._chart.mark_gap(self._gap_from, now)
                self._gap_from = None
        if link.name is LinkName.ORDERS and was_up and not is_up and self.window.strip.armed:
            self.arm(False)
            self.warn("Disarmed: the order stream was lost, so fills could not be seen.")

    def _on_orders(self, changes: tuple[OrderChanged, ...]) -> None:
        lines = []
        filled: dict[str, None] = {}
        for change in changes:
            entry = self.stories.add(change)
            if entry is not None:
                about = order_title(change.order)
                level = level_of(entry.tone)
                lines.append(LogLine(entry.at, level, about, entry.sentence, entry.source))
            if isinstance(change.fact, Reported) and change.fact.execution is not None:
                self._unpainted_fills.append(change.fact.at)
                filled[change.order.id] = None
                self._tell_fill(change)
            elif change.fact is not None and change.order.final:
                self._tell_end(change.order)
        orders = tuple(change.order for change in changes)
        self.window.blotter.show_orders(orders)
        self.window.blotter.show_now(filled)
        self.window.blotter.log.add(lines)
        if any(order.id == self._order_id for order in orders):
            self._show_order_in_hand()
        if self.closing.isVisible():
            self._go_on_closing()

    def _tell_fill(self, change: OrderChanged) -> None:
        entry = self.stories.of(change.order.id)[-1]
        text = f"{order_title(change.order)}: {entry.sentence}"
        self.window.notice.show_notice(Level.INFO, text, entry.at)

    def _tell_end(self, order: ParentOrder) -> None:
        text = f"{order_title(order)}: {order.reason or order.state.value}"
        at = order.ended_ns or self.clock.now_ns()
        self.window.notice.show_notice(Level.INFO, text, at)

    def _on_blotter_painted(self) -> None:
        if not self._unpainted_fills:
            return
        now = self.clock.now_ns()
        for at in self._unpainted_fills:
            self.window.status.add_latency((now - at) / 1e6)
        self._unpainted_fills.clear()

    # -- time -----------------------------------------------------------------

    def _on_tick(self, now_ns: int) -> None:
        if self._chart is not None:
            self._feed_chart(self._chart)
            self._chart.tick(now_ns)
        self.window.blotter.tick()

    def _on_slow_tick(self, now_ns: int) -> None:
        window = self.window
        window.strip.refresh(self.symbol, now_ns)
        window.ticket.refresh()
        window.blotter.slow_tick(now_ns)
        window.status.show_rate(self.bridge.quotes_seen, now_ns)
        if self.bridge.engine is not None:
            self.known.journal_error = self.bridge.engine.counters.journal_error
            window.status.show_counters(self.bridge.engine.counters)
        order = self.known.orders.get(self._order_id)
        if order is not None:
            window.so_far.show_order(order, self.known.board.quotes.get(order.symbol))

    # -- choosing -------------------------------------------------------------

    def choose_symbol(self, symbol: str) -> None:
        """Make the ticket, the chart and the watch list about `symbol`."""
        if symbol == self.symbol:
            self.window.ticket.restore_symbol()
            return
        self.symbol = symbol
        new = self.window.watch.watch([symbol])
        if new and self.bridge.engine is not None:
            self.tasks.spawn(self.bridge.watch(self.window.watch.model.symbols), "watch")
        self.window.watch.show_symbol(symbol)
        self.window.ticket.show_symbol(symbol)
        if self._chart is not None:
            self._chart.show_symbol(symbol)
            self._show_orders_on_chart()
        self.window.strip.refresh(symbol, self.clock.now_ns())

    def type_symbol(self, symbol: str) -> None:
        """A symbol was typed: it is chosen once the venue knows it."""
        if symbol in self.window.watch.model.symbols:
            self.choose_symbol(symbol)
        elif self.bridge.engine is None:
            self.refuse("Not connected: symbols can be chosen later.")
        else:
            self.tasks.spawn(self._look_up(symbol), "asset")

    async def _look_up(self, symbol: str) -> None:
        ticket = self.window.ticket
        try:
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
            self.refuse(f"{symbol} cannot be traded at this venue.")

    def choose_order(self, order_id: str) -> None:
        """Show an order in full."""
        self._order_id = order_id
        self._show_order_in_hand()

    def _show_order_in_hand(self) -> None:
        order = self.known.orders.get(self._order_id)
        if order is None:
            return
        entries = self.stories.of(order.id)
        due = due_step(order)
        if due is not None:
            entries = (*entries, Entry(due[0], due[1], "if nobody does anything", Tone.NEXT))
        self.window.detail.show_order(order, entries)
        self.window.so_far.show_order(order, self.known.board.quotes.get(order.symbol))

    def _on_outlooks(self, sell: Outlook, buy: Outlook) -> None:
        if self._chart is None:
            return
        self._chart.set_ghosts(
            sell.limit.price if sell.limit else None,
            buy.limit.price if buy.limit else None,
            (_ghost_words(sell), _ghost_words(buy)),
        )

    # -- commands -------------------------------------------------------------

    def arm(self, armed: bool) -> None:
        """Let clicks on the ticket send, or not. After a kill the engine is asked first."""
        self.window.guard.moved()
        if armed and self.known.killed:
            self.tasks.spawn(self._rearm(), "rearm")
            return
        self.window.strip.set_armed(armed)
        self.window.ticket.refresh()

    async def _rearm(self) -> None:
        await self.bridge.rearm()
        self.known.killed = ""
        self.arm(True)

    def kill(self) -> None:
        """Pull the kill switch; the engine says what is proven."""
        self.arm(False)
        if self.bridge.engine is None:
            self.refuse("Not connected: there is nothing to kill from here.")
            return
        self.tasks.spawn(self.bridge.kill(), "kill")

    def send(self, instruction: Instruction, confirmed: tuple[str, ...] = ()) -> None:
        """Hand an order to the engine; what a control asks is asked of the person."""
        self.tasks.spawn(self._submit(instruction, confirmed), "submit")

    async def _submit(self, instruction: Instruction, confirmed: tuple[str, ...]) -> None:
        try:
            await self.bridge.submit(instruction, confirmed)
        except Confirmation as asks:
            self.confirming.ask(instruction, (*confirmed, *asks.names), asks)

    def _on_confirmed(self, instruction: Instruction, names: tuple[str, ...]) -> None:
        if self.window.strip.armed:
            self.send(instruction, names)
        else:
            self.refuse("Disarmed meanwhile: nothing was sent.")

    def act(self, action: OrderAction, order_id: str) -> None:
        """Ask something of one order."""
        asks: dict[OrderAction, Callable[[], Coroutine[Any, Any, None]]] = {
            OrderAction.CANCEL: lambda: self.bridge.cancel(order_id),
            OrderAction.MARKET_NOW: lambda: self.bridge.market_now(order_id),
            OrderAction.HOLD: lambda: self.bridge.hold(order_id),
            OrderAction.MORE_TIME: lambda: self.bridge.extend(order_id, _MORE_TIME),
        }
        self.tasks.spawn(asks[action](), action.value)

    def cancel_all(self) -> None:
        """Cancel every open order."""
        if self.bridge.engine is None:
            self.refuse("Not connected: there is nothing to cancel from here.")
            return
        self.tasks.spawn(self.bridge.cancel_all(), "cancel-all")
        count = len(self.known.working())
        self.warn(f"Cancel asked for {count or 'all'} open order{'' if count == 1 else 's'}.")

    # -- telling --------------------------------------------------------------

    def show_notice(self, notice: Notice) -> None:
        """A sentence of the engine: log and notice line."""
        order = self.known.orders.get(notice.order_id or "")
        about = order_title(order) if order else ""
        line = LogLine(notice.at, notice.level, about, notice.sentence, "Touchline")
        self.window.blotter.log.add([line])
        self.window.notice.show_notice(notice.level, notice.sentence, notice.at)

    def refuse(self, sentence: str) -> None:
        """Something was not done; say why."""
        self.warn(sentence)

    def warn(self, sentence: str) -> None:
        """A warning of the window's own."""
        self.show_notice(Notice(Level.WARNING, sentence, self.clock.now_ns()))

    def failed(self, error: BaseException) -> None:
        """A command failed: a refusal in its own words, anything else as our fault."""
        if isinstance(error, Refusal):
            self.warn(error.sentence)
            return
        _LOG.error("a task of the window failed", exc_info=error)
        sentence = f"The window met an error of its own ({type(error).__name__}); orders go on."
        self.show_notice(Notice(Level.ALARM, sentence, self.clock.now_ns()))

    # -- closing --------------------------------------------------------------

    def ask_to_close(self) -> None:
        """Close, or ask first while orders work."""
        working = self.known.working()
        if working:
            self.closing.ask(working)
        else:
            self.closed.emit()

    def interrupt(self) -> None:
        """Ctrl-C in the terminal: as the window's close button, the second time without asking."""
        if self.closing.isVisible():
            self.closed.emit()
        else:
            self.ask_to_close()

    def _go_on_closing(self) -> None:
        working = self.known.working()
        if not working:
            if self.closing.waiting:
                self.closing.hide()
                self.closed.emit()
            else:
                self.closing.hide()
        else:
            self.closing.show_working(working)


class RunClock:
    """The window's time: a clock of its own until the engine's is known."""

    def __init__(self) -> None:
        self._clock = Clock()

    def follow(self, clock: Clock) -> None:
        """Read the engine's clock from now on."""
        self._clock = clock

    def now_ns(self) -> int:
        """The run's time in nanoseconds."""
        return self._clock.now_ns()


def _ghost_words(view: Outlook) -> str:
    if view.limit is None:
        return ""
    gain = "at the touch" if view.limit.collapsed else ticks(view.limit.ticks_better)
    return f"a {view.side.value} now: {price(view.limit.price)} \N{MIDDLE DOT} {gain}"
