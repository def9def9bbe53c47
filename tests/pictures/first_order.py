"""Counts clicks and seconds from `make run` to a first filled order, and to a first cancelled one.

As someone new to it would: nothing is read, what is outlined or coloured is clicked. Each run
begins with an empty data folder on a screen of its own. Where things stand is looked up once
beforehand; the runs that are timed are the plain program, started by the command as given.
"""

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from core.app.session import SessionOptions
from core.cli.commands import journaled
from core.orders.state import State
from gui.style.palette import DARK
from tests.pictures.hand import touchline
from tests.support.commands import ROOT
from tests.support.screen import CAP_S, Screen, missing, screen, wait_for

LOOK_S = 2.0  # a person's look before each click
AT_ONCE_S = 0.5  # before Cancel, which they mean to press: the market may fill it within a second
LEFT_COLUMN = 420  # pixels that the ticket takes at most
SELL, ARM, CANCEL = "ticket-sell", "strip-arm", "row-cancel"
Places = dict[str, tuple[int, int]]


class Came(NamedTuple):
    """What it took: clicks, and seconds from the command to the end of the order."""

    end: str
    clicks: int
    shown: float  # until Sell can be seen
    seconds: float


def places() -> Places:
    """Where the three buttons stand on a screen of the usual size."""
    with TemporaryDirectory() as made, screen(Path(made)) as on:
        env = {"TOUCHLINE_HOME": f"{made}/home"}
        with touchline(on, env, Path(made), DARK.name) as hand:
            found = {name: hand.middle(name) for name in (ARM, SELL)}
            hand.click(ARM)
            hand.click(SELL)
            hand.until_says("state working")
            found[CANCEL] = hand.middle(CANCEL)
            hand.click(CANCEL)
            hand.until_says("state cancelled")
    return found


def timed(command: Sequence[str], where: Places, path: Sequence[str]) -> Came:
    """Start the program, click along `path`, and wait until the one order has ended."""
    with TemporaryDirectory() as made, screen(Path(made)) as on:
        env = {**os.environ, **on.env, "TOUCHLINE_HOME": f"{made}/home", "TOUCHLINE_THEME": "dark"}
        options = SessionOptions(env=env)
        begun = time.monotonic()
        program = subprocess.Popen(
            command, cwd=ROOT, env=env, start_new_session=True, stdout=subprocess.DEVNULL
        )
        try:
            wait_for(lambda: _sells(on), "the window shows a price on Sell")
            shown = time.monotonic() - begun
            for name in path:
                time.sleep(AT_ONCE_S if name == CANCEL else LOOK_S)
                on.click(*where[name])
            wait_for(lambda: [o.final for o in journaled(options)] == [True], "the order ended")
            seconds = time.monotonic() - begun
            (order,) = journaled(options)
            return Came(order.state.value, len(path), shown, seconds)
        finally:
            os.killpg(program.pid, signal.SIGTERM)
            program.wait(CAP_S)


def _sells(on: Screen) -> bool:
    """Whether the outline of Sell and its words stand on the ticket."""
    return on.patch(DARK.sell, right=LEFT_COLUMN, least=800) is not None


def main(arguments: Sequence[str]) -> int:
    """Print a line for each run; 1 when one took more than 3 clicks or 20 seconds."""
    parser = argparse.ArgumentParser(prog="python -m tests.pictures.first_order")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("command", nargs="*", default=["make", "run"])
    asked = parser.parse_args(arguments)
    if lacks := missing():
        sys.stderr.write(f"There is no screen of our own to be had without {', '.join(lacks)}.\n")
        return 2
    where, slow = places(), False
    for path, end in (((ARM, SELL), State.FILLED), ((ARM, SELL, CANCEL), State.CANCELED)):
        for _ in range(asked.runs):
            came = timed(asked.command, where, path)
            if came.end != end.value:
                sys.stdout.write(f"it {came.end} before the last click, which counts for nothing\n")
                continue
            slow = slow or came.clicks > 3 or came.seconds > 20
            sys.stdout.write(
                f"{came.end}: {came.clicks} clicks, Sell is seen after {came.shown:.1f} s, "
                f"{came.seconds:.1f} s in all\n"
            )
            sys.stdout.flush()
    return int(slow)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
