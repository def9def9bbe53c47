"""Journals written by earlier versions open, and mean what they meant."""

import copy
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

# What this version judges otherwise, by journal, order and the way to the value.
UNPROVEN = {
    "done": False,
    "alarm": "went out unanswered",
    "reason": "went out unanswered",
    "children.0.dead": False,
    "children.0.dead_at": None,
    "children.0.liveness": "unknown",
}
OTHERWISE: dict[tuple[str, str], dict[str, Any]] = {
    # No reads without an answer prove an end: it is read on.
    ("post_absent", "0t1"): {
        **UNPROVEN,
        **dict.fromkeys(("exposure", "reserved", "unproven", "children.0.leaves"), "100"),
        "live_children": ["tl-0t1-1"],
        "children.0.as_of": 1790000011418000000,
    },
    ("resumed_never_left", "1t1"): {
        **UNPROVEN,
        **dict.fromkeys(("exposure", "reserved", "unproven", "children.0.leaves"), "99"),
        "live_children": ["tl-1t1-1"],
        "children.0.as_of": 0,
    },
    # What bars a fallback at the venue is told at once.
    ("opposed", "0t1"): {"alarm": "could trade with another order"},
    # A POST that another run sent stays in doubt.
    ("cancelled_before_sent", "0t1"): {"children.0.doubt": True},
    # No PATCH is sent again, so that one is given up a read earlier.
    ("steps_patch_given_up", "0t1"): {
        "ended_ns": 1790000008126000000,
        "children.1.as_of": 1790000006830000000,
        "children.1.dead_at": 1790000006830000000,
    },
}


def orders_of(name: str) -> dict[str, Any]:
    """The orders of a journal as its version saw them, and this one where it judges otherwise."""
    orders: dict[str, Any] = copy.deepcopy(EXPECTED[name]["orders"])
    for (journal, order_id), values in OTHERWISE.items():
        for way, value in values.items() if journal == name else ():
            *steps, last = way.split(".")
            place: Any = orders[order_id]
            for step in steps:
                place = place[int(step) if step.isdigit() else step]
            assert place[last] != value, f"{name} {way} is as it was"
            place[last] = value
    return orders


def shortened(orders: dict[str, Any]) -> dict[str, Any]:
    """The same with long sentences that are judged otherwise cut to what they are known by."""
    for order in orders.values():
        for field in ("alarm", "reason"):
            for known in ("went out unanswered", "could trade with another order"):
                if known in order[field]:
                    order[field] = known
    return orders


@pytest.mark.parametrize("name", EXPECTED)
def test_a_journal_of_an_earlier_version_means_what_it_meant(name: str, tmp_path: Path) -> None:
    expected = EXPECTED[name]
    path = unpack(EARLIER, name, expected["mark"], tmp_path)
    found = journal_of(path)
    found["orders"] = shortened(found["orders"])
    assert found == {**{key: expected[key] for key in found}, "orders": orders_of(name)}


@pytest.mark.parametrize("name", [n for n, e in EXPECTED.items() if e.get("recovered")])
def test_a_start_on_a_damaged_stopped_or_older_journal_makes_of_it_what_it_made(
    name: str, tmp_path: Path
) -> None:
    expected = EXPECTED[name]["recovered"]
    path = unpack(EARLIER, name, EXPECTED[name]["mark"], tmp_path)
    assert recovered_of(path, expected["now_ns"]) == expected


@pytest.mark.parametrize("name", [n for n, e in EXPECTED.items() if not e.get("recovered")])
def test_a_start_on_a_whole_journal_finds_its_orders(name: str, tmp_path: Path) -> None:
    path = unpack(EARLIER, name, EXPECTED[name]["mark"], tmp_path)
    assert shortened(recovered_of(path, 0)["orders"]) == orders_of(name)


def test_every_kind_of_fact_is_in_one_of_them() -> None:
    told = {kind for expected in EXPECTED.values() for kind in expected["kinds"]}
    assert told == {fact.__name__ for fact in facts.AnyFact.__args__} - {"EndSeen"}  # since then
