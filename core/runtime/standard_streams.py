"""Standard streams that whoever started us has closed lead nowhere, and to no file of ours."""

import os
import sys


def make_sure() -> None:
    """Open what is closed of input, output and errors to the null device.

    Otherwise the next file that is opened would get its number, and what is meant for a terminal
    would be written into it.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free: this one
    sys.stdin = sys.stdin or open(os.devnull, encoding="utf-8")  # noqa: SIM115 - for as long as we run
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
