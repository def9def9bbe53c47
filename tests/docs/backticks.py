"""Words in backticks in docstrings and comments, and whether the code has such a name at all.

A name that is gone often stays behind in prose; spelt in backticks it can be found.
"""

import ast
import builtins
import re
from collections.abc import Iterator

from tests.docs.named import HOUSES, Named, prose
from tests.support.commands import ROOT

WORD = re.compile(r"`([A-Za-z_][\w.]*)`")


def unknown() -> list[Named]:
    """Those of which some part is no name of ours, of a library in use, nor in a string."""
    known, said = set(dir(builtins)), list[Named]()
    for house in HOUSES:
        for file in sorted((ROOT / house).rglob("*.py")):
            source = file.read_text(encoding="utf-8")
            path = file.relative_to(ROOT)
            known |= {*path.with_suffix("").parts, *names_in(source)}
            said += [
                Named(f"{path.as_posix()}:{line}", word)
                for line, words in prose(source)
                for word in WORD.findall(words)
            ]
    return [each for each in said if not known.issuperset(each.name.rstrip(".").split("."))]


def names_in(source: str) -> Iterator[str]:
    """Every name that the code itself uses, and every word of its strings but docstrings."""
    for node in ast.walk(ast.parse(source)):
        for field in ("id", "attr", "name", "arg", "asname"):
            word = getattr(node, field, None)
            if isinstance(word, str):
                yield from word.split(".")
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            node.value.value = None  # a docstring: the walk comes to it next
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from re.findall(r"\w+", node.value)
