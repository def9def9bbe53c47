"""A journal without a thread, for engines that run on virtual time."""

from collections.abc import Callable

from core.journal.damage import Ended, JournalError
from core.journal.file import JournalFile
from core.orders.facts import AnyFact
from core.orders.reducer_digest import RULES
from core.orders.refused_instruction import RefusedInstruction
from core.orders.state import ParentOrder


class DirectRecorder:
    """Writes each fact at once, on the caller's thread."""

    def __init__(self, file: JournalFile) -> None:
        self._file = file
        self._ended: list[Ended] = []
        self.broken = ""
        self.on_broken: Callable[[str], None] = lambda sentence: None

    def append(self, fact: AnyFact) -> None:
        """Write `fact` now; a failure is kept for `flush`, and nothing is written after it."""
        if self.broken:
            return
        try:
            self._file.append((*self._ended, fact))
            self._ended = []
        except JournalError as error:
            self.broken = str(error)
            self.on_broken(self.broken)

    def keep_ended(self, order: ParentOrder) -> None:
        """Write `order` with the next fact."""
        self._ended.append(Ended(order, RULES))

    def keep_refused(self, record: RefusedInstruction) -> None:
        """Write `record` now, as `append` does."""
        if self.broken:
            return
        try:
            self._file.keep_refused((record,))
        except JournalError as error:
            self.broken = str(error)
            self.on_broken(self.broken)

    async def flush(self) -> None:
        """Raise JournalError if a write failed."""
        if self.broken:
            raise JournalError(self.broken)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
