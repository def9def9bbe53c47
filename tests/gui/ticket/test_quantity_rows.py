"""How many shares the ticket means: typed, a part of what there is, dollars, dollars at risk."""

from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from core.market.account import Asset
from core.market.asset_search import AssetIndex
from core.market.prices import Side
from gui.ticket.ticket_model import Unit
from tests.gui.ticket.ticket_harness import TicketHarness

D = Decimal


@pytest.fixture
def trial(qtbot: QtBot) -> TicketHarness:
    return TicketHarness(qtbot)


@pytest.mark.parametrize(
    ("typed", "shares"),
    [("1 000", "1,000"), ("1'000", "1,000"), ("1.000,5", "1,000.5"), ("2,500", "2,500")],
)
def test_thousands_of_any_country_are_taken_where_they_mean_one_thing(
    trial: TicketHarness, typed: str, shares: str
) -> None:
    trial.type_into(trial.ticket.qty_field, typed)
    assert trial.button(Side.BUY) == f"BUY {shares} UVXY @ 15.30"
    QTest.keyClick(trial.ticket.qty_field, Qt.Key.Key_Return)
    assert trial.ticket.qty_field.text() == shares


def test_a_number_that_could_be_read_in_two_ways_is_asked_about_in_place(
    trial: TicketHarness,
) -> None:
    trial.type_into(trial.ticket.qty_field, "1.000")
    assert trial.ticket.qty_field.property("wrong") == "true"
    trial.click("ticket-buy")
    assert not trial.sent
    assert trial.refused == ["The quantity '1.000' can be read in two ways: type 1000 or 1.0000."]


@pytest.mark.parametrize("pasted", ["sell everything\nnow", "9" * 400, "1e400", "\u0663", "  "])
def test_whatever_is_pasted_is_handled_in_place(trial: TicketHarness, pasted: str) -> None:
    clipboard = QApplication.clipboard()
    clipboard.setText(pasted)
    trial.ticket.qty_field.selectAll()
    trial.ticket.qty_field.paste()
    trial.click("ticket-buy")
    assert not trial.sent
    assert len(trial.refused) == 1
    assert "quantity" in trial.refused[0]
    assert trial.ticket.qty_field.property("wrong") == "true"


def test_dollars_become_whole_shares_at_each_sides_limit(trial: TicketHarness) -> None:
    trial.ticket.amount.set_unit(Unit.DOLLARS)
    trial.type_into(trial.ticket.qty_field, "$5,000")
    assert trial.button(Side.SELL) == "SELL 328 UVXY @ 15.24"
    assert trial.button(Side.BUY) == "BUY 326 UVXY @ 15.30"
    words = trial.ticket.amount._words.text()
    assert words == "S $5,000.00 ÷ 15.24 = 328 · B $5,000.00 ÷ 15.30 = 326"
    trial.click("ticket-buy")
    assert trial.sent[0].qty == 326


def test_dollars_follow_the_price_as_it_moves(trial: TicketHarness) -> None:
    trial.ticket.amount.set_unit(Unit.DOLLARS)
    trial.type_into(trial.ticket.qty_field, "5000")
    trial.market.bid, trial.market.ask = D("7.61"), D("7.62")
    trial.ticket.refresh()
    assert trial.button(Side.SELL) == "SELL 657 UVXY @ 7.61"


def test_dollars_that_buy_no_share_and_dollars_without_a_price_are_refused(
    trial: TicketHarness,
) -> None:
    trial.ticket.amount.set_unit(Unit.DOLLARS)
    trial.type_into(trial.ticket.qty_field, "10")
    trial.click("ticket-buy")
    trial.market.bid = trial.market.ask = D(0)
    trial.ticket.refresh()
    trial.click("ticket-buy")
    assert not trial.sent
    assert trial.refused[0] == "$10.00 is less than one share at 15.30."
    assert trial.refused[1] == "Without a price no dollars make shares."


def test_risk_is_divided_by_the_way_to_the_stop_and_the_sum_is_shown(trial: TicketHarness) -> None:
    trial.ticket.amount.set_unit(Unit.RISK)
    trial.type_into(trial.ticket.qty_field, "200")
    trial.type_into(trial.ticket.amount.stop_field, "15.00")
    assert trial.button(Side.BUY) == "BUY 666 UVXY @ 15.30"
    words = trial.ticket.amount._words.text()
    assert words == "B $200.00 ÷ (15.30 \N{MINUS SIGN} 15.00) = 666"
    trial.click("ticket-sell")
    assert trial.refused == ["A sell at 15.24 loses only above that, not at 15.00."]
    trial.click("ticket-buy")
    assert trial.sent[0].qty == 666


