"""The pages about the window are true to the table of keys, and show the pictures there are."""

import re

from gui.actions.action_table import ACTIONS
from tests.support.commands import ROOT

DOCS = ROOT / "docs"
FOLDER = DOCS / "pictures" / "cockpit"
PAGE = (DOCS / "cockpit.md").read_text(encoding="utf-8")
THEMES = ("dark", "light")


def test_every_picture_that_is_named_is_there_and_every_one_there_is_named() -> None:
    pages = [path.read_text(encoding="utf-8") for path in DOCS.glob("*.md")]
    named = set(re.findall(r"\(pictures/cockpit/([\w-]+)\.png\)", "".join(pages)))
    there = {path.stem for path in FOLDER.iterdir()}
    assert named == there
    assert there
    for name in named:
        base, _, theme = name.rpartition("-")
        assert theme in THEMES
        assert {f"{base}-{each}" for each in THEMES} <= there


def test_every_usual_key_stands_on_the_page() -> None:
    told = set(re.findall(r"`([^`]+)`", PAGE))
    assert {action.keys for action in ACTIONS.values() if action.keys} <= told


def test_every_command_without_a_key_is_found_in_the_menu_by_its_words() -> None:
    unkeyed = [action for action in ACTIONS.values() if not action.keys]
    missing = [a.spoken for a in unkeyed if a.menu.value not in PAGE]
    assert missing == []


def test_the_pictures_are_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 6_000_000
