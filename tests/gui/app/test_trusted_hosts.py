"""A host that is not the venue's gets the keys only when a person says so in the window."""

import asyncio

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget

from core.errors import UnknownHost
from gui.actions import click_guard
from gui.app.trusted_hosts import trusts
from gui.dialogs.confirmation import ConfirmationDialog

ASKS = UnknownHost(
    "host", "TOUCHLINE_DATA_URL is set: the keys would go to h.example.", "h.example"
)


async def _answered(window: QWidget, how: str) -> bool:
    asking = asyncio.ensure_future(trusts(window, ASKS))
    await asyncio.sleep(0)
    (dialog,) = window.findChildren(ConfirmationDialog)
    focused = dialog.focusWidget()
    assert focused is not None
    assert focused.objectName() == "host-keep", "the default sends nothing"
    if how == "escape":
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
    else:
        pressed = dialog.findChild(QPushButton, how)
        assert pressed is not None
        pressed.click()
    return await asking


@pytest.mark.scenario(134)
@pytest.mark.parametrize(
    ("how", "trusted"), [("host-send", True), ("host-keep", False), ("escape", False)]
)
def test_the_window_names_the_host_and_no_is_the_default(
    qtbot: object, monkeypatch: pytest.MonkeyPatch, how: str, trusted: bool
) -> None:
    monkeypatch.setattr(click_guard, "GUARD_S", 0)
    window = QWidget()
    assert asyncio.run(_answered(window, how)) is trusted
