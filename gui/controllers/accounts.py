"""Behind the accounts dialog: keys are tried, kept and forgotten on a thread of their own.

It works without a session too: that is when keys are entered for the first time.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from core.app import accounts
from core.errors import Refusal
from core.market.venues import profile_of
from core.runtime.core_thread import CoreThread
from core.runtime.tasks import Tasks
from gui.dialogs.accounts import AccountsDialog, answer_words
from gui.style.palette import Palette


class AccountController(QObject):
    """Opens the dialog and does what it asks. `chosen`: trade there from now on."""

    chosen = Signal(str, str)  # venue, and what was typed to confirm a live account

    def __init__(
        self,
        window: QWidget,
        palette: Palette,
        env: Mapping[str, str],
        on_error: Callable[[BaseException], None],
    ) -> None:
        super().__init__(window)
        self._env = env
        self._tasks = Tasks(on_error)
        self._thread: CoreThread | None = None
        self.dialog = AccountsDialog(palette, window)
        self.dialog.shown.connect(lambda venue: self._spawn(self._show_stored_keys(venue)))
        self.dialog.test_asked.connect(lambda *typed: self._spawn(self._test(*typed)))
        self.dialog.keep_asked.connect(lambda *typed: self._spawn(self._keep(*typed)))
        self.dialog.forget_asked.connect(lambda venue: self._spawn(self._forget(venue)))
        self.dialog.connect_asked.connect(self.chosen)

    def open(self, venue: str, now: str) -> None:
        """Show the account `venue`; `now` is the one at work, empty for none."""
        self.dialog.open_on(venue, now)

    async def stop(self) -> None:
        """End what is under way, and the thread."""
        await self._tasks.stop()
        if self._thread is not None:
            self._thread.stop()
            self._thread = None

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.spawn(work, "accounts")

    async def _on_thread(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run it where neither the window nor the engine waits for it."""
        if self._thread is None:
            self._thread = CoreThread()
            self._thread.start()
        return await asyncio.wrap_future(self._thread.call(work))

    async def _show_stored_keys(self, venue: str) -> None:
        if profile_of(venue).needs_keys:
            self.dialog.show_key_status(
                venue, await self._on_thread(accounts.key_status(venue, self._env))
            )

    async def _test(self, venue: str, key_id: str, secret: str) -> None:
        async def work() -> str:
            answered = await accounts.try_login(venue, self._env, key_id, secret)
            return answer_words(venue, answered)

        await self._do(venue, f"Asking the {venue} account", work())

    async def _keep(self, venue: str, key_id: str, secret: str) -> None:
        async def work() -> str:
            await accounts.keep(venue, key_id, secret)
            return "The keys are in the system's key ring, and nowhere else."

        await self._do(venue, "Waiting for the key ring", work())

    async def _forget(self, venue: str) -> None:
        async def work() -> str:
            await accounts.forget(venue)
            return "The keys are out of the key ring."

        await self._do(venue, "Waiting for the key ring", work())

    async def _do(self, venue: str, waiting: str, work: Coroutine[Any, Any, str]) -> None:
        """Do it, and show the sentence that it ends in."""
        self.dialog.wait(f"{waiting} \N{HORIZONTAL ELLIPSIS}")
        try:
            sentence, bad = await self._on_thread(work), False
        except Refusal as refusal:
            sentence, bad = refusal.sentence, True
        except Exception as error:
            words = f"Touchline met an error of its own ({type(error).__name__}): nothing is known."
            self.dialog.show_result(venue, words, bad=True)
            raise
        self.dialog.show_result(venue, sentence, bad=bad)
        await self._show_stored_keys(venue)
