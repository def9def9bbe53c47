"""An exchange of our own is found again by the venue it was started for, and by no other."""

from pathlib import Path

import pytest

from core.app.embedded_exchange import running_or_started, stop
from core.runtime.data_folder import DataFolder


@pytest.mark.slow
async def test_each_venue_has_an_exchange_of_its_own_and_finds_it_again(home: Path) -> None:
    folder = DataFolder({"TOUCHLINE_HOME": str(home)})
    one = await running_or_started(folder, "embedded", ())
    other = await running_or_started(folder, "rehearsal", ())
    try:
        assert one.port != other.port
        assert (await running_or_started(folder, "embedded", ())).port == one.port
        assert (await running_or_started(folder, "rehearsal", ())).pid == other.pid
    finally:
        await stop(one)
        await stop(other)
