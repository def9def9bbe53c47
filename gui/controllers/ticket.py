"""Sends what the ticket asks for, and says whether a click may send at all. Decides nothing."""

import asyncio
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from core.analysis.preview import asked_about
from core.errors import Confirmation
from core.market.prices import Side
from core.orders.plan import Instruction
from core.risk.pre_trade_controls import MOVED
from core.runtime.tasks import Tasks
from gui.actions.action_table import ActionId, WindowAction
from gui.actions.click_guard import ClickGuard
from gui.controllers.notifier import Notifier
from gui.dialogs.confirmation import ConfirmationDialog
from gui.state.core_bridge import CoreBridge
from gui.state.inbox import Frame
from gui.state.view_state import ViewState
from gui.ticket.ticket import Ticket
from gui.window.safety_strip import SafetyStrip


class TicketController(QObject):
    """From a click on the ticket to the engine; its answers in words."""

    def __init__(
        self,
        window: QWidget,
        ticket: Ticket,
        strip: SafetyStrip,
        guard: ClickGuard,
        bridge: CoreBridge,
        known: ViewState,
        notifier: Notifier,
        tasks: Tasks,
    ) -> None:
        super().__init__(window)
        self._ticket = ticket
        self._strip = strip
        self._guard = guard
        self._bridge = bridge
        self._known = known
        self._notifier = notifier
        self._tasks = tasks
        self._sending: set[str] = set()
        self._all_sent = asyncio.Event()
        self.confirming = ConfirmationDialog(window)
        self.confirming.confirmed.connect(self._on_confirmed)
        self.confirming.replaced.connect(self._on_replaced)
        ticket.send.connect(self.send)
        ticket.refused.connect(notifier.warn)
        strip.arm_asked.connect(self.arm)

    def actions(self) -> dict[ActionId, Callable[[], None]]:
        """What each of the ticket's keys does."""
        ticket = self._ticket
        amount, slider = ticket.amount, ticket.slider
        return {
            WindowAction.SELL: partial(ticket.press, Side.SELL),
            WindowAction.BUY: partial(ticket.press, Side.BUY),
            WindowAction.QTY_25: partial(amount.take_percent, 25),
            WindowAction.QTY_50: partial(amount.take_percent, 50),
            WindowAction.QTY_75: partial(amount.take_percent, 75),
            WindowAction.QTY_100: partial(amount.take_percent, 100),
            WindowAction.QTY_UP: partial(amount.step, up=True),
            WindowAction.QTY_DOWN: partial(amount.step, up=False),
            WindowAction.PRICE_UP: partial(slider.nudge, 1),
            WindowAction.PRICE_DOWN: partial(slider.nudge, -1),
            WindowAction.OTHER_SIDE: slider.take_other_side,
            WindowAction.PRESETS: ticket.presets.button.open,
            WindowAction.SEND_MODES: ticket.modes.button.open,
            WindowAction.ARM: self._toggle_arm,
        }

    def menu_actions(self) -> dict[ActionId, Callable[[], None]]:
        """What is done otherwise from a menu, which cannot be held."""
        return {
            WindowAction.SELL: partial(self._ticket.press_in_menu, Side.SELL),
            WindowAction.BUY: partial(self._ticket.press_in_menu, Side.BUY),
        }

    # -- armed or not ---------------------------------------------------------

    @property
    def armed(self) -> bool:
        """Whether a click sends."""
        return self._strip.armed

    def disarm(self, why: str) -> None:
        """Let no click send, and say why; nothing where none would have."""
        if self.armed:
            self.arm(False)
            self._notifier.warn(f"Disarmed: {why}.")

    def arm(self, armed: bool) -> None:
        """Let clicks on the ticket send, or not. After a kill the engine is asked first."""
        if armed and self._known.account is None:
            self._notifier.warn("Not connected yet: there is no account to arm the ticket for.")
            return
        self._guard.moved()
        if armed and self._known.killed:
            self._tasks.spawn(self._rearm(), "rearm")
            return
        self._strip.set_armed(armed)
        self._ticket.refresh()

    async def _rearm(self) -> None:
        await self._bridge.rearm()
        self._known.killed = ""
        self.arm(True)

    def _toggle_arm(self) -> None:
        self.arm(not self.armed)

    # -- sending --------------------------------------------------------------

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

    async def all_sent(self) -> None:
        """Wait until the engine has taken or refused every order that was clicked."""
        if self.sending:
            await self._all_sent.wait()

    def _note_sent(self) -> None:
        """Orders became known, or one was refused."""
        if not self.sending:
            self._all_sent.set()

    async def _submit(self, instruction: Instruction, confirmed: tuple[str, ...]) -> None:
        try:
            await self._bridge.submit(instruction, confirmed)
        except Confirmation as asks:
            shown = self._ticket.shown_again(instruction)
            names = tuple(each for each in (*confirmed, *asks.names) if each != MOVED)
            self.confirming.ask(shown, names, asks)
        finally:
            self._bridge.catch_up()
            self._sending.discard(instruction.id)
            self._note_sent()

    def _on_confirmed(self, instruction: Instruction, names: tuple[str, ...]) -> None:
        if self.armed:
            self.send(instruction, names)
        else:
            self._notifier.warn("Disarmed meanwhile: nothing was sent.")

    def _on_replaced(self, instruction: Instruction) -> None:
        order, _ = asked_about(instruction)
        self._notifier.warn(
            f"{order}: not sent. Another question took the place of the one about it."
        )

    # -- what becomes known ---------------------------------------------------

    def before_frame(self, frame: Frame) -> None:
        """Disarm for another account than the one that is known: nobody armed that one."""
        before, after = self._known.account, frame.account
        if before is not None and after is not None and after.account.number != before.number:
            self.disarm(f"the account is {after.account.number} now")

    def on_frame(self, frame: Frame) -> None:
        """Word everything anew."""
        if frame.orders:
            self._note_sent()
        if frame.taking is not None:
            self.arm(self.armed and not frame.taking.why)
        self._ticket.refresh()
