"""A ticket by itself: a market that a test moves, a clock that it turns, and what was sent."""

from decimal import Decimal

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLineEdit
from pytestqt.qtbot import QtBot

from core.analysis.preview import Background
from core.market.account import Account, Position
from core.market.prices import Side
from core.market.quotes import Quote
from core.orders.plan import Instruction
from core.risk.pre_trade_context import PreTradeContext
from gui.actions.click_guard import ClickGuard, PressDebounce
from gui.state.preference_store import PreferenceStore
from gui.style.palette import DARK
from gui.ticket.ticket import Ticket

D = Decimal


class Market:
    """What the ticket is told; a test changes it."""

    def __init__(self) -> None:
        self.bid, self.ask = D("15.23"), D("15.32")
        self.available = D(4000)
        self.armed = True

    def __call__(self, symbol: str) -> PreTradeContext:
        quote = Quote(symbol, self.bid, self.ask, 1, 1, 1, 1, "sip")
        held = Position(symbol, D(4600), self.available, D(10))
        account = Account("i", "n", D(1), D(1), D(1_000_000))
        return PreTradeContext(symbol, quote, None, held, account, self.armed, True)


class Clock:
    """Seconds that pass only when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class TicketHarness:
    """A ticket about UVXY and what it sent and said."""

    def __init__(self, qtbot: QtBot, preferences: PreferenceStore | None = None) -> None:
        self.market, self.clock = Market(), Clock()
        self.preferences = preferences or PreferenceStore()
        self.background = Background("embedded", "n", moved_ticks=2)
        self.ticket = Ticket(
            DARK,
            self.market,
            ClickGuard(self.clock),
            presses=PressDebounce(self.clock),
            preferences=self.preferences,
            background=lambda: self.background,
            clock=self.clock,
        )
        self.preferences.setParent(self.ticket)
        qtbot.addWidget(self.ticket)
        self.sent: list[Instruction] = []
        self.refused: list[str] = []
        self.ticket.send.connect(self.sent.append)
        self.ticket.refused.connect(self.refused.append)
        self.ticket.show_symbol("UVXY")
        self.ticket.resize(352, 560)
        self.ticket.show()
        self.clock.now += 1

    def click(self, name: str) -> None:
        found = self.ticket.findChild(QAbstractButton, name)
        assert isinstance(found, QAbstractButton), name
        QTest.mouseClick(found, Qt.MouseButton.LeftButton)

    def type_into(self, field: QLineEdit, text: str) -> None:
        """As a person does: what stood there goes."""
        field.setFocus()
        field.selectAll()
        QTest.keyClick(field, Qt.Key.Key_Delete)
        QTest.keyClicks(field, text)

    def button(self, side: Side) -> str:
        return self.ticket.blocks[side].button.text()

    def preview(self, side: Side) -> str:
        """The lines beneath a button, as they can be read."""
        return self.ticket.blocks[side].words.text()
