"""One target under atheris, which watches what code the bytes reach: see `__main__`."""

import sys

import atheris

with atheris.instrument_imports(include=["core.venue"]):
    from tests.fuzz.targets import TARGETS


if __name__ == "__main__":
    name = sys.argv.pop(1)
    atheris.Setup(sys.argv, TARGETS[name])
    atheris.Fuzz()
