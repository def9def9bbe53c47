"""The page of what may go wrong quotes what the program says, word for word."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.support.commands import ROOT

PAGE = (ROOT / "docs" / "trouble.md").read_text(encoding="utf-8")
QUOTED = re.findall(r"^\| `([^`]+)` \|", PAGE, re.MULTILINE)


def _texts(tree: ast.Module) -> Iterator[str]:
    """Every text of a module, with … where a value stands in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(p.value) if isinstance(p, ast.Constant) else "…" for p in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@pytest.fixture(scope="module")
def said() -> str:
    """All texts of the program."""
    files = [*(ROOT / "core").rglob("*.py"), *(ROOT / "gui").rglob("*.py")]
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in files]
    return "\n".join(text for tree in trees for text in _texts(tree))


@pytest.mark.parametrize("quoted", QUOTED)
def test_every_quoted_sentence_is_said_by_the_program(quoted: str, said: str) -> None:
    for part in filter(None, (part.strip(" :") for part in quoted.split("…"))):
        assert part in said


def test_the_page_quotes_something() -> None:
    assert len(QUOTED) > 30
