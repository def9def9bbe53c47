"""Writes the layers into docs/architecture.md and draws them, from the import contracts.

`make architecture`, or `python -m tests.docs.architecture`.
"""

from collections.abc import Iterator

from tests.docs.generated import write_block
from tests.docs.layers import House, contracts, houses
from tests.docs.layers_picture import picture
from tests.support.commands import ROOT

PAGE = ROOT / "docs" / "architecture.md"
PICTURE = ROOT / "docs" / "pictures" / "layers.svg"
BLOCK = "architecture"


def block() -> str:
    """The tables of the layers, and the walls beside them."""
    parts = [*map(_table, houses()), "\n".join(_walls())]
    return "\n\n".join(parts)


def _table(house: House) -> str:
    rows = [f"| {house.name} | {house.purpose} |", "|---|---|"]
    for layer in house.layers:
        for at, package in enumerate(layer):
            beside = "" if at == 0 else "· "  # siblings of the one above
            rows.append(f"| {beside}`{package.path}` | {package.purpose} |")
    return "\n".join(rows)


def _walls() -> Iterator[str]:
    yield "The walls, as `make check` holds them:\n"
    for contract in contracts():
        yield f"- {contract['name']}"


def drawing() -> str:
    """The picture of the two houses, the one that imports the other first."""
    whole = [house for house in houses() if "." not in house.name]
    return picture(sorted(whole, key=lambda house: house.name, reverse=True))


def main() -> None:
    """Write both."""
    write_block(PAGE, BLOCK, block())
    PICTURE.write_text(drawing(), encoding="utf-8")


if __name__ == "__main__":
    main()
