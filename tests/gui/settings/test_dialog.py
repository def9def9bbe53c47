"""The settings dialog: made from the records, set by mouse and key, refusing in place."""

import asyncio
import json
from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from core.errors import Refusal
from core.market.prices import Side
from core.market.time import NS
from core.orders.plan import Instruction
from core.risk.limits import Limits
from core.wording.setting_spec import specs_of
from gui.actions.action_table import ACTIONS, WindowAction
from gui.app.core_start import put_chart
from gui.chart.chart import SpreadChart
from gui.controllers.desk import Desk
from gui.dialogs import shortcut_sheet
from gui.settings.dialog import SettingsDialog
from gui.settings.setting_row import SettingRow
from gui.settings.shortcut_row import ShortcutRow
from gui.state.preferences import USUAL, Preferences, SendMode, ThemeChoice
from tests.gui.conftest import engine_of
from tests.gui.waiting import until
from tests.gui.window.test_main_window import connect

D = Decimal


@pytest.fixture
def dialog(desk: Desk, qtbot: QtBot) -> SettingsDialog:
    """The settings as Ctrl+, opens them."""
    desk.window.activateWindow()
    qtbot.waitUntil(desk.window.isActiveWindow)
    QTest.keySequence(desk.window, QKeySequence("Ctrl+,"))
    assert desk.settings.dialog is not None
    assert desk.settings.dialog.isVisible()
    return desk.settings.dialog


def row_of(dialog: SettingsDialog, name: str) -> SettingRow:
    row = dialog.findChild(QWidget, f"setting-{name}")
    assert isinstance(row, SettingRow)
    return row


def key_row(dialog: SettingsDialog, command: WindowAction) -> ShortcutRow:
    row = dialog.findChild(QWidget, f"key-row-{command.value}")
    assert isinstance(row, ShortcutRow)
    return row


def enter(row: SettingRow, text: str) -> None:
    """Type a value over the one that stands there, and press Enter."""
    assert row.field is not None
    row.field.setFocus()
    row.field.selectAll()
    QTest.keyClicks(row.field, text)
    QTest.keyClick(row.field, Qt.Key.Key_Return)


def press(button: QAbstractButton) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_it_shows_every_number_choice_and_switch_of_both_records(dialog: SettingsDialog) -> None:
    shown = {row._name for rows in dialog.groups.values() for row in rows if hasattr(row, "_name")}
    assert shown >= set(specs_of(Limits))
    own = {"theme", "side_colours", "font_scale", "send_mode", "moved_ticks", "sounds"}
    assert shown >= own
    assert len(dialog.groups["Keys"]) == len(ACTIONS)
    elsewhere = specs_of(Preferences).keys() - shown
    assert not [n for n in elsewhere if isinstance(getattr(USUAL, n), bool | int | StrEnum)]


def test_every_control_has_a_name_of_its_own_and_an_accessible_one(dialog: SettingsDialog) -> None:
    controls: list[QWidget] = []
    for kind in (QAbstractButton, QLineEdit):
        controls += [c for c in dialog.findChildren(kind) if not c.objectName().startswith("qt_")]
    named = [
        c for c in controls if c.isVisibleTo(dialog) and c.objectName() != "_q_qlineeditclearbutton"
    ]
    assert [c for c in named if not c.objectName()] == []
    assert [c.objectName() for c in named if not c.accessibleName()] == []
    assert len({c.objectName() for c in named}) == len(named)


def test_a_choice_holds_at_once(dialog: SettingsDialog, desk: Desk) -> None:
    choices = row_of(dialog, "send_mode").choices
    assert choices is not None
    press(choices.findChildren(QAbstractButton)[0])
    assert desk.window.preferences.values.send_mode is SendMode.REVIEW


def test_a_switch_is_set_by_the_space_bar_and_back_by_its_reset(
    dialog: SettingsDialog, desk: Desk
) -> None:
    row = row_of(dialog, "sounds")
    assert row.box is not None
    assert not row.back.isEnabled()
    QTest.keyClick(row.box, Qt.Key.Key_Space)
    assert desk.window.preferences.values == Preferences(sounds=True)
    assert row.back.text() == "back to off"
    press(row.back)
    assert desk.window.preferences.values == Preferences()
    assert row.back.text() == "usual"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("500", "between 80 and 200"),
        ("big", "must be a number"),
        ("99.5", "whole number"),
        ("", ""),
    ],
)
def test_a_bad_number_is_refused_in_place_and_esc_gives_the_old_one_back(
    dialog: SettingsDialog, desk: Desk, text: str, word: str
) -> None:
    row = row_of(dialog, "font_scale")
    assert row.field is not None
    row.field.setFocus()
    row.field.selectAll()
    QTest.keyClick(row.field, Qt.Key.Key_Delete)
    QTest.keyClicks(row.field, text)
    QTest.keyClick(row.field, Qt.Key.Key_Return)
    assert word in row.refusal.text()
    assert row.refusal.isVisible()
    assert row.field.accessibleDescription() == row.refusal.text()
    assert desk.window.preferences.values.font_scale == 100
    QTest.keyClick(row.field, Qt.Key.Key_Escape)
    assert row.field.text() == "100"
    assert not row.refusal.isVisible()
    assert dialog.isVisible()


