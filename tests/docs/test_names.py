"""README, docs and tests name no file, module or name of a module that is not there."""

import pytest

from tests.docs.backticks import names_in, unknown
from tests.docs.named import Named, named, pages, prose


def test_every_name_in_pages_docstrings_and_comments_is_there() -> None:
    found = list(named())
    assert len(found) > 100
    missing = [f"{each.where}: {each.name}" for each in found if not each.is_there]
    assert missing == []


def test_readme_contributing_and_all_of_docs_are_read() -> None:
    names = {page.name for page in pages()}
    assert {"README.md", "CONTRIBUTING.md", "architecture.md", "scenarios.md"} <= names


@pytest.mark.parametrize(
    "name",
    [
        "core.orders",
        "core.orders.reducer",
        "core.orders.reducer.PARENT_RULES",
        "core.engine.engine.Engine.submit",
        "core.engine.engine.Engine.counters",
        "tests.support",
        "core/orders/reducer.py",
        "docs/architecture.md",
    ],
)
def test_what_is_there_is_found(name: str) -> None:
    assert Named("", name).is_there


@pytest.mark.parametrize(
    "name",
    [
        "core.courier",
        "core.orders.courier",
        "core.orders.reducer.courier",
        "core.engine.engine.Engine.courier",
        "core/courier.py",
        "docs/courier.md",
    ],
)
def test_what_is_not_there_is_not(name: str) -> None:
    assert not Named("", name).is_there


def test_docstrings_and_comments_are_read_with_their_lines_and_code_is_not() -> None:
    source = '"""About\\ncore.a."""\nx = core.b  # see core.c\n'
    assert list(prose(source)) == [(1, "About\ncore.a."), (2, "# see core.c")]


def test_every_name_in_backticks_is_one_that_the_code_has() -> None:
    assert [f"{each.where}: {each.name}" for each in unknown()] == []


def test_a_docstring_is_no_code_and_a_string_is() -> None:
    source = '"""Of courier."""\nimport a.b as c\ndef f(x):\n    """Courier."""\n    y.z = "u v"\n'
    assert set(names_in(source)) == {"a", "b", "c", "f", "x", "y", "z", "u", "v"}
