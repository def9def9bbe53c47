"""Accounts and their keys: entered here, tried, kept in the key ring only, and gone to."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton

from core.app.accounts import KeyStatus, LoginResult
from core.app.session import SessionOptions
from core.venue.credentials import HARMLESS, KEY_ID, SECRET
from gui.app import qasync_loop
from gui.app.app import _main
from gui.controllers.desk import Desk
from gui.dialogs.accounts import AccountsDialog, answer_words, where_words
from gui.dialogs.closing import RefusedDialog
from gui.state.preference_store import PreferenceStore
from gui.style.theme_manager import ThemeManager
from gui.window.main_window import MainWindow
from tests.gui.conftest import venue_environment
from tests.gui.waiting import until
from tests.support.far_exchange import FarExchange
from tests.support.key_ring import Ring, ring_of_our_own

EMBEDDED, PAPER, LIVE = 0, 1, 2


@pytest.fixture
def ring() -> Iterator[Ring]:
    with ring_of_our_own() as ours:
        yield ours


@pytest.fixture
def far_away(far: FarExchange, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every account is found at the exchange in another process."""
    for name, value in venue_environment(far.port).items():
        monkeypatch.setenv(name, value)


def press(dialog: AccountsDialog | RefusedDialog, name: str) -> None:
    found = dialog.findChild(QPushButton, name)
    assert found is not None
    assert found.isEnabled(), name
    found.click()


def look_at(dialog: AccountsDialog, index: int) -> None:
    press(dialog, f"accounts-venue-{index}")


def run(dressed: QApplication, story: object) -> None:
    assert qasync_loop.run(dressed, story) == 0  # type: ignore[arg-type]


