"""Runs every `bench_*.py` beside it and prints one table of figures.

Such a module has `run() -> list[tuple[str, float, str]]` (name, value, unit) and
may have `TARGETS: dict[str, float]`, the most a named figure should be. Names
given on the command line choose modules.
"""

import importlib
import pkgutil
import platform
import sys
import traceback
from dataclasses import dataclass

import tests.benchmarks

PREFIX = "bench_"


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number; `target` is the most it should be, None where nothing is promised."""

    name: str
    value: float
    unit: str
    target: float | None

    def cells(self) -> tuple[str, str, str, str, str]:
        """Name, value, unit, target and value as a share of the target."""
        target = "" if self.target is None else f"<= {self.target:g}"
        ratio = f"{self.value / self.target:.2f} x" if self.target else ""
        return self.name, f"{self.value:,.4g}", self.unit, target, ratio


def modules(wanted: list[str]) -> list[str]:
    """Names of the benchmark modules, all of them or those that hold a wanted word."""
    found = sorted(
        module.name
        for module in pkgutil.iter_modules(tests.benchmarks.__path__)
        if module.name.startswith(PREFIX)
    )
    return [name for name in found if not wanted or any(word in name for word in wanted)]


def figures(name: str) -> list[Figure]:
    """What the module measured."""
    module = importlib.import_module(f"tests.benchmarks.{name}")
    targets: dict[str, float] = getattr(module, "TARGETS", {})
    return [Figure(what, value, unit, targets.get(what)) for what, value, unit in module.run()]


def table(rows: list[tuple[str, str, str, str, str]]) -> str:
    """Rows as aligned text: words to the left, numbers to the right."""
    heads = [("figure", "value", "unit", "target", "of target"), *rows]
    wide = [max(len(row[column]) for row in heads) for column in range(5)]
    return "\n".join(
        f"{name:<{wide[0]}}  {value:>{wide[1]}}  {unit:<{wide[2]}}  {target:>{wide[3]}}"
        f"  {ratio:>{wide[4]}}".rstrip()
        for name, value, unit, target, ratio in heads
    )


def main(wanted: list[str]) -> int:
    """Measures, prints, and says with the exit code whether everything was measured.

    What fails is told and does not keep the others from being measured.
    """
    names = modules(wanted)
    if not names:
        print("There is no such benchmark.", file=sys.stderr)
        return 1
    print(f"Python {platform.python_version()} on {platform.system()} {platform.machine()}")
    rows, failed = [], False
    for name in names:
        try:
            rows += [figure.cells() for figure in figures(name)]
        except Exception:  # noqa: BLE001 - a benchmark may fail in any way; it is told in full
            failed = True
            print(f"{name} could not be measured:", file=sys.stderr)
            traceback.print_exc()
    print(table(rows))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
