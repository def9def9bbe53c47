"""Does a worked example of CONTRIBUTING.md in a copy of the tree, exactly as it is printed.

A worked example is the section `## Worked example: NAME`. Its edits are the fenced blocks
that begin with ```diff, each a unified diff of one file as `git diff` writes it, but with a
bare `@@` before each hunk: no line number can go stale. What a hunk keeps and takes away
must stand in the file exactly once. The other blocks are for the reader only.

    tree = done("a venue", tmp_path)
    tree.walls()
    tree.run("-m", "pytest", "-q", "tests/core/market")
"""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "CONTRIBUTING.md"
_PARTS = ("core", "docs", "gui", "resources", "tests")
_LEFT_OUT = ("__pycache__", "*.png")  # of docs, all that is large
_FILES = ("pyproject.toml", "README.md", "CONTRIBUTING.md", "requirements.lock")
_NONE = "/dev/null"
_WALLS = "from importlinter.cli import lint_imports_command as walls; walls()"


@dataclass(frozen=True, slots=True)
class Edit:
    """What one diff does to one file: each pair of `hunks` is a text and what replaces it."""

    path: str
    is_new: bool
    hunks: tuple[tuple[str, str], ...]

    def apply(self, root: Path) -> None:
        """Do it to the file below `root`. Raises ValueError where the diff does not fit."""
        file = root / self.path
        if self.is_new is file.exists():
            raise ValueError(f"{self.path} is {'there already' if self.is_new else 'not there'}")
        text = "" if self.is_new else file.read_text(encoding="utf-8")
        for old, new in self.hunks:
            if not self.is_new and text.count(old) != 1:
                raise ValueError(f"this stands {text.count(old)} times in {self.path}:\n{old}")
            text = new if self.is_new else text.replace(old, new)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")


@dataclass(frozen=True, slots=True)
class Tree:
    """A copy of the tree in which an example was done, and the files that it changed."""

    root: Path
    changed: tuple[str, ...]

    def run(self, *arguments: str) -> str:
        """What Python prints with these arguments; AssertionError when it fails.

        It runs in the copy without a screen, keys, or the folder of a person's journals.
        """
        ended = self.ended(*arguments)
        assert ended.returncode == 0, f"{ended.stdout}\n{ended.stderr}"
        return ended.stdout

    def ended(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Python with these arguments, once it has ended, however it did."""
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.root,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def home(self) -> Path:
        """Its data folder."""
        return self.root.with_name("home")

    def walls(self) -> None:
        """Lint, format and import walls hold as they do in `make check`; types take longer."""
        self.run("-m", "ruff", "check", "--no-cache", "core", "gui", "tests")
        self.run("-m", "ruff", "format", "--no-cache", "--check", "core", "gui", "tests")
        self.run("-c", _WALLS)

    def _environment(self) -> dict[str, str]:
        ours = ("TOUCHLINE_", "APCA_", "PYTHONPATH", "COVERAGE_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        return {**kept, "TOUCHLINE_HOME": str(self.home), "QT_QPA_PLATFORM": "offscreen"}


def done(name: str, folder: Path) -> Tree:
    """A copy of the tree in `folder` with the worked example `name` done in it."""
    root = folder / "tree"
    for part in _PARTS:
        shutil.copytree(ROOT / part, root / part, ignore=shutil.ignore_patterns(*_LEFT_OUT))
    for file in _FILES:
        shutil.copy(ROOT / file, root / file)
    to_do = edits(section(GUIDE.read_text(encoding="utf-8"), name))
    for edit in to_do:
        edit.apply(root)
    return Tree(root, tuple(edit.path for edit in to_do))


def section(text: str, name: str) -> str:
    """The section of that example. Raises ValueError when there is none."""
    heading = re.escape(f"## Worked example: {name}")
    found = re.search(rf"^{heading}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    if found is None:
        raise ValueError(f"there is no worked example {name!r}")
    return found[1]


def edits(text: str) -> tuple[Edit, ...]:
    """The edits that a section prints, in their order. Raises ValueError when there are none."""
    blocks = re.findall(r"^```diff\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    if not blocks:
        raise ValueError("the worked example changes nothing")
    return tuple(_edit(block) for block in blocks)


def _edit(block: str) -> Edit:
    before, after, *rest = block.splitlines()
    if not before.startswith("--- ") or not after.startswith("+++ ") or rest[:1] != ["@@"]:
        raise ValueError(f"a diff begins with its two files and @@, not with:\n{block[:200]}")
    hunks: list[list[str]] = []
    for line in rest:
        if line == "@@":
            hunks.append([])
        else:
            hunks[-1].append(line)
    return Edit(
        after[4:], before[4:] == _NONE, tuple((_side(h, "-"), _side(h, "+")) for h in hunks)
    )


def _side(hunk: list[str], sign: str) -> str:
    """The lines of a hunk as they stand before (-) or after (+) it."""
    kept = (line for line in hunk if not line or line[0] in (" ", sign))
    return "".join(f"{line[1:]}\n" for line in kept)
