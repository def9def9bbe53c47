"""Which symbol is in hand and which are watched: typed, chosen, held, or named at the start."""

import asyncio
from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, Signal

from core.market.asset_search import AssetIndex
from core.runtime.tasks import Tasks
from gui.actions.action_table import ActionId, WindowAction
from gui.controllers.notifier import Notifier
from gui.controllers.order_actions import OrderController
from gui.state.core_bridge import CoreBridge
from gui.state.inbox import Frame
from gui.state.view_state import ViewState
from gui.ticket.ticket import Ticket
from gui.widgets.busy_label import BusyLabel
from gui.window.watch_list import WatchList


class SymbolController(QObject):
    """Ticket and watch list are about `symbol`; `chosen` tells whoever else shows it."""

    chosen = Signal(str)

    def __init__(
        self,
        ticket: Ticket,
        watch: WatchList,
        busy: BusyLabel,
        bridge: CoreBridge,
        known: ViewState,
        orders: OrderController,
        notifier: Notifier,
        tasks: Tasks,
    ) -> None:
        super().__init__(ticket)
        self.symbol = ""
        self._ticket = ticket
        self._watch_list = watch
        self._busy = busy
        self._bridge = bridge
        self._known = known
        self._orders = orders
        self._notifier = notifier
        self._tasks = tasks
        self._begun = False
        ticket.symbol_typed.connect(self.type_symbol)
        watch.symbol_chosen.connect(self.choose)

    def actions(self) -> dict[ActionId, Callable[[], None]]:
        """What the keys about the symbol in hand do."""
        return {WindowAction.FIND_SYMBOL: self._find, WindowAction.FLATTEN: self._flatten}

    def _find(self) -> None:
        field = self._ticket.symbol_field
        field.setFocus()
        field.selectAll()

    def _flatten(self) -> None:
        if self.symbol:
            self._orders.flatten(self.symbol)
        else:
            self._notifier.warn("Choose the symbol to flatten first.")

    # -- beginning ------------------------------------------------------------

    def expect(self, symbol: str) -> None:
        """This symbol was asked for: it is chosen once the venue knows it; empty: no more."""
        self._known.awaited = symbol
        self._ticket.refresh()

    def begin(self, held: Iterable[str], symbol: str | None) -> None:
        """Watch what is held, and choose `symbol`."""
        self._watch_list.watch(held)
        self._tasks.spawn(self._load_assets(), "assets")
        if symbol:
            self.choose(symbol)
        self._begun = True
        self._tasks.spawn(self._watch_first(), "watch")

    async def _watch_first(self) -> None:
        """If nobody named a symbol, begin where most dollars of a position lie in the spread."""
        await self._bridge.watch(self._watch_list.symbols)
        first = "" if self.symbol else await self._bridge.most_at_stake()
        if first and not self.symbol:
            self.choose(first)

    async def _load_assets(self) -> None:
        with self._busy.during("reading the list of symbols"):
            assets = await self._bridge.assets()
            index = await asyncio.to_thread(AssetIndex, assets)
        self._known.assets = {asset.symbol: asset for asset in assets}
        self._ticket.set_assets(index)

    # -- choosing -------------------------------------------------------------

    def choose(self, symbol: str) -> None:
        """Make the ticket, the watch list and whoever hears `chosen` about `symbol`."""
        if symbol == self.symbol:
            self._ticket.restore_symbol()
            return
        self.symbol, self._known.awaited = symbol, ""
        self._watch([symbol])
        self._watch_list.show_symbol(symbol)
        self._ticket.show_symbol(symbol)
        self.chosen.emit(symbol)

    def type_symbol(self, symbol: str) -> None:
        """A symbol was typed: it is chosen once the venue knows it."""
        if symbol in self._watch_list.symbols:
            self.choose(symbol)
        elif not self._bridge.connected:
            self._notifier.warn("Not connected: symbols can be chosen later.")
        else:
            self._tasks.spawn(self._look_up(symbol), "asset")

    async def _look_up(self, symbol: str) -> None:
        ticket = self._ticket
        try:
            with self._busy.during(f"looking up {symbol}"):
                asset = await self._bridge.asset(symbol)
        except Exception:
            if ticket.awaits(symbol):
                ticket.reject_symbol()
            raise
        if not ticket.awaits(symbol):
            return  # another one was chosen meanwhile
        if asset.tradable:
            self.choose(symbol)
        else:
            ticket.reject_symbol()
            self._notifier.warn(f"{symbol} cannot be traded at this venue.")

    def _watch(self, symbols: Iterable[str]) -> None:
        """Watch these too; before the beginning they are put down for it."""
        if self._watch_list.watch(symbols) and self._begun:
            self._tasks.spawn(self._bridge.watch(self._watch_list.symbols), "watch")

    # -- what becomes known ---------------------------------------------------

    def on_frame(self, frame: Frame) -> None:
        """Draw new quotes and positions; what is held is watched."""
        if frame.quotes:
            self._watch_list.show_quotes(frame.quotes)
        if frame.account is not None:
            self._watch(sorted(self._known.positions))
            self._watch_list.show_account()
