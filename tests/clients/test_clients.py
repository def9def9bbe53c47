"""Whoever has written a client for Alpaca can point it at the embedded exchange."""

import json
import re

import pytest

from tests.clients.__main__ import FOLDER, HERE, clients, run

CALLS_AT_LEAST = {
    "alpaca-py": 33,
    "alpaca-trade-api (PyPI)": 35,
    "@alpacahq/alpaca-trade-api (npm)": 38,
}


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize("name", CALLS_AT_LEAST)
async def test_a_client_as_it_comes_is_refused_nothing(name: str) -> None:
    if name not in clients():
        pytest.skip(f"it is not in {FOLDER.name}: run make clients")
    called = await run(clients()[name])
    assert [each for each in called if not each.ok] == []
    assert len(called) >= CALLS_AT_LEAST[name]


def test_what_is_not_ours_is_pinned_by_hash_and_records_no_address() -> None:
    lock = (HERE / "package-lock.json").read_text(encoding="utf-8")
    packages = json.loads(lock)["packages"]
    assert all("integrity" in each for name, each in packages.items() if name)
    asked = (HERE / "requirements.txt").read_text(encoding="utf-8")
    for text in (lock, asked):
        assert not re.search(r"https?://|--index-url|resolved", text)
    lines = asked.replace("\\\n", " ").splitlines()
    assert all("--hash=sha256:" in line for line in lines if "==" in line)
