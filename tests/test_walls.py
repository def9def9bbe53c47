"""What may not be loaded: the engine without a window, the command line without its slow clients.

The import contracts in pyproject.toml read the source; these read a real interpreter.
"""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT = PYPROJECT["project"]
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
QT = {"PySide6", "shiboken6", "pyqtgraph", "qasync"}
SLOW = {"pandas", "alpaca", "numpy"}


def loaded_by(module: str) -> set[str]:
    """Top-level names that a fresh interpreter holds after importing `module`."""
    script = f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "module", ["core.engine.engine", "core.cli.main", "core.cli.commands", "core.app.session"]
)
def test_the_engine_and_its_command_line_load_neither_qt_nor_pandas(module: str) -> None:
    assert loaded_by(module).isdisjoint(QT | SLOW | {"gui"})


def held_to_no_qt(module: str) -> bool:
    """Whether the contract names this module or a package around it."""
    contracts = PYPROJECT["tool"]["importlinter"]["contracts"]
    (names,) = (
        contract["source_modules"]
        for contract in contracts
        if contract["name"] == "what the window computes knows no Qt"
    )
    return any(module == name or module.startswith(f"{name}.") for name in names)


def test_whatever_says_of_itself_that_it_knows_no_qt_is_held_to_it() -> None:
    loose = []
    for path in sorted((ROOT / "gui").rglob("*.py")):
        said = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        is_package = path.name == "__init__.py"  # which speaks of its modules as well
        if not is_package and re.search(r"\b[Nn]o Qt\b", said) and not held_to_no_qt(module):
            loose.append(module)
    assert not loose


def test_a_command_that_opens_no_window_does_not_pay_for_qt() -> None:
    assert loaded_by("gui.__main__").isdisjoint(QT | SLOW)


def test_the_embedded_exchange_loads_neither_qt_nor_the_venue_s_client() -> None:
    assert loaded_by("core.exchange").isdisjoint(QT | SLOW | {"gui"})


@pytest.mark.parametrize(
    ("python", "pyside", "allowed"),
    [
        ("3.11", "6.11.1", False),
        ("3.11", "6.11.2", True),
        ("3.11", "6.11.9", True),
        ("3.11", "6.12.0", False),  # drops a reference of None per void call
        ("3.12", "6.11.0", False),
        ("3.12", "6.11.2", True),
        ("3.13", "6.12.0", True),
    ],
)
def test_only_sound_pairs_of_python_and_pyside_can_be_installed(
    python: str, pyside: str, allowed: bool
) -> None:
    wanted = [Requirement(line) for line in PROJECT["dependencies"]]
    environment = {"python_version": python, "python_full_version": f"{python}.5"}
    ranges = [
        each.specifier
        for each in wanted
        if each.name == "PySide6-Essentials"
        and each.marker is not None
        and each.marker.evaluate(environment)
    ]
    assert len(ranges) == 1
    assert (Version(pyside) in ranges[0]) is allowed


def test_the_lock_names_versions_and_hashes_and_no_address() -> None:
    assert "://" not in LOCK
    assert "\n-" not in LOCK  # no option, such as another index
    for pinned in LOCK.replace("\\\n", " ").splitlines():
        assert "==" in pinned
        assert "--hash=sha256:" in pinned


def test_every_dependency_is_locked() -> None:
    for line in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]:
        assert f"\n{Requirement(line).name.lower()}==" in f"\n{LOCK}"
