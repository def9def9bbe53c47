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


@pytest.mark.slow
@pytest.mark.scenario(124)
async def test_nothing_of_the_current_folder_is_run_by_what_is_started(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evil, seen = tmp_path / "evil", tmp_path / "seen"
    for name in ("random.py", "sitecustomize.py", "core/__init__.py", "aiohttp/__init__.py"):
        file = evil / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"open({str(seen)!r}, 'a').write('{name} was run')")
    monkeypatch.chdir(evil)
    monkeypatch.setenv("PYTHONPATH", str(evil))
    monkeypatch.setenv("PYTHONSTARTUP", str(evil / "random.py"))
    started = await running_or_started(DataFolder({"TOUCHLINE_HOME": str(home)}), "embedded", ())
    await stop(started)
    assert not seen.exists(), seen.read_text()


@pytest.mark.slow
@pytest.mark.scenario(133)
async def test_each_start_has_a_key_of_its_own_that_no_repr_and_only_a_private_note_holds(
    home: Path,
) -> None:
    folder = DataFolder({"TOUCHLINE_HOME": str(home)})
    one = await running_or_started(folder, "embedded", ())
    other = await running_or_started(folder, "rehearsal", ())
    try:
        assert one.key != other.key
        assert len(one.key) >= 32
        assert one.key not in repr(one)
        assert (await running_or_started(folder, "embedded", ())).key == one.key
    finally:
        await stop(one)
        await stop(other)
