"""The worked example of a column, done as CONTRIBUTING.md prints it: then the tables have it."""

import json

import pytest

from tests.contributing.worked_example import Tree, done

KEY = "spread"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    return done("a column", tmp_path_factory.mktemp("column"))


def test_it_touches_one_module_and_adds_a_test(tree: Tree) -> None:
    assert tree.changed == ("gui/blotter/order_lines.py", "tests/gui/blotter/test_spread_column.py")


def test_lint_format_and_walls_hold(tree: Tree) -> None:
    tree.walls()


@pytest.mark.slow
def test_the_tests_that_the_text_names_hold(tree: Tree) -> None:
    tree.run("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/gui/blotter")


def test_it_can_be_chosen_in_both_order_tables_and_is_written_to_files(tree: Tree) -> None:
    seen = json.loads(tree.run("-m", "tests.contributing.table_with", KEY))
    there = {"usual": False, "shown": True, "cell": "0.09", "in a file": "0.09", "painted": True}
    assert seen == [there, there]
