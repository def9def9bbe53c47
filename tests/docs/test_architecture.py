"""The page and the picture of the layers are those of the import contracts."""

import pytest

from tests.docs import architecture, generated
from tests.docs.layers import House, Package, houses
from tests.docs.layers_picture import picture
from tests.support.commands import ROOT

STALE = "run make architecture"


def test_the_page_has_the_layers_of_the_contracts() -> None:
    page = architecture.PAGE.read_text(encoding="utf-8")
    assert generated.block(page, architecture.BLOCK) == architecture.block(), STALE


def test_the_picture_has_the_layers_of_the_contracts() -> None:
    drawn = architecture.PICTURE.read_text(encoding="utf-8")
    assert drawn == architecture.drawing(), STALE


def test_every_package_of_both_houses_stands_in_a_layer() -> None:
    known = {each.path for house in houses() for layer in house.layers for each in layer}
    folders = {
        f"{house}.{path.parent.name}"
        for house in ("core", "gui")
        for path in (ROOT / house).glob("*/__init__.py")
    }
    assert folders <= known


def test_siblings_stand_side_by_side_and_pure_ones_are_tinted() -> None:
    pure = Package("core.a", "Adds.", pure=True)
    beside = Package("core.b", "Writes <files>.", pure=False)
    drawn = picture([House("core", "All of it.", ((pure, beside), (beside,)))])
    assert drawn.count("<rect") == 1 + 3 + 1
    assert 'x="24" y="64" width="286"' in drawn
    assert 'x="318" y="64" width="286"' in drawn
    assert "Writes &lt;files&gt;." in drawn
    assert drawn.count("#dcecdf") == 2  # the box, and what the tint means


def test_what_stands_around_a_written_block_is_kept() -> None:
    page = "a\n<!-- x: written by `make x` -->\nold\n<!-- end of x -->\nb\n"
    written = generated.with_block(page, "x", "new\n")
    assert written.startswith("a\n")
    assert written.endswith("\nb\n")
    assert generated.block(written, "x") == "new"


def test_a_page_without_marks_is_no_page_to_write_to() -> None:
    with pytest.raises(AssertionError, match="no marks of x"):
        generated.with_block("a", "x", "new")
