"""Errors of Touchline's own: a sentence for the person, the traceback in a file, keys nowhere."""

import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.app.session import SessionOptions
from core.cli import main
from core.runtime import logs


@pytest.fixture(autouse=True)
def _hooks_as_before() -> Iterator[None]:
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    root = logging.getLogger()
    handlers, level = tuple(root.handlers), root.level
    yield
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
    logging.captureWarnings(False)
    for handler in set(root.handlers) - set(handlers):
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)


def broken() -> int:
    raise ZeroDivisionError("while holding AKHIDDENKEY")


def test_an_error_of_our_own_is_one_sentence_and_a_traceback_in_the_log(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.hide("AKHIDDENKEY")
    assert main.guarded(broken) == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert "error of its own (ZeroDivisionError)" in err
    assert str(home / "touchline.log") in err
    logged = (home / "touchline.log").read_text()
    assert "Traceback" in logged
    assert "in broken" in logged
    assert "AKHIDDENKEY" not in logged + err


def test_what_a_thread_or_a_library_says_goes_to_the_log_only(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def work() -> int:
        thread = threading.Thread(target=broken)
        thread.start()
        thread.join()
        logging.getLogger("websockets").error("a library complains")
        logging.getLogger("websockets").debug("> Authorization: secret")
        return 0

    assert main.guarded(work) == 0
    assert capsys.readouterr() == ("", "")
    logged = (home / "touchline.log").read_text()
    assert "in broken" in logged
    assert "a library complains" in logged
    assert "Authorization" not in logged


def test_without_anything_to_log_there_is_no_file(home: Path) -> None:
    assert main.guarded(lambda: 0) == 0
    assert not home.exists()


def test_a_log_that_cannot_be_written_changes_nothing(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home.write_text("in the way")
    assert main.guarded(broken) == 3
    err = capsys.readouterr().err
    assert "ZeroDivisionError" in err
    assert "touchline.log" not in err


def test_the_log_turns_over_before_it_grows_large(home: Path) -> None:
    def work() -> int:
        for _ in range(30):
            logging.getLogger("core").error("x" * 200_000)
        return 0

    assert main.guarded(work) == 0
    sizes = [path.stat().st_size for path in home.glob("touchline.log*")]
    assert len(sizes) == logs.KEPT + 1
    assert max(sizes) <= logs.SIZE


def test_the_options_of_a_session_never_show_the_keys_of_the_environment() -> None:
    options = SessionOptions(venue="paper", env={"APCA_API_SECRET_KEY": "do-not-show"})
    assert "do-not-show" not in repr(options)
