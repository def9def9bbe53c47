"""The digest that kept ends carry is that of the rules as they stand."""

from pathlib import Path

import pytest

from core.orders.reducer_digest import RULES
from tests.support import reducer_digest


def test_the_digest_is_that_of_the_rules_as_they_stand() -> None:
    assert reducer_digest.digest() == RULES, "run: make digest"


def test_a_change_to_any_module_that_the_reducer_runs_through_changes_the_digest(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    files = reducer_digest.sources()
    assert {"reducer.py", "facts.py", "plan.py", "prices.py"} <= {file.name for file in files}
    for number, file in enumerate(files):
        other = tmp_path / file.name
        other.write_text(file.read_text(encoding="utf-8") + "\n", encoding="utf-8")
        changed = [*files[:number], other, *files[number + 1 :]]
        monkeypatch.setattr(reducer_digest, "sources", lambda changed=changed: changed)
        assert reducer_digest.digest() != RULES
