"""What a person asks of orders, handed to the engine; its answers in words. Decides nothing."""

import asyncio
from collections.abc import Callable, Coroutine
from decimal import Decimal
from typing import Any

from PySide6.QtCore import QObject

from core.analysis.preview import asked_about
from core.errors import Confirmation
from core.orders.plan import Instruction
from core.risk import amendment
from core.risk.amendment import Judged
from core.risk.controls import MOVED
from core.risk.pre_trade_context import PreTradeContext
from core.runtime.tasks import Tasks
from core.wording.next_step import OrderAction, possible
from core.wording.order_words import order_title
from gui.actions.actions import ORDER_ACTIONS
from gui.controllers.notifier import Notifier
from gui.dialogs.confirmation import ConfirmationDialog
from gui.dialogs.price_editor import PriceEditor
from gui.state.core_bridge import CoreBridge
from gui.state.view_state import ViewState
from gui.window.main_window import MainWindow

_MORE_TIME = Decimal(10)


class OrderController(QObject):
    """Send, arm, kill, and what is asked of working orders."""

    def __init__(
        self,
        window: MainWindow,
        bridge: CoreBridge,
        known: ViewState,
        tell: Notifier,
        tasks: Tasks,
        now_ns: Callable[[], int],
    ) -> None:
        super().__init__(window)
        self._window = window
        self._bridge = bridge
        self._known = known
        self._tell = tell
        self._tasks = tasks
        self._sending: set[str] = set()
        self._all_sent = asyncio.Event()
        self._now_ns = now_ns
        self.confirming = ConfirmationDialog(window)
        self.confirming.confirmed.connect(self._on_confirmed)
        self.confirming.replaced.connect(self._on_replaced)
        self.flattening = ConfirmationDialog(
            window,
            "flattening",
            "Flatten?",
            ("Flatten", "Cancel the orders and send the position to market"),
            ("Leave", "Leave orders and position as they are"),
        )
        self.flattening.confirmed.connect(self.flatten)
        self.pricing = PriceEditor(
            window,
            self._now,
            lambda order_id: known.orders.get(order_id),
        )
        self.pricing.chosen.connect(self.set_price)

    def _now(self, symbol: str) -> PreTradeContext:
        return self._known.pre_trade_context(symbol, self._now_ns(), armed=True)

    # -- the ticket -----------------------------------------------------------

    def disarm(self, why: str) -> None:
        """Let no click send, and say why; nothing where none would have."""
        if self._window.strip.armed:
            self.arm(False)
            self._tell.warn(f"Disarmed: {why}.")

    def arm(self, armed: bool) -> None:
        """Let clicks on the ticket send, or not. After a kill the engine is asked first."""
        if armed and self._known.account is None:
            self._tell.warn("Not connected yet: there is no account to arm the ticket for.")
            return
        self._window.guard.moved()
        if armed and self._known.killed:
            self._tasks.spawn(self._rearm(), "rearm")
            return
        self._window.strip.set_armed(armed)
        self._window.ticket.refresh()

    async def _rearm(self) -> None:
        await self._bridge.rearm()
        self._known.killed = ""
        self.arm(True)

    def toggle_arm(self) -> None:
        """Arm when disarmed, disarm when armed."""
        self.arm(not self._window.strip.armed)

    def send(self, instruction: Instruction, confirmed: tuple[str, ...] = ()) -> None:
        """Hand an order to the engine; what a control asks is asked of the person."""
        self._sending.add(instruction.id)
        self._all_sent.clear()
        self._tasks.spawn(self._submit(instruction, confirmed), "submit")

    @property
    def sending(self) -> bool:
        """Whether an order was clicked that the engine has neither taken nor refused yet."""
        known = self._known.ledger
        return any(known.of_intent(intent) is None for intent in self._sending)

    def look(self) -> None:
        """Orders became known, or one was refused."""
        if not self.sending:
            self._all_sent.set()

    async def all_sent(self) -> None:
        """Wait until the engine has taken or refused every order that was clicked."""
        if self.sending:
            await self._all_sent.wait()

    async def _submit(self, instruction: Instruction, confirmed: tuple[str, ...]) -> None:
        try:
            await self._bridge.submit(instruction, confirmed)
        except Confirmation as asks:
            shown = self._window.ticket.shown_again(instruction)
            names = tuple(each for each in (*confirmed, *asks.names) if each != MOVED)
            self.confirming.ask(shown, names, asks)
        finally:
            self._bridge.catch_up()
            self._sending.discard(instruction.id)
            self.look()

    def _on_confirmed(self, instruction: Instruction, names: tuple[str, ...]) -> None:
        if self._window.strip.armed:
            self.send(instruction, names)
        else:
            self._tell.warn("Disarmed meanwhile: nothing was sent.")

    def _on_replaced(self, instruction: Instruction) -> None:
        order, _ = asked_about(instruction)
        self._tell.warn(f"{order}: not sent. Another question took the place of the one about it.")

    # -- working orders -------------------------------------------------------

    def act(self, action: OrderAction, order_id: str) -> None:
        """Ask something of one order."""
        if action is OrderAction.REPRICE:
            self.edit_price(order_id)
            return
        asks: dict[OrderAction, Callable[[], Coroutine[Any, Any, None]]] = {
            OrderAction.CANCEL: lambda: self._bridge.cancel(order_id),
            OrderAction.MARKET_NOW: lambda: self._bridge.market_now(order_id),
            OrderAction.PAUSE: lambda: self._bridge.pause(order_id),
            OrderAction.MORE_TIME: lambda: self._bridge.extend(order_id, _MORE_TIME),
        }
        self._tasks.spawn(asks[action](), action.value)

    def edit_price(self, order_id: str, start: Decimal | None = None) -> None:
        """Let a person set another price on an order, beginning at `start` if that is given."""
        order = self._known.orders.get(order_id)
        if order is not None:
            self.pricing.edit(order, start)

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

    def act_in_focus(self, action: OrderAction) -> None:
        """Ask it of the order chosen in the blotter."""
        order = self._window.blotter.current_order()
        if order is None:
            self._tell.warn("No order is chosen.")
        elif not possible(action, self._known.orders.get(order.id, order)):
            title = ORDER_ACTIONS[action].title
            self._tell.warn(f"{order_title(order)}: nothing to do for {title}.")
        else:
            self.act(action, order.id)

    def cancel_all(self) -> None:
        """Cancel every open order."""
        if not self._bridge.connected:
            self._tell.warn("Not connected: there is nothing to cancel from here.")
            return
        self._tasks.spawn(self._bridge.cancel_all(), "cancel-all")

    def flatten(self, symbol: str, confirmed: tuple[str, ...] = ()) -> None:
        """Flatten `symbol` (empty: all); what it would do is asked first, from the account."""
        if not self._bridge.connected:
            self._tell.warn("Not connected: there is nothing to flatten from here.")
            return
        self._tasks.spawn(self._flatten(symbol, confirmed), "flatten")

    async def _flatten(self, symbol: str, confirmed: tuple[str, ...]) -> None:
        try:
            with self._window.status.busy.during(f"flattening {symbol or 'everything'}"):
                await self._bridge.flatten(symbol, confirmed)
        except Confirmation as asks:
            self.flattening.put(symbol, asks.names, asks.sentence)

    def kill(self) -> None:
        """Pull the kill switch; the engine says what is proven."""
        self.arm(False)
        if not self._bridge.connected:
            self._tell.warn("Not connected: there is nothing to kill from here.")
            return
        self._tasks.spawn(self._kill(), "kill")

    async def _kill(self) -> None:
        with self._window.status.busy.during("cancelling all, waiting for proof"):
            await self._bridge.kill()