def test_enter_in_a_field_does_not_shut_the_dialog(dialog: SettingsDialog, desk: Desk) -> None:
    enter(row_of(dialog, "moved_ticks"), "5")
    assert desk.window.preferences.values.moved_ticks == 5
    assert dialog.isVisible()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_a_search_shows_what_holds_every_word(dialog: SettingsDialog) -> None:
    QTest.keyClicks(dialog.search, "spread tick")
    seen = [row._name for row in dialog.findChildren(SettingRow) if row.isVisible()]
    assert "max_spread_ticks" in seen
    assert "theme" not in seen
    QTest.keyClicks(dialog.search, " zebra")
    assert "No setting says" in dialog.nothing.text()
    dialog.search.clear()
    assert row_of(dialog, "theme").isVisibleTo(dialog)


def test_a_limit_is_refused_while_no_account_is_open(dialog: SettingsDialog, desk: Desk) -> None:
    row = row_of(dialog, "max_shares")
    enter(row, "5000")
    assert "once an account is open" in row.refusal.text()
    assert desk.known.settings.max_shares == 10_000


def test_raising_a_limit_asks_in_words_and_lowering_does_not(
    dialog: SettingsDialog, desk: Desk
) -> None:
    source, wanted = desk.settings.limits, list[tuple[str, object]]()
    source.set = lambda name, value: wanted.append((name, value))  # type: ignore[method-assign]
    row = row_of(dialog, "max_shares")
    enter(row, "5,000")
    assert wanted == [("max_shares", 5000)]
    enter(row, "20,000")
    assert row.question.isVisible()
    assert "from <b>10,000 shares</b> to <b>20,000 shares</b>" in row.asking.text()
    assert wanted == [("max_shares", 5000)]
    press(row.no)
    assert not row.question.isVisible()
    assert row.field is not None
    assert row.field.text() == "10,000"
    enter(row, "20,000")
    press(row.yes)
    assert wanted[1:] == [("max_shares", 20_000)]


def test_a_shorter_time_of_protection_asks_too_and_so_do_short_sales(
    dialog: SettingsDialog,
) -> None:
    for name, wider, tighter in (
        ("duplicate_window", D(0), D(20)),
        ("before_close", D(5), D(60)),
        ("max_quote_age", D(30), D(2)),
        ("short_sales", True, False),
    ):
        source = row_of(dialog, name)._source
        assert source.asks(name, wider), name
        assert not source.asks(name, tighter), name


def test_a_limit_set_in_the_window_is_kept_and_checks_the_next_order(
    play: Callable[..., None], home: Path
) -> None:
    async def story(desk: Desk) -> None:
        desk.settings.show_settings()
        assert desk.settings.dialog is not None
        row = row_of(desk.settings.dialog, "max_shares")
        enter(row, "50")
        engine = engine_of(desk)
        await until(lambda: desk.known.settings.max_shares == 50)
        assert engine.settings.max_shares == 50
        await until(lambda: "from 10,000 shares to 50 shares" in desk.window.notice.words.text())
        assert json.loads((home / "settings.json").read_text())["max_shares"] == "50"
        desk.ticket.arm(True)
        desk.window.ticket.choose_qty(D(100))
        assert "50" in desk.window.ticket.outlook(Side.SELL).refusal
        view = desk.window.ticket.outlook(Side.SELL)
        over = Instruction("too-many", "UVXY", Side.SELL, D(100), view.plan)
        with pytest.raises(Refusal, match="50"):
            await desk.bridge.submit(over)

    play(story)


def test_limits_that_cannot_be_written_do_not_hold(play: Callable[..., None], home: Path) -> None:
    async def story(desk: Desk) -> None:
        desk.settings.show_settings()
        assert desk.settings.dialog is not None
        (home / "settings.json").mkdir()
        row = row_of(desk.settings.dialog, "max_shares")
        enter(row, "50")
        await until(lambda: row.refusal.isVisible())
        engine = engine_of(desk)
        assert engine.settings.max_shares == 10_000
        assert desk.known.settings.max_shares == 10_000
        (home / "settings.json").rmdir()
        await asyncio.sleep(0)

    play(story)