def test_risk_without_a_stop_says_what_is_missing(trial: TicketHarness) -> None:
    trial.ticket.amount.set_unit(Unit.RISK)
    trial.type_into(trial.ticket.qty_field, "200")
    trial.click("ticket-buy")
    assert not trial.sent
    assert trial.refused[0].startswith("The stop must be a number")


def test_the_arrows_and_their_keys_step_the_quantity(trial: TicketHarness) -> None:
    field = trial.ticket.qty_field
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_Up)
    assert field.text() == "200"
    QTest.keyClick(field, Qt.Key.Key_Down)
    QTest.keyClick(field, Qt.Key.Key_Down)
    assert field.text() == "90"
    trial.ticket.amount.step(up=True)
    assert trial.button(Side.SELL).startswith("SELL 100 ")


def test_what_is_no_number_cannot_be_stepped(trial: TicketHarness) -> None:
    trial.type_into(trial.ticket.qty_field, "x")
    trial.ticket.amount.step(up=True)
    assert trial.ticket.qty_field.text() == "x"
    assert "must be a number" in trial.refused[-1]


def test_a_part_of_what_is_available_is_in_shares_again(trial: TicketHarness) -> None:
    trial.ticket.amount.set_unit(Unit.DOLLARS)
    trial.click("ticket-quantity-50")
    assert trial.ticket.amount.unit is Unit.SHARES
    assert trial.button(Side.SELL) == "SELL 2,000 UVXY @ 15.24"


def test_the_unit_is_chosen_from_its_menu_and_goes_on_at_the_stop(trial: TicketHarness) -> None:
    entries = trial.ticket.amount.units.menu_shown.actions()
    assert [entry.text() for entry in entries] == ["Shares", "Dollars", "Risk $"]
    entries[2].trigger()
    assert trial.ticket.amount.unit is Unit.RISK
    assert trial.ticket.amount.stop_field.isVisible()
    assert trial.ticket.amount.units.accessibleName() == "Quantity in: Risk $"


# -- the symbol --------------------------------------------------------------------------------


def test_typing_finds_symbols_and_names_and_says_what_may_be_done(trial: TicketHarness) -> None:
    assets = [
        Asset("UVXY", "ProShares Ultra VIX", True, fractionable=True, shortable=True),
        Asset("PNNY", "Penny Proof Inc.", True, fractionable=False, shortable=False),
        Asset("PRO", "Pros Holdings", True, fractionable=True, shortable=False),
    ]
    trial.ticket.set_assets(AssetIndex(assets))
    row = trial.ticket.symbol_row
    trial.type_into(row.field, "pro")
    assert row.offered == ("PRO", "PNNY", "UVXY")
    model = row.field.completer().model()
    said = [str(model.data(model.index(0, column))) for column in range(3)]
    assert said == ["PRO", "Pros Holdings", "fractions, no shorts"]
    row.restore()


def test_a_found_symbol_is_asked_for_when_it_is_picked(trial: TicketHarness) -> None:
    typed: list[str] = []
    trial.ticket.symbol_typed.connect(typed.append)
    trial.ticket.symbol_row._completer.activated.emit("PNNY")
    assert typed == ["PNNY"]


def test_words_that_name_no_one_asset_are_refused_in_place(trial: TicketHarness) -> None:
    trial.type_into(trial.ticket.symbol_field, "penny proof")
    QTest.keyClick(trial.ticket.symbol_field, Qt.Key.Key_Return)
    assert "must be a ticker" in trial.refused[-1]
    assert trial.ticket.symbol_field.property("wrong") == "true"
    assert trial.ticket.symbol == "UVXY"


def test_esc_in_a_field_leaves_it_and_is_no_shortcut_of_the_window(trial: TicketHarness) -> None:
    cancelled: list[str] = []
    key = QShortcut(QKeySequence("Esc"), trial.ticket)
    key.activated.connect(lambda: cancelled.append("cancelled"))
    trial.ticket.activateWindow()
    for field in trial.ticket.findChildren(QLineEdit):
        field.setFocus()
        QTest.keyClick(field, Qt.Key.Key_Escape)
        assert not field.hasFocus()
    assert not cancelled
    assert trial.ticket.symbol_field.text() == "UVXY"


def test_dollars_are_divided_by_the_price_on_the_button_where_a_limit_holds_it(
    trial: TicketHarness,
) -> None:
    trial.ticket.rows.choose_limit("15.50")
    trial.ticket.amount.set_unit(Unit.DOLLARS)
    trial.type_into(trial.ticket.qty_field, "1550")
    assert trial.button(Side.SELL) == "SELL 100 UVXY @ 15.50"
