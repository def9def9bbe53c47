"""Writes docs/proof/scenarios.md from the tests marked `scenario`: `python -m ... [--check]`.

The marks are read from the source, so no test is run and nothing is imported for it.
"""

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from tests.scenarios.left_out import LEFT_OUT

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "proof" / "scenarios.md"
COUNT = 134

SECTIONS = {
    1: "A. Cancel against fill",
    18: "B. Submit",
    31: "C. Stream content",
    44: "D. Connection",
    55: "E. Crash and restart",
    69: "F. Broker side",
    78: "G. Input, market, session",
    87: "H. User interface and load",
    94: "I. Time of a quote",
    100: "J. Orders given up on",
    106: "K. Connections that linger, plans that lack",
    109: "L. Told early, told exactly",
    112: "M. Others in the account, small things",
    119: "N. Tapes",
    122: "O. The machine, its people, broken answers",
}

HEAD = """\
# Fault scenarios and their tests

Every fault that an order is meant to survive, and the test that plays it. The tests in
`tests/scenarios` run the real engine, journal and decoders against the embedded exchange on
virtual time, while an oracle (`tests/support/oracle.py`) checks the eight invariants after every
event, before every POST and in the exchange's own books. The others use the real part that their
scenario is about: sockets, processes, the window.

This page is made of the tests' own marks by `python -m tests.scenarios.table`; do not edit it.
"""


class Marked(NamedTuple):
    """One test that proves a scenario."""

    path: str
    name: str

    @property
    def sentence(self) -> str:
        """Its name as people write it."""
        words = self.name.removeprefix("test_").replace("_", " ")
        return words[:1].upper() + words[1:] + "."


Found = Mapping[int, list[Marked]]


def found() -> Found:
    """All marked tests by scenario; those of the scenarios' own folder first."""
    tests: defaultdict[int, list[Marked]] = defaultdict(list)
    folder = ROOT / "tests"
    for file in sorted(folder.rglob("test_*.py"), key=lambda f: (f.parent.name != "scenarios", f)):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for number in _numbers(node):
                    path = file.relative_to(ROOT).as_posix()
                    tests[number].append(Marked(path, node.name))
    return tests


def _numbers(test: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[int]:
    for mark in test.decorator_list:
        if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.scenario":
            for argument in mark.args:
                yield int(ast.literal_eval(argument))


def page(tests: Found) -> str:
    """The whole page."""
    proven = sum(1 for number in range(1, COUNT + 1) if tests.get(number))
    lines = [HEAD, f"{proven} of {COUNT} scenarios have a test.", ""]
    for number in range(1, COUNT + 1):
        if number in SECTIONS:
            lines += ["", f"## {SECTIONS[number]}", "", "| # | Scenario | Test |", "|---|---|---|"]
        lines.append(_row(number, tests.get(number, [])))
    return "\n".join(lines).replace("\n\n\n", "\n\n") + "\n"


def _row(number: int, marked: list[Marked]) -> str:
    if not marked:
        sentence, reason = LEFT_OUT.get(number, ("?", "no reason given"))
        return f"| {number} | {sentence} | left out: {reason} |"
    sentences = "<br>".join(m.sentence for m in marked)
    ids = "<br>".join(f"`{m.path}::{m.name}`" for m in marked)
    return f"| {number} | {sentences} | {ids} |"


def complaints(tests: Found) -> list[str]:
    """What is wrong with the marks, the reasons or the page."""
    wrong = [f"{n} has neither a test nor a reason" for n in _missing(tests) - set(LEFT_OUT)]
    wrong += [f"{n} has a test and a reason for having none" for n in set(tests) & set(LEFT_OUT)]
    wrong += [f"there is no scenario {n}" for n in set(tests) - set(range(1, COUNT + 1))]
    if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page(tests):
        wrong.append("docs/proof/scenarios.md is stale: run python -m tests.scenarios.table")
    return wrong


def _missing(tests: Found) -> set[int]:
    return {n for n in range(1, COUNT + 1) if not tests.get(n)}


def main(arguments: list[str]) -> int:
    """Write the page, or with --check only say what is wrong with it."""
    tests = found()
    if "--check" not in arguments:
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        PAGE.write_text(page(tests), encoding="utf-8")
    wrong = complaints(tests)
    sys.stdout.write("".join(f"{words}\n" for words in wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
