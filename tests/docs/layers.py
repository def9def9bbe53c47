"""The layers as the import contracts in pyproject.toml name them, with each package's purpose."""

import ast
import tomllib
from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.support.commands import ROOT


class Package(NamedTuple):
    """One package, or module, that a layer names."""

    path: str  # as it is imported
    purpose: str  # the first line of its docstring
    pure: bool  # wholly without I/O, clock and tasks, by contract

    @property
    def name(self) -> str:
        """Its name inside its container."""
        return self.path.rpartition(".")[2]


class House(NamedTuple):
    """A container, such as core, with its layers from the top down."""

    name: str
    purpose: str
    layers: tuple[tuple[Package, ...], ...]


def contracts() -> list[dict[str, Any]]:
    """All contracts, in their order."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return list(project["tool"]["importlinter"]["contracts"])


def houses() -> Iterator[House]:
    """One for each contract that orders layers."""
    pure = _pure_modules()
    for contract in contracts():
        if contract["type"] == "layers":
            (name,) = contract["containers"]
            layers = tuple(_siblings(name, row, pure) for row in contract["layers"])
            yield House(name, purpose(name), layers)


def _siblings(container: str, row: str, pure: frozenset[str]) -> tuple[Package, ...]:
    paths = [f"{container}.{name.strip()}" for name in row.split(":")]
    return tuple(Package(path, purpose(path), path in pure) for path in paths)


def _pure_modules() -> frozenset[str]:
    """What may not even meet the clock and the files of `core.runtime`."""
    return frozenset(
        module
        for contract in contracts()
        if contract["type"] == "forbidden" and "core.runtime" in contract["forbidden_modules"]
        for module in contract["source_modules"]
    )


def purpose(path: str) -> str:
    """The first line of the docstring of a package or module; read, not imported."""
    place = ROOT.joinpath(*path.split("."))
    file = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
    doc = ast.get_docstring(ast.parse(file.read_text("utf-8")))
    assert doc, f"{path} does not say what it is for"
    return doc.partition("\n")[0]
