"""O. The machine, its people, broken answers."""

import asyncio
from pathlib import Path

import pytest

from core.engine.events import Level
from core.errors import Refusal
from core.journal.file import JournalFile
from core.orders.state import State
from tests.support.trading import Trading, instruction, play


@pytest.mark.scenario(127)
def test_a_journal_that_is_gone_at_the_start_is_not_replaced_in_silence(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"

    async def scenario(t: Trading) -> None:
        await t.working()

    play(scenario, tmp_path)
    path.unlink()
    with pytest.raises(Refusal, match=r"is gone, and had \d+ records"):
        JournalFile(path)
    path.with_name("journal.sqlite-mark").unlink()
    JournalFile(path).close()


@pytest.mark.scenario(127)
@pytest.mark.parametrize("how", ["removed", "replaced", "folder renamed"])
def test_a_journal_that_is_taken_away_is_noticed_before_the_next_post(
    tmp_path: Path, how: str
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        journal = t.run.journal
        if how == "folder renamed":
            journal.parent.rename(journal.parent.with_name("elsewhere"))
        else:
            journal.unlink()
        if how == "replaced":
            journal.write_bytes(b"another file")
        t.venue.calls.clear()
        await t.engine.market_now(order.id)
        await asyncio.sleep(30)
        assert "POST" not in t.venue.calls
        assert "DELETE" in t.venue.calls, "a cancel goes on"
        alarm = t.notices(Level.ALARM)[0]
        assert "was removed, moved or replaced" in alarm
        assert "Nothing new is sent" in alarm
        with pytest.raises(Refusal, match="No new order is taken"):
            await t.engine.submit(instruction())
        assert t.now(order).state is not State.FILLED

    folder = tmp_path / "data"
    folder.mkdir()
    play(scenario, folder)
