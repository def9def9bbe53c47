"""The page of files and settings names every limit with its usual value, and every variable."""

import re
from decimal import Decimal

import pytest

from core.risk.limits import DEFAULTS
from core.wording.setting_spec import specs_of
from tests.support.commands import ROOT

PAGE = (ROOT / "docs" / "files-and-settings.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| `(\w+)` \| ([^|]*) \|", PAGE, re.MULTILINE))


def _usual(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}"


@pytest.mark.parametrize("name", specs_of(type(DEFAULTS)))
def test_every_limit_stands_there_with_its_usual_value(name: str) -> None:
    usual = re.sub(r"[^\d.,a-z ]", "", ROWS[name]).split()[0]
    assert usual == _usual(getattr(DEFAULTS, name))


def test_every_variable_that_the_program_reads_stands_there() -> None:
    files = [*(ROOT / "core").rglob("*.py"), *(ROOT / "gui").rglob("*.py")]
    read = {
        name
        for file in files
        for name in re.findall(r'"((?:TOUCHLINE|APCA)_[A-Z_]*[A-Z])"', file.read_text("utf-8"))
    }
    assert read
    assert {name for name in read if f"`{name}`" not in PAGE} == set()