def test_a_key_is_given_by_pressing_it(dialog: SettingsDialog, desk: Desk) -> None:
    row = key_row(dialog, WindowAction.ARM)
    row.field.setFocus()
    QTest.keyClick(row.field, Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier)
    assert desk.window.keys.portable(WindowAction.ARM) == "Ctrl+J"
    assert row.back.text() == "back to F8"
    press(row.none)
    assert desk.window.keys.portable(WindowAction.ARM) == ""
    press(row.back)
    assert desk.window.keys.portable(WindowAction.ARM) == "F8"


def test_a_key_that_is_taken_or_types_text_is_refused_in_place(
    dialog: SettingsDialog, desk: Desk
) -> None:
    row = key_row(dialog, WindowAction.ARM)
    row.field.setFocus()
    QTest.keyClick(row.field, Qt.Key.Key_F3)
    assert row.refusal.text() == "F3 is the key of Buy."
    QTest.keyClick(row.field, Qt.Key.Key_A)
    assert row.refusal.text() == "A types text."
    assert desk.window.keys.portable(WindowAction.ARM) == "F8"
    assert row.field.keySequence().toString() == "F8"


def test_pressing_cancel_all_to_give_it_elsewhere_cancels_nothing(
    dialog: SettingsDialog, desk: Desk
) -> None:
    connect(desk)
    row = key_row(dialog, WindowAction.ARM)
    dialog.activateWindow()
    row.field.setFocus()
    before = desk.window.notice.words.text()
    held = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(row.field, Qt.Key.Key_X, held)
    assert row.refusal.text() == "Ctrl+Shift+X is the key of Cancel all."
    assert desk.window.notice.words.text() == before


def test_the_theme_set_elsewhere_is_shown(dialog: SettingsDialog, desk: Desk) -> None:
    desk.window.preferences.change(theme=ThemeChoice.LIGHT)
    choices = row_of(dialog, "theme").choices
    assert choices is not None
    assert choices.index == 1


def test_f1_shows_the_keys_in_force_and_follows_a_change(desk: Desk, qtbot: QtBot) -> None:
    desk.window.activateWindow()
    QTest.keyClick(desk.window, Qt.Key.Key_F1)
    page = desk.settings.key_map
    assert page is not None
    assert page.isVisible()
    assert "Send the sell on the ticket" in page.page.toPlainText()
    desk.window.keys.assign(WindowAction.SELL, "Ctrl+J")
    assert "Ctrl+J" in page.page.toPlainText()
    for action_id, info in ACTIONS.items():
        if desk.window.keys.text(action_id):
            assert info.spoken in page.page.toPlainText()


def test_the_keys_are_copied_saved_and_printed(desk: Desk, tmp_path: Path) -> None:
    desk.settings.show_keys()
    page = desk.settings.key_map
    assert page is not None
    copy = page.findChild(QAbstractButton, "key-map-copy")
    assert isinstance(copy, QAbstractButton)
    press(copy)
    assert "F2              Send the sell on the ticket" in QGuiApplication.clipboard().text()
    page.save(tmp_path / "keys.html")
    assert "<b>F2</b>" in (tmp_path / "keys.html").read_text()
    page.save(tmp_path / "keys.pdf")
    assert (tmp_path / "keys.pdf").read_bytes().startswith(b"%PDF")
    assert "written to" in desk.window.notice.words.text()


@pytest.mark.parametrize("name", ["keys.html", "keys.pdf"])
def test_keys_that_cannot_take_a_files_place_leave_no_draft(
    desk: Desk, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(Refusal, match=r"could not be written to .*directory"):
        shortcut_sheet.save(desk.window.keys, tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_keys_that_cannot_be_written_are_told(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"The keys could not be written to .*nowhere"):
        shortcut_sheet.save(desk.window.keys, tmp_path / "nowhere" / "keys.html")
    desk.settings.show_keys()
    assert desk.settings.key_map is not None
    desk.settings.key_map.save(tmp_path / "nowhere" / "keys.html")
    assert "nowhere" in desk.window.notice.words.text()


def test_the_chart_opens_as_it_is_preferred(desk: Desk) -> None:
    desk.window.preferences.change(chart_seconds=90, chart_follow=False, chart_trades=False)
    put_chart(desk)
    chart = desk.window.findChild(SpreadChart)
    assert isinstance(chart, SpreadChart)
    assert chart.canvas.span_ns == 90 * NS
    assert not chart.canvas.follow
    assert not chart.canvas.model.trades
