"""Parts of pages that a command writes: what stands between two marks, and the rest untouched."""

from pathlib import Path


def block(page: str, name: str) -> str:
    """What stands on the page between the marks of `name`."""
    begin, end = _marks(name)
    _, _, rest = page.partition(begin)
    inside, found, _ = rest.partition(end)
    assert found, f"the page has no marks of {name}"
    return inside.strip("\n")


def with_block(page: str, name: str, words: str) -> str:
    """The page with `words` between the marks of `name`."""
    begin, end = _marks(name)
    before, _, rest = page.partition(begin)
    _, found, after = rest.partition(end)
    assert found, f"the page has no marks of {name}"
    return f"{before}{begin}\n\n{words.strip()}\n\n{end}{after}"


def write_block(path: Path, name: str, words: str) -> None:
    """Put `words` between the marks of `name` in the file."""
    page = path.read_text(encoding="utf-8")
    path.write_text(with_block(page, name, words), encoding="utf-8")


def _marks(name: str) -> tuple[str, str]:
    return f"<!-- {name}: written by `make {name}` -->", f"<!-- end of {name} -->"
