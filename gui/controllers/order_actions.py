"""What a person asks of working orders, or of all at once, handed to the engine."""

from collections.abc import Callable, Coroutine
from decimal import Decimal
from functools import partial
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from core.errors import Confirmation
from core.risk import amendment
from core.risk.amendment import Judged
from core.risk.pre_trade_context import PreTradeContext
from core.runtime.tasks import Tasks
from core.wording.next_step import OrderAction, possible
from core.wording.order_words import order_title
from gui.actions.action_table import ORDER_ACTIONS, ActionId, WindowAction
from gui.blotter.blotter import Blotter
from gui.controllers.notifier import Notifier
from gui.controllers.ticket import TicketController
from gui.dialogs.confirmation import ConfirmationDialog
from gui.dialogs.end_seen import EndSeenDialog
from gui.dialogs.price_editor import PriceEditor
from gui.state.clocks import RunClock
from gui.state.core_bridge import CoreBridge
from gui.state.view_state import ViewState
from gui.widgets.busy_label import BusyLabel
from gui.window.safety_strip import SafetyStrip

_MORE_TIME = Decimal(10)


class OrderController(QObject):
    """Cancel, re-price, give time; cancel all, flatten, kill."""

    def __init__(
        self,
        window: QWidget,
        blotter: Blotter,
        strip: SafetyStrip,
        busy: BusyLabel,
        bridge: CoreBridge,
        known: ViewState,
        clock: RunClock,
        ticket: TicketController,
        notifier: Notifier,
        tasks: Tasks,
    ) -> None:
        super().__init__(window)
        self._blotter = blotter
        self._strip = strip
        self._busy = busy
        self._bridge = bridge
        self._known = known
        self._clock = clock
        self._ticket = ticket
        self._notifier = notifier
        self._tasks = tasks
        self.flattening = ConfirmationDialog(
            window,
            "flattening",
            "Flatten?",
            ("Flatten", "Cancel the orders and send the position to market"),
            ("Leave", "Leave orders and position as they are"),
        )
        self.flattening.confirmed.connect(self.flatten)
        self.pricing = PriceEditor(window, self._now, lambda order_id: known.orders.get(order_id))
        self.pricing.chosen.connect(self.set_price)
        self.ending = EndSeenDialog(window)
        self.ending.said.connect(self.say_ended)
        blotter.asked.connect(self.act)
        blotter.refused.connect(notifier.warn)
        strip.cancel_all_asked.connect(self.cancel_all)
        strip.kill_asked.connect(self.kill)

    def actions(self) -> dict[ActionId, Callable[[], None]]:
        """What each of the keys about orders does."""
        return {
            WindowAction.CANCEL_ALL: self.cancel_all,
            WindowAction.KILL: self._strip.kill.press,
            WindowAction.FLATTEN_ALL: partial(self.flatten, ""),
            **{action: partial(self._act_in_focus, action) for action in ORDER_ACTIONS},
        }

    def _now(self, symbol: str) -> PreTradeContext:
        return self._known.pre_trade_context(symbol, self._clock.now_ns(), armed=True)

    # -- one order ------------------------------------------------------------

    def act(self, action: OrderAction, order_id: str) -> None:
        """Ask something of one order."""
        if action is OrderAction.REPRICE:
            self._edit_price(order_id)
            return
        if action is OrderAction.ENDED:
            self.ending.ask(self._known.orders[order_id])
            return
        asks: dict[OrderAction, Callable[[], Coroutine[Any, Any, None]]] = {
            OrderAction.CANCEL: lambda: self._bridge.cancel(order_id),
            OrderAction.MARKET_NOW: lambda: self._bridge.market_now(order_id),
            OrderAction.PAUSE: lambda: self._bridge.pause(order_id),
            OrderAction.MORE_TIME: lambda: self._bridge.extend(order_id, _MORE_TIME),
        }
        self._tasks.spawn(asks[action](), action.value)

    def _act_in_focus(self, action: OrderAction) -> None:
        """Ask it of the order chosen in the blotter."""
        order = self._blotter.current_order()
        if order is None:
            self._notifier.warn("No order is chosen.")
        elif not possible(action, self._known.orders.get(order.id, order)):
            title = ORDER_ACTIONS[action].title
            self._notifier.warn(f"{order_title(order)}: nothing to do for {title}.")
        else:
            self.act(action, order.id)

    def _edit_price(self, order_id: str) -> None:
        order = self._known.orders.get(order_id)
        if order is not None:
            self.pricing.edit(order)

    def judge_price(self, order_id: str, limit: Decimal) -> Judged | None:
        """What a price would mean for an order now; None for an order nobody told of."""
        order = self._known.orders.get(order_id)
        return None if order is None else amendment.judge(order, limit, self._now(order.symbol))

    def set_price(self, order_id: str, limit: Decimal, confirmed: tuple[str, ...] = ()) -> None:
        """Set a price; a rule that asks and is not confirmed puts its question in the editor."""
        self._tasks.spawn(self._set_price(order_id, limit, confirmed), "reprice")

    async def _set_price(self, order_id: str, limit: Decimal, confirmed: tuple[str, ...]) -> None:
        try:
            await self._bridge.reprice(order_id, limit, confirmed)
        except Confirmation as asks:
            self.pricing.ask(self._known.orders[order_id], limit, asks.names)

    def say_ended(self, order_id: str, filled: Decimal, price: Decimal | None) -> None:
        """Note how an order that nobody could prove ended at the broker."""
        self._tasks.spawn(self._bridge.end_seen(order_id, filled, price), "ended")

    # -- all of them ----------------------------------------------------------

    def _can(self, doing: str) -> bool:
        if not self._bridge.connected:
            self._notifier.warn(f"Not connected: there is nothing to {doing} from here.")
        return self._bridge.connected

    def cancel_all(self) -> None:
        """Cancel every open order."""
        if self._can("cancel"):
            self._tasks.spawn(self._bridge.cancel_all(), "cancel-all")

    def flatten(self, symbol: str, confirmed: tuple[str, ...] = ()) -> None:
        """Flatten `symbol` (empty: all); what it would do is asked first, from the account."""
        if self._can("flatten"):
            self._tasks.spawn(self._flatten(symbol, confirmed), "flatten")

    async def _flatten(self, symbol: str, confirmed: tuple[str, ...]) -> None:
        try:
            with self._busy.during(f"flattening {symbol or 'everything'}"):
                await self._bridge.flatten(symbol, confirmed)
        except Confirmation as asks:
            self.flattening.put(symbol, asks.names, asks.sentence)

    def kill(self) -> None:
        """Pull the kill switch; the engine says what is proven."""
        self._ticket.arm(False)
        if self._can("kill"):
            self._tasks.spawn(self._kill(), "kill")

    async def _kill(self) -> None:
        with self._busy.during("cancelling all, waiting for proof"):
            await self._bridge.kill()

    # -- what becomes known ---------------------------------------------------

    def on_frame(self, _frame: object) -> None:
        """Word anew what a price would mean, while one is being set."""
        if self.pricing.isVisible():
            self.pricing.refresh()