@asynccontextmanager
async def program(options: SessionOptions) -> AsyncIterator[None]:
    """The whole program beside the story; it must have ended when the story does."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    running = asyncio.ensure_future(
        _main(ThemeManager(app, PreferenceStore()), options, "UVXY", False)
    )
    try:
        yield
    finally:
        for window in windows():
            window.close()
        await asyncio.wait_for(running, 20)


def windows() -> list[MainWindow]:
    return [
        w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow) and w.isVisible()
    ]


async def the_window(title: str) -> MainWindow:
    await until(lambda: any(w.windowTitle().startswith(title) for w in windows()))
    (window,) = windows()
    return window


def accounts_of(window: MainWindow) -> AccountsDialog:
    found = window.findChild(AccountsDialog)
    assert found is not None
    return found


def test_keys_typed_in_the_window_go_to_the_key_ring_and_leave_the_fields(
    desk: Desk, ring: Ring, dressed: QApplication
) -> None:
    async def story() -> int:
        desk.accounts.open("paper", "embedded")
        dialog = desk.accounts.dialog
        dialog.key_id.setText(" PKX ")
        dialog.secret.setText("s3cret")
        assert dialog.secret.echoMode() is QLineEdit.EchoMode.Password
        press(dialog, "accounts-keep")
        assert (dialog.key_id.text(), dialog.secret.text()) == ("", "")
        await until(lambda: "nowhere else" in dialog.outcome.text())
        assert ring.words == {
            ("touchline-paper", KEY_ID): "PKX",
            ("touchline-paper", SECRET): "s3cret",
        }
        await until(lambda: "in the system's key ring" in dialog.where.text())
        press(dialog, "accounts-forget")
        assert "paper account" in dialog.forgetting._words.text()
        press(dialog, "forgetting-keep")
        assert len(ring.words) == 2
        press(dialog, "accounts-forget")
        await until(lambda: dialog.forgetting.guard.open)
        press(dialog, "forgetting-send")
        await until(lambda: not ring.words)
        await desk.accounts.stop()
        return 0

    run(dressed, story())


def test_without_a_key_ring_keys_are_kept_nowhere_and_that_is_said(
    desk: Desk, dressed: QApplication
) -> None:
    async def story() -> int:  # the tests run on the null ring
        desk.accounts.open("paper", "embedded")
        dialog = desk.accounts.dialog
        dialog.key_id.setText("PKX")
        dialog.secret.setText("s3cret")
        press(dialog, "accounts-keep")
        await until(lambda: "puts keys into no file" in dialog.outcome.text())
        await desk.accounts.stop()
        return 0

    run(dressed, story())


def test_an_error_of_our_own_is_said_and_leaves_the_buttons_to_be_pressed_again(
    desk: Desk, dressed: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> LoginResult:
        raise ValueError

    monkeypatch.setattr("core.app.accounts.try_login", broken)

    async def story() -> int:
        desk.accounts.open("paper", "embedded")
        dialog = desk.accounts.dialog
        press(dialog, "accounts-test")
        await until(lambda: "error of its own (ValueError)" in dialog.outcome.text())
        press(dialog, "accounts-test")
        await desk.accounts.stop()
        return 0

    run(dressed, story())


def test_a_connection_is_tested_without_telling_the_characters_that_confirm(
    desk: Desk, far_away: None, dressed: QApplication
) -> None:
    async def story() -> int:
        desk.accounts.open("paper", "embedded")
        dialog = desk.accounts.dialog
        dialog.key_id.setText(HARMLESS)
        dialog.secret.setText(HARMLESS)
        press(dialog, "accounts-test")
        await until(lambda: "answered in" in dialog.outcome.text())
        assert "••••" in dialog.outcome.text()
        await desk.accounts.stop()
        return 0

    run(dressed, story())


def test_closing_the_dialog_leaves_nothing_secret_in_it(desk: Desk, dressed: QApplication) -> None:
    async def story() -> int:
        desk.accounts.open("live", "embedded")
        dialog = desk.accounts.dialog
        for field in (dialog.key_id, dialog.secret, dialog.confirm):
            field.setText("abcd")
        dialog.reject()
        assert not any(f.text() for f in (dialog.key_id, dialog.secret, dialog.confirm))
        await desk.accounts.stop()
        return 0

    run(dressed, story())


def test_a_live_account_is_opened_only_with_the_end_of_its_number(
    desk: Desk, dressed: QApplication
) -> None:
    async def story() -> int:
        dialog = desk.accounts.dialog
        asked: list[tuple[str, str]] = []
        desk.accounts.chosen.connect(lambda *typed: asked.append(typed))
        desk.accounts.open("live", "embedded")
        assert not dialog.go.isEnabled()
        dialog.confirm.setText("12a")
        assert not dialog.go.isEnabled()
        dialog.confirm.setText("12ab")
        press(dialog, "accounts-connect")
        assert asked == [("live", "12ab")]
        assert desk.next_account == ("live", "12ab")
        await desk.accounts.stop()
        return 0

    run(dressed, story())


def test_the_account_at_work_is_not_opened_again(desk: Desk, dressed: QApplication) -> None:
    async def story() -> int:
        desk.accounts.open("embedded", "embedded")
        assert not desk.accounts.dialog.go.isEnabled()
        assert desk.accounts.dialog.go.toolTip() == "This account is at work already."
        await desk.accounts.stop()
        return 0

    run(dressed, story())


def test_going_to_another_account_opens_a_window_of_its_own_and_disarmed(
    dressed: QApplication, far_away: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY_ID, HARMLESS)
    monkeypatch.setenv(SECRET, HARMLESS)

    async def story() -> int:
        async with program(SessionOptions()):
            first = await the_window("Touchline — EMBEDDED")
            first.strip.arm.click()
            dialog = accounts_of(first)
            dialog.open_on("paper", "embedded")
            await until(lambda: "environment" in dialog.where.text())
            press(dialog, "accounts-connect")
            second = await the_window("Touchline — PAPER ")
            assert second is not first
            assert not second.strip.armed
            assert second.contentsMargins().top() > 0
        return 0

    run(dressed, story())


def test_a_person_without_keys_is_led_to_where_they_are_entered(
    dressed: QApplication, far_away: None
) -> None:
    async def story() -> int:
        async with program(SessionOptions(venue="paper")):
            await until(lambda: any(w.findChild(RefusedDialog) for w in windows()))
            (window,) = windows()
            refused = window.findChild(RefusedDialog)
            assert refused is not None
            press(refused, "refused-accounts")
            dialog = accounts_of(window)
            assert dialog.isVisible()
            assert dialog.venue == "paper"
            dialog.reject()
            assert refused.isVisible()
            press(refused, "refused-accounts")
            look_at(dialog, EMBEDDED)
            press(dialog, "accounts-connect")
            await the_window("Touchline — EMBEDDED")
        return 0

    run(dressed, story())


def test_where_keys_are_and_what_the_account_said_is_told_in_a_sentence() -> None:
    assert "environment" in where_words("paper", KeyStatus(environment=True))
    assert "key ring" in where_words("paper", KeyStatus(ring=True))
    assert where_words("paper", KeyStatus(trouble="No key ring.")) == "No key ring."
    assert "No keys" in where_words("live", KeyStatus())
    said = answer_words("live", LoginResult("12••••", blocked=True, took_ms=17.6))
    assert said == "The live account 12•••• answered in 18 ms: blocked from trading."
