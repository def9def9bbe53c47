"""Journals in memory: the scenarios are about what is written when, not about a disk's speed."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

MEMORY = Path("/dev/shm")


@pytest.fixture
def tmp_path(tmp_path: Path) -> Iterator[Path]:
    """A folder of this test's own, in memory where the system has a place for that."""
    if not MEMORY.is_dir():
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=MEMORY, prefix="touchline-scenario-") as folder:
        yield Path(folder)
