"""What pages, docstrings and comments name of the house, and whether it is there.

Files are read, never imported: no Qt, and no test is run for it.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.support.commands import ROOT

HOUSES = ("core", "gui", "tests")
FILE = re.compile(
    r"(?<![\w/.])(?:core|gui|tests|docs|resources|\.ci)/[\w./-]*\w\.(?:py|md|ini|gz|json)\b"
)
DOTTED = re.compile(r"(?<![\w/.-])(?:core|gui|tests)(?:\.[A-Za-z_]\w*)+")

MADE = re.compile(r"^--- /dev/null\n\+\+\+ .*$", re.MULTILINE)  # by a reader who follows an example


class Named(NamedTuple):
    """A file, module or attribute that some text names, and where."""

    where: str  # file and line
    name: str

    @property
    def is_there(self) -> bool:
        """Whether the tree has it."""
        if "/" in self.name:
            return (ROOT / self.name).is_file()
        return _resolves(self.name.split("."))


def named() -> Iterator[Named]:
    """All names in pages, docstrings and comments."""
    for page in pages():
        words = MADE.sub("\n", page.read_text(encoding="utf-8"))
        yield from _in_text(page, 1, words)
    for house in HOUSES:
        for file in sorted((ROOT / house).rglob("*.py")):
            for line, words in prose(file.read_text(encoding="utf-8")):
                yield from _in_text(file, line, words)


def pages() -> list[Path]:
    """Everything written for people beside the code."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def prose(source: str) -> Iterator[tuple[int, str]]:
    """Docstrings and comments of a module, with the line each begins on."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            doc = ast.get_docstring(node, clean=False)
            if doc:
                yield node.body[0].lineno, doc
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def _in_text(file: Path, line: int, words: str) -> Iterator[Named]:
    for offset, row in enumerate(words.splitlines()):
        where = f"{file.relative_to(ROOT).as_posix()}:{line + offset}"
        for pattern in (FILE, DOTTED):
            for found in pattern.finditer(row):
                yield Named(where, found[0])


# ---- what is there --------------------------------------------------------------------------


def _resolves(parts: list[str]) -> bool:
    """Whether the parts lead through packages to a module, and on through its names."""
    place = ROOT
    for number, part in enumerate(parts):
        if (place / part).is_dir():
            place = place / part
        elif (place / f"{part}.py").is_file():
            return _has(place / f"{part}.py", parts[number + 1 :])
        else:
            return _has(place / "__init__.py", parts[number:])
    return True


def _has(file: Path, attributes: list[str]) -> bool:
    if not attributes:
        return True
    if not file.is_file():
        return False
    names = _names(file)
    if len(attributes) == 1:
        return attributes[0] in names
    return ".".join(attributes[:2]) in names


@cache
def _names(file: Path) -> frozenset[str]:
    """The names of a module, and those of its classes as Class.name."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{name}" for name in _bound(node)}
    return frozenset(found | set(_bound(ast.parse(file.read_text(encoding="utf-8")))))


def _bound(body: ast.AST) -> Iterator[str]:
    """Every name that is bound anywhere inside: defined, imported, assigned, or set on self."""
    for node in ast.walk(body):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.ClassDef(name=name):
                yield name
            case ast.alias(name=name, asname=other):
                yield other or name
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name
