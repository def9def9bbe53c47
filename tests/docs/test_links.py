"""Every link of a page to a file or heading of the project leads somewhere."""

import re
from pathlib import Path

import pytest

from tests.support.commands import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\(([^)\s]+)\)")


def anchors(page: Path) -> set[str]:
    """The names under which its headings are found."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_every_link_leads_somewhere(page: Path) -> None:
    lost = []
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        path, _, heading = link.partition("#")
        there = (page.parent / path).resolve() if path else page
        if "://" in link or (there.exists() and (not heading or heading in anchors(there))):
            continue
        lost.append(link)
    assert lost == []


def test_there_are_pages() -> None:
    assert len(PAGES) > 15
