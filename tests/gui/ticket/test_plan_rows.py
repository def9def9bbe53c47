"""How the ticket's order is worked, and the presets that set it."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QInputDialog, QLineEdit
from pytestqt.qtbot import QtBot

from core.analysis.fill_history import Attempt, FillHistory, group
from core.market.limit_price import Collar
from core.market.prices import Side
from core.orders.plan import DEFAULTS, Fallback
from gui.state.preference_store import PreferenceStore
from gui.state.preferences import Preset
from tests.gui.ticket.ticket_harness import TicketHarness

D = Decimal
PATIENT = Preset(
    name="patient",
    sell_fraction=D("0.5"),
    buy_fraction=D("0.4"),
    wait=D(7),
    fallback=Fallback.COLLAR,
    collar="5 ticks",
)


@pytest.fixture
def trial(qtbot: QtBot) -> TicketHarness:
    return TicketHarness(qtbot)


# -- limit and collar --------------------------------------------------------------------------


def test_a_limit_of_ones_own_holds_the_price_and_goes_with_the_order(trial: TicketHarness) -> None:
    trial.type_into(trial.ticket.rows.limit_field, "15.27")
    assert trial.button(Side.SELL) == "SELL 100 UVXY @ 15.27"
    assert "never below 15.27" in trial.preview(Side.SELL)
    trial.click("ticket-sell")
    assert trial.sent[0].plan.limit == D("15.27")


@pytest.mark.parametrize("typed", ["x", "15.001", "0", "-1", "1e400"])
def test_what_is_no_limit_marks_the_field_and_sends_nothing(
    trial: TicketHarness, typed: str
) -> None:
    trial.type_into(trial.ticket.rows.limit_field, typed)
    assert trial.ticket.rows.limit_field.property("wrong") == "true"
    trial.click("ticket-sell")
    assert not trial.sent
    assert trial.refused[0].startswith("The limit must be")


def test_a_limit_does_not_outlive_its_symbol(trial: TicketHarness) -> None:
    trial.type_into(trial.ticket.rows.limit_field, "15.27")
    trial.ticket.show_symbol("IBM")
    assert trial.ticket.rows.limit_field.text() == ""
    assert trial.ticket.plan(Side.SELL).limit is None


def test_a_collar_is_as_wide_as_is_typed_and_only_where_there_is_one(trial: TicketHarness) -> None:
    assert not trial.ticket.rows.collar_field.isEnabled()
    trial.click("ticket-fallback-1")
    trial.type_into(trial.ticket.rows.collar_field, "5 ticks")
    assert "limit within 5 ticks" in trial.preview(Side.SELL)
    trial.click("ticket-sell")
    assert trial.sent[0].plan.collar == Collar(5, D(0))
    trial.click("ticket-fallback-0")
    assert trial.ticket.plan(Side.SELL) == DEFAULTS[Side.SELL]


def test_a_collar_that_is_none_is_refused_until_it_is_not_wanted(trial: TicketHarness) -> None:
    trial.click("ticket-fallback-1")
    trial.type_into(trial.ticket.rows.collar_field, "wide")
    trial.click("ticket-sell")
    assert not trial.sent
    assert "A collar is written" in trial.refused[0]
    trial.click("ticket-fallback-0")
    trial.clock.now += 0.5
    trial.click("ticket-sell")
    assert len(trial.sent) == 1


# -- the price ---------------------------------------------------------------------------------


def test_the_fraction_stands_beside_the_ticks_it_comes_to(trial: TicketHarness) -> None:
    assert "85 % → bid + 1 tick" in trial.ticket._price_labels[Side.SELL].text()
    assert "75 % → ask \N{MINUS SIGN} 2 ticks" in trial.ticket._price_labels[Side.BUY].text()
    trial.market.bid = D("15.31")
    trial.ticket.refresh()
    assert "85 % → the bid" in trial.ticket._price_labels[Side.SELL].text()


def test_a_handle_is_grey_where_its_price_is_the_touch(trial: TicketHarness) -> None:
    slider = trial.ticket.slider

    def at(side: Side) -> str:
        limit = slider.limit(side)
        assert limit is not None
        place = QPoint(round(slider._x(limit.price) + slider._aside(side)) - 7, 15)
        return slider.grab().toImage().pixelColor(place).name()

    assert at(Side.SELL) == trial.ticket._palette.sell
    trial.market.bid, trial.market.ask = D("15.23"), D("15.25")
    trial.ticket.refresh()
    assert at(Side.SELL) == trial.ticket._palette.faint


def test_the_keys_move_the_handle_in_hand_and_then_the_other(trial: TicketHarness) -> None:
    trial.ticket.slider.nudge(1)
    assert trial.button(Side.SELL) == "SELL 100 UVXY @ 15.25"
    trial.ticket.slider.take_other_side()
    trial.ticket.slider.nudge(-1)
    assert trial.button(Side.BUY) == "BUY 100 UVXY @ 15.29"
    assert trial.button(Side.SELL) == "SELL 100 UVXY @ 15.25"


# -- the preview -------------------------------------------------------------------------------


def evidence() -> FillHistory:
    """Forty-one sells like the one on the ticket, of which twenty-six filled."""
    won = [Attempt(f"f{n}", D(8) / 9, D(10), filled=True, cost=None) for n in range(26)]
    lost = [Attempt(f"m{n}", D(8) / 9, D(10), filled=False, cost=D("0.0145")) for n in range(15)]
    whose = group("embedded", "n", "UVXY", Side.SELL)
    return FillHistory().with_attempts({whose: {a.id: a for a in won + lost}})


def test_the_preview_tells_what_orders_like_it_came_to(trial: TicketHarness) -> None:
    trial.background = replace(trial.background, evidence=evidence())
    trial.ticket.refresh()
    told = trial.ticket.blocks[Side.SELL].words.toolTip()
    assert "fills 63 % [48–76] of 41 like it · needs 59 % to pay → a wash" in told
    assert "typical \N{MINUS SIGN}$1.45" in told
    assert "fees" in told
    assert "position after 4,500" in told


def test_nothing_on_the_ticket_moves_whatever_is_said_on_it(trial: TicketHarness) -> None:
    def places() -> list[tuple[int, int]]:
        parts = (*trial.ticket.blocks.values(), trial.ticket.slider, trial.ticket.rows)
        return [(part.mapTo(trial.ticket, QPoint(0, 0)).y(), part.height()) for part in parts]

    trial.ticket.resize(324, 520)
    before = places()
    trial.background = replace(trial.background, evidence=evidence())
    trial.ticket.refresh()
    for unit in trial.ticket.amount.units.menu_shown.actions():
        unit.trigger()
        assert places() == before
    trial.market.armed = False
    trial.market.bid = D(0)
    trial.ticket.refresh()
    assert places() == before
    assert abs(places()[0][1] - places()[1][1]) <= 1  # both sides alike


@pytest.mark.parametrize("height", [520, 560, 700])
def test_no_line_of_the_preview_is_cut_off(trial: TicketHarness, height: int) -> None:
    trial.ticket.resize(324, height)
    trial.background = replace(trial.background, evidence=evidence())
    trial.ticket.refresh()
    for block in trial.ticket.blocks.values():
        assert block.words.text().count("<br>") >= 2
        needed = super(type(block.words), block.words).heightForWidth(block.words.width())
        assert needed <= block.words.height()


# -- presets -----------------------------------------------------------------------------------


def menu(trial: TicketHarness) -> dict[str, str]:
    """The entries of the preset menu by name."""
    shown = trial.ticket.presets.button.menu_shown
    return {entry.objectName(): entry.text() for entry in shown.actions() if entry.text()}


def pick(trial: TicketHarness, name: str) -> None:
    shown = trial.ticket.presets.button.menu_shown
    next(entry for entry in shown.actions() if entry.objectName() == name).trigger()


def test_the_header_names_the_preset_and_its_fractions(trial: TicketHarness) -> None:
    assert trial.ticket.presets.button.accessibleName() == "Preset: default 85 / 75"
    trial.ticket.slider.nudge(1)
    assert trial.ticket.presets.button.accessibleName() == "Preset: default* 78 / 75"


def test_a_preset_sets_everything_it_holds(qtbot: QtBot) -> None:
    preferences = PreferenceStore()
    preferences.change(presets=(PATIENT,))
    trial = TicketHarness(qtbot, preferences)
    pick(trial, "ticket-preset-1")
    plan = trial.ticket.plan(Side.SELL)
    assert (plan.fraction, plan.timeout) == (D("0.5"), D(7))
    assert (plan.fallback, plan.collar) == (Fallback.COLLAR, Collar(5, D(0)))
    assert trial.ticket.plan(Side.BUY).fraction == D("0.4")
    assert trial.ticket.presets.button.accessibleName() == "Preset: patient 50 / 40"
    assert trial.ticket.slider.limit(Side.SELL) is not None
    assert trial.button(Side.SELL) == "SELL 100 UVXY @ 15.28"
    pick(trial, "ticket-preset-0")
    assert trial.ticket.plan(Side.SELL) == DEFAULTS[Side.SELL]
    assert trial.ticket.plan(Side.BUY) == DEFAULTS[Side.BUY]


def test_a_preset_is_saved_under_a_name_and_found_by_the_next_run(
    qtbot: QtBot, tmp_path: Path
) -> None:
    trial = TicketHarness(qtbot, PreferenceStore(tmp_path / "window.json"))
    trial.ticket.rows.choose_steps("0.5:3 0.85:4")
    pick(trial, "ticket-preset-save")
    (dialog,) = trial.ticket.findChildren(QInputDialog)
    assert not dialog.isModal()
    dialog.setTextValue("in steps")
    dialog.accept()
    again = TicketHarness(qtbot, PreferenceStore(tmp_path / "window.json"))
    assert menu(again)["ticket-preset-1"] == "in steps"
    pick(again, "ticket-preset-1")
    assert again.ticket.plan(Side.BUY) == trial.ticket.plan(Side.BUY)


def test_a_preset_is_renamed_and_deleted_and_the_ticket_stays_as_it_is(qtbot: QtBot) -> None:
    preferences = PreferenceStore()
    preferences.change(presets=(PATIENT,))
    trial = TicketHarness(qtbot, preferences)
    trial.ticket.presets.choose("patient")
    trial.ticket.presets.rename("calm")
    assert [each.name for each in preferences.values.presets] == ["calm"]
    assert trial.ticket.presets.name == "calm"
    pick(trial, "ticket-preset-delete")
    assert preferences.values.presets == ()
    assert trial.ticket.presets.name == "default"
    assert trial.ticket.plan(Side.SELL).fraction == D("0.5")


@pytest.mark.parametrize("name", ["", "   ", "default"])
def test_a_preset_needs_a_name_of_its_own(trial: TicketHarness, name: str) -> None:
    trial.ticket.presets.save(name)
    assert trial.preferences.values.presets == ()
    assert "needs a name of its own" in trial.refused[0]


def test_a_name_that_is_taken_is_refused_when_renaming_and_replaced_when_saving(
    qtbot: QtBot,
) -> None:
    preferences = PreferenceStore()
    preferences.change(presets=(PATIENT, Preset(name="b", sell_fraction=D(1), buy_fraction=D(1))))
    trial = TicketHarness(qtbot, preferences)
    trial.ticket.presets.choose("b")
    trial.ticket.presets.rename("patient")
    assert "already" in trial.refused[0]
    trial.ticket.presets.save("patient")
    assert [each.name for each in preferences.values.presets] == ["b", "patient"]
    assert preferences.values.presets[1].sell_fraction == 1


def test_the_default_can_be_neither_renamed_nor_deleted(trial: TicketHarness) -> None:
    shown = trial.ticket.presets.button.menu_shown
    for entry in shown.actions():
        if entry.objectName() in ("ticket-preset-rename", "ticket-preset-delete"):
            assert not entry.isEnabled()
    trial.ticket.presets.delete()
    trial.ticket.presets.rename("mine")
    assert trial.preferences.values.presets == ()


def test_the_header_names_a_preset_as_soon_as_it_is_saved_renamed_or_deleted(
    trial: TicketHarness,
) -> None:
    said = trial.ticket.presets.button.accessibleName
    trial.ticket.slider.nudge(1)
    trial.ticket.presets.save("mine")
    assert said() == "Preset: mine 78 / 75"
    trial.ticket.presets.rename("yours")
    assert said() == "Preset: yours 78 / 75"
    trial.ticket.presets.delete()
    assert said() == "Preset: default* 78 / 75"


def test_both_handles_on_the_touch_stand_beside_each_other_and_whole(trial: TicketHarness) -> None:
    slider = trial.ticket.slider
    for fraction_of_sell, fraction_of_buy in (("1", "0"), ("0", "1")):
        slider.set_fraction(Side.SELL, D(fraction_of_sell))
        slider.set_fraction(Side.BUY, D(fraction_of_buy))
        places = {}
        for side in Side:
            limit = slider.limit(side)
            assert limit is not None
            places[side] = slider._x(limit.price) + slider._aside(side)
        assert places[Side.BUY] - places[Side.SELL] > 9
        assert places[Side.SELL] >= 9
        assert places[Side.BUY] <= slider.width() - 9


@pytest.mark.parametrize(
    "name", ["ticket-collar", "ticket-steps", "ticket-limit", "ticket-wait-seconds"]
)
def test_ten_thousand_characters_are_refused_as_a_whole_and_what_stood_there_stays(
    trial: TicketHarness, name: str
) -> None:
    field = trial.ticket.findChild(QLineEdit, name)
    assert field is not None
    field.setEnabled(True)
    trial.type_into(field, "12")
    QApplication.clipboard().setText("9" * 10_000)
    field.selectAll()
    field.paste()
    assert field.text() == "12"
    (said,) = trial.refused
    assert "more than 400 characters" in said
