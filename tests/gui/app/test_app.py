"""The program from outside: its own process, with and without a screen."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from tests.gui.conftest import venue_environment
from tests.support.far_exchange import FarExchange

PROGRAM = [sys.executable, "-m", "gui"]
CAP_S = 60


def without_screen(env: dict[str, str]) -> dict[str, str]:
    screens = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return {name: value for name, value in env.items() if name not in screens}


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems have a screen")
def test_without_a_display_it_says_so_works_one_order_and_paints_it(
    home: Path, tmp_path: Path
) -> None:
    picture = tmp_path / "touchline.png"
    env = without_screen({**os.environ, "TOUCHLINE_PICTURE": str(picture)})
    done = subprocess.run(PROGRAM, env=env, capture_output=True, text=True, timeout=CAP_S)
    assert done.returncode == 0, done.stderr
    said = done.stderr.splitlines()
    assert said[0].startswith("There is no display")
    assert said[1].startswith("SELL 200 UVXY: filled, 200 filled at ")
    image = QImage(str(picture))
    assert (image.width(), image.height()) == (1600, 1000)
    assert not done.stdout


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems have a screen")
@pytest.mark.parametrize("venue", ["paper", "live"])
def test_without_a_display_no_order_is_worked_in_an_account_of_a_broker(
    far: FarExchange, home: Path, venue: str
) -> None:
    env = without_screen({**os.environ, **venue_environment(far.port)})
    arguments = ["--venue", venue, "--confirm", "0000"]
    done = subprocess.run(
        [*PROGRAM, *arguments], env=env, capture_output=True, text=True, timeout=CAP_S
    )
    assert done.returncode == 2
    assert done.stderr.startswith("There is no display for the window")
    assert len(done.stderr.splitlines()) == 1
    assert not home.exists() or not list(home.glob("journal-*"))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems have a screen")
def test_a_display_that_does_not_answer_is_named_in_one_sentence(home: Path) -> None:
    env = {**without_screen(dict(os.environ)), "DISPLAY": ":4711"}
    done = subprocess.run(PROGRAM, env=env, capture_output=True, text=True, timeout=CAP_S)
    assert done.returncode == 2
    assert done.stderr == "The window cannot be opened: could not connect to display :4711.\n"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems have a screen")
@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--tape", "nowhere/IBM-2013-10-08.quotes.csv.gz"], "IBM-2013-10-08.quotes.csv.gz"),
        (["--symbol", "not a symbol"], "symbol"),
        (["--symbol", "NOSUCH"], "NOSUCH"),
        (["--speed", "warp"], "warp"),
    ],
)
def test_what_cannot_be_opened_is_refused_in_one_sentence(arguments: list[str], word: str) -> None:
    done = subprocess.run(
        [*PROGRAM, *arguments],
        env=without_screen(dict(os.environ)),
        capture_output=True,
        text=True,
        timeout=CAP_S,
    )
    assert done.returncode == 2, done.stderr
    assert word in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_closes_the_window_and_ends_the_program(
    far: FarExchange, home: Path, number: signal.Signals
) -> None:
    env = {**os.environ, **venue_environment(far.port), "QT_QPA_PLATFORM": "offscreen"}
    with subprocess.Popen(PROGRAM, env=env, stderr=subprocess.PIPE, text=True) as running:
        try:
            end = time.monotonic() + CAP_S
            while not (home / "control-embedded.json").exists():
                assert running.poll() is None
                assert time.monotonic() < end
                time.sleep(0.05)
            running.send_signal(number)
            _, said = running.communicate(timeout=CAP_S)
        finally:
            running.kill()
    assert running.returncode == 0
    assert not said
    assert not (home / "control-embedded.json").exists()
