"""Asks whether a host that is not the venue's may have the keys. Qt comes with the question."""

import asyncio
from typing import TYPE_CHECKING

from core.errors import UnknownHost

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


async def trusts(window: "QWidget", asks: UnknownHost) -> bool:
    """Whether the person trusts the host for this run; whoever closes the question does not."""
    from gui.dialogs.confirmation import ConfirmationDialog

    dialog = ConfirmationDialog(
        window,
        "host",
        "Send the keys there?",
        ("Trust it this time", "Send the keys to this host until Touchline is closed"),
        ("Do not connect", "Send nothing"),
    )
    answer = asyncio.get_running_loop().create_future()
    dialog.finished.connect(lambda result: None if answer.done() else answer.set_result(result))
    dialog.put(asks.value, (), f"{asks.sentence} Whoever has the keys can trade the account.")
    try:
        return bool(await answer)
    finally:
        dialog.reject()
        dialog.deleteLater()
