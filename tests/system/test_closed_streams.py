"""Started with its standard streams closed, it works and writes into no file of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.scenario(130)
@pytest.mark.skipif(sys.platform == "win32", reason="a POSIX shell closes them")
@pytest.mark.parametrize("closed", ["0<&-", "1>&-", "2>&-", "0<&- 1>&- 2>&-"])
def test_closed_standard_streams_end_in_no_abort(tmp_path: Path, closed: str) -> None:
    home = tmp_path / "home"
    for command in ("orders", "orders --wrong"):
        ran = subprocess.run(
            ("sh", "-c", f'exec "$0" -m core.cli {command} {closed}', sys.executable),
            cwd=ROOT,
            env={"PATH": "/usr/bin:/bin", "TOUCHLINE_HOME": str(home), "HOME": str(tmp_path)},
            capture_output=True,
            timeout=60,
        )
        assert ran.returncode == (2 if "wrong" in command else 0), ran.stderr
        assert b"Traceback" not in ran.stderr + ran.stdout
    assert not [path for path in home.iterdir() if path.suffix == ".log"]
