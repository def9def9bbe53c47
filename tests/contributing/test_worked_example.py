"""What does the worked examples: a diff fits exactly, or says why not."""

from pathlib import Path

import pytest

from tests.contributing.worked_example import edits, section

DIFF = """```diff
--- greeting.py
+++ greeting.py
@@
 hello = 1

-world = 2
+world = 3
+moon = 4
@@
-last = 5
```
"""
NEW = """```diff
--- /dev/null
+++ a/folder/new.py
@@
+first = 1
+
+second = 2
```
"""
BEFORE = "hello = 1\n\nworld = 2\nmiddle = 0\nlast = 5\n"


def test_a_diff_changes_what_it_shows_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "greeting.py").write_text(BEFORE)
    (edit,) = edits(DIFF)
    edit.apply(tmp_path)
    after = "hello = 1\n\nworld = 3\nmoon = 4\nmiddle = 0\n"
    assert (tmp_path / "greeting.py").read_text() == after


def test_a_diff_makes_a_file_that_was_not_there(tmp_path: Path) -> None:
    (edit,) = edits(NEW)
    edit.apply(tmp_path)
    assert (tmp_path / "a/folder/new.py").read_text() == "first = 1\n\nsecond = 2\n"
    with pytest.raises(ValueError, match="there already"):
        edit.apply(tmp_path)


@pytest.mark.parametrize(
    ("text", "why"), [("other = 1\n", "0 times"), (BEFORE + BEFORE, "2 times"), (None, "not there")]
)
def test_a_diff_that_does_not_fit_the_file_is_refused(
    text: str | None, why: str, tmp_path: Path
) -> None:
    if text is not None:
        (tmp_path / "greeting.py").write_text(text)
    (edit,) = edits(DIFF)
    with pytest.raises(ValueError, match=why):
        edit.apply(tmp_path)


def test_a_section_ends_where_the_next_begins() -> None:
    text = (
        "# Guide\n\n## Worked example: one\n\nfirst\n\n### Its part\n\n## Worked example: two\nx\n"
    )
    assert section(text, "one") == "\nfirst\n\n### Its part\n\n"
    assert section(text, "two") == "x\n"
    with pytest.raises(ValueError, match="no worked example 'three'"):
        section(text, "three")


@pytest.mark.parametrize(
    ("text", "why"),
    [("no diff at all\n", "changes nothing"), ("```diff\n+x\n-y\n```\n", "begins with its two")],
)
def test_an_example_that_changes_nothing_or_names_no_file_is_refused(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        edits(text)
