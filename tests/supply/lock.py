"""What the lock names and what is installed. Reads files and installed metadata, asks nobody."""

import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.commands import ROOT

LOCK = ROOT / "requirements.lock"
OURS = "touchline"
_BESIDE = frozenset({OURS, "pip", "atheris"})  # what makes a .venv, and what `make fuzz` adds
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;]+)", re.MULTILINE)


def locked() -> dict[str, set[str]]:
    """The versions that the lock names, by name; a name has several where Pythons differ."""
    found: dict[str, set[str]] = {}
    for name, version in _PINNED.findall(LOCK.read_text(encoding="utf-8")):
        found.setdefault(canonicalize_name(name), set()).add(version)
    return found


def direct() -> dict[str, Requirement]:
    """What pyproject.toml asks for, tools of the developer included."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    return {canonicalize_name(r.name): r for r in map(Requirement, asked)}


def installed() -> dict[str, Distribution]:
    """What is installed beside Touchline itself, and beside what made the environment."""
    found = {canonicalize_name(d.name): d for d in distributions()}
    return {name: d for name, d in found.items() if name not in _BESIDE}


def wanted_by() -> dict[str, set[str]]:
    """Which installed distributions ask for a name, on any system and any Python."""
    found: dict[str, set[str]] = {}
    for name, asking in installed().items():
        for text in asking.requires or ():
            found.setdefault(canonicalize_name(Requirement(text).name), set()).add(name)
    return found


def unhashed() -> Iterator[str]:
    """The lines of the lock that name a version without a hash."""
    lines = LOCK.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    return (line for line in lines if _PINNED.match(line) and "--hash=sha256:" not in line)
