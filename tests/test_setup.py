"""The set-up script with another Python in its way: one set-up at a time in one checkout."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CAP = 60.0

# Stands for Python: makes a .venv whose Python notes in a file when pip begins and ends.
PYTHON = """#!/bin/sh
case $1 in
-c) case $2 in print*) echo 3.11 ;; esac ;;
-m) mkdir -p .venv/bin && cp pip-of-venv .venv/bin/python && chmod +x .venv/bin/python ;;
esac
"""
PIP = """#!/bin/sh
[ "$1" = -c ] && exit 0
echo begins >>notes; sleep 0.3; echo ends >>notes
[ ! -e broken-index ]
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a script of the shell")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder that the script sets up without asking anybody for packages."""
    folder = tmp_path / "checkout"
    (folder / ".ci").mkdir(parents=True)
    shutil.copy(ROOT / ".ci" / "setup", folder / ".ci" / "setup")
    for name in ("pyproject.toml", "requirements.lock"):
        (folder / name).write_text("")
    (folder / "pip-of-venv").write_text(PIP)
    bin_dir = tmp_path / "bin"
    bin_dir.mkdir()
    for name, text in {"python3.13": PYTHON, "uname": "#!/bin/sh\necho Test\n"}.items():
        (bin_dir / name).write_text(text)
        (bin_dir / name).chmod(0o755)
    return folder


def set_up(checkout: Path) -> subprocess.Popen[str]:
    path = f"{checkout.parent / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return subprocess.Popen(
        ("sh", ".ci/setup"),
        cwd=checkout,
        env={"PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def ended(started: subprocess.Popen[str]) -> tuple[int, str]:
    said, _ = started.communicate(timeout=CAP)
    return started.returncode, said


def notes(checkout: Path) -> list[str]:
    return (checkout / "notes").read_text().split()


@pytest.mark.slow
def test_of_set_ups_at_once_one_works_and_the_others_wait_for_it(checkout: Path) -> None:
    together = [ended(one) for one in [set_up(checkout) for _ in range(4)]]
    assert [code for code, _ in together] == [0, 0, 0, 0], together
    assert notes(checkout) == ["begins", "ends"] * 2  # two calls of pip, by one of them
    assert sum("Setting up .venv" in said for _, said in together) == 1
    assert not (checkout / ".setup-lock").exists()


def test_a_set_up_after_one_that_failed_begins_anew(checkout: Path) -> None:
    (checkout / "broken-index").touch()
    code, said = ended(set_up(checkout))
    assert (code, "could not be installed" in said) == (1, True)
    (checkout / "broken-index").unlink()
    assert ended(set_up(checkout))[0] == 0


@pytest.mark.slow
def test_the_lock_of_a_set_up_that_was_killed_is_taken_away(checkout: Path) -> None:
    gone = subprocess.Popen(("true",))
    gone.wait()
    (checkout / ".setup-lock").mkdir()
    (checkout / ".setup-lock" / "pid").write_text(f"{gone.pid}\n")
    together = [ended(one) for one in [set_up(checkout) for _ in range(3)]]
    assert [code for code, _ in together] == [0, 0, 0], together
    assert notes(checkout) == ["begins", "ends"] * 2


def test_a_lock_whose_process_lives_is_waited_for(checkout: Path) -> None:
    (checkout / ".setup-lock").mkdir()
    (checkout / ".setup-lock" / "pid").write_text(f"{os.getpid()}\n")
    waiting = set_up(checkout)
    assert waiting.stdout is not None
    assert "waiting for its end" in waiting.stdout.readline()
    assert not (checkout / "notes").exists()
    shutil.rmtree(checkout / ".setup-lock")
    assert ended(waiting)[0] == 0
    assert notes(checkout) == ["begins", "ends"] * 2


def test_an_interrupted_set_up_leaves_no_lock(checkout: Path) -> None:
    (checkout / ".setup-lock").mkdir()
    (checkout / ".setup-lock" / "pid").write_text(f"{os.getpid()}\n")
    waiting = set_up(checkout)
    assert waiting.stdout is not None
    waiting.stdout.readline()
    waiting.terminate()
    assert ended(waiting)[0] != 0
    assert (checkout / ".setup-lock" / "pid").exists()  # another's lock is not taken away
