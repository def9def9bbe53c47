"""The ticket: what a person can choose, what they see, and what never sends."""

from decimal import Decimal

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from core.account import Account, Position
from core.market import Quote
from core.plan import Fallback, Instruction
from core.preview import Situation
from core.prices import Side
from gui.guard import Guard
from gui.theme import DARK
from gui.ticket import Ticket

D = Decimal


class Market:
    """What the ticket is told; a test changes it."""

    def __init__(self) -> None:
        self.bid, self.ask = D("15.23"), D("15.32")
        self.available = D(4000)
        self.armed = True

    def __call__(self, symbol: str) -> Situation:
        quote = Quote(symbol, self.bid, self.ask, 1, 1, 1, 1, "iex")
        held = Position(symbol, D(4600), self.available, D(10))
        account = Account("i", "n", D(1), D(1), D(1_000_000))
        return Situation(symbol, quote, None, held, account, self.armed, True)


class Clock:
    """Seconds that pass only when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Trial:
    """A ticket about UVXY and what it sent and said."""

    def __init__(self, qtbot: QtBot) -> None:
        self.market, self.clock = Market(), Clock()
        self.ticket = Ticket(DARK, self.market, Guard(self.clock))
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


@pytest.fixture
def trial(qtbot: QtBot) -> Trial:
    return Trial(qtbot)


def test_a_click_on_sell_sends_what_stands_on_the_button(trial: Trial) -> None:
    button = trial.ticket.blocks[Side.SELL].button
    assert button.text() == "SELL 100 UVXY @ 15.24"
    assert button.accessibleName() == "SELL 100 UVXY @ 15.24"
    trial.click("ticket-sell")
    (sent,) = trial.sent
    assert (sent.side, sent.symbol, sent.qty) == (Side.SELL, "UVXY", D(100))
    assert sent.plan.fraction == D("0.85")
    assert sent.plan.timeout == 10
    assert sent.preview is not None
    assert sent.preview.limit_price == D("15.24")


def test_a_double_click_sends_once(trial: Trial) -> None:
    button = trial.ticket.blocks[Side.SELL].button
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    QTest.mouseDClick(button, Qt.MouseButton.LeftButton)
    assert len(trial.sent) == 1


def test_every_click_is_an_intent_of_its_own(trial: Trial) -> None:
    trial.click("ticket-sell")
    trial.click("ticket-sell")
    assert len({sent.id for sent in trial.sent}) == 2


def test_a_click_within_250_ms_of_a_change_of_layout_sends_nothing(trial: Trial) -> None:
    trial.ticket.show_symbol("IBM")
    trial.clock.now += 0.249
    trial.click("ticket-sell")
    assert not trial.sent
    assert trial.refused == ["The window changed just before the click: nothing was sent."]
    trial.clock.now += 0.01
    trial.click("ticket-sell")
    assert len(trial.sent) == 1


def test_enter_in_a_field_never_sends(trial: Trial) -> None:
    for field in (trial.ticket.qty_field, trial.ticket.symbol_field, trial.ticket.wait_field):
        QTest.keyClick(field, Qt.Key.Key_Return)
        QTest.keyClick(field, Qt.Key.Key_Enter)
    assert not trial.sent


@pytest.mark.parametrize(("share", "shares"), [(25, "1,000"), (50, "2,000"), (100, "4,000")])
def test_the_quantity_buttons_take_a_share_of_what_is_available(
    trial: Trial, share: int, shares: str
) -> None:
    trial.click(f"ticket-quantity-{share}")
    assert trial.ticket.qty_field.text() == shares
    assert "4,000 of 4,600 available · 600 held" in trial.ticket._available.text()


@pytest.mark.parametrize("typed", ["0", "-5", "many", "1e400", "", "nan"])
def test_what_is_no_quantity_marks_the_field_and_sends_nothing(trial: Trial, typed: str) -> None:
    trial.ticket.qty_field.selectAll()
    QTest.keyClick(trial.ticket.qty_field, Qt.Key.Key_Delete)
    QTest.keyClicks(trial.ticket.qty_field, typed)
    trial.click("ticket-sell")
    assert not trial.sent
    assert trial.refused[-1] == "Type a quantity above 0."
    assert trial.ticket.qty_field.property("wrong") == "true" or not typed


def test_wait_and_fallback_go_into_the_plan(trial: Trial) -> None:
    trial.click("ticket-wait-4")
    trial.click("ticket-fallback-2")
    trial.click("ticket-buy")
    assert trial.sent[0].plan.timeout == 30
    assert trial.sent[0].plan.fallback is Fallback.NONE
    trial.click("ticket-wait-0")
    trial.click("ticket-buy")
    assert trial.sent[1].plan.timeout == 15


def test_a_wait_of_ones_own_is_taken_and_a_wrong_one_sends_nothing(trial: Trial) -> None:
    QTest.keyClicks(trial.ticket.wait_field, "7.5")
    trial.click("ticket-sell")
    assert trial.sent[0].plan.timeout == D("7.5")
    QTest.keyClicks(trial.ticket.wait_field, "x")
    trial.click("ticket-sell")
    assert len(trial.sent) == 1
    assert "timeout" in trial.refused[-1]


def test_the_slider_moves_over_legal_prices_only(trial: Trial) -> None:
    slider = trial.ticket.slider
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_Right)
    assert trial.ticket.blocks[Side.SELL].button.text() == "SELL 100 UVXY @ 15.25"
    for _ in range(20):
        QTest.keyClick(slider, Qt.Key.Key_Right)
    assert trial.ticket.blocks[Side.SELL].button.text() == "SELL 100 UVXY @ 15.32"
    for _ in range(20):
        QTest.keyClick(slider, Qt.Key.Key_Left)
    assert trial.ticket.blocks[Side.SELL].button.text() == "SELL 100 UVXY @ 15.23"
    assert "fills at once" in trial.ticket.blocks[Side.SELL].words.text()


def test_a_handle_is_dragged_to_the_legal_price_under_the_pointer(trial: Trial) -> None:
    slider = trial.ticket.slider
    start = QPoint(round(slider._x(D("15.30"))), 15)
    end = QPoint(round(slider._x(D("15.27"))) + 3, 15)
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(slider, end)
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=end)
    assert trial.ticket.blocks[Side.BUY].button.text() == "BUY 100 UVXY @ 15.27"
    assert trial.ticket.blocks[Side.SELL].button.text() == "SELL 100 UVXY @ 15.24"


def test_the_chosen_fraction_stays_when_the_quote_moves(trial: Trial) -> None:
    trial.market.bid, trial.market.ask = D("15.40"), D("15.60")
    trial.ticket.refresh()
    assert trial.ticket.blocks[Side.SELL].button.text() == "SELL 100 UVXY @ 15.43"


def test_nothing_on_the_ticket_moves_when_its_words_change(trial: Trial) -> None:
    def places() -> list[tuple[int, int]]:
        return [
            (block.mapTo(trial.ticket, QPoint(0, 0)).y(), block.height())
            for block in trial.ticket.blocks.values()
        ]

    before = places()
    trial.market.armed = False
    trial.ticket.refresh()
    trial.market.available = D(1)
    trial.ticket.refresh()
    trial.market.bid, trial.market.ask = D("0"), D("0")
    trial.ticket.refresh()
    assert places() == before


def test_the_first_quantity_is_what_there_is_when_that_is_less_than_a_hundred(
    trial: Trial,
) -> None:
    trial.market.available = D(40)
    trial.ticket.show_symbol("IBM")
    assert trial.ticket.qty_field.text() == "40"
