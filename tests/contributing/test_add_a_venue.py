"""The worked example of a venue, done as CONTRIBUTING.md prints it: then the venue is there."""

import json
from typing import Any

import pytest

from tests.contributing.worked_example import Tree, done

NAME = "rehearsal"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    return done("a venue", tmp_path_factory.mktemp("venue"))


def command(tree: Tree, *arguments: str) -> list[dict[str, Any]]:
    """The JSON lines that a command of the copy prints."""
    said = tree.run("-m", "core.cli", *arguments, "--json")
    return [json.loads(line) for line in said.splitlines()]


def test_it_touches_one_module_and_adds_a_test(tree: Tree) -> None:
    assert tree.changed == ("core/market/venues.py", "tests/core/market/test_rehearsal.py")


def test_lint_format_and_walls_hold(tree: Tree) -> None:
    tree.walls()


@pytest.mark.slow
def test_the_tests_that_the_text_names_hold(tree: Tree) -> None:
    tree.run("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/core/market", "tests/core/app")


def test_a_sell_on_it_is_worked_and_stands_in_its_own_journal_only(tree: Tree) -> None:
    sold = command(tree, "sell", "UVXY", "100", "--timeout", "1", "--venue", NAME)[-1]
    assert sold["event"] == "done"
    assert sold["state"] == "filled"
    assert [line["order"] for line in command(tree, "orders", "--venue", NAME)] == [sold["order"]]
    assert command(tree, "orders", "--venue", "embedded") == []


def test_the_window_on_it_wears_its_words_and_colour(tree: Tree) -> None:
    seen = json.loads(tree.run("-m", "tests.contributing.window_on", NAME))
    assert seen["title"].endswith("REHEARSAL")
    assert seen["strip"] == "REHEARSAL EXCHANGE"
    assert seen["coloured"]
    assert seen["about"].startswith("A second exchange of Touchline's own")
    assert seen["results"] == "rehearsed"
    assert seen["remark"]
    assert seen["guide"]
    assert not seen["keys"]
