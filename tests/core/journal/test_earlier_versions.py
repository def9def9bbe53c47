"""Journals written by earlier versions open, and mean what they meant."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from core.orders import facts
from tests.core.journal.earlier_versions import journal_of, recovered_of, unpack

EARLIER = Path(__file__).resolve().parents[2] / "earlier"
EXPECTED: dict[str, dict[str, Any]] = json.loads(
    gzip.decompress((EARLIER / "expected.json.gz").read_bytes())
)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_journal_of_an_earlier_version_means_what_it_meant(name: str, tmp_path: Path) -> None:
    expected = EXPECTED[name]
    path = unpack(EARLIER, name, expected["mark"], tmp_path)
    found = journal_of(path)
    assert found == {key: expected[key] for key in found}


@pytest.mark.parametrize("name", [n for n, e in EXPECTED.items() if e.get("recovered")])
def test_a_start_on_a_damaged_stopped_or_older_journal_makes_of_it_what_it_made(
    name: str, tmp_path: Path
) -> None:
    expected = EXPECTED[name]["recovered"]
    path = unpack(EARLIER, name, EXPECTED[name]["mark"], tmp_path)
    assert recovered_of(path, expected["now_ns"]) == expected


@pytest.mark.parametrize("name", [n for n, e in EXPECTED.items() if not e.get("recovered")])
def test_a_start_on_a_whole_journal_finds_its_orders(name: str, tmp_path: Path) -> None:
    expected = EXPECTED[name]
    path = unpack(EARLIER, name, expected["mark"], tmp_path)
    assert recovered_of(path, 0)["orders"] == expected["orders"]


def test_every_kind_of_fact_is_in_one_of_them() -> None:
    told = {kind for expected in EXPECTED.values() for kind in expected["kinds"]}
    assert told == {fact.__name__ for fact in facts.AnyFact.__args__}
