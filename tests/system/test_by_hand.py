"""The real program on a screen, by mouse and keys: arm, sell, hold, cancel, find it again."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.app.session import SessionOptions
from core.cli.commands import journaled
from core.orders.state import ParentOrder, State
from gui.style.palette import DARK
from tests.gui.conftest import venue_environment
from tests.support.commands import ROOT
from tests.support.far_exchange import far_exchange
from tests.support.screen import CAP_S, Screen, missing, screen, wait_for

pytestmark = pytest.mark.skipif(
    bool(missing()), reason=f"there is no screen of our own to be had without {missing()}"
)
TITLE = "Touchline — EMBEDDED"
TICKET = 420  # pixels from the left that the ticket takes at most


@contextmanager
def touchline(on: Screen, env: dict[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    """The program, which has ended by itself, and well, when the block does."""
    program = subprocess.Popen(
        (sys.executable, "-m", "gui", "--symbol", "UVXY"),
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **env, **on.env},
    )
    try:
        wait_for(lambda: on.has(TITLE), "the window is open")
        yield program
        assert program.wait(CAP_S) == 0
    finally:
        if program.poll() is None:
            program.send_signal(signal.SIGKILL)
            program.wait()


def test_a_person_sells_holds_cancels_and_finds_the_order_after_a_restart(tmp_path: Path) -> None:
    home = str(tmp_path / "home")
    with screen(tmp_path) as on, far_exchange() as far:
        env = {**venue_environment(far.port), "TOUCHLINE_HOME": home}
        options = SessionOptions(env=env)

        def only() -> ParentOrder | None:
            orders = journaled(options)
            assert len(orders) <= 1
            return orders[0] if orders else None

        def state_is(state: State) -> bool:
            order = only()
            return order is not None and order.state is state

        with touchline(on, env):
            on.click(1, 999)  # the window has the keyboard, and nothing else was touched
            assert on.patch(DARK.sell, right=TICKET) is None  # hollow: it would refuse
            arm_and_see_the_button(on)
            where = on.patch(DARK.sell, right=TICKET)
            assert where is not None
            on.click(*where)
            wait_for(lambda: state_is(State.WORKING), "the order works")
            order = only()
            assert order is not None
            assert order.deadline_ns is not None
            on.key("F6")
            wait_for(lambda: (held := only()) and held.deadline_ns is None, "it is held")
            on.key("Escape")
            wait_for(lambda: state_is(State.CANCELED), "the cancel is proven")
            on.key("ctrl+q")
        with touchline(on, env):
            again = only()
            assert again is not None
            assert (again.id, again.state) == (order.id, State.CANCELED)
            on.key("ctrl+q")
        listed = subprocess.run(
            (sys.executable, "-m", "core.cli", "orders", "--json"),
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], **env},
            capture_output=True,
            text=True,
            check=True,
        )
        (line,) = (json.loads(text) for text in listed.stdout.splitlines())
        assert line["order"] == order.id
        assert line["state"] == "canceled"
        assert not far.sightings().fills


def arm_and_see_the_button(on: Screen) -> None:
    """Arm by key, again if the window was not listening yet, until Sell is filled with colour."""
    for _ in range(5):
        on.key("F8")
        for _ in range(10):
            if on.patch(DARK.sell, right=TICKET) is not None:
                return
    pytest.fail("the ticket was not armed")
