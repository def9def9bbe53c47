"""The worked example of a control, done as CONTRIBUTING.md prints it: then it asks."""

import json

import pytest

from tests.contributing.worked_example import Tree, done

QUESTION = "150 shares are no multiple of a round lot of 100."


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    return done("a control", tmp_path_factory.mktemp("control"))


@pytest.fixture
def limited(tree: Tree) -> Tree:
    """The tree, with the limit set by a person."""
    tree.home.mkdir(exist_ok=True)
    (tree.home / "settings.json").write_text('{"round_lot": 100}', encoding="utf-8")
    return tree


def sell(quantity: str, *arguments: str) -> tuple[str, ...]:
    return ("-m", "core.cli", "sell", "UVXY", quantity, "--timeout", "1", "--json", *arguments)


def test_it_touches_the_table_its_limit_their_page_and_their_test(tree: Tree) -> None:
    assert tree.changed == (
        "core/risk/limits.py",
        "core/risk/pre_trade_controls.py",
        "tests/core/risk/test_pre_trade_controls.py",
        "docs/files-and-settings.md",
    )


def test_lint_format_and_walls_hold(tree: Tree) -> None:
    tree.walls()


@pytest.mark.slow
def test_the_tests_that_the_text_names_hold(tree: Tree) -> None:
    named = ("tests/core/risk", "tests/docs/test_settings.py")
    tree.run("-m", "pytest", "-q", "-p", "no:cacheprovider", *named)


def test_it_asks_about_an_odd_lot_by_its_name(limited: Tree) -> None:
    refused = limited.ended(*sell("150"))
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert QUESTION in refused.stderr
    assert "--yes round-lots" in refused.stderr


@pytest.mark.parametrize("order", [("150", "--yes", "round-lots"), ("200",)])
def test_what_was_confirmed_or_is_a_round_lot_is_sent(
    limited: Tree, order: tuple[str, ...]
) -> None:
    done = json.loads(limited.run(*sell(*order)).splitlines()[-1])
    assert (done["event"], done["state"], done["qty"]) == ("done", "filled", order[0])


def test_who_does_not_set_the_limit_is_asked_nothing(tree: Tree) -> None:
    (tree.home / "settings.json").unlink(missing_ok=True)
    done = json.loads(tree.run(*sell("250")).splitlines()[-1])
    assert done["state"] == "filled"
