"""What is made is for us alone, and what is read is a file."""

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.app.limits_file import load
from core.errors import Refusal
from core.journal.file import JournalFile
from core.runtime import logs
from core.runtime.data_folder import DataFolder
from core.runtime.private_files import make_file, read_regular

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(autouse=True)
def _no_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.scenario(128)
@pytest.mark.parametrize("was", [0o755, 0o777, 0o700])
def test_a_data_folder_that_is_open_to_others_is_made_private(tmp_path: Path, was: int) -> None:
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(was)
    DataFolder({"TOUCHLINE_HOME": str(home)})
    assert mode(home) == 0o700


@pytest.mark.scenario(128)
def test_whatever_is_made_in_it_is_for_us_alone_with_any_umask(tmp_path: Path) -> None:
    home = DataFolder({"TOUCHLINE_HOME": str(tmp_path / "home")})
    JournalFile(home.journal("embedded")).close()
    home.take("embedded").release()
    handler = logs._File(home.path / "touchline.log", encoding="utf-8", delay=True)
    handler.stream = handler._open()
    handler.close()
    made = [path for path in home.path.iterdir() if path.is_file()]
    assert len(made) >= 3
    assert {path.name: mode(path) for path in made} == {path.name: 0o600 for path in made}


@pytest.mark.scenario(128)
def test_a_journal_that_others_may_read_is_made_private_when_it_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    JournalFile(path).close()
    path.chmod(0o644)
    JournalFile(path).close()
    assert mode(path) == 0o600


@pytest.mark.scenario(128)
def test_a_data_folder_of_another_user_is_refused_with_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setattr(os, "getuid", lambda: home.stat().st_uid + 4242)
    if home.stat().st_uid == 0:
        os.chown(home, 4241, -1)
    with pytest.raises(Refusal, match="belongs to"):
        DataFolder({"TOUCHLINE_HOME": str(home)})


@pytest.mark.scenario(130)
def test_a_pipe_in_the_place_of_a_file_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    os.mkfifo(path)
    with pytest.raises(Refusal, match="it is no regular file"):
        load(path)
    with pytest.raises(OSError, match="no regular file"):
        read_regular(Path("/dev/zero"), 10)


def test_a_file_that_is_there_keeps_what_is_in_it(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"as it was")
    make_file(path)
    assert read_regular(path, 4) == b"as it"
